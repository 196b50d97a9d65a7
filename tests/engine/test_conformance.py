"""What holds for every optimizer, schedule, problem, precision and gradient mode."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest

from lrstudio.core.optimizers import (
    ASGD,
    OPTIMIZERS,
    SGD,
    Adadelta,
    Adafactor,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Lion,
    Muon,
    NAdam,
    Newton,
    Optimizer,
    Prodigy,
    RAdam,
    RMSprop,
    Rprop,
    Rule,
    ScheduleFreeAdamW,
    ScheduleFreeSGD,
)
from lrstudio.core.problems import (
    PROBLEMS,
    Classification,
    Digits,
    NoisyLine,
    Parabola,
    Problem,
    Proportional,
    Rosenbrock,
)
from lrstudio.core.schedules import (
    SCHEDULES,
    Constant,
    ConstantLR,
    Cosine,
    CosineRestarts,
    Custom,
    Cyclic,
    Exponential,
    Greedy,
    InverseSqrt,
    InverseTime,
    Linear,
    MultiStep,
    OneCycle,
    Plateau,
    Polynomial,
    Product,
    Step,
    Warmup,
    WarmupStableDecay,
)
from lrstudio.core.schedules import Rule as TypedSchedule
from lrstudio.core.schedules import Sequence as SequenceOfSchedules
from lrstudio.engine.experiment import PRECISIONS, Experiment, Gradient, GradientMode, Run
from lrstudio.engine.training import columns as column_module
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import UNENDED, Trace

STEPS = 11
MODES: tuple[GradientMode, ...] = ("analytic", "forward", "central")
PROBLEM_KEYS = [kind.key for kind in PROBLEMS]

OPTIMIZER_CHOICES = (
    SGD(),
    Adam(),
    SGD(momentum=0.9),
    Adagrad(),
    SGD(momentum=0.9, nesterov=True),
    Adam(amsgrad=True, beta1=0.5),
    RMSprop(),
    SGD(momentum=0.5, dampening=0.5, weight_decay=0.01),
    Adagrad(lr_decay=0.1, initial_accumulator_value=1.0, weight_decay=0.1),
    Adadelta(),
    RMSprop(centered=True, momentum=0.5, alpha=0.9),
    Adam(weight_decay=0.1, beta2=0.9, eps=1e-3),
    Adadelta(rho=0.5, weight_decay=0.1, eps=1e-3),
    RMSprop(alpha=0.0, weight_decay=0.2),
    Adam(beta1=0.0, beta2=0.0),
    AdamW(),
    Rprop(),
    NAdam(weight_decay=0.1, momentum_decay=0.1),
    Adamax(),
    Lion(weight_decay=0.1),
    RAdam(),
    ASGD(lambd=0.1),
    RAdam(beta2=0.8, weight_decay=0.1),
    AdamW(amsgrad=True, weight_decay=0.5),
    Rprop(eta_minus=0.3, eta_plus=1.5, step_max=0.1),
    Rule(),
    Adadelta(eps_outside=True),
    Rule(text="m = 0.9*m + g; w = w - lr*m"),
    Lion(),
    Newton(),
    Adafactor(),
    Prodigy(weight_decay=0.1, d0=1e-3),
    Muon(),
    Muon(last_layer=True, adjust_lr_fn="match_rms_adamw"),
    Prodigy(growth_rate=1.1),
    ScheduleFreeSGD(),
    ScheduleFreeAdamW(warmup_steps=3, r=1.0, weight_decay=0.1),
    Adam(clip_norm=0.5),
    SGD(clip_value=0.1),
    Adam(clip_norm=2.0, beta1=0.5),
)
SCHEDULE_CHOICES = (
    Constant(),
    ConstantLR(total_iters=3),
    WarmupStableDecay(),
    SequenceOfSchedules(),
    InverseTime(),
    Greedy(patience=1),
    Product(),
    Exponential(gamma=0.7),
    Step(step_size=3),
    Cosine(),
    Exponential(gamma=0.9, decay_steps=3.5),
    CosineRestarts(T_0=3),
    Linear(),
    CosineRestarts(T_0=2, T_mult=2, eta_min=1e-3),
    Polynomial(power=2.0),
    Exponential(gamma=0.81, decay_steps=4, staircase=True),
    Cosine(T_max=5, eta_min=1e-3),
    Step(step_size=2, gamma=0.7),
    Linear(start_factor=0.3, end_factor=1.7, total_iters=6),
    CosineRestarts(),
    Polynomial(power=0.5, total_iters=7),
    Polynomial(),
    Cosine(doubled=True),
    MultiStep(milestones=(3, 7)),
    Plateau(patience=0, factor=0.5),
    Cyclic(step_size_up=2),
    Cyclic(step_size_up=1, step_size_down=3, mode="triangular2", base_lr=1e-3, max_lr=2e-3),
    OneCycle(),
    MultiStep(milestones=(1, 2, 5), gamma=0.6),
    Cyclic(step_size_up=3, mode="exp_range", gamma=0.9),
    OneCycle(three_phase=True, anneal_strategy="linear", max_lr=1e-3),
    InverseSqrt(),
    Plateau(patience=1, threshold=0.5, cooldown=1, factor=0.3),
    Warmup(total_iters=3, after="cosine"),
    Custom(points="0:0.001+3:0.002+8:0"),
    InverseSqrt(warmup_steps=4),
    Custom(points="1:0.003+5:0.001", between="hold"),
    Warmup(total_iters=4, after="multistep(milestones=2+4)"),
    Custom(),
    Plateau(patience=2, threshold_mode="abs", min_lr=1e-4),
    TypedSchedule(),
    TypedSchedule(text="s = 0.5*(1 + cos(pi*t/T))\nlr = lr0*max(s, 0.1)"),
)
RATE = {"parabola": 0.13, "proportional": 0.05, "noisy_line": 0.3, "rosenbrock": 1.3e-3}
DEFAULT_RATE = 0.01


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of short traces need no room for 65,536 rows each."""
    monkeypatch.setattr(column_module, "BLOCK_ROWS", 64)


