"""Sentences that say what speaks against comparing the runs."""

from __future__ import annotations

from collections.abc import Sequence

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.fairness import Caveat
from lrstudio.ui.instruments.compare_columns import tr

_MOST_NAMES = 3


def sentences(reasons: Sequence[Caveat], experiment: Experiment) -> list[str]:
    """One for each reason."""
    texts = {
        "starts": tr("The runs start at different places."),
        "hessian": tr("{names} also computes second derivatives: its steps cost more than the others'."),
        "rates": tr("The rate of {names} was changed on the way."),
        "measured": tr("Gradients are measured: each one costs {number} losses."),
        "batches": tr("Losses are those of mini-batches; the final loss is over all data."),
        "no_target": tr("Set a target loss to count the steps to it."),
    }
    if not experiment.problem.movable:
        texts["batches"] = tr("Losses are those of mini-batches; the final loss is the last epoch's mean.")
    return [
        texts[reason.kind].format(names=_names(reason.runs, experiment), number=reason.number) for reason in reasons
    ]


def _names(runs: Sequence[int], experiment: Experiment) -> str:
    names = [f"“{experiment.label(run)}”" for run in runs[:_MOST_NAMES]]
    return ", ".join(names) + (", …" if len(runs) > _MOST_NAMES else "")
