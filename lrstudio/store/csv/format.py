"""The format of a CSV file (encoding, delimiter, decimal mark, header), and reading its rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

from lrstudio.core.record import dataclass
from lrstudio.store.atomic import Progress, part
from lrstudio.store.csv.cells import is_number

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "gb18030")
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "space": " "}
DECIMALS = {"point": ".", "comma": ","}

SAMPLE = 2**18
_CHUNK = 2**16
_LONGEST_LINE = 2**20
GUESSED_ROWS = 200
_MOST_CELLS = 1000
_BATCH = 500
_CJK = re.compile(rb"(?<![A-Za-z])(?:[\xa1-\xa9\xb0-\xf7][\xa1-\xfe])+")


class CsvError(ValueError):
    """A file is not usable as data; the message says what is wrong, where, and what can be done, in one line."""


@dataclass(frozen=True, kw_only=True)
class Format:
    """One of ENCODINGS, a value of DELIMITERS and of DECIMALS, whether the first row is a header. None is guessed."""

    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    header: bool | None = None


def guess_format(sample: bytes, requested: Format) -> Format:
    """Returns the format of a file that begins with this sample, guessed where `requested` has None."""
    encoding = requested.encoding or guess_encoding(sample)
    text = decoded(sample, encoding)
    pairs = [
        (delimiter, decimal)
        for delimiter in ([requested.delimiter] if requested.delimiter else DELIMITERS.values())
        for decimal in ([requested.decimal] if requested.decimal else DECIMALS.values())
        if delimiter != decimal or requested.delimiter
    ]
    rows = {delimiter: sample_rows(text, delimiter) for delimiter, _ in pairs}
    best = max(pairs, key=lambda pair: _fitness(rows[pair[0]], pair[1]))
    header = _has_header(rows[best[0]], best[1]) if requested.header is None else requested.header
    return Format(encoding=encoding, delimiter=best[0], decimal=best[1], header=header)


def guess_encoding(sample: bytes) -> str:
    """Returns the encoding by the byte order mark, the zero bytes or the valid byte sequences."""
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if 4 * max(even, odd) > len(sample) // 2 and min(even, odd) * 8 < max(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        high = sum(byte >= 0x80 for byte in sample)
        paired = sum(len(match) for match in _CJK.findall(sample))
        return "gb18030" if paired > 0.9 * high else "cp1252"
    return "utf-8"


def decoded(sample: bytes, encoding: str) -> str:
    """Returns the text of a sample, whose last character may be cut; CsvError if the encoding is wrong."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(sample)
    except (UnicodeError, LookupError) as error:
        raise CsvError(f"is not {encoding} text: {error}; another encoding may fit") from error


def sample_rows(text: str, delimiter: str) -> list[list[str]]:
    """Returns the first rows of a text, up to the first that cannot be read."""
    lines: Iterator[str] = io.StringIO(text, newline="")
    rows: list[list[str]] = []
    try:
        for row in islice(reader(lines, delimiter), GUESSED_ROWS):
            rows.append(row)  # noqa: PERF402 - those before an error count
    except csv.Error:
        return rows
    return rows


def reader(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    """Returns a `csv.reader`; repeated spaces are one delimiter, and spaces at the ends of a line are ignored."""
    if delimiter == " ":
        return csv.reader((line.strip(" \r\n") for line in lines), delimiter=" ", skipinitialspace=True)
    return csv.reader(lines, delimiter=delimiter)


def rows_of(path: Path, form: Format, progress: Progress | None = None) -> Generator[list[str], None, None]:
    """Yields the rows of a file, including blank ones; CsvError names the row that cannot be read.

    The file is read in pieces of some hundred kilobytes.
    """
    assert form.encoding is not None and form.delimiter is not None
    row = 0
    try:
        with closing(_lines(path, form.encoding, progress)) as lines:
            for cells in reader(lines, form.delimiter):
                row += 1
                if len(cells) > _MOST_CELLS:
                    raise CsvError(f"row {row} has {len(cells)} cells; at most {_MOST_CELLS}")
                yield cells
    except csv.Error as error:
        reason = "a quotation mark is not closed" if "field limit" in str(error) else str(error)
        raise CsvError(f"after row {row}: {reason}") from error
    except UnicodeError as error:
        raise CsvError(f"after row {row}: is not {form.encoding} text: {error}; another encoding may fit") from error


def batches_of(
    path: Path, form: Format, progress: Progress | None = None
) -> Generator[tuple[int, list[list[str]]], None, None]:
    """Yields the rows below the header in batches, each with the number of its first row; errors as in `rows_of`."""
    number = 0
    with closing(rows_of(path, form, progress)) as rows:
        if form.header:
            for cells in rows:
                number += 1
                if cells:
                    break
        while batch := list(islice(rows, _BATCH)):
            yield number + 1, batch
            number += len(batch)


def _lines(path: Path, encoding: str, progress: Progress | None) -> Generator[str, None, None]:
    report = part(progress, 0, 1)
    with path.open("rb") as binary:
        size = max(1, binary.seek(0, io.SEEK_END))
        binary.seek(0)
        with io.TextIOWrapper(binary, encoding, newline="") as text:
            while chunk := text.read(_CHUNK):
                chunk += text.readline(_LONGEST_LINE)
                if len(chunk) >= _CHUNK + _LONGEST_LINE and chunk[-1] not in "\r\n":
                    raise CsvError(f"has a line of more than {_LONGEST_LINE} characters: this is no table")
                report(min(1.0, binary.tell() / size))
                yield from io.StringIO(chunk, newline="")


def _fitness(rows: Sequence[Sequence[str]], decimal: str) -> tuple[float, ...]:
    """Returns a sort key: larger for several columns, rows of equal width, and cells that are numbers."""
    filled = [row for row in rows if row]
    if not filled:
        return (0.0,)
    width, count = Counter(map(len, filled)).most_common(1)[0]
    body = filled[1:] or filled
    cells = [cell for row in body for cell in row]
    numbers = sum(is_number(cell, decimal) for cell in cells) / max(1, len(cells))
    return (width > 1) * (count / len(filled) + numbers), numbers, -width


def _has_header(rows: Sequence[Sequence[str]], decimal: str) -> bool:
    """Whether the first of several rows has no number."""
    filled = [row for row in rows if row]
    return len(filled) > 1 and not any(is_number(cell, decimal) for cell in filled[0])
