"""Which of the states that Hugging Face keeps in each checkpoint of a training have only what a later one has."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lrstudio.store.logs.json_rows import parsed

STATE = "trainer_state.json"
_PLACE = re.compile(rf"/checkpoint-\d{{1,12}}/{STATE}$")
_MOST_BYTES = 2**26


def states_within(files: Sequence[Path]) -> list[tuple[Path, Path]]:
    """Returns those of some files that are a state of a training, with the state of the same training that goes on."""
    found, whole = list[tuple[Path, Path]](), dict[Path, list[tuple[Path, list[str]]]]()
    states = [(file, _rows_of(file)) for file in files if file.name == STATE]
    for file, rows in sorted(states, key=lambda each: (-len(each[1]), _PLACE.search(each[0].as_posix()) is not None)):
        longer = whole.setdefault(file.parents[_PLACE.search(file.as_posix()) is not None], [])
        same = next((each for each, others in longer if rows and others[: len(rows)] == rows), None)
        if same is None:
            longer.append((file, rows))
        else:
            found.append((file, same))
    return found


def _rows_of(file: Path) -> list[str]:
    """Returns the rows of the log of a state; none of one that cannot be read."""
    state: Any = parsed(file.read_bytes()) if file.stat().st_size <= _MOST_BYTES else None
    rows = state.get("log_history") if isinstance(state, dict) else None
    return [json.dumps(row) for row in rows] if isinstance(rows, list) else []
