"""How long a large CSV file takes to become data, and how late the window is: python -m tests.benchmarks.import_csv

Makes a file of 100 MB, reads it without a window, then imports it through the real dialog while a 60 Hz timer is
watched, until the landscape of the new data is there.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer

from lrstudio.store.csv.import_csv import Choices, read, read_preview
from lrstudio.ui.window.app import application, wait_until
from lrstudio.ui.window.main_window import MainWindow

_BLOCK = 50_000


def make(path: Path, megabytes: float) -> int:
    """Write rows of three columns until the file is large enough; returns their number."""
    random, rows = np.random.default_rng(0), 0
    with path.open("w", encoding="utf-8") as file:
        file.write("size,rooms,price\n")
        while file.tell() < megabytes * 1e6:
            size, rooms = random.uniform(40, 160, _BLOCK), random.integers(1, 6, _BLOCK)
            price = 3 * size + 20 * rooms + random.normal(0, 20, _BLOCK)
            lines = zip(size.tolist(), rooms.tolist(), price.tolist(), strict=True)
            file.writelines(f"{one:.6f},{two},{three:.6f}\n" for one, two, three in lines)
            rows += _BLOCK
    return rows


def alone(path: Path, rows: int) -> None:
    begin = time.perf_counter()
    look = read_preview(path)
    looked = time.perf_counter() - begin
    choices = Choices(form=look.form, x=(0,), y=2)
    begin, began = time.perf_counter(), time.process_time()
    assert len(read(path, choices).dataset) == rows
    took, cpu = time.perf_counter() - begin, time.process_time() - began
    print(f"without a window: preview {1000 * looked:.0f} ms, {rows:,} rows in {took:.1f} s, {cpu:.2f} s of CPU")


def memory(path: Path) -> None:
    look = read_preview(path)
    tracemalloc.start()
    data = read(path, Choices(form=look.form, x=(0,), y=2)).dataset
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = sum(column.nbytes for column in data.columns)
    print(f"memory: at most {peak / 1e6:.0f} MB for {size / 1e6:.0f} MB of numbers")


def in_window(path: Path) -> None:
    window = MainWindow("light")
    window.show()
    session = window.session
    wait_until(session.query_done, lambda: session.trace is not None)
    window.files.data.begin(path)
    dialog = window.files.data.dialog
    assert dialog is not None
    delays: list[float] = []
    probe = QTimer()
    probe.setTimerType(Qt.TimerType.PreciseTimer)
    probe.start(17)
    wait_until(probe.timeout, dialog.ok.isEnabled)
    last = time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        delays.append(1000 * (now - last) - 17)
        last = now

    probe.timeout.connect(tick)
    before, begin = session.trace, time.perf_counter()
    dialog.ok.click()
    wait_until(session.simulation_changed, lambda: session.trace is not before)
    took, reading = time.perf_counter() - begin, len(delays)
    loop = QEventLoop()
    session.query_done.connect(loop.quit)
    loop.exec()
    QTimer.singleShot(300, loop.quit)
    loop.exec()
    probe.stop()
    late = np.maximum(delays, 0)
    print(f"in the window: {took:.1f} s until it is the problem; {window.status.note.text()}")
    print(f"late by p50 {np.median(late):.1f} ms, p99 {np.percentile(late, 99):.1f} ms, max {late.max():.1f} ms")
    print(f"the longest delay came at tick {int(late.argmax())} of {len(late)}; the reading ended at {reading}")
    session.feed.stopped.connect(loop.quit)
    window.files.when_safe = lambda go_on: go_on()  # type: ignore[method-assign, assignment]
    window.close()
    loop.exec()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--memory", action="store_true", help="also measure the memory, which is slow")
    args = parser.parse_args()
    application()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.csv"
        rows = make(path, args.megabytes)
        alone(path, rows)
        if args.memory:
            memory(path)
        in_window(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
