"""Makes a step of what a teacher has typed, and rehearses it: the run must decide what the step asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from lrstudio.core.elementary.scales import log10
from lrstudio.core.language import tr
from lrstudio.core.parameter import read_decimal, read_number
from lrstudio.core.record import dataclass
from lrstudio.engine.claims import Outcome, fill
from lrstudio.engine.experiment import Experiment, Stop
from lrstudio.engine.lessons.drawing import ends
from lrstudio.engine.lessons.judgement import Choice, Prediction, Reply, Task
from lrstudio.engine.lessons.lesson import Setup, Step
from lrstudio.engine.lessons.parts import MOST_CHOICES
from lrstudio.engine.lessons.prose import Prose, unfilled
from lrstudio.engine.lessons.suggestions import predicates, readings
from lrstudio.engine.lessons.table import Table
from lrstudio.engine.lessons.words import experiment_of, words_of
from lrstudio.engine.lessons.writer import StepError, step_lines
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import Trace

KINDS = ("text", "choose", "number", "draw", "task")
ASKED = ("choose", "number", "draw")
"""The kinds that ask for a prediction."""
_BLOCK, _MOST_TRACES = 10_000, 4
_BEFORE = ("title", "text", "question", "choice", "goal", "hint", "remember")
_AFTER = ("because", "done", "reply", "table")
"""Places of texts that are shown before the run, and after it."""
Draft = Mapping[str, str]
"""Typed texts by the places of `writer.Line`; `look` has names with commas, `table` a row a line.

