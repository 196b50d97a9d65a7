"""Writing results, and the progress of long jobs."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import reduce
from itertools import count
from pathlib import Path

from lrstudio.core.language import tr
from lrstudio.engine.argument_parser import width_of
from lrstudio.store.csv.table import write_text

_QUIET_SECONDS = 0.5


def check_target(target: str | None) -> None:
    """Raises ValueError or OSError if this file cannot be written, which is tried; None and - are valid."""
    if target is None or target == "-":
        return
    path = Path(target)
    try:
        if not target or path.is_dir():
            raise ValueError(tr("{target!r}: is not a file that can be written", target=target))
        with suppress(FileNotFoundError):
            path.lstat()
        folder = path.resolve().parent
        if not folder.is_dir():
            raise ValueError(tr("{target!r}: there is no folder {parent!r}", target=target, parent=str(path.parent)))
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), target)
        if path.is_file() or not path.exists():
            tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise ValueError(
                tr("{target!r}: the name is too long for this folder; most take 255 bytes", target=target)
            ) from None
        raise OSError(
            error.errno, tr("cannot be written: {strerror}", strerror=tr(error.strerror or "")), target
        ) from None


def write(target: str, texts: Callable[[], Iterable[str]]) -> None:
    """Writes texts, which can be made again, to standard output (`-`) or a file as `write_or_keep` does."""
    if target == "-":
        write_text(sys.stdout, texts())
    else:
        write_or_keep(target, lambda path: write_text(path, texts()))


def write_or_keep(target: str, write_to: Callable[[Path], object]) -> None:
    """Writes a file; where that fails writes it elsewhere, and raises the OSError, which says where."""
    path = Path(target)
    try:
        write_to(path)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise kept_elsewhere(path, error, write_to) from None


def kept_elsewhere(path: Path, error: OSError, write_to: Callable[[Path], object]) -> OSError:
    """Writes what could not be written to a path to another folder; returns the error, which says where if it was."""
    for folder in _elsewhere():
        stamp, name = time.strftime("%Y%m%d-%H%M%S"), path.name[-60:]
        numbered = (folder / f"{stamp}-{number}-{name}" for number in count(1))
        kept = next(place for place in numbered if not os.path.lexists(place))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_to(kept)
        except OSError:
            continue
        told = tr("{strerror}; it is kept as {kept!r}", strerror=tr(error.strerror or ""), kept=str(kept))
        return OSError(error.errno, told, str(path))
    return error


def _elsewhere() -> Iterator[Path]:
    """Yields folders for what could not be written: that of this user's state, the temporary one."""
    state = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_STATE_HOME")
    yield Path(state or Path.home() / ".local" / "state") / "LR Studio"
    with suppress(OSError):  # none is usable
        yield Path(tempfile.gettempdir())


def tell(*lines: str, end: str = "\n") -> None:
    """Prints messages to stderr; where it cannot be written, a command goes on without them."""
    with suppress(OSError):
        print(*lines, sep="\n", end=end, file=sys.stderr, flush=True)


def settle_messages() -> None:
    """Drops messages that cannot be written, for which Python would end with a code of its own."""
    try:
        sys.stderr.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def progress() -> Callable[[float], None] | None:
    """Returns a function that updates a line on a terminal when the job takes longer; None elsewhere."""
    if not sys.stderr.isatty():
        return None
    begin = time.monotonic()

    def report(share: float) -> None:
        if time.monotonic() > begin + _QUIET_SECONDS:
            tell(f"\r{100 * share:.0f} % ", end="\n" if share >= 1 else "")

    return report


def either(options: Iterable[str]) -> str:
    """Returns what there is to choose from, as `a or b`."""
    return reduce(lambda one, other: tr("{one} or {other}", one=one, other=other), options)


def padded(text: str, width: int) -> str:
    """Returns a text of at least so many columns of a terminal."""
    return text + " " * (width - width_of(text))