def runs_of(problem: Problem, choices: Sequence[tuple[Any, Any]]) -> tuple[Run, ...]:
    lr = RATE.get(problem.key, DEFAULT_RATE)
    starts = (None, tuple(value + 0.25 for value in problem.start) if problem.has_editable_start else None)
    return tuple(
        Run(lr=lr * (1 + place % 3), optimizer=optimizer, schedule=schedule, start=starts[place % 2])
        for place, (optimizer, schedule) in enumerate(choices)
    )


def fitting(problem: Problem) -> list[Optimizer]:
    """The choices that can train the problem's parameters."""
    return [choice for choice in OPTIMIZER_CHOICES if not choice.refusal(problem.key, problem.tensors)]


def mixed_runs(problem: Problem) -> tuple[Run, ...]:
    """Every optimizer and every schedule at least once, kinds interleaved, parameters mixed."""
    optimizers = fitting(problem)
    count = max(len(optimizers), len(SCHEDULE_CHOICES))
    pairs = [
        (optimizers[place % len(optimizers)], SCHEDULE_CHOICES[place % len(SCHEDULE_CHOICES)]) for place in range(count)
    ]
    return (*runs_of(problem, pairs), Run(lr=30.0), Run(lr=1e30, optimizer=SGD(momentum=0.9)))


def simulated(experiment: Experiment, blocks: Sequence[int] = (STEPS,)) -> Trace:
    simulation = Simulation(experiment)
    for block in blocks:
        simulation.advance(block)
    return simulation.trace


def assert_same(one: Trace, other: Trace) -> None:
    assert (one.length, one.columns) == (other.length, other.columns)
    np.testing.assert_array_equal(one.ends, other.ends)
    for column in one.columns:
        np.testing.assert_array_equal(one.read(column), other.read(column))


def assert_alone_is_the_same(experiment: Experiment, together: Trace, place: int) -> None:
    alone = simulated(experiment.alone(place))
    rows = together.rows(place)
    assert alone.ends[0] == together.ends[place]
    assert alone.length == min(rows, together.length)
    for column in together.columns:
        shared, own = together.read(column)[:, place], alone.read(column)[:, 0]
        told = f"{column} of {experiment.runs[place]}"
        if experiment.problem.records_all_parameters:
            np.testing.assert_array_equal(shared[:rows], own, err_msg=told)
        else:  # a product of matrices rounds by the shape of the whole stack
            np.testing.assert_allclose(shared[:rows], own, rtol=1e-12, atol=1e-12, err_msg=told)
        assert np.isnan(shared[rows:]).all()


