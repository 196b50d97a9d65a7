"""Divergence, resuming, changes on the way, and what the columns mean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lrstudio.core.array import Array
from lrstudio.core.optimizers import SGD, Adadelta, Adagrad, Adam, RMSprop
from lrstudio.core.problems import Classification, NoisyLine, Parabola, Proportional, Rosenbrock
from lrstudio.core.schedules import Cosine, Exponential, Linear, Plateau, Step
from lrstudio.engine.experiment import PRECISIONS, Experiment, Gradient, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import UNENDED, RateChange, Trace


def experiment(*runs: Run, steps: int = 40, **changes: Any) -> Experiment:
    values: dict[str, Any] = {"problem": Parabola(), "runs": runs or (Run(lr=0.1),), "steps": steps}
    return Experiment(**(values | changes))


def advanced(made: Experiment, *blocks: int) -> Simulation:
    simulation = Simulation(made)
    for block in blocks or (made.steps,):
        simulation.advance(block)
    return simulation


def assert_same(one: Trace, other: Trace) -> None:
    assert one.length == other.length
    np.testing.assert_array_equal(one.ends, other.ends)
    for column in one.columns:
        np.testing.assert_array_equal(one.read(column), other.read(column), err_msg=column)


FAST = Run(lr=1e3)  # the weight grows by 2000 a step: it overflows after some fifty
MIXED = (
    Run(lr=0.1, optimizer=SGD(momentum=0.9)),
    Run(lr=0.05, optimizer=Adam(amsgrad=True), schedule=Cosine()),
    Run(lr=0.1, schedule=Exponential(gamma=0.9)),
    Run(lr=0.1, optimizer=Adam()),
    Run(lr=0.05, optimizer=RMSprop(centered=True, momentum=0.5), schedule=Linear()),
    Run(lr=1.0, optimizer=Adadelta()),
    Run(lr=0.5, optimizer=Adagrad(lr_decay=0.1), schedule=Step(step_size=7)),
)


def test_row_k_holds_the_values_before_update_k_and_the_rate_it_uses() -> None:
    trace = advanced(experiment(Run(lr=0.1, schedule=Step(step_size=2, gamma=0.5)), steps=5)).trace
    w, loss, grad, lr = (trace.read(name)[:, 0] for name in ("params", "loss", "grad", "lr"))
    assert trace.length == 6
    assert w[0, 0] == 5
    np.testing.assert_allclose(loss, (w[:, 0] + 1) ** 2)
    np.testing.assert_allclose(grad[:, 0], 2 * (w[:, 0] + 1))
    np.testing.assert_allclose(lr[:-1], [0.1, 0.1, 0.05, 0.05, 0.025])
    np.testing.assert_allclose(w[1:, 0], w[:-1, 0] - lr[:-1] * grad[:-1, 0])
    assert np.isnan(lr[-1])


def test_forward_differences_are_recorded_beside_the_loss() -> None:
    trace = advanced(experiment(problem=Proportional(), gradient=Gradient(mode="forward"), steps=3)).trace
    loss, plus, grad = trace.read("loss"), trace.read("loss_plus"), trace.read("grad")
    np.testing.assert_array_equal(grad, (plus - loss[:, :, None]) / 1e-4)
    np.testing.assert_allclose(grad[0, 0], [-45, -15], rtol=1e-4)


@pytest.mark.parametrize(
    "problem", [Parabola(), Proportional(), NoisyLine(), Rosenbrock()], ids=lambda problem: problem.key
)
def test_measured_gradients_approach_the_exact_one(problem: Any) -> None:
    exact, forward, central = (
        Simulation(experiment(problem=problem, gradient=Gradient(mode=mode))).trace.read("grad")[0]
        for mode in ("analytic", "forward", "central")
    )
    np.testing.assert_allclose(central, exact, rtol=1e-7)
    curvature = np.abs(Simulation(experiment(problem=problem)).objective.hessian(np.array([problem.start]))).max()
    assert np.abs(forward - exact).max() < 1e-4 * curvature
    assert np.abs(forward - exact).max() > np.abs(central - exact).max()


def test_single_precision_rounds_every_number_and_mixed_only_the_weights() -> None:
    run = Run(lr=0.1, optimizer=Adam())
    single = advanced(experiment(run, problem=Rosenbrock(), precision="float32")).trace
    mixed = advanced(experiment(run, problem=Rosenbrock(), precision="mixed")).trace
    for column in ("params", "loss", "grad"):
        values = single.read(column)
        np.testing.assert_array_equal(values, values.astype(np.float32))
    np.testing.assert_array_equal(mixed.read("params"), mixed.read("params").astype(np.float32))
    assert (mixed.read("loss") != mixed.read("loss").astype(np.float32)).any()
    assert single.read("lr")[0, 0] == 0.1


def test_a_run_that_overflows_keeps_its_last_finite_row_and_the_others_go_on() -> None:
    simulation = advanced(experiment(Run(lr=0.1), FAST, Run(lr=0.2), steps=200))
    trace = simulation.trace
    end = int(trace.ends[1])
    assert list(trace.ends) == [UNENDED, end, UNENDED]
    assert 40 < end < 60
    assert trace.length == 201
    assert trace.rows(1) == end
    assert np.isfinite(trace.read("params")[:end, 1]).all()
    assert np.isfinite(trace.read("loss")[:end, 1]).all()
    assert trace.read("lr")[end - 1, 1] == 1e3
    for column in trace.columns:
        assert np.isnan(trace.read(column)[end:, 1]).all()
    assert np.isfinite(trace.read("params")[:, [0, 2]]).all()
    assert simulation.done
    assert not simulation.diverged
    alone = advanced(experiment(FAST, steps=200)).trace
    assert alone.ends[0] == end


def test_when_all_have_diverged_it_stops_at_the_longest_run() -> None:
    made = experiment(FAST, Run(lr=30.0), steps=5000)
    simulation = advanced(made)
    trace = simulation.trace
    assert trace.length == max(trace.ends) < 5000
    assert trace.ends[0] < trace.ends[1]
    assert simulation.diverged
    assert simulation.done
    assert simulation.advance(10) == 0
    assert simulation.step == trace.length - 1
    assert np.isfinite(trace.read("loss")[-1, 1])


@pytest.mark.parametrize("blocks", [[1] * 400, [7] * 57 + [1], [50] * 8, [399, 1], [43, 1, 1, 1, 1, 1, 352]])
def test_divergence_does_not_depend_on_the_blocks(blocks: list[int]) -> None:
    for runs in ((FAST, Run(lr=30.0)), (FAST, Run(lr=30.0), Run(lr=0.1)), (Run(lr=30.0, optimizer=SGD(momentum=0.9)),)):
        made = experiment(*runs, steps=400)
        assert_same(advanced(made, *blocks).trace, advanced(made).trace)


def test_advance_says_how_many_steps_were_made() -> None:
    simulation = Simulation(experiment(FAST, steps=200))
    end = int(advanced(experiment(FAST, steps=200)).trace.ends[0])
    assert simulation.advance(20) == 20
    assert simulation.advance(180) == end - 21
    assert simulation.advance(1) == 0
    assert Simulation(experiment()).advance(0) == 0
    assert Simulation(experiment()).advance(-3) == 0


def test_a_weight_that_comes_back_after_an_overflow_of_its_loss_stays_ended() -> None:
    there_and_back = Run(lr=1.5, schedule=Step(step_size=1, gamma=1 / 3), start=(1.5e19,))
    made = experiment(there_and_back, Run(lr=0.5), precision="float32", steps=6)
    for blocks in ([6], [1] * 6):
        trace = advanced(made, *blocks).trace
        assert list(trace.ends) == [1, UNENDED]
        assert np.isnan(trace.read("params")[1:, 0]).all()


def test_a_start_that_overflows_is_a_run_of_one_row() -> None:
    for precision, start in (("float64", 1e200), ("float32", 1e39), ("mixed", 1e39)):
        simulation = advanced(experiment(Run(lr=0.1, start=(start,)), Run(lr=0.1), precision=precision, steps=5))
        assert list(simulation.trace.ends) == [1, UNENDED]
        assert simulation.trace.length == 6


@pytest.mark.parametrize("precision", ["float64", "float32", "mixed"])
@pytest.mark.parametrize("mode", ["analytic", "forward", "central"])
@pytest.mark.parametrize("batch_size", [None, 7])
def test_resumed_at_any_step_it_is_as_if_never_stopped(precision: Any, mode: Any, batch_size: int | None) -> None:
    made = experiment(*MIXED, Run(lr=20.0), problem=NoisyLine(n=20), precision=precision, gradient=Gradient(mode=mode),
                      batch_size=batch_size, steps=40)  # fmt: skip
    whole = advanced(made).trace
    for stop in (0, 1, 2, 13, 39, 40):
        before = advanced(made, stop) if stop else Simulation(made)
        columns = {name: before.trace.read(name).copy() for name in before.trace.columns}
        trace = Trace.from_columns(before.trace.names, columns, before.trace.ends)
        states = [{name: values.astype(float) for name, values in state.items()} for state in before.states()]
        after = Simulation(made, trace, states)
        assert after.step == stop
        after.advance(40 - stop)
        assert_same(after.trace, whole)


def test_a_trace_or_state_of_another_experiment_is_refused() -> None:
    adam = advanced(experiment(Run(lr=0.1, optimizer=Adam())), 3)
    for other in (
        experiment(Run(lr=0.1)),
        experiment(Run(lr=0.1, optimizer=Adam(amsgrad=True))),
        experiment(Run(lr=0.1, optimizer=Adam()), Run(lr=0.1, optimizer=Adam())),
        experiment(Run(lr=0.1, optimizer=Adam()), problem=Rosenbrock()),
        experiment(Run(lr=0.1, optimizer=Adam()), gradient=Gradient(mode="forward")),
    ):
        with pytest.raises(ValueError, match="does not fit"):
            Simulation(other, adam.trace, adam.states())
    with pytest.raises(ValueError, match="does not fit"):
        Simulation(adam.experiment, adam.trace)


def test_states_are_named_and_have_a_number_per_run_and_parameter() -> None:
    simulation = advanced(experiment(*MIXED, problem=Rosenbrock()), 3)
    shapes = [{name: values.shape for name, values in state.items()} for state in simulation.states()]
    assert shapes == [
        {"b": (2, 2)},
        {"m": (2, 2), "v": (2, 2), "top": (2, 2)},
        {"v": (1, 2), "m": (1, 2), "b": (1, 2)},
        {"v": (1, 2), "u": (1, 2)},
        {"s": (1, 2)},
    ]


def test_a_changed_rate_is_recorded_and_changes_that_run_only() -> None:
    halved = Run(lr=0.1, schedule=Step(step_size=5, gamma=0.5))
    made = experiment(Run(lr=0.1), Run(lr=0.1, optimizer=SGD(momentum=0.5)), halved, steps=20)
    untouched = advanced(made).trace
    simulation = advanced(made, 8)
    for run in (0, 2):
        simulation.amend(simulation.experiment.with_run(run, lr=0.02))
    simulation.advance(12)
    trace = simulation.trace
    np.testing.assert_array_equal(trace.read("lr")[:8], untouched.read("lr")[:8])
    np.testing.assert_array_equal(trace.read("lr")[8:20, 0], [0.02] * 12)
    np.testing.assert_allclose(trace.read("lr")[8:20, 2], 0.02 * 0.5 ** (np.arange(8, 20) // 5))
    np.testing.assert_array_equal(trace.read("params")[:9], untouched.read("params")[:9])
    for column in trace.columns:
        np.testing.assert_array_equal(trace.read(column)[:, 1], untouched.read(column)[:, 1])
    w, grad = trace.read("params")[:, 0, 0], trace.read("grad")[:, 0, 0]
    np.testing.assert_array_equal(w[9:], w[8:-1] - 0.02 * grad[8:-1])


@pytest.mark.parametrize("step", [0, 4, 10])
def test_more_steps_leave_the_schedules_of_a_run_that_has_begun_as_they_were_planned(step: int) -> None:
    simulation = advanced(experiment(Run(lr=0.1, schedule=Linear()), steps=10), step)
    longer = simulation.as_planned(replace(simulation.experiment, steps=20))
    simulation.amend(longer)
    simulation.advance(20 - step)
    lr = simulation.trace.read("lr")[:20, 0]
    planned = 20 if step == 0 else 10
    np.testing.assert_allclose(lr, [0.1 * max(0, 1 - t / planned) for t in range(20)], atol=1e-17)
    assert simulation.done
    fresh = advanced(longer, 20)
    assert fresh.trace.read("params").tobytes() == simulation.trace.read("params").tobytes()
    assert longer.replanned().schedule_length == 20


def test_a_simulation_that_has_begun_takes_no_other_plan() -> None:
    simulation = advanced(experiment(Run(lr=0.1, schedule=Linear()), steps=10), 4)
    other = replace(simulation.experiment, steps=20)
    assert not simulation.takes(other)
    with pytest.raises(ValueError, match="needs a new start"):
        simulation.amend(other)
    assert simulation.as_planned(replace(other, seed=1)) == replace(other, seed=1)  # which needs a new start


def test_it_knows_whose_rate_is_0_from_the_planned_end_on() -> None:
    runs = (Run(lr=0.1, schedule=Linear()), Run(lr=0.1), Run(lr=0.0), Run(lr=0.1, schedule=Plateau()))
    simulation = advanced(experiment(*runs, steps=10), 10)
    assert simulation.over() == (10, [])
    simulation.amend(simulation.as_planned(replace(simulation.experiment, steps=25)))
    assert simulation.over() == (10, [0])
    simulation.advance(15)
    lr = simulation.trace.read("lr")[10:25]
    assert (lr[:, 0] == 0).all() and (lr[:, 1] == 0.1).all()


@pytest.mark.parametrize(
    ("change", "taken"),
    [
        ({"steps": 100}, True),
        ({"steps": 5}, True),
        ({"steps": 4}, True),
        ({"runs": (Run(lr=0.2, label="x", color=3),)}, True),
        ({"runs": (Run(lr=0.1), Run(lr=0.1))}, False),
        ({"runs": (Run(lr=0.1, optimizer=SGD(momentum=0.1)),)}, False),
        ({"runs": (Run(lr=0.1, start=(2.0,)),)}, False),
        ({"precision": "float32"}, False),
        ({"gradient": Gradient(mode="forward")}, False),
        ({"seed": 1}, False),
    ],
)
def test_only_what_does_not_concern_the_past_may_change_on_the_way(change: dict[str, Any], taken: bool) -> None:
    simulation = advanced(experiment(), 5)
    changed = replace(simulation.experiment, **change)
    assert simulation.takes(changed) is taken
    if taken:
        simulation.amend(changed)
        assert simulation.experiment == changed
    else:
        with pytest.raises(ValueError, match="needs a new start"):
            simulation.amend(changed)


def test_the_preview_shows_the_rates_that_are_then_used() -> None:
    made = experiment(*MIXED, steps=40)
    simulation = Simulation(made)
    t, rates = simulation.preview()
    np.testing.assert_array_equal(t, np.arange(40))
    simulation.advance(40)
    np.testing.assert_array_equal(simulation.trace.read("lr")[:40], rates)
    t, rates = Simulation(replace(made, steps=10**6)).preview(100)
    assert (t[0], t[-1], len(t), rates.shape) == (0, 10**6 - 1, 100, (100, 7))


def test_warnings_of_numbers_that_overflow_stay_inside() -> None:
    with np.errstate(all="raise"):
        advanced(experiment(FAST, Run(lr=1e300), Run(lr=0.1, start=(1e300,)), steps=60))
        advanced(experiment(FAST, Run(lr=1e300), Run(lr=0.1, start=(1e300,)), precision="float32", steps=60))


def test_the_seed_feeds_data_and_batches() -> None:
    def losses(**changes: Any) -> Array:
        return advanced(experiment(problem=NoisyLine(n=20), batch_size=4, **changes)).trace.read("loss")

    np.testing.assert_array_equal(losses(seed=1), losses(seed=1))
    assert (losses(seed=1)[0] != losses(seed=2)[0]).all()


@pytest.mark.parametrize("precision", PRECISIONS)
def test_float32_computes_and_mixed_keeps_its_weights_in_single_precision(precision: str) -> None:
    simulation = advanced(experiment(precision=precision))
    single = {"float64": (False, False), "float32": (True, True), "mixed": (True, False)}[precision]
    kinds = simulation.next_weights().dtype, simulation.objective.dtype
    assert tuple(kind == np.float32 for kind in kinds) == single


def test_stopped_between_two_blocks_it_is_as_if_asked_for_fewer_steps() -> None:
    made = experiment(*MIXED, steps=300_000)
    answers = iter([False, False, True])
    stopped = Simulation(made)
    done = stopped.advance(300_000, lambda: next(answers))
    assert 0 < done < 300_000
    stopped.advance(300_000 - done)
    whole = advanced(made).trace
    for column in whole.columns:
        np.testing.assert_array_equal(stopped.trace.read(column), whole.read(column))


@pytest.mark.parametrize(("problem", "batch_size"), [(Parabola(), None), (NoisyLine(n=20), 7), (Classification(), 7)])
def test_after_a_rest_it_goes_on_as_if_there_had_been_none(problem: Any, batch_size: int | None) -> None:
    runs = Run(lr=0.1, optimizer=Adam()), Run(lr=0.05, schedule=Exponential(gamma=0.9))
    made = Experiment(problem=problem, runs=runs, steps=40, batch_size=batch_size)
    rested = Simulation(made)
    for steps in (1, 12, 27):
        rested.advance(steps)
        rested.rest()
    assert_same(rested.trace, advanced(made).trace)


def test_rates_that_were_changed_on_the_way_are_noted() -> None:
    simulation = Simulation(Experiment(problem=Parabola(), runs=(Run(lr=0.1), Run(lr=0.2)), steps=50))
    start = simulation.experiment
    simulation.amend(start.with_run(0, lr=0.3))
    assert simulation.trace.rate_changes == ()  # nothing was made with the old one
    simulation.advance(5)
    for rate in (0.4, 0.5):
        simulation.amend(simulation.experiment.with_run(0, lr=rate))
    simulation.advance(5)
    simulation.amend(simulation.experiment.with_run(1, lr=0.7, label="fast"))
    simulation.amend(simulation.experiment.with_run(0, lr=0.9))
    simulation.amend(simulation.experiment.with_run(0, lr=0.5))
    assert simulation.trace.rate_changes == (RateChange(5, 0, 0.3, 0.5), RateChange(10, 1, 0.2, 0.7))


@pytest.mark.parametrize("batch_size", [None, 10])
@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_logistic_regression_learns(batch_size: int | None, precision: Any) -> None:
    runs = (Run(lr=0.5), Run(lr=0.1, optimizer=Adam()), Run(lr=1e3))
    problem = Classification(layers=0, n=60)
    given = Experiment(problem=problem, runs=runs, steps=150, batch_size=batch_size, precision=precision)
    simulation = advanced(given)
    trace = simulation.trace
    assert trace.length == 151 and list(trace.ends) == [UNENDED] * 3
    assert trace.snapshots is not None and trace.snapshots.steps[-1] == 150
    for column in ("loss", "norm", "grad_norm"):
        assert np.isfinite(trace.read(column)).all()
    for run in (0, 1):
        assert trace.judged(150)[run] < 0.4 < 0.6 < trace.read("loss")[0, run]
        assert trace.read("accuracy")[-1, run] > 0.8
