"""The command line: `lrstudio` opens the window, the other commands work without a window and without Qt."""

from __future__ import annotations

import gc
import io
import json
import math
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from lrstudio import __version__
from lrstudio.core.declaration import Declared
from lrstudio.core.language import LANGUAGES, language, system_language, tr, use
from lrstudio.core.optimizers import OPTIMIZERS
from lrstudio.core.parameter import Choice, Number, Parameter
from lrstudio.core.problems import PROBLEMS
from lrstudio.core.schedules import SCHEDULES
from lrstudio.engine.code import LIBRARIES
from lrstudio.engine.experiment.optimizer_presets import ALL_PRESETS
from lrstudio.engine.lessons import lesson_file, translated
from lrstudio.engine.options import add_experiment_options
from lrstudio.store.csv.cells import printable
from lrstudio.terminal.cluster import ClusterError
from lrstudio.terminal.output import settle_messages, tell
from lrstudio.terminal.parser import CommandParser
from lrstudio.terminal.signals import SIGNALS

CATALOGUES: dict[str, tuple[type[Declared], ...]] = {
    "problems": PROBLEMS,
    "optimizers": OPTIMIZERS,
    "schedules": SCHEDULES,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command. Returns 0 on success, 2 for a bad argument, name, value or file, 1 for anything else."""
    before = language()
    use(system_language())
    try:
        return _main(*_without_language(list(sys.argv[1:] if argv is None else argv)))
    finally:
        use(before)
        settle_messages()


def _without_language(arguments: list[str]) -> tuple[list[str], str | None]:
    """Returns the arguments without --lang, and its value; the last one counts."""
    left: list[str] = []
    named: str | None = None
    waiting = iter(arguments)
    for argument in waiting:
        option, equals, value = argument.partition("=")
        if option == "--lang":
            named = value if equals else next(waiting, "")
        else:
            left.append(argument)
    return left, named


def _main(arguments: list[str], named: str | None) -> int:
    command = arguments[0] if arguments and arguments[0] in _COMMANDS else ""
    try:
        _prepare_streams(needed=bool(command))
        if named is not None:
            _use(named)
        for argument in arguments:
            if argument.endswith("=--"):  # for argparse this ends the options
                raise ValueError(tr("{argument!r}: -- is no value", argument=argument))
        if not command:
            return _window(arguments, named)
        with nullcontext() if command == "selftest" else SIGNALS:
            return _COMMANDS[command](arguments[1:])
    except SystemExit as done:  # --help and --version
        return int(done.code or 0)
    except BrokenPipeError:  # the reader has ended, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ValueError, OSError) as error:
        return _complain(command, error, 2)
    except ImportError as error:
        if "shared object" not in str(error):  # no library of the system that Qt needs
            raise
        return _complain(command, tr("a library of the system is missing: {error}", error=error), 1)
    except ClusterError as error:
        return _complain(command, error, 1)
    except KeyboardInterrupt as interrupt:
        return _complain(command, interrupt if interrupt.args else tr("interrupted"), 1)
    except MemoryError:
        return _complain(command, tr("not enough memory; fewer steps or runs need less"), 1)


def _use(named: str) -> None:
    try:
        use(named)
    except ValueError as error:
        raise ValueError(f"--lang: {error}") from None


def _prepare_streams(*, needed: bool) -> None:
    """Makes the output to files and pipes UTF-8 with plain line ends, regardless of the system's encoding."""
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open until the program ends
    if sys.stdout is None and needed:
        raise OSError(tr("standard output is closed"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8", errors="replace", newline="\n")


def _complain(command: str, error: object, code: int) -> int:
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        error = f"{str(error.filename)!r}: {tr(error.strerror)}"
    line = printable(" ".join(str(error).split()))
    tell(f"lrstudio {command}: {line}" if command else f"lrstudio: {line}")
    return code


def _window(arguments: list[str], named: str | None) -> int:
    parser = CommandParser(
        prog="lrstudio", description=tr("LR Studio: see, feel and understand what the learning rate does.")
    )
    help = tr("a saved session or a training log to open, or a folder of lessons, its *.lrlesson, or a lesson")
    parser.epilog = tr("further commands: lrstudio {names} (each with --help)", names=", ".join(_COMMANDS))
    parser.add_argument("session", nargs="?", metavar="SESSION.lrs|LESSONS", help=help)
    parser.add_argument(
        "--version",
        action="version",
        version=f"lrstudio {__version__}",
        help=tr("show program's version number and exit"),
    )
    args = parser.parse_args(arguments)
    if args.session is not None and not os.path.exists(args.session):  # noqa: PTH110 - the text as it was typed
        raise ValueError(
            tr(
                "{session!r}: neither a session file nor a command ({names})",
                session=args.session,
                names=", ".join(_COMMANDS),
            )
        )
    gc.disable()  # until the window is there: a fifth of its start would be searching for garbage
    from lrstudio.ui.window.app import run_window

    return run_window(args.session, named)


def _run(arguments: list[str]) -> int:
    parser = CommandParser(prog="lrstudio run", description=tr("Train without a window."))
    parser.add_argument(
        "session",
        nargs="?",
        metavar="SESSION.lrs",
        help=tr(
            "go on from a saved session for --steps more; its schedules keep the length that they were planned with"
        ),
    )
    parser.add_argument("--csv", metavar="PATH|-", help=tr("write the trace as CSV"))
    parser.add_argument("--save", metavar="SESSION.lrs", help=tr("save the session"))
    parser.add_argument("--report", metavar="FILE.html|.pdf", help=tr("write a page about the runs, with plots"))
    parser.add_argument("--quiet", action="store_true", help=tr("no progress and no summary"))
    parser.add_argument("--compare", action="store_true", help=tr("print a table that compares the runs"))
    several = tr("compare over N seeds, from --seed on: means with 95 %% intervals; --csv has a row per run and seed")
    parser.add_argument("--seeds", metavar="N", help=several)
    parser.add_argument("--code", choices=LIBRARIES, help=tr("print a script for this library that repeats the runs"))
    add_experiment_options(parser)
    args = parser.parse_args(arguments)
    if args.code is not None:
        from lrstudio.terminal.code import print_script

        return print_script(args)
    from lrstudio.terminal.run import run

    return run(args)


def _list(arguments: list[str]) -> int:
    parser = CommandParser(prog="lrstudio list", description=tr("What there is."))
    parser.add_argument("what", choices=[*CATALOGUES, "presets", "lessons"])
    parser.add_argument("--json", action="store_true", help=tr("everything declared, as JSON"))
    args = parser.parse_args(arguments)
    known = {"lessons": _lessons, "presets": _presets}.get(args.what)
    rows = [_described(kind) for kind in CATALOGUES[args.what]] if known is None else known()
    if args.json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        for row in rows:
            print(f"{row['key']:16} {row.get('summary', row['title'])}")
            for parameter in row.get("parameters", ()):
                print(f"    {tr('{name}={plain}: {help} ({allowed})', **parameter)}")
    return 0


def _presets() -> list[dict[str, Any]]:
    """Returns schedules and optimizers of other libraries, with S steps and the rate lr."""
    return [{"key": each.key, "title": each.name, "summary": each.call} for each in ALL_PRESETS]


def _selftest(arguments: list[str]) -> int:
    parser = CommandParser(prog="lrstudio selftest", description=tr("Open the real window and try it."))
    parser.add_argument("--screenshots", metavar="DIR", help=tr("leave a picture of every ready example here"))
    args = parser.parse_args(arguments)
    from lrstudio.ui.window.app import run_selftest

    return run_selftest(args.screenshots)


def _sweep(arguments: list[str]) -> int:
    from lrstudio.terminal.sweep import sweep_command  # as the others: the window starts without what it does not need

    return sweep_command(arguments)


def _range_test(arguments: list[str]) -> int:
    from lrstudio.terminal.instruments import range_test_command

    return range_test_command(arguments)


def _log(arguments: list[str]) -> int:
    from lrstudio.terminal.log import log_command

    return log_command(arguments)


def _follow(arguments: list[str]) -> int:
    from lrstudio.terminal.follow import follow_command

    return follow_command(arguments)


def _benchmark(arguments: list[str]) -> int:
    from lrstudio.terminal.benchmark import benchmark

    return benchmark(arguments)


_COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": _run,
    "list": _list,
    "sweep": _sweep,
    "range-test": _range_test,
    "log": _log,
    "follow": _follow,
    "benchmark": _benchmark,
    "selftest": _selftest,
}


def _lessons() -> list[dict[str, Any]]:
    """Returns the lessons, with the titles of the language in use or else the English ones."""
    return [
        {
            "key": lesson.key,
            "title": lesson.title,
            "languages": [name for name in LANGUAGES if lesson_file(name, lesson.key).is_file()],
            "path": lesson.path,
            "minutes": lesson.minutes,
            "steps": len(lesson.steps),
        }
        for lesson in translated(language())
    ]


def _described(kind: type[Declared]) -> dict[str, Any]:
    row: dict[str, Any] = {"key": kind.key, "title": tr(kind.title), "summary": tr(kind.summary())}
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
        "help": tr(parameter.help),
    }
    if isinstance(parameter, Number):
        row["low"] = parameter.low if math.isfinite(parameter.low) else None
        row["high"] = parameter.high if math.isfinite(parameter.high) else None
        row["scale"] = parameter.scale
    if isinstance(parameter, Choice):
        row["choices"] = parameter.choices
    return row
