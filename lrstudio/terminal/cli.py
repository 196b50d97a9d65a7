"""The command line: `lrstudio` opens the window, the other commands work without a window and without Qt."""

from __future__ import annotations

import argparse
import gc
import io
import json
import math
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from lrstudio import __version__
from lrstudio.core.declaration import Declared
from lrstudio.core.optimizers import OPTIMIZERS
from lrstudio.core.parameter import Choice, Number, Parameter
from lrstudio.core.problems import PROBLEMS
from lrstudio.core.schedules import SCHEDULES
from lrstudio.engine.lessons import LANGUAGES, lessons
from lrstudio.engine.options import add_experiment_options, with_values_joined
from lrstudio.terminal import instruments as instruments_cli
from lrstudio.terminal import run as headless
from lrstudio.terminal.benchmark import benchmark
from lrstudio.terminal.cluster import ClusterError
from lrstudio.terminal.signals import SIGNALS

CATALOGUES: dict[str, tuple[type[Declared], ...]] = {
    "problems": PROBLEMS,
    "optimizers": OPTIMIZERS,
    "schedules": SCHEDULES,
}


class _Parser(argparse.ArgumentParser):
    """Raises ValueError for errors, which `main` prints in one line."""

    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command. Returns 0 on success, 2 for a bad argument, name, value or file, 1 for anything else."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    command = arguments[0] if arguments and arguments[0] in _COMMANDS else ""
    try:
        _prepare_streams(needed=bool(command))
        for argument in arguments:
            if argument.endswith("=--"):  # for argparse this ends the options
                raise ValueError(f"{argument!r}: -- is no value")
        with SIGNALS if command in _WITHOUT_WINDOW else nullcontext():
            return _COMMANDS[command](arguments[1:] if command else arguments)
    except SystemExit as done:  # --help and --version
        return int(done.code or 0)
    except BrokenPipeError:  # the reader has ended, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, OSError) as error:
        return _complain(command, error, 2)
    except ClusterError as error:
        return _complain(command, error, 1)
    except KeyboardInterrupt as interrupt:
        return _complain(command, interrupt if interrupt.args else "interrupted", 1)
    except MemoryError:
        return _complain(command, "not enough memory; fewer steps or runs need less", 1)


def _prepare_streams(*, needed: bool) -> None:
    """Makes the output to files and pipes UTF-8 with plain line ends, regardless of the system's encoding."""
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open until the program ends
    if sys.stdout is None and needed:
        raise OSError("standard output is closed")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")


def _complain(command: str, error: object, code: int) -> int:
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        error = f"{str(error.filename)!r}: {error.strerror}"
    line = " ".join(str(error).split())
    print(f"lrstudio {command}: {line}" if command else f"lrstudio: {line}", file=sys.stderr)
    return code


def _window(arguments: list[str]) -> int:
    parser = _Parser(
        prog="lrstudio",
        description="LR Studio: see, feel and understand what the learning rate does.",
        epilog="further commands: lrstudio run, list, sweep, range-test, log, benchmark, selftest (each with --help)",
        allow_abbrev=False,
    )
    parser.add_argument("session", nargs="?", metavar="SESSION.lrs", help="a saved session to open")
    parser.add_argument("--version", action="version", version=f"lrstudio {__version__}")
    args = parser.parse_args(arguments)
    if args.session is not None and not os.path.isfile(args.session):  # noqa: PTH113 - the text as it was typed
        raise ValueError(
            f"{args.session!r}: neither a session file nor a command ({', '.join(filter(None, _COMMANDS))})"
        )
    gc.disable()  # until the window is there: a fifth of its start would be searching for garbage
    from lrstudio.ui.window.app import run_window

    return run_window(args.session)


def _run(arguments: list[str]) -> int:
    parser = _Parser(prog="lrstudio run", description="Train without a window.", allow_abbrev=False)
    parser.add_argument(
        "session",
        nargs="?",
        metavar="SESSION.lrs",
        help="go on from a saved session for --steps more; its schedules keep the length that they were planned with",
    )
    parser.add_argument("--csv", metavar="PATH|-", help="write the trace as CSV")
    parser.add_argument("--save", metavar="SESSION.lrs", help="save the session")
    parser.add_argument("--quiet", action="store_true", help="no progress and no summary")
    parser.add_argument("--compare", action="store_true", help="print a table that compares the runs")
    add_experiment_options(parser)
    return headless.run(parser.parse_args(with_values_joined(arguments)))


def _list(arguments: list[str]) -> int:
    parser = _Parser(prog="lrstudio list", description="What there is.", allow_abbrev=False)
    parser.add_argument("what", choices=[*CATALOGUES, "lessons"])
    parser.add_argument("--json", action="store_true", help="everything declared, as JSON")
    args = parser.parse_args(arguments)
    rows = _lessons() if args.what == "lessons" else [_described(kind) for kind in CATALOGUES[args.what]]
    if args.json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        for row in rows:
            print(f"{row['key']:16} {row.get('summary', row['title'])}")
            for parameter in row.get("parameters", ()):
                print(f"    {parameter['name']}={parameter['plain']}: {parameter['help']} ({parameter['allowed']})")
    return 0


def _selftest(arguments: list[str]) -> int:
    parser = _Parser(prog="lrstudio selftest", description="Open the real window and try it.", allow_abbrev=False)
    parser.add_argument("--screenshots", metavar="DIR", help="leave a picture of every ready example here")
    args = parser.parse_args(arguments)
    from lrstudio.ui.window.app import run_selftest

    return run_selftest(args.screenshots)


_WITHOUT_WINDOW: dict[str, Callable[[list[str]], int]] = {"run": _run, "list": _list}
_WITHOUT_WINDOW |= instruments_cli.commands(_Parser) | {"benchmark": partial(benchmark, _Parser)}
_COMMANDS = _WITHOUT_WINDOW | {"selftest": _selftest, "": _window}


def _lessons() -> list[dict[str, Any]]:
    """Returns the lessons, with the titles of the first language that each is written in."""
    rows: dict[str, dict[str, Any]] = {}
    for lesson in (lesson for language in LANGUAGES for lesson in lessons(language)):
        row = rows.setdefault(
            lesson.key,
            {
                "key": lesson.key,
                "title": lesson.title,
                "languages": [],
                "path": lesson.path,
                "minutes": lesson.minutes,
                "steps": len(lesson.steps),
            },
        )
        row["languages"].append(lesson.language)
    return list(rows.values())


def _described(kind: type[Declared]) -> dict[str, Any]:
    row: dict[str, Any] = {"key": kind.key, "title": kind.title, "summary": kind.summary()}
    for name in ("loss", "rule", "names", "start", "default_lr"):
        if hasattr(kind, name):
            row[name] = getattr(kind(), name)
    for name in ("rule", "loss"):
        if name in row:
            row[name] = "\n".join(line.strip() for line in row[name].strip().splitlines())
    row["parameters"] = [_described_parameter(parameter) for parameter in kind.parameters()]
    return row


def _described_parameter(parameter: Parameter) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": parameter.name,
        "type": parameter.kind,
        "default": parameter.default,
        "plain": parameter.plain(parameter.default),
        "low": None,
        "high": None,
        "allowed": parameter.allowed,
        "help": parameter.help,
    }
    if isinstance(parameter, Number):
        row["low"] = parameter.low if math.isfinite(parameter.low) else None
        row["high"] = parameter.high if math.isfinite(parameter.high) else None
        row["scale"] = parameter.scale
    if isinstance(parameter, Choice):
        row["choices"] = parameter.choices
    return row
