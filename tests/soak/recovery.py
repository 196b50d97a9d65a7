"""Kills windows at random moments and restores them: python -m tests.soak.recovery --count 200 --seed 1

Every kill must be offered at the next start, also after a second kill in the middle of the restoration, and what is
restored must be a state of the window that is at most 5 s old, with the numbers that the trace had.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.training.trace import Trace
from lrstudio.store.codec import encode
from lrstudio.store.recovery import SUFFIX
from tests.soak.children import Child, Tell

OLDEST = 5.0
"""Seconds."""


def row(trace: Trace, step: int) -> str:
    """Returns a digest of the weights and losses of a step."""
    values = b"".join(trace.read(name, step, step + 1).tobytes() for name in ("params", "loss", "grad"))
    return hashlib.sha256(values).hexdigest()[:16]


def told(session: Any, numbers: dict[int, int]) -> dict[str, Any]:
    """Returns what is seen of a session, as JSON; `numbers` counts its traces."""
    trace, steps = session.trace, session.steps_done
    loaded = session.simulation is not None
    return {
        "time": time.monotonic(),
        "state": json.dumps([encode(session.experiment), session.arrangement.to_view()], sort_keys=True),
        "trace": numbers.setdefault(id(trace), len(numbers)) if loaded else None,
        "steps": steps if loaded else 0,
        "row": row(trace, steps) if loaded else "",
    }


def worked(folder: Path, seed: int, tell: Tell) -> None:
    """Opens an example, edits and runs it at random, and tells what is seen, until it is killed."""
    from PySide6.QtCore import QTimer

    from lrstudio.ui.window.app import application, wait_until
    from lrstudio.ui.window.main_window import MainWindow

    chance = random.Random(seed)
    app = application()
    window = MainWindow("light", recovery=folder)
    window.show()
    session, numbers, traces = window.session, dict[int, int](), list[Trace]()
    experiment = chance.choice(EXAMPLES).experiment
    session.show(replace(experiment, steps=5000, horizon=experiment.schedule_length))
    wait_until(session.simulation_changed, lambda: session.simulation is not None)
    window.transport.set_pace(chance.choice([None, 50, 1000]))

    def act() -> None:
        shown, run = session.experiment, chance.randrange(len(session.experiment.runs))
        match chance.randrange(6):
            case 0:
                session.edit(replace(shown, runs=(*shown.runs, shown.runs[run])[-6:]))
            case 1 | 2:
                session.edit(shown.with_run(run, lr=shown.runs[run].lr * chance.choice([0.5, 0.9, 1.1])))
            case 3:
                session.arrange(session.arrangement.toggled(run))
            case 4:
                session.edit(replace(shown, steps=max(10, session.steps_done + chance.randrange(-20, 500))))
            case 5:
                window.run_actions.play.trigger()
        look()

    def look() -> None:
        if session.trace is not None:
            traces.append(session.trace)  # keeps their ids apart
        tell(json.dumps(told(session, numbers)))

    timers = QTimer(), QTimer()
    for timer, pause, slot in zip(timers, (chance.choice([40, 300, 900]), 25), (act, look), strict=True):
        timer.setInterval(pause)
        timer.timeout.connect(slot)
        timer.start()
    act()
    app.exec()


def restored(folder: Path, rows: list[int] | None, tell: Tell) -> None:
    """Restores what is offered; tells the number of offers and what is seen, with the digests of some rows."""
    from lrstudio.ui.files.restore_dialog import RestoreDialog
    from lrstudio.ui.window.app import application, wait_for, wait_until
    from lrstudio.ui.window.main_window import MainWindow

    application()
    window = MainWindow("light", recovery=folder)
    window.show()
    wait_for(window.files.recovery.found)
    dialog = window.findChild(RestoreDialog)
    tell(str(0 if dialog is None else dialog.list.topLevelItemCount()))
    if dialog is None:
        return
    dialog.restore.click()
    session = window.session
    wait_until(session.restored, lambda: session.task is None and session.modified)
    wait_until(session.simulation_changed, lambda: session.simulation is not None)
    seen, trace = told(session, {}) | {"note": window.status.note.text()}, session.trace
    assert trace is not None
    seen["rows"] = {step: row(trace, step) for step in rows or () if step <= seen["steps"]}
    tell(json.dumps(seen))
    window.end()
    wait_until(window.feed.stopped, lambda: not window.feed.alive)


class Crash(NamedTuple):
    """What became of one kill: seconds to the first point, whether it was killed twice, and the age in seconds of what
    was restored."""

    first: float
    twice: bool
    age: float


def crash(seed: int, folder: Path) -> Crash:
    """Kills a window and restores what it did; raises AssertionError if anything is lost."""
    chance, twice = random.Random(seed), False
    child = Child(partial(worked, folder, seed))
    lines = [child.read()]
    begun = time.monotonic()
    while not list(folder.glob(f"*{SUFFIX}")):
        assert time.monotonic() < begun + OLDEST, f"{seed}: nothing is kept after {OLDEST:g} s"
        lines += child.lines(0.01)
    first = time.monotonic() - begun
    lines += child.lines(chance.uniform(0, 2))
    killed = time.monotonic()
    child.kill()
    seen = [json.loads(line) for line in [*lines, *child.rest()] if line]
    if chance.random() < 0.5:  # a second crash, while it is restored
        twice, child = True, Child(partial(restored, folder, None))
        assert child.read() == "1", f"{seed}: not offered"
        time.sleep(chance.uniform(0, 0.2))
        child.kill()
        child.rest()
    child = Child(partial(restored, folder, sorted({entry["steps"] for entry in seen})))
    assert child.read() == "1", f"{seed}: not offered{' after the second crash' if twice else ''}"
    line = child.read()
    assert line is not None and child.wait() == 0, f"{seed}: not restored"
    child.rest()
    return Crash(first, twice, check(seen, json.loads(line), killed, f"{seed}"))


def soak(count: int, seed: int) -> str:
    """Kills `count` windows and restores each; returns a summary, or raises AssertionError."""
    crashes = []
    for number in range(seed, seed + count):
        with tempfile.TemporaryDirectory() as folder:
            crashes.append(crash(number, Path(folder)))
    firsts, twice, ages = zip(*crashes, strict=True)
    return (
        f"{count} kills, {sum(twice)} of them twice: all offered and restored; first point after {max(firsts):.1f} s "
        f"at most, what was restored was {max(ages):.1f} s old at most"
    )


def check(seen: list[dict[str, Any]], found: dict[str, Any], killed: float, name: str) -> float:
    """Compares what is restored with what was seen; returns its age in seconds."""
    same = [entry for entry in seen if entry["state"] == found["state"]]
    assert same, f"{name}: the restored state was never seen"
    assert "different" not in found["note"], f"{name}: {found['note']}"
    later = [entry for entry in seen if entry["time"] > same[-1]["time"]]
    age = killed - later[0]["time"] if later else 0.0
    assert age < OLDEST, f"{name}: the restored state is {age:.1f} s old"
    traces = [
        [entry for entry in seen if entry["trace"] == trace and entry["steps"] <= found["steps"]]
        for trace in {entry["trace"] for entry in same} - {None}
    ]
    equal = [all(found["rows"][str(entry["steps"])] == entry["row"] for entry in trace) for trace in traces]
    assert any(equal) or not traces, f"{name}: other numbers"
    return age


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import lrstudio.ui.window.main_window  # noqa: F401 - before the fork

    print(soak(args.count, args.seed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