SMALL: dict[type[Problem], Problem] = {Digits: Digits(hidden=(8,), n=60)}
every_problem = pytest.mark.parametrize(
    "problem", [SMALL.get(kind) or kind() for kind in PROBLEMS], ids=lambda problem: problem.key
)
thoroughly = pytest.mark.parametrize(
    "problem", [kind() for kind in PROBLEMS if kind.key in RATE], ids=lambda problem: problem.key
)
every_formula = pytest.mark.parametrize(
    "problem", [kind() for kind in PROBLEMS if kind.has_numerical_gradient], ids=lambda problem: problem.key
)
every_network = pytest.mark.parametrize(
    "problem",
    [
        Classification(n=60),
        Classification(layers=0, shape="xor", drift=90.0),
        Digits(hidden=(8,), n=60),
        Digits(hidden=(4, 6), n=60),
    ],
    ids=["classification", "logistic", "digits", "digits-deep"],
)
every_precision = pytest.mark.parametrize("precision", PRECISIONS)
every_mode = pytest.mark.parametrize("mode", MODES)


def test_the_choices_leave_no_kind_out() -> None:
    assert {type(optimizer) for optimizer in OPTIMIZER_CHOICES} == set(OPTIMIZERS)
    assert {type(schedule) for schedule in SCHEDULE_CHOICES} == set(SCHEDULES)


@every_problem
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda kind: kind.key)
def test_a_run_is_finite_or_ends(problem: Problem, optimizer: Any) -> None:
    if optimizer().refusal(problem.key, problem.tensors):
        problem = Classification(layers=0 if optimizer is Newton else 1)
    pairs = [(optimizer(), schedule()) for schedule in SCHEDULES]
    runs = (*runs_of(problem, pairs), *(Run(lr=lr, optimizer=optimizer()) for lr in (0.0, 1e-300, 1e3, 1e300)))
    row, column = PROBLEM_KEYS.index(problem.key), OPTIMIZERS.index(optimizer)
    precision = PRECISIONS[(row + column) % len(PRECISIONS)]  # any two of problem, optimizer, precision and mode meet
    mode = MODES[(row + 2 * column) % len(MODES)] if problem.has_numerical_gradient else MODES[0]
    gradient = Gradient(mode=mode)
    trace = simulated(Experiment(problem=problem, runs=runs, steps=STEPS, precision=precision, gradient=gradient))
    size = len(problem.names)
    assert trace.length == STEPS + 1  # the rate 0 never ends
    assert trace.read("loss").shape == trace.read("lr").shape == (trace.length, len(runs))
    assert trace.read("params").shape == trace.read("grad").shape == (trace.length, len(runs), size)
    assert ("loss_plus" in trace.columns) == (mode == "forward")
    for place in range(len(runs)):
        rows = trace.rows(place)
        assert np.isfinite(trace.read("params")[:rows, place]).all()
        assert np.isfinite(trace.read("loss")[:rows, place]).all()
        assert np.isfinite(trace.read("lr")[: min(rows, trace.length - 1), place]).all()
        assert all(np.isnan(trace.read(name)[rows:, place]).all() for name in trace.columns)
    assert np.isnan(trace.read("lr")[-1]).all() or trace.length <= STEPS
    if optimizer is not Rprop:  # its smallest step is not 0
        still = trace.read("params")[:, len(SCHEDULES)]
        np.testing.assert_array_equal(still, still[:1].repeat(trace.length, 0))


@every_formula
def test_every_optimizer_with_every_schedule_together_is_each_alone(problem: Problem) -> None:
    choices = list(product(fitting(problem), SCHEDULE_CHOICES))
    experiment = Experiment(problem=problem, runs=runs_of(problem, choices), steps=STEPS)
    together = simulated(experiment)
    stride = 17 if problem.key in RATE else 41  # no divisors of the numbers of optimizers and schedules
    for place in range(PROBLEMS.index(type(problem)) % stride, len(choices), stride):
        assert_alone_is_the_same(experiment, together, place)


@thoroughly
@every_precision
@every_mode
def test_mixed_runs_together_are_each_alone_bit_for_bit(problem: Problem, precision: Any, mode: Any) -> None:
    experiment = Experiment(
        problem=problem, runs=mixed_runs(problem), steps=STEPS, precision=precision, gradient=Gradient(mode=mode)
    )
    together = simulated(experiment)
    assert (together.ends != UNENDED).any() or mode != "analytic"  # where nudges are lost, runs get stuck
    for place in range(len(experiment.runs)):
        assert_alone_is_the_same(experiment, together, place)


