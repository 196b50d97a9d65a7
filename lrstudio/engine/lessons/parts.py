"""Reads the blocks of a step: what its fields may be, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from lrstudio.core.language import tr
from lrstudio.core.parameter import read_number
from lrstudio.engine.claims import predicate, reading
from lrstudio.engine.claims.sentence import slots
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.lessons.blocks import Block, Field, Source
from lrstudio.engine.lessons.judgement import Choice, Prediction, Reply, Task
from lrstudio.engine.lessons.lesson import Setup
from lrstudio.engine.lessons.prose import unfilled
from lrstudio.engine.lessons.table import Table
from lrstudio.engine.lessons.words import MOST_RUNS, experiment_of

MOST_CHOICES, MOST_HINTS, MOST_CELLS, MOST_ROWS = 6, 2, 5, 30
LOOKS = (
    "problem", "runs", "lr", "ruler", "run", "step", "reset", "timeline", "speed",
    "landscape", "data", "weights", "loss", "rate", "boundary", "mistakes", "first_layer", "accuracy", "curvature",
)  # fmt: skip
"""What a step can point at: controls and plots."""
FIELDS: dict[str, tuple[str, ...]] = {
    "setup": ("pace",),
    "predict": ("-", "when", "because", "hint"),
    "draw": ("run", "because", "hint"),
    "number": ("value", "within", "because", "hint"),
    "task": ("when", "done", "reply", "free", "hint", "solution", "failure"),
    "look": ("-",),
    "remember": (),
    "table": ("-",),
}
ASKING = ("predict", "number", "draw")
"""The blocks that ask for a prediction; a step has one of them at most."""
_FREE = tuple(parameter.name for parameter in Experiment.parameters()) + tuple(
    name for name in Run.__dataclass_fields__ if name not in ("label", "color")
)

Result = TypeVar("Result")


class BlockReader:
    """Makes the parts of a step of blocks; LessonError with the line for an invalid one."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def setup(self, block: Block) -> Setup:
        words = self.lead(block)
        experiment = self.checked(block.line, experiment_of, words)
        pace: float | None = 20
        for field in block.fields[1:]:
            pace = None if field.value == "fastest" else self.number(field, 1, 1e6)
        return Setup(words, experiment, pace)

    def prediction(self, block: Block) -> Prediction:
        question, hints = self.lead(block, prose_with_slots), self._hints(block)
        if block.kind == "number":
            percent = self.number(self._one(block, "within"), 0.01, 100, unit="%")
            value, because = self._one(block, "value"), self._one(block, "because")
            measured = self.checked(value.line, reading, value.value)
            if measured.measure.word:
                self._source.fail(value.line, tr("“{value}” is no number; ask with predict", value=value.value))
            self.checked(because.line, prose_with_slots, because.value)
            return Prediction(question, (), value.value, percent, because.value, hints)
        if block.kind == "draw":
            run = int(self.number(self._one(block, "run"), 1, MOST_RUNS, whole=True)) - 1
            because = self._one(block, "because")
            self.checked(because.line, prose_with_slots, because.value)
            return Prediction(question, because=because.value, hints=hints, draws=run)
        choices = self._choices(block)
        if not 2 <= len(choices) <= MOST_CHOICES:
            self._source.fail(block.line, tr("a question has 2 to {most} choices, each after “- ”", most=MOST_CHOICES))
        return Prediction(question, choices, hints=hints)

    def _choices(self, block: Block) -> tuple[Choice, ...]:
        choices: list[Choice] = []
        for field in block.fields:
            if field.name == "-":
                self.checked(field.line, prose_with_slots, field.value)
                choices.append(Choice(field.value, "", ""))
            elif field.name in ("when", "because"):
                if not choices or getattr(choices[-1], field.name):
                    self._source.fail(
                        field.line, tr("{name}: stands once below the “- ” of its choice", name=field.name)
                    )
                self.checked(field.line, predicate if field.name == "when" else prose_with_slots, field.value)
                choices[-1] = replace(choices[-1], **{field.name: field.value})
        for choice in choices:
            if not (choice.when and choice.because):
                self._source.fail(
                    block.line, tr("the choice “{typed}” needs when: and because: below it", typed=choice.text)
                )
        return tuple(choices)

    def task(self, block: Block) -> Task:
        when, done = self._one(block, "when"), self._one(block, "done")
        self.checked(when.line, predicate, when.value)
        self.checked(done.line, prose_with_slots, done.value)
        free = next((field for field in block.fields if field.name == "free"), Field("free", "lr", block.line))
        names = tuple(name.strip() for name in free.value.split(","))
        for name in names:
            if name not in _FREE:
                self._source.fail(free.line, tr("free {name!r}: there are {names}", name=name, names=", ".join(_FREE)))
        solution, failure = self._one(block, "solution"), self._one(block, "failure")
        for field in (solution, failure):
            self.checked(field.line, experiment_of, field.value)
        return Task(
            goal=self.lead(block, prose_with_slots),
            when=when.value,
            done=done.value,
            replies=tuple(self._reply(field) for field in block.fields if field.name == "reply"),
            free=names,
            hints=self._hints(block),
            solution=solution.value,
            failure=failure.value,
        )

    def _reply(self, field: Field) -> Reply:
        when, arrow, text = (part.strip() for part in field.value.rpartition("=>"))
        if arrow:
            self.checked(field.line, predicate, when)

        self.checked(field.line, prose_with_slots, text)
        return Reply(text, when)

    def _hints(self, block: Block) -> tuple[str, ...]:
        found = [field for field in block.fields if field.name == "hint"]
        if len(found) > MOST_HINTS:
            self._source.fail(found[MOST_HINTS].line, tr("there are at most {most} hints", most=MOST_HINTS))
        for field in found:
            self.checked(field.line, prose_with_slots, field.value)
        return tuple(field.value for field in found)

    def table(self, block: Block) -> Table:
        rows = [tuple(cell.strip() for cell in field.value.split("|")) for field in block.fields]
        for field, row in zip(block.fields, rows, strict=True):
            if field.name != "-" or len(row) != len(rows[0]) or not 2 <= len(row) <= MOST_CELLS:
                self._source.fail(
                    field.line, tr("a row is “- ” and 2 to {most} cells with | between, all alike", most=MOST_CELLS)
                )
            for cell in row:
                self.checked(field.line, prose_with_slots, cell)
        if not 2 <= len(rows) <= MOST_ROWS:
            why = tr("a table has a heading and 1 to {most} rows, each after “- ”", most=MOST_ROWS - 1)
            self._source.fail(block.line, why)
        return Table(tuple(rows))

    def look(self, block: Block) -> tuple[str, ...]:
        for field in block.fields:
            if field.name != "-" or field.value not in LOOKS:
                self._source.fail(
                    field.line,
                    tr("{value!r}: write “- ” and one of {names}", value=field.value, names=", ".join(LOOKS)),
                )
        return tuple(field.value for field in block.fields)

    def lead(self, block: Block, check: Callable[[str], object] = str) -> str:
        """Returns the text before the first name of a block."""
        if not block.fields or block.fields[0].name:
            self._source.fail(
                block.line, tr("a block of {kind} begins with its text; write it below this line", kind=block.kind)
            )
        self.checked(block.fields[0].line, check, block.fields[0].value)
        return block.fields[0].value

    def _one(self, block: Block, name: str) -> Field:
        found = [field for field in block.fields if field.name == name]
        if len(found) != 1:
            self._source.fail(block.line, tr("a block of {kind} has one line of {name}:", kind=block.kind, name=name))
        return found[0]

    def number(self, field: Field, low: float, high: float, *, whole: bool = False, unit: str = "") -> float:
        value = read_number(field.value.removesuffix(unit).strip(), whole=whole)
        if value is None or not low <= value <= high:
            kind = tr("a whole number") if whole else tr("a number")
            self._source.fail(
                field.line,
                tr(
                    "{name} {value!r}: must be {kind} from {low:g} to {high:g}",
                    name=field.name,
                    value=field.value,
                    kind=kind,
                    low=low,
                    high=high,
                ),
            )
        return float(value)

    def checked(self, line: int, parse: Callable[[str], Result], text: str) -> Result:
        try:
            return parse(text)
        except ValueError as error:
            self._source.fail(line, error)


def prose_with_slots(text: str) -> None:
    """Checks a text with formulas and slots; ValueError for an invalid one."""
    slots(text)
    unfilled(text)
