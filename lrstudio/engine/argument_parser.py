"""argparse in the language in use: its own words are looked up as all others are, and an error is a ValueError."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn
from unicodedata import east_asian_width

from lrstudio.core.language import language, mark, tr, trn

_WORDS = (
    mark("usage:"),
    mark("options"),
    mark("positional arguments"),
    mark("%(heading)s:"),
    mark("show this help message and exit"),
    mark("argument %(argument_name)s: %(message)s"),
    mark("the following arguments are required: %s"),
    mark("unrecognized arguments: %s"),
    mark("expected one argument"),
    mark("expected at least one argument"),
    mark("ignored explicit argument %r"),
    mark("not allowed with argument %s"),
    mark("ambiguous option: %(option)s could match %(matches)s"),
    mark("invalid choice: %(value)r (choose from %(choices)s)"),
    mark("invalid choice: %(value)r, maybe you meant %(closest)r? (choose from %(choices)s)"),
)
"""The words of argparse that a user can meet."""
_OPENING, _CLOSING = "（“", "，。：；！？、）”…"


class Parser(argparse.ArgumentParser):
    """An argparse.ArgumentParser that raises ValueError for what is wrong.

    What follows an option with a value is its value, even if it begins with one minus sign, as -1e-3 and -my.csv do.
    """

    def __init__(self, *, add_help: bool = True, prog: str = "", description: str | None = None) -> None:
        super().__init__(
            prog=prog, description=description, allow_abbrev=False, add_help=add_help, formatter_class=_Formatter
        )

    def parse_known_args(self, args: Iterable[str] | None = None, namespace: Any = None) -> tuple[Any, list[str]]:
        return super().parse_known_args(self._with_values_joined(sys.argv[1:] if args is None else args), namespace)

    def error(self, message: str) -> NoReturn:
        raise ValueError(message)

    def _with_values_joined(self, arguments: Iterable[str]) -> list[str]:
        """Replaces `--start -1.2,1.0` by `--start=-1.2,1.0`, as argparse would read the minus sign as an option."""
        options, joined, waits = self._option_string_actions, list[str](), False
        for argument in arguments:
            begins = argument.startswith("-") and not argument.startswith("--") and argument != "-"
            if waits and begins and argument not in options:
                joined[-1] += f"={argument}"
            else:
                joined.append(argument)
            waits = argument in options and options[argument].nargs != 0
        return joined


class _Formatter(argparse.HelpFormatter):
    """Breaks lines at the width of the terminal where letters take two columns and no spaces stand between words."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return super()._split_lines(text, width) if language() == "en" else list(broken(text, width))

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if language() == "en":
            return super()._fill_text(text, width, indent)
        return "\n".join(indent + line for line in broken(text, width - len(indent)))


def width_of(text: str) -> int:
    """Returns the width in columns of a terminal, where some letters take two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def broken(text: str, width: int) -> Iterator[str]:
    """Yields the lines of a text of at most `width` columns: broken at spaces, and between letters of two columns."""
    line = ""
    for piece in _pieces(" ".join(text.split())):
        if line and width_of(line + piece.rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += piece if line else piece.lstrip()
    if line:
        yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """Yields what stays together on a line: a word with the space after it, a wide letter with what closes it."""
    piece = ""
    for letter in text:
        apart = piece and (piece[-1] == " " or _wide(piece[-1]) or _wide(letter))
        if apart and letter != " " and letter not in _CLOSING and piece[-1] not in _OPENING:
            yield piece
            piece = ""
        piece += letter
    if piece:
        yield piece


def _wide(letter: str) -> bool:
    return width_of(letter) == 2


def _looked_up(text: str) -> str:
    """Returns a word of argparse in the language in use; it may end with a space or a line."""
    plain = (text or "").rstrip()
    return tr(plain) + text[len(plain) :] if plain else text


vars(argparse).update(_=_looked_up, ngettext=trn)
