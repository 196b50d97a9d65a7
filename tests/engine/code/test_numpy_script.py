"""A NumPy script gives the numbers of the program with nothing but NumPy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lrstudio.core.optimizers import OPTIMIZERS
from lrstudio.core.problems import PROBLEMS
from lrstudio.core.problems.surfaces.rosenbrock import Rosenbrock
from lrstudio.core.schedules import SCHEDULES
from lrstudio.engine.code import NumpyScript
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.lessons.words import experiment_of
from tests.engine.code.scripts import differences, printed, trained

_EXACT, _SINGLE = 1e-9, 2e-6


def script(experiment: Experiment) -> str:
    return NumpyScript(experiment, "lrstudio run").text()


def test_every_optimizer_with_every_schedule_gives_the_same_table(tmp_path: Path) -> None:
    runs = [
        Run(lr=min(kind.default_lr, 1e-4) if kind.key == "sgd" else kind.default_lr, optimizer=kind(), schedule=plan())
        for kind in OPTIMIZERS
        for plan in SCHEDULES
    ]
    experiment = Experiment(problem=Rosenbrock(), runs=tuple(runs), steps=60)
    assert differences(trained(experiment), printed(script(experiment), tmp_path), _EXACT) == []


@pytest.mark.parametrize("key", [kind.key for kind in PROBLEMS])
def test_every_problem_gives_the_same_table(key: str, tmp_path: Path) -> None:
    experiment = experiment_of(f"--problem {key} --lr 0.0001 --lr 0.001 --steps 40")
    assert differences(trained(experiment), printed(script(experiment), tmp_path), _EXACT) == []


@pytest.mark.parametrize(
    "words",
    [
        "--problem noisy_line --lr 0.1 --lr 0.05 --batch-size 10 --target-loss 0.1 --steps 200",
        "--problem noisy_line --lr 0.01 --batch-size 7 --seed 3 --precision mixed --steps 40",
        "--lr 0.1 --lr 0.4 --lr 1.3 --target-loss 0.001 --steps 300",
        "--lr 0.01 --gradient forward --steps 40",
        "--lr 0.01 --gradient central --precision mixed --steps 40",
        "--problem booth --optimizer newton --lr 0.5 --steps 20",
        "--problem classification:drift=100 --lr 0.5 --steps 120 --batch-size 16",
        "--problem classification:layers=0 --optimizer newton --lr 1 --steps 10",
        "--problem classification:activation=relu,init=he --lr 0.5 --steps 50",
        "--problem digits:hidden=20+10,activation=sigmoid --lr 0.5 --steps 50 --batch-size 32",
        "--problem digits --lr 1e9 --steps 30 --batch-size 32",
        "--problem formula:loss=where(a>0,log(a)^2,a^2)+max(b,c)*relu(b)+abs(c)^1.5 --lr 0.01 --steps 60",
        "--problem model:model=a*sin(b*x)+c*softplus(x) --lr 0.01 --steps 60 --schedule plateau:patience=2",
        "--problem formula:loss=next^2+print*loss_^2+lambda^2+math^2 --lr 0.1 --steps 5",
        "--problem data:kind=polynomial,degree=3 --lr 0.1 --steps 30",
        "--lr 1.5 --steps 3000",
        "--lr 0.1 --optimizer 'rule:text=m=0.9*m+g; e=m*m; w=w-lr*m/(sqrt(e)+1)' --steps 30 "
        "--schedule 'rule:text=turn=pi*2; lr=lr0*cos(t/T*turn)^2/(t+1)'",
    ],
)
def test_every_setting_gives_the_same_table(words: str, tmp_path: Path) -> None:
    experiment = experiment_of(words)
    assert differences(trained(experiment), printed(script(experiment), tmp_path), _EXACT) == []


@pytest.mark.parametrize("words", ["--lr 0.01 --gradient central", "--problem digits --lr 0.1 --batch-size 32"])
def test_single_precision_is_that_of_the_script_too(words: str, tmp_path: Path) -> None:
    experiment = experiment_of(f"{words} --precision float32 --steps 20")
    assert differences(trained(experiment), printed(script(experiment), tmp_path), _SINGLE) == []


def test_a_script_needs_nothing_but_numpy(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(script(experiment_of("--problem digits --lr 0.1 --batch-size 32 --steps 2")), encoding="utf-8")
    blocked = (
        "import sys; sys.modules['lrstudio'] = None; import runpy; runpy.run_path(sys.argv[1], run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", blocked, str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 4)


def test_only_what_a_rule_reads_stands_in_the_script() -> None:
    text = script(experiment_of("--lr 0.1 --steps 5"))
    assert "        w = w - lr*g\n" in text
    assert "momentum" not in text
