"""Runs a script as a user would, and compares its table with the program's."""

from __future__ import annotations

import csv
import io
import math
import runpy
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from lrstudio.core.optimizers import OPTIMIZERS
from lrstudio.core.problems.surfaces.rosenbrock import Rosenbrock
from lrstudio.core.schedules import SCHEDULES, Cyclic, OneCycle
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.csv.table import blocks

_LIKE_OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("adam", {"eps_uncorrected": True}),
    ("adamw", {"eps_uncorrected": True}),
    ("nadam", {"momentum_decay": 1.0}),
    ("rmsprop", {"eps_inside": True}),
]
"""Optimizers with the values of Keras and optax."""
Table = list[list[str]]
SETTINGS = [
    "--problem noisy_line --lr 0.1 --lr 0.05 --batch-size 10 --target-loss 0.1 --steps 200",
    "--problem noisy_line --lr 0.01 --batch-size 7 --seed 3 --precision mixed --steps 40",
    "--problem noisy_line --run lr=0.1;batch_size=32 --run lr=0.05;optimizer=adam;batch_size=20;schedule=cosine "
    "--run lr=0.1 --equal epochs --steps 60 --target-loss 0.09",
    "--problem digits --run lr=0.1;batch_size=32 --run lr=0.05;batch_size=100 --equal samples --steps 23",
    "--lr 0.1 --lr 0.4 --lr 1.3 --target-loss 0.001 --steps 300",
    "--lr 0.01 --gradient forward --steps 40",
    "--lr 0.01 --gradient central --precision mixed --steps 40",
    "--problem parabola --lr 0.05 --lr 0.2 --precision float32 --gradient central --steps 60",
    "--problem rosenbrock --precision float32 --gradient forward --steps 40 --run lr=0.0001 "
    "--run lr=1;optimizer=adadelta --run lr=0.01;optimizer=rprop --run lr=0.01;optimizer=adam",
    "--problem rosenbrock --precision float32 --lr 0.01 --optimizer rprop --steps 40",
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
    "--problem rosenbrock --optimizer adam:clip_norm=0.5 --lr 0.1 --steps 40",
    "--problem booth --optimizer sgd:clip_value=0.5,momentum=0.9 --lr 0.1 --steps 40 --precision mixed",
    "--problem classification --optimizer adamw:clip_norm=0.1 --lr 0.1 --steps 40 --batch-size 16",
    "--problem rosenbrock --optimizer 'rule:text=w=w-lr*g/norm(g)' --lr 0.1 --steps 40",
    "--problem rosenbrock --optimizer prodigy:growth_rate=1.2 --lr 1 --steps 40",
    "--problem classification --optimizer prodigy:weight_decay=0.1 --lr 0.1 --steps 40 --batch-size 16",
    "--problem classification --optimizer adafactor --lr 0.02 --steps 40",
    "--problem classification --optimizer muon --lr 0.02 --steps 40 --batch-size 16",
    "--lr 0.1 --optimizer 'rule:text=m=0.9*m+g; e=m*m; w=w-lr*m/(sqrt(e)+1)' --steps 30 "
    "--schedule 'rule:text=turn=pi*2; lr=lr0*cos(t/T*turn)^2/(t+1)'",
    "--problem classification:drift=100 --steps 90 --batch-size 40 "
    "--run 'lr=0.5;schedule=plateau:monitor=val_loss,unit=epoch,patience=0,threshold=0.05,factor=0.5' --run lr=0.3",
    "--problem classification --optimizer sgd:momentum=0.9 --lr 2 --steps 60 "
    "--schedule plateau:monitor=val_loss,unit=epoch,patience=1",
    "--problem booth --steps 30 --run 'lr=0.01;optimizer=sgd:momentum=0.9,nesterov=true;"
    "schedule=one_cycle:cycle_momentum=true,three_phase=true' --run 'lr=0.5;optimizer=newton'",
    "--problem digits --batch-size 64 --steps 40 --run 'lr=0.01;optimizer=adamw:clip_norm=1;"
    "schedule=cyclic:cycle_momentum=true,step_size_up=2,unit=epoch,mode=triangular2' --run lr=0.1",
    "--problem classification --optimizer 'rule:text=w=w-lr*g/(norm(g)+norm(w))' --lr 0.5 --steps 40 --batch-size 16",
    "--problem booth --precision mixed --optimizer adam --lr 0.1 --schedule one_cycle:cycle_momentum=true --steps 30",
    "--problem rosenbrock --steps 40 --run 'lr=0.001;optimizer=sgd:momentum=0.9;lr_factors=x:0.5' "
    "--run 'lr=0.01;optimizer=adam:clip_norm=1;lr_factors=y:2' --run 'lr=0.5;optimizer=newton;lr_factors=x:0'",
    "--problem digits --batch-size 64 --steps 40 --run 'lr=0.01;optimizer=adamw:clip_norm=1;lr_factors=layer1:0.1;"
    "schedule=cyclic:cycle_momentum=true,step_size_up=2,unit=epoch' "
    "--run 'lr=0.01;optimizer=adafactor;lr_factors=layer2.bias:0'",
]
"""What an experiment can set, in the words of the terminal."""


