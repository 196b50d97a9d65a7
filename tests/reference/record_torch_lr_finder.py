"""Record what torch-lr-finder suggests on the losses in lr_finders.json, and write it there.

The library runs its own finder on a model whose loss is the next of our losses. Needs torch-lr-finder and
`pip install --no-deps -e .`; nothing else here needs them.

python tests/reference/record_torch_lr_finder.py
"""

from __future__ import annotations

import contextlib
import io
import json
from importlib.metadata import version
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import torch
from torch_lr_finder import LRFinder

from lrstudio.engine.sweep.range_test import RangeTest

FILE = Path(__file__).with_name("lr_finders.json")


class Never:
    """A factor of the best loss that no loss is above, also where the best is below 0."""

    def __mul__(self, best: float) -> float:
        return float("inf")


def finds(losses: list[float], test: RangeTest) -> float | None:
    """The rate that it suggests with its own smoothing and cuts; None where it finds too few losses."""
    values = iter(losses)
    model = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=test.start_lr)
    rows = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(2, 1), torch.ones(2, 1)))
    finder = LRFinder(model, optimizer, lambda out, _wanted: 0 * out.double().mean() + next(values), device="cpu")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(StopIteration):
        finder.range_test(rows, end_lr=test.end_lr, num_iter=test.num + 1, diverge_th=Never())
    if len(finder.history["lr"]) > len(finder.history["loss"]):
        finder.history["lr"].pop()
    figure, axes = plt.subplots()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return float(finder.plot(ax=axes)[1])
    except RuntimeError:  # too few losses
        return None
    finally:
        plt.close(figure)


if __name__ == "__main__":
    mpl.use("Agg")
    recorded = json.loads(FILE.read_text())
    for case in recorded["cases"]:
        case["torch_lr_finder"] = finds(case["losses"], RangeTest(**case["test"]))
    recorded["versions"]["torch-lr-finder"] = version("torch-lr-finder")
    lines = ",\n".join(json.dumps(case) for case in recorded["cases"])
    FILE.write_text(f'{{"versions": {json.dumps(recorded["versions"])},\n"cases": [\n{lines}\n]}}\n')
