"""What a cell of the comparison tells when the mouse is held over it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lrstudio.core.declaration import Declared
from lrstudio.engine.compare import cost
from lrstudio.ui.instruments.compare.columns import Column, Subject, tr
from lrstudio.ui.look.verdict_style import verdict_word


def tip(
    column: Column, subject: Subject, base: Subject | None, beaten: Sequence[Subject] | None, *, hidden: bool
) -> str:
    """All there is to say about a cell; `beaten` are the others where this one is the best."""
    lines = [f"{subject.experiment.label(subject.place)}: {column.title} {column.text(subject, base)}".rstrip()]
    if subject.standings:
        lines += _more(column, subject)
    if beaten is not None:
        lines.append(_won(column, subject, beaten))
    if base is not None and subject.place == base.place:
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
    return tr("Seed by seed: {values}").format(values=", ".join(words))


def _costs(subject: Subject) -> list[str]:
    rows, experiment = subject.standings[0].step + 1, subject.experiment
    lines = []
    if losses := cost.losses(experiment, rows):
        lines.append(tr("Measured from {count:,} losses").format(count=losses))
    if experiment.batch_size is not None:
        lines.append(tr("Over {count:,} data points").format(count=cost.data_points(experiment, rows)))
    return lines


def _values(entry: Declared) -> str:
    named = ((parameter, getattr(entry, parameter.name)) for parameter in entry.parameters())
    return ", ".join(
        f"{parameter.label} = {parameter.plain(value) if isinstance(value, bool) else parameter.short(value)}"
        for parameter, value in named
    )


def _won(column: Column, subject: Subject, others: Sequence[Subject]) -> str:
    seeds = len(subject.standings)
    if seeds < 2:
        return tr("The best {title} of the runs that are shown").format(title=column.title)
    text = tr("The best mean {title} of the runs that are shown; not beaten with {wins} of {seeds} seeds")
    return text.format(title=column.title, wins=column.wins(subject, others), seeds=seeds)
