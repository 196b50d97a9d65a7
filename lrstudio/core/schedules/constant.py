from __future__ import annotations

from dataclasses import dataclass

from lrstudio.core.schedules.base import Schedule


@dataclass(frozen=True, kw_only=True)
class Constant(Schedule):
    """The same rate at every step."""

    key = "constant"
    title = "Constant"
    rule = "lr = lr0"
