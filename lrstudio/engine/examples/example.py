"""Defines the examples: experiments with a question and claims about their results."""

from __future__ import annotations

from functools import cached_property

from lrstudio.core.record import dataclass
from lrstudio.engine.claims import Claim, Outcome, Translate, answer, fill
from lrstudio.engine.experiment import Experiment


@dataclass(frozen=True)
class Example:
    """An experiment of the menu with a question that its runs answer.

    `key` identifies it in files; `group` is its submenu. The templates of title and question have slots with values
    that are known before the run, such as `{run 1: rate}`. `claims` answer the question; tests verify them. `premise`
    is a predicate that the question presupposes. `pace` is the speed in steps per second. `views` are the keys of
    views to show that are hidden by default.
    """

    key: str
    title_template: str
    question_template: str
    experiment: Experiment
    claims: tuple[Claim, ...]
    premise: str = ""
    group: str = ""
    pace: int | None = 50
    views: tuple[str, ...] = ()

    @cached_property
    def title(self) -> str:
        return self._filled(self.title_template)

    @cached_property
    def question(self) -> str:
        return self._filled(self.question_template)

    def _filled(self, template: str) -> str:
        text = fill(template, Outcome(self.experiment))
        if text is None:
            raise ValueError(f"{self.key}: {template!r} has a slot without a value before the run")
        return text

    def answer(self, outcome: Outcome, translate: Translate = str) -> str:
        """Returns the answer of the claims to the question."""
        return answer(self.claims, outcome, translate)

    def is_of(self, experiment: Experiment) -> bool:
        """Returns whether an experiment equals the example apart from labels and colours."""
        return experiment.bare() == self.experiment.bare()
