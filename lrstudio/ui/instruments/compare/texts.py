"""The sentences above the table of the comparison, and the tips of its cells."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lrstudio.core.declaration import Declared
from lrstudio.core.language import tr
from lrstudio.engine.compare.best_run import BestRun
from lrstudio.engine.compare.comparison import data_points, loss_evaluations
from lrstudio.engine.compare.fairness import Caveat
from lrstudio.engine.compare.seeds import depends_on_seed
from lrstudio.engine.experiment import Experiment
from lrstudio.ui.instruments.compare.columns import Column, Subject
from lrstudio.ui.instruments.compare.feed import SeedsFeed
from lrstudio.ui.look.verdict_style import verdict_word

_MOST_NAMES = 3


def about_fairness(reasons: Sequence[Caveat], experiment: Experiment) -> list[str]:
    """Returns a sentence for each caveat."""
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
    """Returns the best run and its criterion, then those that are as good."""
    if best is None:
        return []
    names = _names(best.runs, experiment)
    if best.rule == "target":
        texts = {
            "steps": tr("Best: {names}, fewest steps to the target: {steps:,}."),
            "epochs": tr("Best: {names}, fewest epochs to the target: {steps:.3g}."),
            "samples": tr("Best: {names}, fewest samples to the target: {steps:,}."),
        }
        steps = best.value if experiment.equal == "epochs" else int(best.value)
        return [texts[experiment.equal].format(names=names, steps=steps)]
    text = tr("Best: {names}, least loss over the last quarter of {steps:,} steps, at most {loss}.")
    if experiment.has_batches:
        text = tr("Best: {names}, least loss on all data over the last eighth of {steps:,} steps, at most {loss}.")
    lines = [text.format(names=names, steps=best.steps, loss=f"{best.value:.4g}")]
    if best.as_good:
        lines.append(tr("As good: {names}.", names=_names(best.as_good, experiment)))
    return lines


def about_seeds(several: SeedsFeed, experiment: Experiment) -> list[str]:
    """Returns the seeds and the progress over them, or the advice to use several."""
    done, fraction = len(several.standings), several.fraction
    if fraction is not None:
        text = tr("Seeds {first} to {last}: {percent:.0f} % computed.")
        return [text.format(first=several.seeds[0], last=several.seeds[-1], percent=100 * fraction)]
    if done:
        text = tr(
            "Mean ± 95 % interval of the mean (Student's t) at the end, with seeds {first} to {last} for all runs."
        )
        return [text.format(first=several.seeds[0], last=several.seeds[done - 1])]
    return [tr("One seed can be lucky: look at several.")] if depends_on_seed(experiment) else []


def _names(runs: Sequence[int], experiment: Experiment) -> str:
    names = [f"“{experiment.label(run)}”" for run in runs[:_MOST_NAMES]]
    return ", ".join(names) + (", …" if len(runs) > _MOST_NAMES else "")


def tip(
    column: Column, subject: Subject, base: Subject | None, beaten: Sequence[Subject] | None, *, hidden: bool
) -> str:
    """Returns the tip of a cell; `beaten` are the other runs where this one is the best."""
    names = {"run": subject.experiment.label(subject.index), "column": column.title}
    lines = [tr("{run}: {column} {value}", value=column.text(subject, base), **names).rstrip()]
    if subject.standings:
        lines += _more(column, subject)
    if beaten is not None:
        lines.append(_best_text(column, subject, beaten))
    if base is not None and subject.index == base.index:
        lines.append(tr("The others are compared with this run"))
    if hidden:
        lines.append(tr("Hidden: it counts for no best value"))
    return "\n".join(filter(None, lines))


def _more(column: Column, subject: Subject) -> list[str]:
    standings = subject.standings
    if len(standings) > 1:
        return [_by_seed(column, subject)]
    standing = standings[0]
    match column.key:
        case "verdict":
            early = tr("A verdict comes after a few steps.")
            return [early if standing.verdict is None else standing.verdict.sentence]
        case "smoothness":
            text = tr("It fell on {falls:,} steps, by {fallen:.4g} in all, and rose on {rises:,}, by {risen:.4g}")
            return [text.format(**{name: getattr(standing, name) for name in ("falls", "fallen", "rises", "risen")})]
        case "gradients":
            return _costs(subject)
        case "optimizer" | "schedule":
            return [_values(getattr(subject.run, column.key))]
    return []


def _by_seed(column: Column, subject: Subject) -> str:
    if column.key == "verdict":
        words = ["–" if standing.key is None else verdict_word(standing.key) for standing in subject.standings]
    elif column.numbers is None or column.key == "lr":
        return ""
    else:
        words = [column.show(value) if math.isfinite(value) else "–" for value in column.numbers(subject)]
    told = tr("Seed by seed: {values}", values=", ".join(words))
    spread = None if column.key == "verdict" else column.spread(subject)
    if spread is None or spread.count < 2:
        return told
    deviation = tr("Standard deviation {deviation}", deviation=f"{spread.deviation:.3g}")
    return f"{told}\n{deviation}"


def _costs(subject: Subject) -> list[str]:
    rows, experiment = subject.standings[0].step + 1, subject.experiment
    lines = []
    if losses := loss_evaluations(experiment, rows):
        lines.append(tr("Measured from {count:,} losses", count=losses))
    if experiment.has_batches:
        lines.append(tr("Over {count:,} data points", count=data_points(experiment, rows, subject.index)))
    return lines


def _values(entry: Declared) -> str:
    named = ((parameter, getattr(entry, parameter.name)) for parameter in entry.parameters())
    return ", ".join(
        f"{tr(parameter.label)} = {parameter.plain(value) if isinstance(value, bool) else parameter.short(value)}"
        for parameter, value in named
        if value is not None
    )


def _best_text(column: Column, subject: Subject, others: Sequence[Subject]) -> str:
    seeds = len(subject.standings)
    if seeds < 2:
        return tr("The best {title} of the runs that are shown", title=column.title)
    text = tr("The best mean {title} of the runs that are shown; not beaten with {wins} of {seeds} seeds")
    return text.format(title=column.title, wins=column.wins(subject, others), seeds=seeds)
