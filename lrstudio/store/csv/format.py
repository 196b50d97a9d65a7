"""The format of a CSV file (encoding, delimiter, decimal mark, header), and reading its rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from itertools import chain, islice
from pathlib import Path

from lrstudio.core.language import mark, tr
from lrstudio.core.record import dataclass
from lrstudio.store.atomic import Progress, part
from lrstudio.store.csv.cells import guess_decimal, is_number, printable

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "gb18030")
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "space": " "}

SAMPLE = 2**18
_CHUNK = 2**16
_LONGEST_LINE = 2**20
GUESSED_ROWS, GUESSED_CELLS = 200, 10_000
MOST_CELLS = 1000
_BATCH = 500
_REASONS = {
    "field limit": mark("a cell is very long, perhaps because a quotation mark is not closed"),
    "end of data": mark("a quotation mark is not closed"),
    "expected after": mark("a quotation mark is not closed, or stands within a quoted cell and is not doubled"),
}
"""What the errors of the csv module mean."""
_SEP = re.compile(r'\ufeff?"?sep=(.)"?[\r\n]', re.IGNORECASE)
"""The first line that tells Excel the delimiter."""
_CJK = re.compile(rb"(?<![A-Za-z])(?:[\xa1-\xa9\xb0-\xf7][\xa1-\xfe])+")


class CsvError(ValueError):
    """A file is not usable as data; the message says what is wrong, where, and what can be done, in one line.

    What cannot be printed, as in the words of a library about a damaged file, becomes a question mark.
    """

    def __init__(self, message: str) -> None:
        super().__init__(printable(" ".join(message.split())))


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
    told, delimiters = _SEP.match(text), list(DELIMITERS.values())
    if requested.delimiter:
        delimiters = [requested.delimiter]
    elif told:
        if told[1] not in delimiters:
            raise CsvError(
                tr(
                    "has the delimiter “{told}” in its first line; it must be {names}",
                    told=told[1],
                    names=", ".join(DELIMITERS),
                )
            )
        delimiters = [told[1]]
    rows = {delimiter: sample_rows(text, delimiter) for delimiter in delimiters}
    decimals = {delimiter: requested.decimal or _decimal_of(rows[delimiter], delimiter) for delimiter in delimiters}
    best = max(delimiters, key=lambda delimiter: _fitness(rows[delimiter], decimals[delimiter]))
    header = requested.header
    if header is None:
        header = head_of(rows[best], decimals[best])[0] is not None
    return Format(encoding=encoding, delimiter=best, decimal=decimals[best], header=header)


def head_of(
    rows: Sequence[Sequence[str]], decimal: str, header: bool | None = None
) -> tuple[Sequence[str] | None, int]:
    """Returns the row with the names, None without one, and the index of the first row below.

    Blank rows, comments and Excel's `sep=;` above the table are skipped. A comment has the names if it has as many
    words as the rows below have cells. Without `header` the first of several rows has the names if it has no number.
    """

    def has_number(row: Sequence[str]) -> bool:
        return any(is_number(cell, decimal) for cell in row)

    filled = [index for index, row in enumerate(rows) if any(map(str.strip, row))]
    width = _most_common_width(rows)
    for place, index in enumerate(filled):
        row, next_row = rows[index], rows[filled[place + 1]] if place + 1 < len(filled) else ()
        if not place and _SEP.match(",".join(row) + "\n"):
            continue
        if row[0].lstrip().startswith("#"):
            names = [row[0].lstrip().removeprefix("#").strip() or "#", *row[1:]]
            names = names[1:] if len(names) == width + 1 and row[0] == "#" else names
            if len(names) == width > 1 and has_number(next_row) and not has_number(names):
                return (None if header is False else names), index + 1
            if is_comment(row, width) or not has_number(next_row):
                continue
        named = not has_number(row) if header is None else header
        return (row, index + 1) if named else (None, index)
    return None, len(rows)


def is_comment(row: Sequence[str], width: int) -> bool:
    """Whether a row begins with # and is no row of a table of `width` columns."""
    first = row[0].lstrip() if row else ""
    if not first.startswith("#") or (len(row) == width and any(map(str.strip, row[1:]))):
        return False
    return first[1:2] in ("", " ", "#") or not any(is_number(cell, ".") for cell in row[1:])


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
        raise CsvError(
            tr("is not {encoding} text: {error}; another encoding may fit", encoding=encoding, error=error)
        ) from error


