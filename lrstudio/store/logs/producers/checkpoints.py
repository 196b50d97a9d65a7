"""Which of the states that Hugging Face keeps in each checkpoint of a training have only what a later one has."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from lrstudio.store.logs.json_rows import parsed

STATE = "trainer_state.json"
_PLACE = re.compile(rf"/checkpoint-\d{{1,12}}/{STATE}$")
_MOST_BYTES = 2**26


def states_within(files: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Returns those of some files that are a state of a training, with the state of the same training that goes on."""
    found, whole = list[tuple[Path, Path]](), dict[Path, list[tuple[Path, tuple[int, ...]]]]()
    states = [
        (file, _PLACE.search(file.as_posix()) is not None, _rows_of(file)) for file in files if file.name == STATE
    ]
    for file, inside, rows in sorted(states, key=lambda each: (-len(each[2]), each[1])):
        longer = whole.setdefault(file.parents[inside], [])
        same = next((each for each, others in longer if rows and others[: len(rows)] == rows), None)
        if same is None:
            longer.append((file, rows))
        else:
            found.append((file, same))
    return found


def _rows_of(file: Path) -> tuple[int, ...]:
    """Returns a number for each row of the log of a state, equal for equal rows; none of one that cannot be read."""
    status = file.stat()
    return _known(file, status.st_ino, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=256)
def _known(file: Path, _place: int, size: int, _changed: int) -> tuple[int, ...]:
    state: Any = parsed(file.read_bytes()) if size <= _MOST_BYTES else None
    rows = state.get("log_history") if isinstance(state, dict) else None
    return tuple(hash(json.dumps(row)) for row in rows) if isinstance(rows, list) else ()
