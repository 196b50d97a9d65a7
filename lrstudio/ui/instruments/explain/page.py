"""An explanation as rich text: sentences and typeset formulas aligned on =, with links to vectors in the landscape."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from lrstudio.core.formula.typeset import Piece, Shown, plain_text, typeset_number
from lrstudio.core.language import mark, tr
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.explain.explanation import MOST_SHOWN, Explanation
from lrstudio.engine.explain.line import Line, Numbers, Section, distinguishing_digits
from lrstudio.ui.canvases.landscape.vectors import Kind
from lrstudio.ui.drawing.formula import rich
from lrstudio.ui.look.theme import Theme

SECTIONS: tuple[Section, ...] = ("loss", "rate", "update")
MARK, BETWEEN = 30, 32
"""Widths in pixels of the icon beside a line and of the gap between two columns."""
LONG = 90
"""A formula with at least this many letters may be broken into lines."""


@dataclass(frozen=True)
class Page:
    """An explanation, the headings of its sections, notes below, and the kinds of the lines that have a vector."""

    explanation: Explanation
    headings: Mapping[str, str]
    notes: Sequence[str]
    drawn: Mapping[str, Kind]

    def notes_html(self, theme: Theme) -> str:
        """Returns the notes as rich text."""
        style = f"margin:4px 0 0 0;color:{theme.muted}"
        return "".join(f'<p style="{style}">{escape(note)}</p>' for note in self.notes)

    def html(self, theme: Theme, *, wide: bool, beside: bool, chosen: str = "", dimmed: bool = False) -> str:
        """Returns rich text without the notes; `wide`: formula and numbers in one row, `beside`: in two columns."""
        writer = _Writer(self, theme, wide, chosen, dimmed)
        loss, rate, update = (writer.section(section) for section in SECTIONS)
        if not beside:
            return loss + rate + update
        cells = f'<td>{loss}{rate}</td><td width="{BETWEEN}"></td><td>{update}</td>'
        return f'<table cellspacing="0"><tr>{cells}</tr></table>'

    def text(self, title: str, outcome: str) -> str:
        """Returns the page as plain text."""
        parts = [title]
        for section in SECTIONS:
            parts += ["", self.headings[section], *(row for line in self.lines(section) for row in _text_rows(line))]
        return "\n".join([*parts, "", outcome, *self.notes, ""])

    def lines(self, section: Section) -> list[Line]:
        """Returns the lines of a section."""
        return [line for line in self.explanation.lines if line.section == section]


class _Writer:
    def __init__(self, page: Page, theme: Theme, wide: bool, chosen: str, dimmed: bool) -> None:
        self._page, self._theme, self._wide, self._chosen = page, theme, wide, chosen
        self._color = theme.muted if dimmed else theme.foreground
        self._tooltips = _tooltips()

    def section(self, section: Section) -> str:
        rows = "".join(self._line(line) for line in self._page.lines(section))
        heading = escape(self._page.headings[section])
        head = f'<p style="margin:4px 0 1px 0;color:{self._theme.muted}"><b>{heading}</b></p>'
        return f'{head}<table cellspacing="0" cellpadding="1">{rows}</table>'

    def _line(self, line: Line) -> str:
        letters = length(line.formula)
        formula = f"=&nbsp;{rich(line.formula)}" if line.formula else ""
        kind = self._page.drawn.get(line.key)
        icon = f'<img src="mark:{kind}">' if kind else ""
        name = rich(line.name)
        if kind:
            name = f'<span title="{escape(self._tooltips[kind])}">{name}</span>'
        head = f'<td width="{MARK}">{icon}</td>{self._cell(line, name, "right")}'
        row = line.numbers[0]
        if len(line.numbers) == 1 and not row.parameter and not row.pieces:
            return f"<tr>{head}{self._cell(line, f'{formula} {_numbers(row)}', letters=letters)}</tr>"
        rows = [self._wide_cells(line, row) if self._wide else self._narrow_cells(line, row) for row in line.numbers]
        head += self._cell(line, formula, letters=letters) + (rows.pop(0) if self._wide else "")
        blank = "<td></td>" * (3 if self._wide else 1)
        return f"<tr>{head}</tr>" + "".join(f"<tr>{blank}{row}</tr>" for row in rows)

    def _wide_cells(self, line: Line, row: Numbers) -> str:
        numbers = f"=&nbsp;{rich(row.pieces)}" if row.pieces else ""
        result = f"&nbsp;<b>=&nbsp;{rich(row.result)}</b>"
        label = self._cell(line, "&nbsp;" + self._label(row), "right")
        return label + self._cell(line, numbers) + self._cell(line, result)

    def _narrow_cells(self, line: Line, row: Numbers) -> str:
        return self._cell(line, self._label(row), "right") + self._cell(line, _numbers(row))

    def _label(self, row: Numbers) -> str:
        return f'<span style="color:{self._theme.muted}">{escape(row.parameter)}:</span>' if row.parameter else ""

    def _cell(self, line: Line, inner: str, align: str = "left", letters: int = 0) -> str:
        background = f' bgcolor="{self._theme.faint}"' if line.key == self._chosen else ""
        tag, link = ("a", f' href="{line.key}"') if line.key in self._page.drawn and inner else ("span", "")
        text = f'<{tag}{link} style="color:{self._color};text-decoration:none">{inner}</{tag}>'
        wrap = ' style="white-space:nowrap"' if letters < LONG else ""
        return f'<td align="{align}"{wrap}{background}>{text}</td>'


def length(pieces: Sequence[Piece]) -> int:
    """Returns the number of letters."""
    return sum(len(piece.text) for piece in pieces)


def _numbers(row: Numbers) -> str:
    """Returns "= numbers = value" as rich text."""
    result = f"<b>=&nbsp;{rich(row.result)}</b>"
    return f"=&nbsp;{rich(row.pieces)} {result}" if row.pieces else result


def _text_rows(line: Line) -> list[str]:
    """Returns a line as plain text with its rows of numbers."""
    name, formula = plain_text(line.name), plain_text(line.formula)
    head = f"{name} = {formula}" if formula else name
    rows = []
    for row in line.numbers:
        numbers = f"= {plain_text(row.pieces)} " if row.pieces else ""
        label = f"{row.parameter}: " if row.parameter else ""
        rows.append(f"{label}{numbers}= {plain_text(row.result)}")
    if len(rows) == 1 and not line.numbers[0].parameter:
        return [f"{head} {rows[0]}"]
    return [head, *(f"    {row}" for row in rows)]


def title(explanation: Explanation, experiment: Experiment) -> str:
    """Returns the step and the run."""
    is_done = explanation.recorded or explanation.ended
    step, name = explanation.step, experiment.label(explanation.run)
    if is_done:
        return tr("Step {step:,} → {next:,} of {name}", step=step, next=step + 1, name=name)
    return tr("Step {step:,} → {next:,} of {name}: still to be made", step=step, next=step + 1, name=name)


def headings(explanation: Explanation, experiment: Experiment) -> dict[str, str]:
    """Returns the heading of each section."""
    run, step = experiment.runs[explanation.run], explanation.step
    schedule, optimizer = tr(run.schedule.title), tr(run.optimizer.title)
    rate = tr("2. The learning rate: {schedule}, t = {step:,}", schedule=schedule, step=step)
    if run.schedule.follows_loss and step:
        rate = tr("2. The learning rate: {schedule}, after the loss of step {step:,}", schedule=schedule, step=step - 1)
    return {
        "loss": tr("1. Where it stands"),
        "rate": rate,
        "update": tr("3. The update: {optimizer}, t = {step:,}", optimizer=optimizer, step=step + 1),
    }


def outcome(explanation: Explanation) -> tuple[str, bool | None]:
    """Returns a text on the change of the loss and whether it fell; None if it is unknown or unchanged."""
    before, after = explanation.loss, explanation.loss_after
    if not math.isfinite(after):
        if not (explanation.recorded or explanation.ended) and math.isnan(after):
            return tr("loss {before} → ?  (the next step will tell)", before=_text(before)), None
        return tr("loss {before} → no finite number: the run has diverged", before=_text(before)), False
    digits = distinguishing_digits(before, after)
    change = abs(after - before)
    share = f"{100 * change / abs(before):.3g} %" if before else ""
    amount = _text(change) + (f", {share}" if share else "")
    texts = {
        True: mark("loss {before} → {after}   ▼ it falls by {amount}"),
        False: mark("loss {before} → {after}   ▲ it rises by {amount}"),
        None: mark("loss {before} → {after}: the same"),
    }
    fell = None if after == before else after < before
    return tr(texts[fell], before=_text(before, digits), after=_text(after, digits), amount=amount), fell


def remarks(explanation: Explanation, experiment: Experiment) -> list[str]:
    """Returns sentences on special features of this step."""
    sentences = []
    names = explanation.names
    if len(names) > 1 and any(line.key == "newton" for line in explanation.lines):
        sentences.append(tr("H is the table of the loss's second derivatives here: its curvatures."))
    if explanation.unmoved and experiment.precision != "float64":
        sentences.append(
            tr(
                "{names} does not move: the step is smaller than the distance to the next number that float32 has.",
                names=", ".join(explanation.unmoved),
            )
        )
    if not math.isclose(explanation.lr, explanation.scheduled, rel_tol=1e-9, abs_tol=1e-300):
        text = tr(
            "This step used lr = {lr}: the schedule or the number of steps was changed since.", lr=_text(explanation.lr)
        )
        sentences.append(text)
    size = experiment.batch_sizes[explanation.run]
    if size is not None:
        text = tr(
            "Loss and slope are those of this step's batch of {size}; the loss after it is that of the next batch.",
            size=size,
        )
        sentences.append(text)
    if not experiment.problem.records_all_parameters:
        text = tr(
            "One of {count:,} weights is written out; the rule does the same with each. ‖…‖ is the length of them all.",
            count=experiment.problem.size,
        )
        sentences.append(text)
    elif len(names) > MOST_SHOWN:
        sentences.append(
            tr("The rule does the same with each of the {count} parameters; one is written out.", count=len(names))
        )
    return sentences


def _tooltips() -> dict[Kind, str]:
    direction = tr(
        "Where its negative points is drawn in the landscape. "
        "Directions have lengths that can be compared with one another, not with the step."
    )
    gradient = tr(
        "Which way is down is drawn in the landscape: against the gradient. "
        "Directions have lengths that can be compared with one another, not with the step."
    )
    return {
        "gradient": gradient,
        "direction": direction,
        "other": direction,
        "scale": tr("The bars in the landscape: how far one unit of the direction is taken along either axis."),
        "step": tr("The step is drawn in the landscape in its real length."),
        "tangent": tr("The slope is drawn in the landscape as the tangent."),
    }


def _text(value: float, digits: int = 4) -> str:
    return plain_text(typeset_number(Shown(value, digits)))
