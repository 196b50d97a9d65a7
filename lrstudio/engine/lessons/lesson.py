"""A lesson and its steps, as `reader` reads them."""

from __future__ import annotations

from functools import cached_property

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.claims import Outcome, fill, predicate, reading
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.lessons.judgement import Choice, Guess, Judgement, Prediction, Reply, Task
from lrstudio.engine.lessons.prose import Prose, prose
from lrstudio.engine.lessons.table import Table
from lrstudio.engine.training.simulation import Simulation

__all__ = ["Choice", "Lesson", "Prediction", "Reply", "Setup", "Step", "Table", "Task"]


@dataclass(frozen=True)
class Setup:
    """An experiment as the words of `lrstudio run`, and the speed in steps per second; None as fast as it goes."""

    words: str
    experiment: Experiment
    pace: float | None = 20


@dataclass(frozen=True)
class Step:
    """A section of a lesson. `setup` is that of the last step that has one; `sets_up` says whether it is its own.

    `text`, `remember` and the question, the choices and the goal have slots with values known before the run.
    """

    title: str
    text: str
    setup: Setup | None = None
    sets_up: bool = False
    prediction: Prediction | None = None
    task: Task | None = None
    look: tuple[str, ...] = ()
    remember: str = ""
    table: Table | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """All texts that are shown before the run."""
        texts = [self.title, self.text, self.remember]
        if self.prediction is not None:
            choices = (choice.text for choice in self.prediction.choices)
            texts += [self.prediction.question, *self.prediction.hints, *choices]
        if self.task is not None:
            texts += [self.task.goal, *self.task.hints]
        return tuple(texts)

    @property
    def later(self) -> tuple[tuple[str, str], ...]:
        """All texts that are said after the run, each with the predicate or the reading that it belongs to."""
        texts: list[tuple[str, str]] = []
        if self.prediction is not None:
            texts += [(choice.because, choice.when) for choice in self.prediction.choices]
            texts += [(self.prediction.because, self.prediction.value)] * (not self.prediction.choices)
        if self.task is not None:
            texts += [(self.task.done, self.task.when), *((reply.text, reply.when) for reply in self.task.replies)]
        return tuple(texts)

    def prepare(self) -> None:
        """Computes what the slots need, which may take a while; ValueError for one without a value.

        Also for a text, predicate or reading that a run of the set-up could not fill or decide.
        """
        for text in self.texts:
            self.filled(text)
        self.table_of(None)
        run = None if self.prediction is None else self.prediction.draws
        if run is not None and not self.first_loss(run) > 0:
            raise ValueError(tr("a loss that is drawn is above 0; here it is {loss}", loss=self.first_loss(run)))
        for text, condition in self.later:
            fill(text, self._start)
            if condition:
                asked = reading(condition).value if self._measures(condition) else predicate(condition)
                asked(self._start)

    def _measures(self, condition: str) -> bool:
        return self.prediction is not None and condition == self.prediction.value

    def filled(self, text: str) -> Prose:
        """Returns a text of the step with its slots filled; ValueError if one has no value before the run."""
        if self.setup is not None:
            filled = fill(text, self._start)
            if filled is None:
                raise ValueError(tr("{text!r} has a slot without a value before the run", text=text))
            text = filled
        return prose(text)

    @cached_property
    def _start(self) -> Outcome:
        assert self.setup is not None
        trace = Simulation(self.setup.experiment).trace
        trace.trim()  # it is kept, and its blocks have megabytes
        return Outcome(self.setup.experiment, trace)

    @cached_property
    def shown(self) -> tuple[Prose, Prose]:
        """The text and what to remember, with slots and formulas filled in."""
        return self.filled(self.text), self.filled(self.remember)

    def judge(self, guess: Guess | None, outcome: Outcome) -> tuple[Judgement | None, Judgement | None]:
        """Judges a guess, if one was made, and the task, if there is one, by a run that is over."""
        prediction = task = None
        if self.setup is not None and self.prediction is not None and guess is not None:
            prediction = self.prediction.judge(guess, outcome, self.setup.experiment)
        if self.setup is not None and self.task is not None:
            task = self.task.judge(outcome, self.setup.experiment)
        return prediction, task

    def first_loss(self, run: int) -> float:
        """Returns the loss at which a run of the set-up begins."""
        return self._start.loss(run, 0)

    def table_of(self, outcome: Outcome | None) -> Prose:
        """Returns the table, filled by a run of the set-up that is over; empty without a table."""
        if self.table is None:
            return prose("")
        return self.table.filled(outcome or self._start, self._start)


@dataclass(frozen=True)
class Lesson:
    """A lesson in one language; `order` is its place in `path`, the name of a course.

    `folder` is the name of the folder that it was read from; empty for the program's own.
    """

    key: str
    language: str
    title: str
    path: str
    order: int
    minutes: int
    steps: tuple[Step, ...]
    folder: str = ""

    @property
    def id(self) -> str:
        """The name under which progress is kept, the same in every language."""
        return f"{self.folder}/{self.key}" if self.folder else self.key
