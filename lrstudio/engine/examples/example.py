"""What a ready experiment consists of."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

from lrstudio.engine.claims import Claim, Outcome, Translate, answer, fill
from lrstudio.engine.experiment import Experiment, Run


def _same(text: str) -> str:
    return text


@dataclass(frozen=True)
class Example:
    """An experiment to open from the menu. It asks a class one question, and the run shows the answer.

    `key` names it in files; examples of one `group` stand together. `heading` (on the screen) and `asks` have slots of
    what is known before anything has run, such as `{run 1: rate}`. `claims` tell what is seen; a test shows that every
    one of them holds on every machine. `premise` is the predicate that the question takes for granted. `pace` is a
    speed to watch it at, in steps a second. `views` are the keys of views that are hidden otherwise.
    """

    key: str
    heading: str
    asks: str
    experiment: Experiment
    claims: tuple[Claim, ...]
    premise: str = ""
    group: str = ""
    pace: int | None = 50
    views: tuple[str, ...] = ()

    @cached_property
    def title(self) -> str:
        return self.say(self.heading)

    @cached_property
    def question(self) -> str:
        return self.say(self.asks)

    def say(self, text: str, translate: Translate = _same) -> str:
        """A text with slots of what is known before anything has run."""
        said = fill(text, Outcome(self.experiment), translate)
        if said is None:
            raise ValueError(f"{self.key}: {text!r} asks for what is not known before the run")
        return said

    def answer(self, outcome: Outcome, translate: Translate = _same) -> str:
        """What the run has shown."""
        return answer(self.claims, outcome, translate)

    def is_of(self, experiment: Experiment) -> bool:
        """Whether this is the experiment as it was opened: runs may have other names and colours, nothing else."""
        mine = self.experiment
        same = all(getattr(experiment, name) == getattr(mine, name) for name in _SHARED)
        return same and [_settings(run) for run in experiment.runs] == [_settings(run) for run in mine.runs]


_SHARED = tuple(field.name for field in fields(Experiment) if field.name != "runs")
_OWN = tuple(field.name for field in fields(Run) if field.name not in ("label", "color"))


def _settings(run: Run) -> tuple[object, ...]:
    return tuple(getattr(run, name) for name in _OWN)
