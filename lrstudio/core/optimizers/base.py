"""What an optimizer declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from lrstudio.core.declaration import Declared


@dataclass(frozen=True, kw_only=True)
class Optimizer(Declared):
    """How a step is made from the gradient: the text of a rule (see formula.rule.UpdateRule)."""

    rule: ClassVar[str]
    default_lr: ClassVar[float]
    """PyTorch's default rate."""
    most_parameters: ClassVar[int | None] = None
    """The most parameters that a problem may have with it; None for any number."""
