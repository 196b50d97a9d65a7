"""A NumPy script gives the numbers of the program with nothing but NumPy."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest

from lrstudio.core.problems import PROBLEMS
from lrstudio.engine.code import script
from lrstudio.engine.lessons.words import experiment_of
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.csv.table import blocks
from tests.engine.code.scripts import (
    SETTINGS,
    differences,
    every_moved_momentum,
    every_optimizer_and_schedule,
    printed,
    trained,
)

_EXACT, _SINGLE = 1e-9, 2e-6


def test_every_optimizer_with_every_schedule_gives_the_same_table(tmp_path: Path) -> None:
    experiment = every_optimizer_and_schedule()
    assert differences(trained(experiment), printed(script(experiment, "numpy"), tmp_path), _EXACT) == []


def test_every_momentum_that_a_schedule_moves_gives_the_same_table(tmp_path: Path) -> None:
    experiment = every_moved_momentum()
    assert differences(trained(experiment), printed(script(experiment, "numpy"), tmp_path), _EXACT) == []


@pytest.mark.parametrize("key", [kind.key for kind in PROBLEMS])
def test_every_problem_gives_the_same_table(key: str, tmp_path: Path) -> None:
    experiment = experiment_of(f"--problem {key} --lr 0.0001 --lr 0.001 --steps 40")
    assert differences(trained(experiment), printed(script(experiment, "numpy"), tmp_path), _EXACT) == []


@pytest.mark.parametrize("words", SETTINGS)
def test_every_setting_gives_the_same_table(words: str, tmp_path: Path) -> None:
    experiment = experiment_of(words)
    assert differences(trained(experiment), printed(script(experiment, "numpy"), tmp_path), _EXACT) == []


@pytest.mark.parametrize("words", ["--lr 0.01 --gradient central", "--problem digits --lr 0.1 --batch-size 32"])
def test_single_precision_is_that_of_the_script_too(words: str, tmp_path: Path) -> None:
    experiment = experiment_of(f"{words} --precision float32 --steps 20")
    assert differences(trained(experiment), printed(script(experiment, "numpy"), tmp_path), _SINGLE) == []


def test_a_script_needs_nothing_but_numpy(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(
        script(experiment_of("--problem digits --lr 0.1 --batch-size 32 --steps 2"), "numpy"), encoding="utf-8"
    )
    blocked = (
        "import sys; sys.modules['lrstudio'] = None; import runpy; runpy.run_path(sys.argv[1], run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", blocked, str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 4)


def test_only_what_a_rule_reads_stands_in_the_script() -> None:
    text = script(experiment_of("--lr 0.1 --steps 5"), "numpy")
    assert "        w = w - lr*g\n" in text
    assert "momentum" not in text


def test_rates_that_were_changed_on_the_way_are_changed_in_the_script(tmp_path: Path) -> None:
    experiment = experiment_of(
        '--problem noisy_line --batch-size 20 --steps 30 --run "lr=0.05;schedule=plateau:patience=1" '
        '--run "lr=0.1;optimizer=adam;schedule=cosine" --run lr=0.2'
    )
    simulation = Simulation(experiment)
    for run, lr in ((1, 0.3), (0, 0.02), (1, 0.01)):
        simulation.advance(8)
        simulation.amend(simulation.experiment.with_run(run, lr=lr))
    simulation.advance(6)
    trace, text = simulation.trace, script(simulation.experiment, "numpy", simulation.trace.rate_changes)
    table = list(csv.reader(io.StringIO("".join(blocks(simulation.experiment, trace)))))
    assert len(trace.rate_changes) == 3 and "changed at step 16 from 0.05 to 0.02" in text
    assert differences(table, printed(text, tmp_path), _EXACT) == []
