"""Record what fastai and Lightning suggest on losses of ours: writes lr_finders.json.

Both libraries run their own finder on a model whose loss is the next of our losses, so that averages, cuts and rates
are theirs. Needs fastai, lightning and `pip install --no-deps -e .`; nothing else here needs them.

python tests/reference/record_lr_finders.py
"""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
import warnings
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import fastai.basics as fastai
import lightning
import torch
from fastai.callback.schedule import SuggestionMethod
from lightning.pytorch.tuner import Tuner

from lrstudio.engine.options import add_experiment_options, experiment_from
from lrstudio.engine.sweep.range_test import RangeTest, range_test

HERE = Path(__file__).parent
CURVES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("--problem digits --batch-size 32", {}),
    ("--problem classification --batch-size 32", {}),
    ("--problem classification:shape=spiral --optimizer adam --batch-size 16", {}),
    ("--problem rosenbrock", {}),
    ("--problem noisy_line", {}),
    ("--problem noisy_line --batch-size 10 --seed 3", {"end_lr": 10.0, "stop_factor": 1e3}),
    ("--problem digits --batch-size 64 --optimizer adam", {"stop_factor": 1e3}),
    ("--problem digits --batch-size 16 --seed 5", {"end_lr": 10.0, "num": 200, "stop_factor": 1e3}),
    ("--problem parabola", {"end_lr": 10.0, "stop_factor": 1e3}),
    ("--problem proportional --optimizer sgd:momentum=0.9", {"num": 60}),
    ("--problem quadratic:condition=100", {"end_lr": 0.1, "num": 300}),
    ("--problem beale --optimizer adam", {}),
    ("--problem quartic", {"num": 40}),
    ("--problem styblinski_tang", {"end_lr": 10.0, "stop_factor": 50.0}),
    ("--problem easom --start 2.5,2.5", {"end_lr": 10.0}),
    ("--problem formula:loss=a^2-5 --start 3", {"end_lr": 10.0, "stop_factor": 50.0}),
    ("--problem formula:loss=10-log(1+a^2) --start 3", {"end_lr": 100.0}),
)
METHODS = (SuggestionMethod.Valley, SuggestionMethod.Slide, SuggestionMethod.Minimum, SuggestionMethod.Steep)


def curve(options: str, asked: dict[str, Any]) -> dict[str, Any]:
    """One of our own tests: the rates it would try and the losses it has seen, in nine digits."""
    parser = argparse.ArgumentParser()
    add_experiment_options(parser)
    test = RangeTest(**asked)
    losses = range_test(experiment_from(parser.parse_args(options.split())), test).loss
    return {"options": options, "test": asked, "losses": [float(f"{loss:.9g}") for loss in losses.tolist()]}


def fastai_finds(losses: list[float], test: RangeTest, *, stops: bool) -> tuple[int, dict[str, float | None]]:
    """How many losses fastai takes, and what its methods then suggest."""
    values = iter(losses)

    def loss_function(out: torch.Tensor, _wanted: torch.Tensor) -> torch.Tensor:
        try:
            return 0 * out.mean() + next(values)
        except StopIteration:
            raise fastai.CancelFitException from None

    ones = torch.ones(test.num + 5, 1)
    rows = torch.utils.data.TensorDataset(ones, ones)
    with tempfile.TemporaryDirectory() as folder:
        data = fastai.DataLoaders(*(fastai.DataLoader(rows, bs=1) for _ in range(2)))
        learner = fastai.Learner(data, torch.nn.Linear(1, 1), loss_func=loss_function, path=folder)
        given = {"start_lr": test.start_lr, "end_lr": test.end_lr, "num_it": test.num, "stop_div": stops}
        learner.lr_find(**given, suggest_funcs=None, show_plot=False)
        kept = slice(test.num // 10, -5)
        lrs, smooth = (fastai.tensor(values[kept]) for values in (learner.recorder.lrs, learner.recorder.losses))
        found = {}
        for method in METHODS:
            try:
                found[method.__name__] = method(lrs, smooth, test.num)[0]
            except (IndexError, ValueError):  # too few losses
                found[method.__name__] = None
        return len(learner.recorder.losses), found


class Replay(lightning.LightningModule):  # type: ignore[misc]
    """A model whose loss is the next one."""

    def __init__(self, losses: list[float]) -> None:
        super().__init__()
        self.layer, self.losses = torch.nn.Linear(1, 1), iter(losses)

    def training_step(self, batch: list[torch.Tensor]) -> torch.Tensor:
        loss: torch.Tensor = 0 * self.layer(batch[0]).mean() + next(self.losses)
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.1)


def lightning_finds(losses: list[float], test: RangeTest) -> dict[str, Any]:
    """What Lightning suggests, and the averages and rates it has kept."""
    model = Replay(losses)
    batches = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(min(len(losses), test.num), 1)))
    with tempfile.TemporaryDirectory() as folder:
        trainer = lightning.Trainer(
            max_epochs=1, accelerator="cpu", logger=False, enable_progress_bar=False, default_root_dir=folder
        )
        found = Tuner(trainer).lr_find(
            model,
            batches,
            min_lr=test.start_lr,
            max_lr=test.end_lr,
            num_training=test.num,
            early_stop_threshold=None,
            update_attr=False,
        )
    return {"suggestion": found.suggestion(), "lr": found.results["lr"], "loss": found.results["loss"]}


def cases() -> Iterator[dict[str, Any]]:
    for options, asked in CURVES:
        case, test = curve(options, asked), RangeTest(**asked)
        _, suggestions = fastai_finds(case["losses"], test, stops=False)
        taken, _ = fastai_finds(case["losses"], test, stops=True)
        known = lightning_finds(case["losses"], test)
        yield {
            **case,
            "fastai": suggestions,
            "fastai_stops_after": taken,
            "lightning": known["suggestion"],
            "lightning_first": {name: known[name][:3] for name in ("lr", "loss")},
        }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    versions = {name: version(name) for name in ("fastai", "lightning")}
    lines = ",\n".join(json.dumps(case) for case in cases())
    versions["torch"] = torch.__version__.split("+")[0]
    text = f'{{"versions": {json.dumps(versions)},\n"cases": [\n{lines}\n]}}\n'
    (HERE / "lr_finders.json").write_text(text)
