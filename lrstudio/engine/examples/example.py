"""What a ready experiment consists of."""

from __future__ import annotations

from dataclasses import dataclass

from lrstudio.engine.experiment import Experiment


@dataclass(frozen=True)
class Example:
    """An experiment to open from the menu. It asks a class one question, and the run shows the answer.

    `key` names it in files, `title` on the screen; examples of one `group` stand together. `answer` says in words and
    numbers what is seen; a test runs the experiment and checks it. `pace` is a speed to watch it at, in steps a second.
    `views` are the keys of views that are hidden otherwise.
    """

    key: str
    title: str
    question: str
    experiment: Experiment
    answer: str = ""
    group: str = ""
    pace: int | None = 50
    views: tuple[str, ...] = ()
