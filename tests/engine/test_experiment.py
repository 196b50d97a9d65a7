"""What an experiment accepts, and what it answers to the rest."""

from __future__ import annotations

from typing import Any

import pytest

from lrstudio.core.language import use
from lrstudio.core.optimizers import SGD, Adam
from lrstudio.core.problems import Classification, NoisyLine, Parabola, Problem, Proportional, Rosenbrock
from lrstudio.core.schedules import Cosine, CosineRestarts, Cyclic, MultiStep, Warmup
from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.experiment import Experiment, Gradient, Run
from lrstudio.engine.memory import free_memory, physical_memory, stored_rows
from lrstudio.engine.training.simulation import Simulation


def experiment(**changes: Any) -> Experiment:
    values: dict[str, Any] = {"problem": Parabola(), "runs": (Run(lr=0.1),)}
    return Experiment(**(values | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 0}, "steps = 0: must be a whole number from 1 to 100000000"),
        ({"steps": 100_000_001}, "steps = 100000001: must be"),
        ({"steps": 2.5}, "steps = 2.5: must be a whole number"),
        ({"steps": True}, "steps = True: must be a whole number"),
        ({"seed": -1}, "seed = -1: must be"),
        ({"seed": 2**63}, "seed = 9223372036854775808: must be"),
        ({"seed": 1.5}, "seed = 1.5: must be a whole number"),
        ({"runs": ()}, "number of runs = 0: must be"),
        ({"runs": (Run(lr=0.1),) * 4097}, "number of runs = 4097: must be"),
        ({"precision": "half"}, "precision = 'half': must be one of float64, float32, mixed"),
        ({"runs": (Run(lr=0.1, start=(1.0, 2.0)),)}, r"start = \(1.0, 2.0\): parabola takes 1 \(w\)"),
        ({"problem": Rosenbrock(), "runs": (Run(lr=0.1, start=()),)}, r"start = \(\): rosenbrock takes 2 \(x, y\)"),
        ({"batch_size": 2}, "batch size = 2: parabola has no data to take batches from"),
        ({"problem": Proportional(), "batch_size": 5}, "batch size = 5: proportional has 4 data points"),
        ({"problem": Proportional(), "batch_size": 0}, "batch_size = 0: must be"),
        ({"problem": Proportional(), "batch_size": 1.5}, "batch_size = 1.5: must be a whole number"),
        (
            {"steps": 10**8, "runs": (Run(lr=0.1),) * 1000},
            r"steps = 100000000: the trace of 1000 run\(s\) would need 47 GiB",
        ),
    ],
)
def test_an_experiment_that_cannot_be_says_why(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        experiment(**changes)


@pytest.mark.parametrize("problem", [Parabola(), Classification(n=20)], ids=["formula", "network"])
def test_the_steps_that_memory_allows_are_offered_and_accepted(problem: Problem) -> None:
    with pytest.raises(ValueError, match=r"at most \d+ steps$") as caught:
        experiment(problem=problem, steps=10**8, runs=(Run(lr=0.1),) * 1000)
    most = int(str(caught.value).split()[-2])
    assert experiment(problem=problem, steps=most, runs=(Run(lr=0.1),) * 1000).steps == most
    with pytest.raises(ValueError, match="memory"):
        experiment(problem=problem, steps=most + 1, runs=(Run(lr=0.1),) * 1000)


@pytest.mark.parametrize("memory", [0, 4, 512])
def test_ten_million_steps_of_eight_runs_fit_every_computer_and_of_a_network_large_ones(
    memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrstudio.engine.memory.physical_memory", lambda: memory * 10**9)
    assert experiment(steps=10**7, runs=(Run(lr=0.1),) * 8).trace_bytes == 2_560_000_000
    assert experiment(steps=10**8, runs=(Run(lr=0.1),) * 8).steps == 10**8
    network: dict[str, Any] = {"problem": Classification(n=20), "steps": 4_000_000}
    if memory == 512:
        assert experiment(**network, runs=(Run(lr=0.1),) * 4).trace_bytes > 1_900_000_000
    else:
        with pytest.raises(ValueError, match="need 2 GiB of memory"):
            experiment(**network, runs=(Run(lr=0.1),) * 4)


@pytest.mark.parametrize(
    ("free", "rows"), [(0, 10_000_000), (10**8, 400_000), (10**9, 4_000_000), (10**12, 10_000_000)]
)
def test_of_a_long_trace_as_many_rows_are_stored_as_there_is_memory_for_at_the_start(
    free: int, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrstudio.engine.memory.free_memory", lambda: free)
    assert stored_rows(100) == rows
    assert stored_rows(100, 4096) == rows // 4096 * 4096


def test_the_free_memory_is_a_part_of_all_memory() -> None:
    assert 0 <= free_memory() <= physical_memory()


@pytest.mark.parametrize("lr", [-0.1, float("nan"), float("inf"), 10**400])
def test_a_rate_is_a_finite_number_of_at_least_0(lr: float) -> None:
    with pytest.raises(ValueError, match="must be a finite number of at least 0"):
        Run(lr=lr)
    assert Run(lr=0).lr == 0


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_start_is_finite(value: float) -> None:
    with pytest.raises(ValueError, match="must be finite numbers"):
        Run(lr=0.1, start=(1.0, value))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"mode": "exact"}, "mode = 'exact': must be one of analytic, forward, central"),
        ({"eps": 1e-4}, "gradient analytic: takes no eps"),
        ({"mode": "forward", "eps": 0.0}, "eps = 0.0: must be a number from 1e-15 to 1"),
        ({"mode": "central", "eps": 2.0}, "eps = 2.0: must be"),
        ({"mode": "forward", "eps": float("nan")}, "eps = nan: must be"),
    ],
)
def test_a_gradient_mode_that_cannot_be_says_why(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        Gradient(**values)


def test_differences_have_the_widths_of_the_texts() -> None:
    assert (Gradient().eps, Gradient(mode="forward").eps, Gradient(mode="central").eps) == (None, 1e-4, 1e-5)


@pytest.mark.parametrize(
    ("runs", "labels"),
    [
        ((Run(lr=0.1), Run(lr=1)), ["0.1", "1"]),
        ((Run(lr=0.1), Run(lr=0.1, optimizer=Adam())), ["0.1 SGD", "0.1 Adam"]),
        ((Run(lr=1e-5, schedule=Cosine()), Run(lr=0.5)), ["1e-05 cosine", "0.5"]),
        ((Run(lr=0.1, schedule=Cosine()), Run(lr=0.5, schedule=Cosine())), ["0.1", "0.5"]),
        ((Run(lr=0.1, schedule=MultiStep()), Run(lr=0.1, schedule=MultiStep(milestones=(5, 9)))),
         ["0.1 multi-step milestones=30+80", "0.1 multi-step milestones=5+9"]),
        ((Run(lr=0.1, schedule=Cyclic()), Run(lr=0.1, schedule=Cyclic(max_lr=0.3, mode="triangular2"))),
         ["0.1 cyclic max_lr=auto mode=triangular", "0.1 cyclic max_lr=0.3 mode=triangular2"]),
        ((Run(lr=0.1, schedule=Warmup(after="cosine")), Run(lr=0.1, schedule=Warmup(after="linear"))),
         ["0.1 warm-up after=cosine", "0.1 warm-up after=linear"]),
        ((Run(lr=0.1, label="mine"), Run(lr=0.1, optimizer=Adam(), schedule=CosineRestarts())),
         ["mine", "0.1 Adam cosine with restarts"]),
    ],
)  # fmt: skip
def test_a_label_is_what_tells_a_run_from_the_others(runs: tuple[Run, ...], labels: list[str]) -> None:
    made = experiment(runs=runs)
    assert [made.label(index) for index in range(len(runs))] == labels


def test_an_automatic_label_is_in_the_language_in_use_and_in_files_in_english() -> None:
    made = experiment(runs=(Run(lr=0.1, schedule=Cosine()), Run(lr=0.1, start=(2.0,), label="mine"), Run(lr=1)))
    english = ["0.1 cosine from w=5", "mine", "1 from w=5"]
    assert [made.label(run) for run in range(3)] == english
    try:
        use("zh_CN")
        assert [made.label(run) for run in range(3)] == ["0.1 余弦 从 w=5", "mine", "1 从 w=5"]
        assert [made.label_in_files(run) for run in range(3)] == english
    finally:
        use("en")
    assert [made.label(run) for run in range(3)] == english


def test_a_run_starts_where_it_says_or_where_the_problem_does() -> None:
    assert experiment(runs=(Run(lr=0.1), Run(lr=0.1, start=(2.0,)))).starts() == ((5.0,), (2.0,))


def test_one_run_can_be_changed() -> None:
    before = experiment(runs=(Run(lr=0.1), Run(lr=0.2)))
    after = before.with_run(1, lr=0.3, optimizer=SGD(momentum=0.5))
    assert after.runs == (Run(lr=0.1), Run(lr=0.3, optimizer=SGD(momentum=0.5)))
    assert before.runs[1].lr == 0.2
    with pytest.raises(ValueError, match="lr = -1"):
        before.with_run(0, lr=-1)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_every_ready_experiment_runs(example: Any) -> None:
    simulation = Simulation(example.experiment)
    assert simulation.advance(example.experiment.steps) == example.experiment.steps
    assert simulation.done


def test_data_of_the_seed_is_what_batches_are_counted_on() -> None:
    assert experiment(problem=NoisyLine(n=20), batch_size=20).batch_size == 20
