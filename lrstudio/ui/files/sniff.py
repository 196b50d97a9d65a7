"""What a file is that the user drops, or names on the command line: told from the beginning of its content."""

from __future__ import annotations

from pathlib import Path

from lrstudio.store.archive import SIGNATURE
from lrstudio.store.csv.format import CsvError
from lrstudio.store.csv.import_csv import read_preview
from lrstudio.store.logs.folder import is_log_name
from lrstudio.store.logs.model import COUNTER, LOSS, RATE
from lrstudio.store.logs.names import TIME, meaning
from lrstudio.store.logs.read import FOREIGN_SUFFIXES, kind_of
from lrstudio.ui.files.data_import import SUFFIXES

SESSION, LOG, TABLE, UNCLEAR, OTHER = "session", "log", "table", "unclear", "other"
"""What a file can be; UNCLEAR is a table that may be a log, or data."""


def kind_of_file(path: Path) -> str:
    """Returns what a file is; a log of another program is one also where it cannot be read, so that it says why."""
    try:
        with path.open("rb") as file:
            if file.read(len(SIGNATURE)) == SIGNATURE:
                return SESSION
        kind = kind_of(path)
    except CsvError:
        called = is_log_name(path) or path.suffix.lower() in FOREIGN_SUFFIXES
        return LOG if called else OTHER
    except OSError:
        return OTHER
    if kind != "csv" or path.suffix.lower() not in SUFFIXES:
        return LOG if kind != "csv" or is_log_name(path) or not path.suffix else OTHER
    return _kind_of_table(path)


def _kind_of_table(path: Path) -> str:
    """A log counts its rows and has a loss or a rate, or has both of these."""
    try:
        meanings = [meaning(name) for name in read_preview(path).names]
    except (CsvError, OSError):
        return TABLE
    roles, counters = {each.role for each in meanings}, {each.kind for each in meanings if each.role == COUNTER}
    signs = len(roles & {LOSS, RATE}) + bool(counters - {TIME}) + (len(counters) > 1)
    return LOG if signs > 1 else UNCLEAR if signs else TABLE
