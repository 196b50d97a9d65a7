"""Judges predictions and tasks by what ran: right or not, with the reason in the numbers of the run."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lrstudio.core.language import mark, sentences, tr
from lrstudio.core.record import dataclass
from lrstudio.engine.claims import Outcome, fill, predicate, reading
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.lessons.drawing import Drawing, compare
from lrstudio.engine.lessons.fitting import equal_but_for

_RIGHT = mark("Right.")
_NUMBER_RIGHT = mark("Right: you said {guess}, and it is {value}.")
_OTHERWISE = mark("You said “{guess}”. What happened: “{happened}”.")
_NUMBER_OFF = mark("You said {guess}; it is {value}.")
_NEVER = mark("You said {guess}; it never happens in this run.")
_UNDECIDED = mark("This run does not decide the question. Set the step up again and run it to its end.")
_DONE = mark("Done.")
_NOT_YET = mark("Not yet.")
_CHANGED = mark("Something else than the step allows was changed. Set the step up again.")
_ON_THE_WAY = mark("The rate was changed while the run went on. Press Reset and run it from the start.")


Guess = float | Drawing
"""The index of a choice, a number, or a drawing."""


@dataclass(frozen=True)
class Judgement:
    """Whether a prediction was right or a task is done (None if the run does not tell), in sentences."""

    right: bool | None
    text: str


@dataclass(frozen=True)
class Reply:
    """A sentence with slots that is said if a predicate holds; one without a predicate is said otherwise."""

    text: str
    when: str = ""


@dataclass(frozen=True)
class Choice:
    """An answer to choose; it is the right one if its predicate `when` holds. `because` is a sentence with slots."""

    text: str
    when: str
    because: str


@dataclass(frozen=True)
class Prediction:
    """A question before the run: one of the `choices`, or the number `value`, a reading, to `percent` of itself.

    Or the loss of the run `draws`, an index, as a Drawing. `because` is said with a number and a drawing.
    """

    question: str
    choices: tuple[Choice, ...] = ()
    value: str = ""
    percent: float = 0.0
    because: str = ""
    hints: tuple[str, ...] = ()
    draws: int | None = None

    def judge(self, guess: Guess, outcome: Outcome, setup: Experiment) -> Judgement:
        """Judges the index of a choice, a number or a drawing by a run of the set-up that is over."""
        if obstacle := _obstacle((), outcome, setup):
            return Judgement(None, tr(obstacle))
        if isinstance(guess, Drawing):
            return self._judge_drawing(guess, outcome)
        return (self._judge_choice if self.choices else self._judge_number)(guess, outcome)

    def holding(self, outcome: Outcome) -> list[int]:
        """Returns the choices whose predicates hold."""
        return [index for index, choice in enumerate(self.choices) if predicate(choice.when)(outcome)]

    def _judge_choice(self, guess: float, outcome: Outcome) -> Judgement:
        holding = self.holding(outcome)
        if len(holding) != 1:
            return Judgement(None, tr(_UNDECIDED))
        right = self.choices[holding[0]]
        because = fill(right.because, outcome)
        if because is None:
            return Judgement(None, tr(_UNDECIDED))
        if holding[0] == guess:
            return Judgement(True, sentences(tr(_RIGHT), because))
        said, happened = (fill(choice.text, outcome) for choice in (self.choices[int(guess)], right))
        text = tr(_OTHERWISE, guess=said, happened=happened)
        return Judgement(False, sentences(text, because))

    def _judge_drawing(self, drawing: Drawing, outcome: Outcome) -> Judgement:
        compared = None if self.draws is None else compare(drawing, outcome, self.draws)
        if compared is None:
            return Judgement(None, tr(_UNDECIDED))
        right, text = compared
        said = sentences(tr(_RIGHT), text) if right else text
        return Judgement(right, sentences(said, fill(self.because, outcome) or ""))

    def _judge_number(self, guess: float, outcome: Outcome) -> Judgement:
        measured = reading(self.value)
        value = measured.value(outcome)
        assert not isinstance(value, str)
        if math.isnan(value):
            return Judgement(None, tr(_UNDECIDED))
        said = measured.measure.show(guess, measured.digits or len(f"{guess:.6g}"))
        if math.isinf(value):
            return Judgement(False, tr(_NEVER, guess=said))
        right = abs(guess - value) <= self.percent / 100 * abs(value) * (1 + 1e-9)
        text = tr(_NUMBER_RIGHT if right else _NUMBER_OFF, guess=said, value=measured.text(outcome))
        return Judgement(right, sentences(text, fill(self.because, outcome) or ""))


@dataclass(frozen=True)
class Task:
    """A goal that a run reaches: the predicate `when`. The fields in `free` may differ from the set-up.

    `replies` are said while it is not reached, `done` once it is. `solution` and `failure` are words of an experiment
    that reaches it and of one that does not, for tests.
    """

    goal: str
    when: str
    done: str
    replies: tuple[Reply, ...] = ()
    free: tuple[str, ...] = ("lr",)
    hints: tuple[str, ...] = ()
    solution: str = ""
    failure: str = ""

    def judge(self, outcome: Outcome, setup: Experiment) -> Judgement:
        """Judges a run that is over."""
        if obstacle := _obstacle(self.free, outcome, setup):
            return Judgement(None, tr(obstacle))
        if predicate(self.when)(outcome):
            return Judgement(True, sentences(tr(_DONE), fill(self.done, outcome) or ""))
        said = (fill(reply.text, outcome) for reply in self.replies if not reply.when or predicate(reply.when)(outcome))
        reason = next((text for text in said if text is not None), "")
        return Judgement(False, sentences(tr(_NOT_YET), reason))


def _obstacle(free: Sequence[str], outcome: Outcome, setup: Experiment) -> str:
    """Returns why a run cannot be judged; empty if it can."""
    if not equal_but_for(free, outcome.experiment, setup):
        return _CHANGED
    if not outcome.as_declared:
        return _ON_THE_WAY
    return "" if outcome.whole else _UNDECIDED
