"""Record what the libraries' optimizers do: `python tests/reference/record_optimizers.py`, where they are installed.

Writes optimizers.json beside this file; README.md says what is in it.
"""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import prodigyopt
import schedulefree
import torch

STEPS = 40
KEPT = (1, 2, 3, 10, 20, 40)
Before = Callable[[list[torch.Tensor]], Any]


def rosenbrock(w: torch.Tensor) -> torch.Tensor:
    return (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2


def parabola(w: torch.Tensor) -> torch.Tensor:
    return (w[0] + 1) ** 2


PROBLEMS = {"rosenbrock": (rosenbrock, [-1.2, 1.0]), "parabola": (parabola, [1.0])}


def way(problem: str, make: Any, lr: float, before: Before = lambda params: None) -> dict[str, Any]:
    """The weights after some steps, `averaged` those for evaluation where an optimizer has them."""
    loss, start = PROBLEMS[problem]
    w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = make([w], lr)
    rows, averaged = [], []
    for step in range(1, STEPS + 1):
        if hasattr(optimizer, "train"):  # schedulefree
            optimizer.train()
        optimizer.zero_grad()
        loss(w).backward()
        before([w])
        optimizer.step()
        if step in KEPT:
            rows.append(w.detach().tolist())
            if hasattr(optimizer, "eval"):
                optimizer.eval()
                averaged.append(w.detach().tolist())
    return {"problem": problem, "lr": lr, "rows": rows, **({"averaged": averaged} if averaged else {})}


def clipped() -> list[dict[str, Any]]:
    """Every optimizer of torch that has one of its name here, with each kind of clipping."""
    utils, cases = torch.nn.utils, []
    rates = {"SGD": 0.05, "Adagrad": 0.1, "RMSprop": 0.01, "Adadelta": 1.0, "Adam": 0.1, "AdamW": 0.1, "Adamax": 0.1}
    rates |= {"NAdam": 0.1, "RAdam": 0.1, "Rprop": 0.01, "ASGD": 0.05}
    for name, lr in rates.items():
        for value, most, clip in (
            ("clip_norm", 1.5, lambda params: utils.clip_grad_norm_(params, 1.5)),
            ("clip_value", 0.7, lambda params: utils.clip_grad_value_(params, 0.7)),
        ):
            options = {"momentum": 0.9} if name == "SGD" else {}
            kind = getattr(torch.optim, name)
            found = way("rosenbrock", partial(kind, **options), lr, clip)
            cases.append({"optimizer": name.lower(), "values": {**options, value: most}, **found})
    return cases


def schedule_free() -> list[dict[str, Any]]:
    """Those of the package schedulefree."""
    cases: list[dict[str, Any]] = []
    made: list[tuple[str, Any, float, dict[str, Any]]] = [
        ("schedule_free_sgd", schedulefree.SGDScheduleFree, 2e-3, {"momentum": 0.9}),
        (
            "schedule_free_sgd",
            schedulefree.SGDScheduleFree,
            1e-3,
            {"momentum": 0.6, "weight_decay": 0.1, "warmup_steps": 15, "r": 1.0, "weight_lr_power": 1.0},
        ),
        ("schedule_free_adamw", schedulefree.AdamWScheduleFree, 0.1, {}),
        (
            "schedule_free_adamw",
            schedulefree.AdamWScheduleFree,
            0.2,
            {"betas": (0.8, 0.99), "weight_decay": 0.1, "warmup_steps": 7, "eps": 1e-3, "r": 0.5},
        ),
    ]
    for name, kind, lr, options in made:
        values = {name: value for name, value in options.items() if name != "betas"}
        values |= dict(zip(("beta1", "beta2"), options.get("betas", ()), strict=False))
        make = partial(kind, **options)
        cases += [{"optimizer": name, "values": values, **way(problem, make, lr)} for problem in PROBLEMS]
    return cases


def joined() -> list[dict[str, Any]]:
    """Those whose update of a parameter reads the others."""
    cases: list[dict[str, Any]] = []
    made: list[tuple[str, Any, float, dict[str, Any]]] = [
        ("adafactor", torch.optim.Adafactor, 1e-2, {}),
        (
            "adafactor",
            torch.optim.Adafactor,
            0.3,
            {"beta2_decay": -0.5, "eps": (1e-9, 0.5), "d": 1.5, "weight_decay": 0.1},
        ),
        ("prodigy", prodigyopt.Prodigy, 1.0, {}),
        ("prodigy", prodigyopt.Prodigy, 0.5, {"betas": (0.8, 0.99), "beta3": 0.9, "weight_decay": 0.1, "d_coef": 2.0}),
        (
            "prodigy",
            prodigyopt.Prodigy,
            1.0,
            {
                "d0": 1e-3,
                "growth_rate": 1.2,
                "weight_decay": 0.1,
                "decouple": False,
                "use_bias_correction": True,
                "safeguard_warmup": True,
            },
        ),
    ]
    for name, kind, lr, options in made:
        values = {name: value for name, value in options.items() if name not in ("betas", "eps")}
        values |= dict(zip(("beta1", "beta2"), options.get("betas", ()), strict=False))
        values |= dict(zip(("eps1", "eps2"), options.get("eps", ()), strict=False))
        make = partial(kind, **options)
        cases += [{"optimizer": name, "values": values, **way(problem, make, lr)} for problem in PROBLEMS]
    cases.append({"optimizer": "prodigy", "values": {}, "warmup": 5, **way("rosenbrock", from_zero, 1.0)})
    return cases


def from_zero(params: list[torch.Tensor], lr: float) -> Any:
    """Prodigy whose rate rises from 0 in 5 steps."""
    optimizer = prodigyopt.Prodigy(params, lr)
    steps = iter(range(STEPS))

    def before(*_: Any) -> None:
        optimizer.param_groups[0]["lr"] = lr * min(1, next(steps) / 5)

    optimizer.register_step_pre_hook(before)
    return optimizer


def main() -> None:
    torch.set_default_dtype(torch.float64)  # the rate of ASGD and the momentum of NAdam are kept in it
    versions = {name: importlib.metadata.version(name) for name in ("torch", "schedulefree", "prodigyopt")}
    record = {"versions": versions, "kept": KEPT, "cases": [*clipped(), *schedule_free(), *joined()]}
    path = Path(__file__).with_name("optimizers.json")
    path.write_text(json.dumps(record, indent=None).replace('{"optimizer"', '\n{"optimizer"') + "\n")


if __name__ == "__main__":
    main()
