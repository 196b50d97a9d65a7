"""What is proposed after a run follows from its verdict, and does better than the run."""

from __future__ import annotations

import pytest

from lrstudio.core.analysis.proof import Verdict
from lrstudio.engine.claims import Outcome
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.lessons.words import experiment_of
from lrstudio.engine.proposals import MOST, Proposal, proposals
from lrstudio.engine.training.simulation import Simulation

PARABOLA = "--problem parabola --start 5 --steps 50"


def ran(experiment: Experiment) -> tuple[Verdict, float]:
    """Returns the verdict and the last loss of the first run."""
    simulation = Simulation(experiment)
    simulation.advance(experiment.steps)
    outcome = Outcome(experiment, simulation.trace)
    return outcome.verdict(0), outcome.loss(0, outcome.rows(0) - 1)


def proposed(words: str, best: float | None = None) -> tuple[Proposal, ...]:
    experiment = experiment_of(words)
    return proposals(experiment, 0, ran(experiment)[0], best)


@pytest.mark.parametrize(
    ("words", "verdict", "text"),
    [
        (f"{PARABOLA} --lr 0.001", "too_slow", "Set 0.003"),
        (f"{PARABOLA} --lr 0.99", "oscillating", "Set 0.49"),
        (f"{PARABOLA} --lr 1", "cycling", "Set 0.5"),
        (f"{PARABOLA} --lr 1.05", "diverged", "Set 0.5"),
        (f"{PARABOLA} --lr 0", "stuck", "Set 0.001"),
        (f'{PARABOLA} --run "lr=0.1;optimizer=sgd:momentum=0.95"', "oscillating", "Momentum 0.5"),
        (
            '--problem proportional --run "lr=0.01;optimizer=sgd:momentum=0.99" --steps 200',
            "oscillating",
            "Momentum 0.9",
        ),
        ('--problem ravine --run "lr=0.1;optimizer=sgd:momentum=0.99" --steps 200', "oscillating", "Momentum 0.8"),
        ("--problem ravine --lr 0.1 --steps 200", "converging", "Set 0.18"),
        ("--problem ravine --lr 0.18 --steps 200", "converging", "Momentum 0.9"),
        ("--problem noisy_line --lr 0.5 --steps 300 --batch-size 4", "plateau", "Falling rate"),
        (
            '--problem noisy_line --run "lr=0.5;schedule=linear:end_factor=0.9" --steps 300 --batch-size 4',
            "plateau",
            "Batches of 16",
        ),
        (f'{PARABOLA} --run "lr=0.1;schedule=exponential:gamma=0.8"', "plateau", "Constant rate"),
        ("--problem digits:hidden=16 --lr 10 --steps 200 --batch-size 32", "plateau", "Set 1"),
        ("--problem classification:shape=moons --lr 100 --steps 300", "diverged", "Set 10"),
        ("--problem classification:shape=moons,init=zeros --lr 1 --steps 200", "stuck", "Random weights"),
        (
            "--problem formula:loss=(w-1000)^2 --start 999 --lr 1e-5 --steps 200 --precision float32",
            "stuck",
            "Use float64",
        ),
    ],
)
def test_a_proposal_leads_to_a_smaller_loss(words: str, verdict: str, text: str) -> None:
    before, loss = ran(experiment_of(words))
    first, second = proposed(words)
    assert (before.key, first.text) == (verdict, text)
    assert first.experiment is not None and first.why
    assert ran(first.experiment)[1] < loss
    assert second.instrument is not None


def test_a_run_that_rounding_holds_is_shown_what_it_would_do_without() -> None:
    stuck = "--problem proportional --lr 1 --steps 20 --precision mixed --gradient forward"
    exact = proposed(stuck)[0]
    assert exact.text == "Exact gradient" and exact.experiment is not None
    assert ran(exact.experiment)[0].key == "diverged"


def test_a_run_that_has_arrived_is_led_above_its_limit() -> None:
    beyond = proposed(f"{PARABOLA} --lr 0.3")[0]
    assert beyond.text == "Too large: 1.05" and "just above the limit 1" in beyond.why
    assert beyond.experiment is not None and ran(beyond.experiment)[0].key == "diverged"


@pytest.mark.parametrize(
    ("rate", "text"), [(0.01, "Set 0.5"), (0.45, "Too large: 1.05"), (0.99, "Set 0.5"), (1.2, "Set 0.5")]
)
def test_the_best_rate_is_proposed_where_it_is_known_and_another_one(rate: float, text: str) -> None:
    assert proposed(f"{PARABOLA} --lr {rate}", best=0.5)[0].text == text


def test_the_rate_of_the_judged_run_alone_is_changed() -> None:
    experiment = experiment_of(f"{PARABOLA} --lr 0.01 --lr 1.05")
    simulation = Simulation(experiment)
    simulation.advance(experiment.steps)
    verdict = Outcome(experiment, simulation.trace).verdict(1)
    changed = proposals(experiment, 1, verdict)[0].experiment
    assert changed == experiment.with_run(1, lr=0.5)


@pytest.mark.parametrize(
    ("words", "instrument"),
    [
        ("--problem saddle --lr 0.1 --steps 300", "sweep"),
        ("--problem digits:hidden=16 --lr 0.1 --steps 50 --batch-size 32", "range_test"),
        ("--problem noisy_line --lr 0.1 --steps 50 --batch-size 4", "sweep"),
    ],
)
def test_the_last_proposal_is_an_instrument(words: str, instrument: str) -> None:
    found = proposed(words)
    assert 1 <= len(found) <= MOST
    assert found[-1].instrument == instrument and found[-1].experiment is None


def test_no_rate_is_proposed_where_there_is_no_minimum() -> None:
    assert len(proposed("--problem saddle --lr 0.1 --steps 300")) == 1
