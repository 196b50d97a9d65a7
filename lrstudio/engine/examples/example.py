"""Defines the examples: experiments with a question and claims about their results."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.claims import Claim, Outcome, answer, fill
from lrstudio.engine.experiment import Experiment


@dataclass(frozen=True)
class Example:
    """An experiment of the menu with a question that its runs answer.

    `key` identifies it in files; `group` is its submenu. The templates of title and question have slots with values
    that are known before the run, such as `{run 1: rate}`; the labels of the template's runs are translated.
    `claims` answer the question; tests verify them. `premise` is a predicate that the question presupposes. `pace` is
    the speed in steps per second. `views` are the keys of views to show that are hidden by default.
    """

    key: str
    title_template: str
    question_template: str
    experiment_template: Experiment
    claims: tuple[Claim, ...]
    premise: str = ""
    group: str = ""
    pace: int | None = 50
    views: tuple[str, ...] = ()

    @property
    def experiment(self) -> Experiment:
        """The experiment with the labels of its runs in the language in use."""
        template = self.experiment_template
        runs = tuple(replace(run, label=tr(run.label)) for run in template.runs)
        return template if runs == template.runs else replace(template, runs=runs)

    @property
    def title(self) -> str:
        return self._filled(self.title_template)

    @property
    def question(self) -> str:
        return self._filled(self.question_template)

    @cached_property
    def _before(self) -> Outcome:
        return Outcome(self.experiment_template)

    def _filled(self, template: str) -> str:
        text = fill(tr(template), self._before)
        if text is None:
            raise ValueError(f"{self.key}: {template!r} has a slot without a value before the run")
        return text

    def answer(self, outcome: Outcome) -> str:
        """Returns the answer of the claims to the question."""
        return answer(self.claims, outcome)

    @cached_property
    def bare(self) -> Experiment:
        """The experiment without labels and colours."""
        return self.experiment_template.bare()
