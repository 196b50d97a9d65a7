"""The text of an update whose gradient is clipped before, or whose rate differs between parameters."""

from __future__ import annotations

import re
from textwrap import dedent

_GRADIENT = re.compile(r"\bnorm\(\s*g\s*\)|(?<![\w.])g\b", re.ASCII)
_OF_TENSORS = re.compile(r"\b(tensor_mean|row_mean|column_mean|orthogonal)\s*\(", re.ASCII)
_RATE = re.compile(r"(?<![\w.])lr\b", re.ASCII)
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def reads_gradient(text: str) -> bool:
    """Returns whether a rule reads the gradient."""
    return _GRADIENT.search(text) is not None


def reads_tensors(text: str) -> bool:
    """Returns whether a rule reads what is of each tensor."""
    return _OF_TENSORS.search(text) is not None


def clipped_by_norm(text: str) -> str:
    """Returns a rule after lines that shorten the gradient of all parameters to at most `clip_norm`."""
    taken = set(_NAME.findall(text))
    clipped, share = _free("clipped", taken), _free("share", taken)
    lines = [f"{share} = min(1, clip_norm/(norm(g) + 1e-6))", f"{clipped} = {share}*g"]
    return "\n".join([*lines, _with(text, clipped, f"({share}*norm(g))")])


def clipped_by_value(text: str) -> str:
    """Returns a rule after a line that moves each part of the gradient into -clip_value..clip_value."""
    clipped = _free("clipped", set(_NAME.findall(text)))
    return "\n".join([f"{clipped} = max(-clip_value, min(clip_value, g))", _with(text, clipped, f"norm({clipped})")])


def with_lr_factors(text: str) -> str:
    """Returns a rule after a line that multiplies the rate of each parameter by its factor."""
    rate = _free("rate", set(_NAME.findall(text)))
    return "\n".join([f"{rate} = lr*lr_factor(w)", _RATE.sub(rate, dedent(text).strip())])


def _free(name: str, taken: set[str]) -> str:
    """Returns a name that a rule does not use."""
    return next(free for free in (name, *(f"{name}{index}" for index in range(2, 99))) if free not in taken)


def _with(text: str, gradient: str, length: str) -> str:
    """Returns a rule with another name for the gradient, and another text for its length."""
    return _GRADIENT.sub(lambda match: gradient if match[0] == "g" else length, dedent(text).strip())