Besides `kind`, one of KINDS; `rate`, which solves a task; `goes on`, not empty in a step without its own set-up.
"""
_RATES = tuple(float(f"{digit}e{power}") for power in range(-6, 2) for digit in (1, 2, 3, 5, 7))
"""Those that are tried for a task without a rate that solves it."""


def step_of(draft: Draft, experiment: Experiment) -> Step:
    """Returns the step of a draft about an experiment; StepError names what cannot be used."""
    setup = setup_of(experiment, draft.get("pace", ""))
    kind, table = draft.get("kind", "text"), _table(draft)
    return Step(
        title=_line(draft, "title"),
        text="\n".join(line.rstrip() for line in draft.get("text", "").split("\n")).strip(),
        setup=setup,
        sets_up=not draft.get("goes on") or kind in ASKED or table is not None,
        prediction=_prediction(draft, kind) if kind in ASKED else None,
        task=_task(draft, setup) if kind == "task" else None,
        look=tuple(name for name in (name.strip() for name in draft.get("look", "").split(",")) if name),
        remember=_line(draft, "remember"),
        table=table,
    )


def setup_of(experiment: Experiment, pace: str = "") -> Setup:
    """Returns an experiment as the words of a lesson; StepError if there are none."""
    try:
        words = words_of(experiment)
    except ValueError as error:
        raise StepError("setup", str(error)) from None
    speed = None if pace == "fastest" else float(read_number(pace, whole=False) or Setup.pace or 20)
    return Setup(words, experiment_of(words), speed)


@dataclass(frozen=True, eq=False)
class Rehearsed:
    """What a run of a step says: the answer, and predicates and readings that a teacher can use."""

    answer: str
    predicates: tuple[tuple[str, bool], ...]
    readings: tuple[tuple[str, str], ...]


class Rehearsal:
    """Runs the experiments of a step; the last ones are kept."""

    def __init__(self) -> None:
        self._traces: dict[Experiment, Trace] = {}

    def outcome(self, experiment: Experiment, stop: Stop) -> Outcome:
        """Returns the outcome of all steps; an incomplete one after `stop()` has returned True."""
        traces = self._traces  # others after `forget`
        trace = traces.get(experiment)
        if trace is None:
            simulation = Simulation(experiment)
            while not simulation.done and not stop():
                simulation.advance(min(_BLOCK, experiment.steps))
            trace = simulation.trace
            if Outcome(experiment, trace).whole:
                for other in list(traces)[: 1 - _MOST_TRACES]:
                    traces.pop(other, None)
                traces[experiment] = trace
        return Outcome(experiment, trace, stop)

    def forget(self) -> None:
        """Lets go of the runs that are kept, and of those that are under way once they are over."""
        self._traces = {}

    def suggestions(self, experiment: Experiment, stop: Stop) -> Rehearsed:
        """Returns what can be asked about a run of an experiment."""
        outcome = self.outcome(experiment, stop)
        return Rehearsed("", tuple(predicates(outcome)), tuple(readings(outcome)))

    def rehearse(self, step: Step, stop: Stop) -> str:
        """Returns what the learner is told in the end.

        StepError if the run does not decide the step, or a text has a slot without a value before the run.
        """
        if step.setup is None:
            return ""
        for place, line in step_lines(step):
            try:
                if place.split(" ")[0] in _BEFORE:
                    step.filled(line)
                elif place.split(" ")[0] in _AFTER:
                    unfilled(line)
            except ValueError as error:
                raise StepError(place, str(error)) from None
        told = []
        if step.table is not None:
            self.table(step, stop)
        if step.prediction is not None:
            told.append(self._predicted(step.prediction, step.setup.experiment, stop))
        if step.task is not None:
            told.append(self._done(step.task, step.setup.experiment, stop))
        return "\n\n".join(told)

    def table(self, step: Step, stop: Stop) -> Prose:
        """Returns the table of a step, filled; StepError if it asks for what the experiment does not have."""
        assert step.setup is not None
        try:
            return step.table_of(self.outcome(step.setup.experiment, stop))
        except ValueError as error:
            raise StepError("table", str(error)) from None

    def solved(self, draft: Draft, experiment: Experiment, stop: Stop) -> str:
        """Returns a rate that solves the task of a draft; empty if none of those tried does."""
        near = log10(experiment.runs[0].lr or 1)
        for rate in (f"{each:g}" for each in sorted(_RATES, key=lambda each: abs(log10(each) - near))):
            try:
                step = step_of({**draft, "rate": rate}, experiment)
                self.rehearse(step, stop)
            except StepError as error:
                if error.place != "rate" or stop():
                    return ""
                continue
            except ValueError:  # the goal is no predicate
                return ""
            return rate
        return ""

    def _predicted(self, prediction: Prediction, experiment: Experiment, stop: Stop) -> str:
        outcome = self.outcome(experiment, stop)
        if prediction.draws is not None:
            return self._drawn(prediction, prediction.draws, outcome)
        if not prediction.choices:
            return self._number(prediction, outcome)
        holding = prediction.holding(outcome)
        if not holding:
            raise StepError("when 1", tr("in this run no answer is right: no condition holds"))
        if len(holding) > 1:
            numbers = ", ".join(str(index + 1) for index in holding)
            why = tr("in this run several answers are right: {numbers}", numbers=numbers)
            raise StepError(f"when {holding[1] + 1}", why)
        right = prediction.choices[holding[0]]
        because = fill(right.because, outcome)
        if because is None:
            raise StepError(f"because {holding[0] + 1}", tr("a number in braces is unknown in this run"))
        answer = fill(right.text, outcome) or right.text
        return tr("Right is “{answer}”. {because}", answer=answer, because=because)

    def _drawn(self, prediction: Prediction, run: int, outcome: Outcome) -> str:
        if run >= len(outcome.experiment.runs):
            raise StepError("run", tr("there is no run {run} whose loss could be drawn", run=run + 1))
        way = ends(outcome, run)
        if way is None:
            raise StepError("run", tr("a loss that is drawn is above 0 all the time; this one is not"))
        because = fill(prediction.because, outcome)
        if because is None:
            raise StepError("because", tr("a number in braces is unknown in this run"))
        return tr("Right is a curve from {start} to {end}. {because}", start=way[0], end=way[1], because=because)

    def _number(self, prediction: Prediction, outcome: Outcome) -> str:
        value = fill(f"{{{prediction.value}}}", outcome)
        if value is None:
            raise StepError("value", tr("this number is unknown in this run"))
        because = fill(prediction.because, outcome)
        if because is None:
            raise StepError("because", tr("a number in braces is unknown in this run"))
        return tr("Right is {value}. {because}", value=value, because=because)

    def _done(self, task: Task, experiment: Experiment, stop: Stop) -> str:
        if task.judge(self.outcome(experiment, stop), experiment).right is not False:
            raise StepError("when", tr("the experiment as it is has reached the goal already; ask for more"))
        solved = task.judge(self.outcome(experiment_of(task.solution), stop), experiment)
        if solved.right is not True:
            raise StepError("rate", tr("this rate does not reach the goal. {told}", told=solved.text))
        return solved.text


def _line(draft: Draft, name: str) -> str:
    return " ".join(draft.get(name, "").split())


def _hints(draft: Draft) -> tuple[str, ...]:
    return tuple(hint for hint in (_line(draft, "hint 1"), _line(draft, "hint 2")) if hint)


def _prediction(draft: Draft, kind: str) -> Prediction:
    question = _line(draft, "question")
    if kind == "choose":
        return Prediction(question, tuple(_choices(draft)), hints=_hints(draft))
    if kind == "draw":
        run = read_number(_line(draft, "run") or "1", whole=True)
        if run is None or run < 1:
            raise StepError("run", tr("must be the number of a run, from 1 on"))
        return Prediction(question, because=_line(draft, "because"), hints=_hints(draft), draws=int(run) - 1)
    within = _decimal(draft, "within", "%")
    if within is None:
        raise StepError("within", tr("must be a number, the percentage that a guess may be off"))
    return Prediction(question, (), _line(draft, "value"), within, _line(draft, "because"), _hints(draft))


def _decimal(draft: Draft, name: str, unit: str = "") -> float | None:
    """Returns the number of a field, None for another text; StepError for one that can mean two."""
    try:
        return read_decimal(_line(draft, name).removesuffix(unit).strip())
    except ValueError as error:
        raise StepError(name, str(error)) from None


def _table(draft: Draft) -> Table | None:
    """Returns the table of the rows that were typed, or pasted from a spreadsheet."""
    rows = (line.replace("\t", "|").strip() for line in draft.get("table", "").split("\n"))
    cells = [row.removeprefix("|").removesuffix("|" * row.startswith("|")).split("|") for row in rows if row]
    return Table(tuple(tuple(" ".join(cell.split()) for cell in row) for row in cells)) if cells else None


def _choices(draft: Draft) -> Iterator[Choice]:
    for number in range(1, MOST_CHOICES + 1):
        texts = [_line(draft, f"{name} {number}") for name in ("choice", "when", "because")]
        if any(texts):
            if not texts[0]:
                raise StepError(f"choice {number}", tr("write the answer, or empty the two fields below it"))
            yield Choice(*texts)


def _task(draft: Draft, setup: Setup) -> Task:
    rate = _decimal(draft, "rate")
    if rate is None or not 0 <= rate < float("inf"):
        raise StepError("rate", tr("must be a rate that reaches the goal; it proves that the task can be done"))
    runs = (replace(setup.experiment.runs[0], lr=float(rate)), *setup.experiment.runs[1:])
    reply = _line(draft, "reply")
    return Task(
        goal=_line(draft, "goal"),
        when=_line(draft, "when"),
        done=_line(draft, "done"),
        replies=(Reply(reply),) if reply else (),
        hints=_hints(draft),
        solution=words_of(replace(setup.experiment, runs=runs)),
        failure=setup.words,
    )
