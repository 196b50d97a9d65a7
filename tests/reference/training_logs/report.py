"""What the diagnosis says of the labelled logs: `python -m tests.reference.training_logs.report` prints it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lrstudio.core.array import Array
from lrstudio.engine.diagnosis.diagnosis import Diagnosis, diagnosed
from lrstudio.engine.diagnosis.recorded import Recorded, recorded

LOGS = Path(__file__).parent / "logs.json"
HALVES = ("design", "held out")


@dataclass(frozen=True)
class Judged:
    """A labelled log with its diagnosis."""

    log: dict[str, Any]
    run: Recorded
    diagnosis: Diagnosis

    @property
    def right(self) -> bool:
        return bool(self.diagnosis.main.key == self.log["label"])

    def __str__(self) -> str:
        main, log = self.diagnosis.main, self.log
        told = f"{log['label']} was told as {main.key} ({main.sure:.2f})"
        return f"{told}: {log['setting']}, {log['logged']}, {log['truth']}"


def run_of(log: dict[str, Any]) -> Recorded:
    """Returns the arrays of a log; a column of one value is written once."""
    at = np.atleast_1d(np.array(log["step"], float))
    loss = _column(log["loss"], len(at)) if "loss" in log else np.empty(0)
    val_at = np.array(log.get("val_step", []), float)
    val = _column(log["val"], len(val_at)) if "val" in log else np.empty(0)
    return recorded(at[: len(loss)], loss, at, _column(log["lr"], len(at)), val_at, val)


def _column(values: Any, count: int) -> Array:
    return np.array([float(value) for value in values] if isinstance(values, list) else [float(values)] * count)


def judged(path: Path = LOGS) -> Iterator[Judged]:
    """Yields the logs of a file with their diagnoses."""
    for log in json.loads(path.read_text(encoding="utf-8")):
        run = run_of(log)
        yield Judged(log, run, diagnosed(run))


def lines(logs: list[Judged]) -> Iterator[str]:
    """Yields how many are right: by half and label, how sure it was, and the misses."""
    for half in HALVES:
        mine = [each for each in logs if each.log["half"] == half]
        yield f"{half}: {sum(each.right for each in mine)} of {len(mine)} are right"
        total, right = (
            Counter(each.log["label"] for each in mine),
            Counter(each.log["label"] for each in mine if each.right),
        )
        yield "  " + ", ".join(f"{label} {right[label]}/{count}" for label, count in sorted(total.items()))
        for low, high in ((0.0, 0.7), (0.7, 0.9), (0.9, 1.1)):
            sure = [each.right for each in mine if low <= each.diagnosis.main.sure < high]
            yield f"  how sure from {low:g}: {sum(sure)} of {len(sure)} are right"
    yield from (f"miss: {each.log['half']}: {each}" for each in logs if not each.right)


if __name__ == "__main__":
    print(*lines(list(judged())), sep="\n")
