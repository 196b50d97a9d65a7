"""Networks: points in the plane, and handwritten digits."""

from __future__ import annotations

from lrstudio.core.language import mark
from lrstudio.core.optimizers import SGD, Adam
from lrstudio.core.problems import Classification, Digits
from lrstudio.engine.claims import Claim
from lrstudio.engine.examples.example import Example
from lrstudio.engine.experiment import Experiment, Run

_GROUP = mark("Networks")

NETWORKS = (
    Example(
        key="moons",
        title_template="Two moons: three rates",
        question_template="Which rate lets the network bend its line around the moons?",
        claims=(
            Claim(
                "Rate {run 2: rate}: {run 2: accuracy at end} of the test points are right after {planned steps} "
                "steps. With {run 1: rate} the line has hardly begun to bend ({run 1: accuracy at end}).",
                when="only run 2: accuracy at end > 0.95",
            ),
            Claim(
                "{run 3: rate} throws the weights so far ({run 3: stretch of the weights to 2 digits} times as long as "
                "in the beginning) that the units are saturated: {run 3: accuracy at end} are right, and its loss, "
                "{run 3: loss at end}, stays far above the {run 3: loss at start} where it began.",
                when="run 3: loss at end > 3 * run 3: loss at start and run 3: stretch of the weights > 5 "
                "and run 3: responsive share < 0.5 * run 2: responsive share",
            ),
        ),
        group=_GROUP,
        pace=50,
        experiment_template=Experiment(
            problem=Classification(shape="moons"),
            runs=tuple(Run(lr=lr, color=index) for index, lr in enumerate((0.03, 1.0, 100.0))),
            steps=400,
        ),
    ),
    Example(
        key="spiral",
        title_template="A spiral, with Adam",
        question_template="Which Adam untangles the spiral? What keeps the others from it?",
        claims=(
            Claim(
                "Only {run 2: rate}: {run 2: accuracy at end} of the test points are right after {planned steps} "
                "steps.",
                when="only run 2: accuracy at end > 0.95",
            ),
            Claim(
                "The steps of {run 1: rate} are too short to get there by then ({run 1: accuracy at end}): its loss on "
                "all training points is still falling, from {run 1: loss at start} to {run 1: loss at end}.",
                when="run 1: loss at end < run 1: loss at 400 < run 1: loss at start "
                "and run 1: loss at end > 5 * run 2: loss at end",
            ),
            Claim(
                "Those of {run 3: rate} are so long that the weights are {run 3: stretch of the weights to 2 digits} "
                "times as long as in the beginning and the units saturated: it has {run 3: accuracy at end} right. Its "
                "loss jumps with every batch and ends at {run 3: loss at end}, not at {run 2: loss at end}.",
                when="run 3: loss at end > 50 * run 2: loss at end and run 3: stretch of the weights > 5 "
                "and run 3: responsive share < 0.5 * run 2: responsive share",
            ),
        ),
        group=_GROUP,
        pace=50,
        experiment_template=Experiment(
            problem=Classification(shape="spiral", noise=0.03, units=16, n=300),
            runs=tuple(Run(lr=lr, optimizer=Adam(), color=index) for index, lr in enumerate((0.0001, 0.03, 30.0))),
            steps=500,
            batch_size=32,
        ),
    ),
    Example(
        key="digits",
        title_template="Handwritten digits: three rates",
        question_template="Which rate learns to read, and what keeps the others from it?",
        claims=(
            Claim(
                "Rate {run 2: rate}: it reads {run 2: accuracy at end} of the test images after {planned steps} "
                "mini-batches. {run 1: rate} needs far longer ({run 1: accuracy at end} by then).",
                when="only run 2: accuracy at end > 0.85 and run 1: accuracy at end < 0.5",
            ),
            Claim(
                "Rate {run 3: rate} has killed its units: on average one of them answers to {run 3: responsive "
                "share} of the images ({run 2: responsive share} with {run 2: rate}), and a dead unit learns nothing "
                "more. It reads {run 3: accuracy at end}, about as guessing does.",
                when="run 3: responsive share < 0.05 and run 2: responsive share > 0.2 and run 3: accuracy at end < "
                "0.2",
            ),
        ),
        group=_GROUP,
        pace=50,
        experiment_template=Experiment(
            problem=Digits(hidden=(16,)),
            runs=tuple(Run(lr=lr, optimizer=SGD(), color=index) for index, lr in enumerate((0.003, 0.2, 10.0))),
            steps=300,
            batch_size=32,
        ),
    ),
    Example(
        key="edge",
        title_template="Edge of stability",
        question_template="How curved does the loss get in training, and what stops it?",
        claims=(
            Claim(
                "It rises to 2/η, where plain steps stop being stable, and hovers there: what turns sharper is shaken "
                "off, so the rate itself holds it. λ crosses 2/η at step "
                "{run 3: steps to the limit of the curvature} with {run 3: rate}, at "
                "{run 2: steps to the limit of the curvature} with {run 2: rate}, at "
                "{run 1: steps to the limit of the curvature} with {run 1: rate}.",
                when="run 3: steps to the limit of the curvature < run 2: steps to the limit of the curvature "
                "and run 2: steps to the limit of the curvature < run 1: steps to the limit of the curvature "
                "and every run: late curvature times rate = 2 within 20 %",
            ),
            Claim(
                "The smaller the rate, the sharper the bend where it ends: late in the run λ is {run 1: late "
                "curvature} with {run 1: rate}, {run 2: late curvature} with {run 2: rate}, {run 3: late curvature} "
                "with {run 3: rate}.",
                when="run 1: late curvature > 1.2 * run 2: late curvature "
                "and run 2: late curvature > 1.2 * run 3: late curvature",
            ),
        ),
        group=_GROUP,
        pace=100,
        experiment_template=Experiment(
            problem=Classification(shape="moons", n=300, noise=0.4, layers=3, units=8),
            runs=tuple(Run(lr=lr, color=index) for index, lr in enumerate((0.4, 0.6, 0.9))),
            steps=800,
        ),
        views=("curvature",),
    ),
)
