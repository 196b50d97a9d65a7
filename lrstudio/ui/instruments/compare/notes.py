"""Sentences that say which run is the best, and what speaks against comparing them."""

from __future__ import annotations

from collections.abc import Sequence

from lrstudio.engine.compare.best_run import BestRun
from lrstudio.engine.compare.fairness import Caveat
from lrstudio.engine.compare.seeds import depends_on_seed
from lrstudio.engine.experiment import Experiment
from lrstudio.ui.instruments.compare.columns import tr
from lrstudio.ui.instruments.compare.feed import SeedsFeed

_MOST_NAMES = 3


def sentences(reasons: Sequence[Caveat], experiment: Experiment) -> list[str]:
    """One for each reason."""
    texts = {
        "starts": tr("The runs start at different places."),
        "hessian": tr("{names} also computes second derivatives: its steps cost more than the others'."),
        "rates": tr("The rate of {names} was changed on the way."),
        "measured": tr("Gradients are measured: each one costs {number} losses."),
        "batches": tr("Losses are those on all data, at the end of every epoch and at the last step."),
        "no_target": tr("Set a target loss to count the steps to it."),
    }
    return [
        texts[reason.kind].format(names=_names(reason.runs, experiment), number=reason.number) for reason in reasons
    ]


def about_best(best: BestRun | None, experiment: Experiment) -> list[str]:
    """Which run is the best, and by which criterion."""
    if best is None:
        return []
    names = _names(best.runs, experiment)
    if best.rule == "target":
        return [tr("Best: {names}, fewest steps to the target: {steps:,}.").format(names=names, steps=int(best.value))]
    text = tr("Best: {names}, least loss over the last quarter of {steps:,} steps, at most {loss}.")
    if experiment.batch_size is not None:
        text = tr("Best: {names}, least loss on all data over the last eighth of {steps:,} steps, at most {loss}.")
    said = [text.format(names=names, steps=best.steps, loss=f"{best.value:.4g}")]
    if best.as_good:
        said.append(tr("As good: {names}.").format(names=_names(best.as_good, experiment)))
    return said


def about_seeds(several: SeedsFeed, experiment: Experiment) -> list[str]:
    """What is repeated over which seeds, or that one seed may be a lucky one."""
    done, fraction = len(several.standings), several.fraction
    if fraction is not None:
        text = tr("Seeds {first} to {last}: {percent:.0f} % computed.")
        return [text.format(first=several.seeds[0], last=several.seeds[-1], percent=100 * fraction)]
    if done:
        text = tr("Mean ± standard deviation at the end, with seeds {first} to {last} for all runs.")
        return [text.format(first=several.seeds[0], last=several.seeds[done - 1])]
    return [tr("One seed can be lucky: look at several.")] if depends_on_seed(experiment) else []


def _names(runs: Sequence[int], experiment: Experiment) -> str:
    names = [f"“{experiment.label(run)}”" for run in runs[:_MOST_NAMES]]
    return ", ".join(names) + (", …" if len(runs) > _MOST_NAMES else "")