def every_optimizer_and_schedule() -> Experiment:
    """Returns an experiment with a run for every optimizer with every schedule."""
    runs = [
        Run(lr=1e-4 if kind.key == "sgd" else kind.default_lr, optimizer=kind(), schedule=plan())
        for kind in OPTIMIZERS
        if not kind().refusal(Rosenbrock.key, Rosenbrock().tensors)
        for plan in SCHEDULES
    ]
    return Experiment(problem=Rosenbrock(), runs=tuple(runs), steps=60)


def every_moved_momentum() -> Experiment:
    """Returns an experiment with a run for every optimizer whose momentum or beta1 a schedule can move."""
    runs = [
        Run(lr=1e-4 if kind.key == "sgd" else kind.default_lr, optimizer=optimizer, schedule=plan)
        for kind in OPTIMIZERS
        for optimizer in (kind(), *(kind(**values) for key, values in _LIKE_OTHERS if key == kind.key))
        if optimizer.cycled and not optimizer.refusal(Rosenbrock.key, Rosenbrock().tensors)
        for plan in (OneCycle(cycle_momentum=True), Cyclic(cycle_momentum=True, step_size_up=7))
    ]
    return Experiment(problem=Rosenbrock(), runs=tuple(runs), steps=60)


def printed(script: str, folder: Path) -> Table:
    """Returns the table that a script prints."""
    path, out = folder / "script.py", io.StringIO()
    path.write_text(script, encoding="utf-8")
    with redirect_stdout(out):
        runpy.run_path(str(path), run_name="__main__")
    return list(csv.reader(io.StringIO(out.getvalue())))


def trained(experiment: Experiment) -> Table:
    """Returns the table of the program's own runs."""
    simulation = Simulation(experiment)
    simulation.advance(experiment.steps)
    return list(csv.reader(io.StringIO("".join(blocks(experiment, simulation.trace)))))


def differences(expected: Table, table: Table, relative: float) -> list[tuple[list[str], list[str]]]:
    """Returns the rows in which a cell is missing, or a number differs by more than `relative` of it or of 1."""
    assert table[0] == expected[0]
    assert [row[:2] for row in table] == [row[:2] for row in expected]
    return [
        pair for pair in zip(expected, table, strict=True) if not all(map(_agrees, *pair, [relative] * len(pair[0])))
    ]


def _agrees(one: str, other: str, relative: float) -> bool:
    if one == other:
        return True
    if not one or not other:
        return False
    try:
        a, b = float(one), float(other)
    except ValueError:
        return False
    return math.isclose(a, b, rel_tol=relative, abs_tol=relative)
