"""The schedules of other libraries by their names: on the terminal, and beside PyTorch's of a like name."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from lrstudio.core.optimizers import Adam, AdamW, RMSprop
from lrstudio.core.problems import Parabola
from lrstudio.core.schedules import CosineRestarts
from lrstudio.core.schedules.presets import PRESETS, find_preset
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.experiment.optimizer_presets import OPTIMIZER_PRESETS
from lrstudio.engine.family import beside_rival
from lrstudio.engine.lessons.words import experiment_of
from lrstudio.terminal.cli import main


def rates(capsys: pytest.CaptureFixture[str], schedule: str, steps: int = 28) -> list[float]:
    options = ["--problem", "parabola", "--lr", "0.1", "--steps", str(steps), "--csv", "-"]
    assert main(["run", *options, "--schedule", schedule]) == 0
    return [float(row["lr"]) for row in csv.DictReader(io.StringIO(capsys.readouterr().out)) if row["lr"]]


def test_a_name_of_another_library_is_a_schedule_for_so_many_steps(capsys: pytest.CaptureFixture[str]) -> None:
    found = rates(capsys, "keras.CosineDecayRestarts")
    np.testing.assert_array_equal(found, CosineRestarts(T_0=4, T_mult=2).rates(28, 0.1))
    changed = rates(capsys, "keras.CosineDecayRestarts:T_mult=3,eta_min=0.01")
    np.testing.assert_array_equal(changed, CosineRestarts(T_0=4, T_mult=3, eta_min=0.01).rates(28, 0.1))


def test_an_unknown_name_is_told_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--lr", "0.1", "--schedule", "optax.cosine"]) == 2
    assert "optax has exponential_decay, " in capsys.readouterr().err


def test_presets_are_listed_with_the_call_that_makes_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "presets"]) == 0
    lines = capsys.readouterr().out.splitlines()
    calls = [(preset.key, preset.call) for preset in PRESETS]
    calls += [(preset.key, preset.call) for preset in OPTIMIZER_PRESETS]
    assert len(lines) == len(calls)
    assert all(key in line and call in line for (key, call), line in zip(calls, lines, strict=True))


def test_an_optimizer_of_another_library_has_its_numbers_and_its_usual_rate() -> None:
    runs = experiment_of("--optimizer keras.RMSprop").runs
    assert (runs[0].lr, runs[0].optimizer) == (1e-3, RMSprop(alpha=0.9, eps=1e-7, eps_inside=True))
    changed = experiment_of("--optimizer keras.AdamW:weight_decay=0.1 --lr 0.2").runs[0]
    assert (changed.lr, changed.optimizer) == (0.2, AdamW(eps=1e-7, eps_uncorrected=True, weight_decay=0.1))
    assert experiment_of("--optimizer optax.adam").runs[0].optimizer == Adam()
    with pytest.raises(ValueError, match="optax has sgd, adam, adamw, "):
        experiment_of("--optimizer optax.Adam")


def test_two_of_a_like_name_are_laid_over_one_another() -> None:
    preset = find_preset("keras.CosineDecayRestarts")
    assert preset is not None
    before = Experiment(problem=Parabola(), runs=(Run(lr=0.1), Run(lr=0.2)), steps=28)
    after = beside_rival(before, 1, preset, 8)
    assert after.runs[0] == before.runs[0]
    assert [run.label for run in after.runs[1:]] == ["keras.CosineDecayRestarts", "torch.CosineAnnealingWarmRestarts"]
    assert [run.schedule for run in after.runs[1:]] == [CosineRestarts(T_0=4, T_mult=2), CosineRestarts(T_0=4)]
    assert after.runs[2].lr == 0.2 and after.runs[2].color != after.runs[1].color