def sample_rows(text: str, delimiter: str) -> list[list[str]]:
    """Returns the first rows of a text, up to the first that cannot be read and to some ten thousand cells."""
    rows: list[list[str]] = []
    count = 0
    with suppress(csv.Error):
        for row in islice(reader(io.StringIO(text, newline=""), delimiter), GUESSED_ROWS):
            rows.append(row[: MOST_CELLS + 1])
            count += len(rows[-1])
            if count >= GUESSED_CELLS:
                break
    return rows


def reader(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    """Returns a `csv.reader`; repeated spaces are one delimiter, and spaces at the ends of a line are ignored."""
    if delimiter == " ":
        return csv.reader((line.strip(" \r\n") for line in lines), delimiter=" ", skipinitialspace=True, strict=True)
    return csv.reader(lines, delimiter=delimiter, strict=True)


def batches_of(
    path: Path, form: Format, first: int = 1, progress: Progress | None = None
) -> Generator[tuple[int, list[list[str]]], None, None]:
    """Yields the rows from number `first`, from 1, in batches, blank rows included, with the number of each first row.

    CsvError names the row that cannot be read. The file is read in pieces of some hundred kilobytes.
    """
    assert form.encoding is not None and form.delimiter is not None
    above, batch = 0, list[list[str]]()
    try:
        with closing(pieces_of(path, form.encoding, progress)) as pieces:
            rows = reader(chain.from_iterable(pieces), form.delimiter)
            while True:
                batch = []
                batch.extend(islice(rows, _BATCH))  # keeps the rows before an error
                if not batch:
                    return
                widest = max(batch, key=len)
                if len(widest) > MOST_CELLS:
                    row = above + 1 + batch.index(widest)
                    raise CsvError(
                        tr("row {row} has {count} cells; at most {most}", row=row, count=len(widest), most=MOST_CELLS)
                    )
                skipped = max(0, first - 1 - above)
                if skipped < len(batch):
                    yield above + skipped + 1, batch[skipped:]
                above += len(batch)
    except csv.Error as error:
        reason = next((tr(text) for sign, text in _REASONS.items() if sign in str(error)), str(error))
        raise CsvError(tr("row {row}: {reason}", row=above + len(batch) + 1, reason=reason)) from error
    except UnicodeError as error:
        raise CsvError(
            tr(
                "after row {row}: is not {encoding} text: {error}; another encoding may fit",
                row=above + len(batch),
                encoding=form.encoding,
                error=error,
            )
        ) from error


def pieces_of(path: Path, encoding: str, progress: Progress | None) -> Generator[io.StringIO, None, None]:
    """Yields the text of a file in pieces that end with a line."""
    report = part(progress, 0, 1)
    with path.open("rb") as binary:
        size = max(1, binary.seek(0, io.SEEK_END))
        binary.seek(0)
        with io.TextIOWrapper(binary, encoding, newline="") as text:
            while chunk := text.read(_CHUNK):
                chunk += text.readline(_LONGEST_LINE)
                if len(chunk) >= _CHUNK + _LONGEST_LINE and chunk[-1] not in "\r\n":
                    raise CsvError(
                        tr(
                            "has a line of more than {longest_line} characters: this is no table",
                            longest_line=_LONGEST_LINE,
                        )
                    )
                report(min(1.0, binary.tell() / size))
                yield io.StringIO(chunk, newline="")


def _decimal_of(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    """Returns the decimal mark that the rows prove; the point beside commas between cells."""
    decimal = guess_decimal([cell for row in rows for cell in row])
    return decimal if delimiter != "," or decimal == ".," else "."


def _fitness(rows: Sequence[Sequence[str]], decimal: str) -> tuple[float, ...]:
    """Returns a sort key: larger for several columns, rows of equal width, and cells that are numbers."""
    filled = [row for row in rows if row]
    if not filled:
        return (0.0,)
    width = _most_common_width(rows)
    body = filled[1:] or filled
    cells = [cell for row in body for cell in row]
    numbers = sum(is_number(cell, decimal) for cell in cells) / max(1, len(cells))
    share = sum(len(row) == width for row in filled) / len(filled)
    return (width > 1) * (share + numbers), numbers, -width


def _most_common_width(rows: Sequence[Sequence[str]]) -> int:
    return Counter(len(row) for row in rows if row).most_common(1)[0][0] if any(rows) else 0
