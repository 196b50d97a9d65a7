"""What a schedule declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lrstudio.core.declaration import Declared


@dataclass(frozen=True, kw_only=True)
class Schedule(Declared):
    """The rate as a function of the step: a text that assigns `lr` (see formula.rule.ScheduleRule)."""

    rule: ClassVar[str]
