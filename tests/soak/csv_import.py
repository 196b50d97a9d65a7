"""Mutated CSV files, imported as data and as training logs: python -m tests.soak.csv_import --count 10000 --seed 0

Each file raises nothing but the import's own error, in one line, and takes at most 250 ms of CPU. A failure prints the
seed of the file, which `--seed N --count 1` repeats. A test calls `run` with a small count.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time

from lrstudio.store.csv.cells import DECIMALS
from lrstudio.store.csv.format import DELIMITERS, ENCODINGS
from lrstudio.store.csv.import_csv import Choices, CsvError, Format, check, read, read_preview
from lrstudio.store.logs.csv_log import guess_columns
from lrstudio.store.logs.training_log import LogChoices, read_chosen

MOST_SECONDS = 0.250

_WORDS = """
    1 2.5 0,5 999,5 1.500 1,500 1.234,5 1,234.5 1.234.567 12% nan NaN inf -inf ∞ NA - ? . + 1e400 1e31 1e-400 ١ １ yes
    no # =1+1 '=1 " "" "a a" "1" "1,5" 1'234 1_0 0x1
"""
_CELLS = (
    *_WORDS.split(),
    *("", " ", "# x", '"1\n2"', '"1" 2', "1 234", "1" * 400, "a" * 5000, "\x00", "\x1c", "\u2028", "\ufeff", "é", "身"),
)
_ENDS = ("\n", "\r\n", "\r", "\n\n", "")
_TOPS = ("sep=;", "sep=|", '"sep=\t"', "# a comment", "\ufeff", "\n \n", "# x,y", "#")
_LARGE = (
    *("1," * 999 + "1\n", "1,500;" * 300 + "1\n", "1,234" * 20_000 + ";1\n", "x," * 999 + "x\n1" + ",1" * 999 + "\n"),
    *("1" * 130_000 + "x,1\n", "1." + "1" * 130_000 + ",1\n", " " * 130_000 + ",1\n", '"' * 130_000 + ",1\n", '1,"2\n'),
    *("#" * 1000 + ",1\n", "# a b c\n", "\n", "1,2\n\n", "1;1.500\n", "1 " * 400 + "\n", "1,1e-400\n", "1,50%\n"),
)
"""Lines that repeated make a file which is slow to read if anything is."""


def table(choose: random.Random) -> bytes:
    """Returns a table that is mostly sound, with some odd cells, rows and bytes."""
    if choose.random() < 0.02:
        line = choose.choice(_LARGE)
        return (line * max(1, 100_000 // len(line))).encode()
    delimiter, end = choose.choice(list(DELIMITERS.values())), choose.choice(_ENDS[:3])
    width, odd = choose.randrange(2, 6), choose.choice((0, 0, 0.01, 0.1, 0.5))
    mark, digits = choose.choice(".,"), choose.choice((0, 1, 2, 3, 17))

    def cell() -> str:
        if choose.random() < odd:
            return choose.choice(_CELLS)
        return f"{choose.uniform(-2000, 2000):.{digits}f}".replace(".", mark)

    rows = [choose.choice(_TOPS)] if choose.random() < 0.3 else []
    if choose.random() < 0.7:
        rows.append(delimiter.join(choose.choices(("x", "y", "step", "lr", "loss", "=a", "#"), k=width)))
    for _ in range(choose.choice((0, 1, 5, 30, 30, 700))):
        wide = width + (choose.random() < odd) * choose.randrange(-1, 3)
        rows.append(delimiter.join(cell() for _ in range(wide)))
    text = "".join(row + (choose.choice(_ENDS) if choose.random() < odd else end) for row in rows)
    content = bytearray(text.encode(choose.choice((*ENCODINGS, *["utf-8"] * 8)), "replace"))
    for _ in range(choose.choice((0, 0, 0, 0, 1, 5))):
        at = choose.randrange(len(content) + 1)
        change = choose.randrange(4)
        if change == 0:
            content[at:at] = choose.randbytes(choose.randrange(1, 4))
        elif change == 1:
            del content[at : at + choose.randrange(1, 50)]
        elif change == 2:
            content[at : at + 1] = choose.choice((b'"', b"\n", b"\r", b",", b";", b"\x00", b"#", b" "))
        else:
            content[at:at] = content[at : at + choose.randrange(1, 300)] * choose.choice((1, 2, 200))
    return bytes(content)


def imports(path: Path, choose: random.Random) -> Iterator[Callable[[], object]]:
    """Yields the ways in which a file is read."""
    wanted = Format(
        encoding=choose.choice([None] * 6 + list(ENCODINGS)),
        delimiter=choose.choice([None] * 6 + list(DELIMITERS.values())),
        decimal=choose.choice([None] * 6 + list(DECIMALS.values())),
        header=choose.choice([None, None, True, False]),
    )
    drop, classes = choose.random() < 0.6, choose.random() < 0.3

    def data() -> object:
        look = read_preview(path, wanted)
        x, y = look.suggested()
        choices = Choices(form=look.form, x=x, y=y, classes=classes, drop_bad=drop)
        check(look, choices)
        return read(path, choices)

    def log() -> object:
        look = read_preview(path, wanted)
        columns = guess_columns(look)
        loss = columns.loss if columns.loss is not None else len(look.names) - 1
        return read_chosen(path, LogChoices(form=look.form, loss=loss, step=columns.step, lr=columns.lr, drop_bad=drop))

    yield data
    yield log


def run(count: int, seed: int, folder: Path) -> tuple[int, float, list[str]]:
    """Imports so many files; returns how many were read, the longest CPU seconds of one, and the failures."""
    path, good, longest, failures = folder / "mutated.csv", 0, 0.0, list[str]()
    for number in range(seed, seed + count):
        choose = random.Random(number)
        path.write_bytes(table(choose))
        for action in imports(path, choose):
            began, name = process_time(), action.__name__
            try:
                action()
                good += 1
            except CsvError as error:
                if not str(error) or "\n" in str(error):
                    failures.append(f"seed {number}, {name}: the error is not one line: {str(error)!r}")
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a failure
                failures.append(f"seed {number}, {name}: {type(error).__name__}: {error}")
            took = process_time() - began
            longest = max(longest, took)
            if took > MOST_SECONDS:
                failures.append(f"seed {number}, {name}: took {1000 * took:.0f} ms")
    return good, longest, failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    warnings.simplefilter("error")
    with tempfile.TemporaryDirectory() as folder:
        good, longest, failures = run(args.count, args.seed, Path(folder))
    for failure in failures[:50]:
        print(failure)
    read_of = f"{good} of {2 * args.count} imports read"
    print(f"{args.count} files, {read_of}, at most {1000 * longest:.0f} ms, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
