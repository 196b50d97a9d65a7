"""The tables that the five texts print."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrstudio.core.problems import NoisyLine, Parabola, Proportional
from lrstudio.core.schedules import Constant, Exponential
from lrstudio.engine.experiment import Experiment, Gradient, Precision, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import UNENDED, Trace


@pytest.fixture(scope="module")
def seed_tables() -> dict[str, Any]:
    path = Path(__file__).parents[1] / "reference" / "seed_tables.json"
    return json.loads(path.read_text(encoding="utf-8"))


def run(steps: int, **values: Any) -> Trace:
    simulation = Simulation(Experiment(steps=steps, **values))
    simulation.advance(steps)
    return simulation.trace


PARABOLA = {
    "lr=0.01": Run(lr=0.01),
    "lr=0.99": Run(lr=0.99),
    "exponential 0.2*0.99^step": Run(lr=0.2, schedule=Exponential(gamma=0.99, decay_steps=1)),
}


def printed(trace: Trace, index: int, columns: int) -> list[list[Any]]:
    params, loss, lr = trace.read("params"), trace.read("loss"), trace.read("lr")
    return [
        [step + 1, f"{params[step + 1, index, 0]:.6f}", f"{loss[step, index]:.6f}", f"{lr[step, index]:.6f}"][:columns]
        for step in range(20)
    ]


def test_all_sixty_printed_rows_of_the_parabola_come_out_digit_for_digit(seed_tables: dict[str, Any]) -> None:
    tables = seed_tables["parabola"]["tables"]
    assert sum(map(len, tables.values())) == 60
    trace = run(20, problem=Parabola(), runs=tuple(PARABOLA[name] for name in tables), precision="float32")
    for index, rows in enumerate(tables.values()):
        assert printed(trace, index, len(rows[0])) == rows


@pytest.mark.parametrize("name", PARABOLA)
def test_a_printed_table_comes_out_of_its_run_alone(name: str, seed_tables: dict[str, Any]) -> None:
    rows = seed_tables["parabola"]["tables"][name]
    assert printed(run(20, problem=Parabola(), runs=(PARABOLA[name],), precision="float32"), 0, len(rows[0])) == rows


def test_in_double_precision_37_of_the_sixty_rows_differ(seed_tables: dict[str, Any]) -> None:
    tables = seed_tables["parabola"]["tables"]
    trace = run(20, problem=Parabola(), runs=tuple(PARABOLA[name] for name in tables))
    rows = [(ours, row) for index, table in enumerate(tables.values())
            for ours, row in zip(printed(trace, index, len(table[0])), table, strict=True)]  # fmt: skip
    assert sum(ours != row for ours, row in rows) == 37


RATES = {"lr=0.01": 0.01, "lr=0.1": 0.1, "lr=1": 1.0}


def proportional(names: list[str], precision: Precision = "mixed", mode: str = "forward", steps: int = 1000) -> Trace:
    runs = tuple(Run(lr=RATES[name]) for name in names)
    return run(steps, problem=Proportional(), runs=runs, precision=precision, gradient=Gradient(mode=mode))  # type: ignore[arg-type]


@pytest.mark.parametrize("names", [["lr=0.01"], ["lr=0.1"], ["lr=1"], ["lr=1", "lr=0.01", "lr=0.1"]])
def test_the_tables_of_the_book_come_out(names: list[str], seed_tables: dict[str, Any]) -> None:
    trace = proportional(names)
    loss, plus, grad, w = (trace.read(column) for column in ("loss", "loss_plus", "grad", "params"))
    for index, name in enumerate(names):
        truth = seed_tables["proportional"]["runs"][name]
        assert len(truth["first_10_epochs"]) == 10
        for step, row in enumerate(truth["first_10_epochs"]):
            ours = [
                w[step, index, 0],
                loss[step, index],
                plus[step, index, 0],
                grad[step, index, 0],
                w[step + 1, index, 0],
            ]
            assert [f"{value:.2f}" for value in ours] == [f"{value:.2f}" for value in row]
        for step, weight in truth["weight_after"].items():
            assert w[int(step), index, 0] == weight
        assert w[1000, index, 1] == truth["bias_after_1000"]


def test_at_rate_1_the_nudge_is_lost_and_the_run_is_stuck_at_12755() -> None:
    trace = proportional(["lr=1"])
    assert f"{trace.read('params')[3, 0, 0]:.2f}" == "12755.16"
    assert (trace.read("params")[3:, 0] == trace.read("params")[3, 0]).all()
    assert (trace.read("grad")[3:] == 0).all()
    assert trace.ends[0] == UNENDED


def test_at_rate_1_exact_gradients_diverge() -> None:
    trace = proportional(["lr=1", "lr=0.1"], mode="analytic")
    assert 4 < trace.ends[0] < 100
    assert trace.ends[1] == UNENDED
    assert np.isnan(trace.read("params")[trace.ends[0] :, 0]).all()
    assert np.isfinite(trace.read("params")[: trace.ends[0], 0]).all()


@pytest.mark.parametrize("seed", range(5))
def test_the_noisy_line_arrives_when_the_text_says(seed: int) -> None:
    runs = (Run(lr=0.1), Run(lr=0.7), Run(lr=1.01))
    simulation = Simulation(Experiment(problem=NoisyLine(), runs=runs, steps=2000, seed=seed))
    optimum = np.array([simulation.experiment.problem.optimum(simulation.objective.data)])
    floor = simulation.objective.loss(optimum)[0]
    simulation.advance(2000)
    loss = simulation.trace.read("loss")
    arrived = [int(np.argmax(loss[:, index] <= 1.01 * floor)) for index in range(2)]
    assert 50 <= arrived[0] <= 90
    assert 5 <= arrived[1] <= 12
    last = simulation.trace.rows(2) - 1
    assert loss[last, 2] > 100 * loss[:20, 2].min()
    assert (np.diff(loss[last - 50 : last + 1, 2]) > 0).all()


@pytest.mark.parametrize(("lr", "after"), [(0.5, -1.0), (1.0, 5.0)])
def test_half_arrives_in_one_step_and_1_cycles_for_ever(lr: float, after: float) -> None:
    w = run(100, problem=Parabola(), runs=(Run(lr=lr, schedule=Constant()),)).read("params")[:, 0, 0]
    assert (w[2::2] == after).all()
    assert (w[1::2] == (-7 if lr == 1 else -1)).all()