@thoroughly
@every_precision
@every_mode
def test_blocks_of_any_size_give_the_same_bits(problem: Problem, precision: Any, mode: Any) -> None:
    experiment = Experiment(
        problem=problem, runs=mixed_runs(problem), steps=STEPS, precision=precision, gradient=Gradient(mode=mode)
    )
    whole = simulated(experiment)
    for blocks in ([1] * STEPS, [2, 9], [5, 1, 4, 1], [STEPS - 1, 1], [0, STEPS, 0]):
        assert_same(simulated(experiment, blocks), whole)


@pytest.mark.parametrize("problem", [Proportional(), NoisyLine()], ids=lambda problem: problem.key)
@pytest.mark.parametrize("batch_size", [1, 3])
@every_mode
def test_mini_batches_are_the_same_for_all_runs_and_blocks(problem: Problem, batch_size: int, mode: Any) -> None:
    experiment = Experiment(
        problem=problem,
        runs=mixed_runs(problem),
        steps=STEPS,
        batch_size=batch_size,
        seed=3,
        gradient=Gradient(mode=mode),
    )
    whole = simulated(experiment)
    assert_same(simulated(experiment, [1, 7, 3]), whole)
    for place in range(len(experiment.runs)):
        assert_alone_is_the_same(experiment, whole, place)


def test_the_order_of_the_runs_does_not_matter() -> None:
    runs = mixed_runs(Rosenbrock())
    forwards = simulated(Experiment(problem=Rosenbrock(), runs=runs, steps=STEPS))
    backwards = simulated(Experiment(problem=Rosenbrock(), runs=runs[::-1], steps=STEPS))
    for column in forwards.columns:
        np.testing.assert_array_equal(forwards.read(column), backwards.read(column)[:, ::-1])


def test_two_simulations_of_one_experiment_are_equal() -> None:
    experiment = Experiment(problem=NoisyLine(), runs=mixed_runs(NoisyLine()), steps=STEPS, batch_size=7)
    assert_same(simulated(experiment), simulated(experiment))


@pytest.mark.parametrize("runs", [1, 2, 257])
def test_many_runs_are_each_alone(runs: int) -> None:
    rates = np.linspace(0.001, 1.1, runs)
    experiment = Experiment(problem=Parabola(), runs=tuple(Run(lr=float(lr)) for lr in rates), steps=STEPS)
    together = simulated(experiment)
    for place in range(0, runs, 31):
        assert_alone_is_the_same(experiment, together, place)


@every_formula
def test_a_peek_is_the_next_step_and_leaves_everything_as_it_was(problem: Problem) -> None:
    experiment = Experiment(problem=problem, runs=mixed_runs(problem), steps=STEPS)
    simulation = Simulation(experiment)
    for _ in range(STEPS - 1):
        ahead = simulation.next_weights()
        np.testing.assert_array_equal(simulation.next_weights(), ahead)
        simulation.advance(1)
        alive = simulation.trace.ends == UNENDED
        np.testing.assert_array_equal(simulation.trace.read("params")[-1][alive], ahead[alive])
    assert_same(simulation.trace, simulated(experiment, (STEPS - 1,)))


@every_network
@pytest.mark.parametrize("batch_size", [None, 16])
@pytest.mark.parametrize("precision", ["float64", "mixed"])
def test_networks_trained_together_are_each_alone(problem: Problem, batch_size: int | None, precision: Any) -> None:
    experiment = Experiment(
        problem=problem, runs=mixed_runs(problem), steps=STEPS, batch_size=batch_size, precision=precision
    )
    together = simulated(experiment)
    for place in range(len(experiment.runs)):
        assert_alone_is_the_same(experiment, together, place)


@every_network
def test_a_network_is_the_same_by_its_seed_in_blocks_of_any_size(problem: Problem) -> None:
    runs = mixed_runs(problem)
    experiment = Experiment(problem=problem, runs=runs, steps=STEPS, batch_size=16, seed=5)
    whole = simulated(experiment)
    assert_same(simulated(experiment, [1, 7, 3]), whole)
    other = simulated(Experiment(problem=problem, runs=runs, steps=STEPS, batch_size=16, seed=6))
    assert not np.array_equal(other.read("loss"), whole.read("loss"))


@every_network
def test_a_peek_into_a_network_leaves_everything_as_it_was(problem: Problem) -> None:
    experiment = Experiment(problem=problem, runs=mixed_runs(problem), steps=STEPS)
    simulation = Simulation(experiment)
    for _ in range(STEPS - 1):
        ahead = simulation.next_weights()
        simulation.advance(1)
        alive = simulation.trace.ends == UNENDED
        np.testing.assert_array_equal(simulation.trace.read("params")[-1][alive], ahead[alive])
