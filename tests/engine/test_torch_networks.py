"""Networks train as recorded from PyTorch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrstudio.core.declaration import find
from lrstudio.core.network import Network, Split
from lrstudio.core.optimizers import OPTIMIZERS, Muon
from lrstudio.core.problems.network import NetworkProblem
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.batch_runner import MiniBatches
from lrstudio.engine.training.simulation import Simulation

HERE = Path(__file__).parent.parent
CASES = [
    case
    for name in ("torch_networks.json", "torch_muon.json", "torch_groups.json")
    for case in json.loads((HERE / "reference" / name).read_text())["cases"]
]
SEVERAL = {"adamw_betas": ("beta1", "beta2"), "ns_coefficients": ("ns_a", "ns_b", "ns_c")}
STEPS = 200


class Recorded(NetworkProblem):
    """The problem of a recorded case, where its weights start by a formula."""

    key = "recorded"
    title = "Recorded"
    kind: str = "points"
    sizes: tuple[int, ...] = (2, 1)
    activation: str = "tanh"
    init: str = "default"

    @property
    def head(self) -> str:  # type: ignore[override]
        return "binary" if self.kind == "points" else "softmax"

    @property
    def network(self) -> Network:
        return Network(self.sizes, self.activation)

    def initial(self, seed: int) -> Any:
        return 0.3 * np.sin(np.arange(1, self.size + 1))

    def make_split(self, seed: int) -> Split:
        if self.kind == "points":
            k = np.arange(80)
            x = np.stack([np.sin(1.7 * k), np.cos(2.3 * k + 0.4)], axis=1)
            labels = (x[:, 0] * x[:, 1] > 0).astype(int)
        else:
            table = np.load(HERE.parent / "resources" / "data" / "digits.npy")[:256]
            x, labels = table[:, :64] / 16.0, table[:, 64].astype(int)
        return Split(x, labels, x, labels)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kind']}-{case['optimizer']}-{case['options']}")
def test_a_network_trains_as_pytorch_trains_it(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    options = dict(case["options"])
    for name, ours in SEVERAL.items():
        options |= dict(zip(ours, options.pop(name, ()), strict=False))
    key = "sgd" if case["optimizer"] == "momentum" else case["optimizer"]
    factors = tuple(options.pop("lr_factors", {}).items())
    run = Run(lr=options.pop("lr"), optimizer=find(OPTIMIZERS, key, "optimizer")(**options), lr_factors=factors)
    problem = Recorded(kind=case["kind"], sizes=tuple(case["sizes"]), activation=case["activation"])
    size = len(problem.make_split(0).x)

    def rows(steps: Any) -> Any:
        return (31 * steps + 7 * np.arange(32)) % size

    def many(_: MiniBatches, step: int, steps: int) -> list[tuple[Any, Any]]:
        return [(np.arange(steps), rows(np.arange(step, step + steps)[:, None]))]

    monkeypatch.setattr(MiniBatches, "rows", lambda _, step: rows(step))
    monkeypatch.setattr(MiniBatches, "many", many)
    simulation = Simulation(Experiment(problem=problem, runs=(run, run), steps=STEPS, batch_size=32))
    simulation.advance(STEPS)
    losses = simulation.trace.read("loss")
    for run_place in (0, 1):
        np.testing.assert_allclose(losses[:, run_place], case["losses"], rtol=1e-7, atol=1e-10)
    weights = simulation.states()[-1]["w"]
    for index, value in case["weights"].items():
        assert weights[0, int(index)] == pytest.approx(value, rel=1e-7, abs=1e-9)


def test_bfloat16_changes_muon_s_losses_by_what_its_page_says() -> None:
    shares = [
        abs(case["losses"][-1] - case["bfloat16"]) / case["losses"][-1]
        for case in CASES
        if case["optimizer"] == "muon" and case["options"] == {"lr": 0.02}
    ]
    assert [round(100 * share, 1) for share in shares] == [1.2] * 4
    assert "105 and of 2,410 weights, differ by 1.2 %" in (Muon.__doc__ or "")
    assert [Network(sizes).size for sizes in ((2, 8, 8, 1), (64, 32, 10))] == [105, 2410]
