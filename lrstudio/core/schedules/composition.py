"""Rules within rules: the text of a schedule that counts epochs, or that begins later as a part of another one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from textwrap import dedent

from lrstudio.core.formula.graph import CONSTANTS
from lrstudio.core.formula.parse import ARITY, parse_rule
from lrstudio.core.formula.rule import read_before_assigned

_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*", re.ASCII)
_GIVEN = ("t", "T", "lr0", "loss")
PER_EPOCH = "per_epoch"
"""The number of steps of an epoch, in rules that count epochs."""


def renamed(text: str, name_of: Callable[[str], str]) -> str:
    """Returns a rule with other names; functions and constants keep theirs."""

    def new(match: re.Match[str]) -> str:
        return match[0] if match[0] in ARITY or match[0] in CONSTANTS else name_of(match[0])

    return _NAME.sub(new, dedent(text).strip())


def prefixed(text: str, prefix: str, given: Mapping[str, str]) -> str:
    """Returns a rule whose names have a prefix, so that no name means two things; those `given` have another name."""
    kept = {PER_EPOCH: PER_EPOCH, **given}
    return renamed(text, lambda name: kept.get(name, prefix + name))


def states(text: str) -> list[str]:
    """Returns the names that a rule which follows the loss carries from step to step."""
    return read_before_assigned(parse_rule(dedent(text)), set(_GIVEN))


def in_epochs(text: str, numbers: Sequence[str]) -> str:
    """Returns a rule of which t and T count epochs as one of the steps; `numbers` are the names that it is given."""
    own = {"t": "epoch", "T": "epochs"} | {name: f"{name}_" for name in ("epoch", "epochs", PER_EPOCH)}
    lines = ["epoch = floor(t/per_epoch)", "epochs = floor((T + per_epoch - 1)/per_epoch)"]
    taken = {name: name for name in numbers}
    return "\n".join([*lines, renamed(text, lambda name: {**own, **taken}.get(name, name))])


def followed_in_epochs(text: str, numbers: Sequence[str], *, averaged: bool) -> str:
    """Returns a rule that follows the loss once an epoch; if `averaged`, the mean of the losses of its steps."""
    carried = [name for name in states(text) if name not in numbers]
    given = {"t": "epoch", "T": "epochs", "lr0": "lr0", "loss": "mean_loss" if averaged else "loss"}
    given |= {name: name for name in numbers}
    mean = ["sum_of_losses = where(turn == 0, 0, sum_of_losses) + loss", "mean_loss = sum_of_losses/per_epoch"]
    return "\n".join(
        [
            "epoch = floor(t/per_epoch)",
            "epochs = floor((T + per_epoch - 1)/per_epoch)",
            "turn = t - epoch*per_epoch",
            *(mean if averaged else []),
            *(f"new_{name} = {name}" for name in carried),
            prefixed(text, "new_", given),
            *(f"{name} = where(turn == per_epoch - 1, new_{name}, {name})" for name in carried),
        ]
    )
