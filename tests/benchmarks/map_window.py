"""How late the window's 60 Hz timer is while a map is computed and shown: python -m tests.benchmarks.map_window

The map is that of `proportional`, rate x momentum. Prints milliseconds to the first picture, seconds to the last one,
how many pictures there were, and the median, the 99th percentile and the greatest delay of the timer.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from lrstudio.ui.instruments.map.presets import presets
from lrstudio.ui.instruments.map.request import MapResult
from lrstudio.ui.instruments.map.window import MapWindow
from lrstudio.ui.session.bench import Work
from lrstudio.ui.window.app import application
from lrstudio.ui.window.main_window import MainWindow
from tests.benchmarks.responsiveness import Probe, percentiles, watched
from tests.paints import Paints


def mapped(app: QApplication, side: int, steps: int) -> dict[str, Any]:
    """Opens the window and computes the map."""
    window, loop = MainWindow("light"), QEventLoop()
    window.resize(1280, 800)
    window.show()
    window.session.simulation_changed.connect(loop.quit)
    loop.exec()
    window.tools.show(MapWindow)
    opened = window.tools.opened[MapWindow]
    assert isinstance(opened, MapWindow)
    opened.cancel()
    watched(1.0)
    idle = watched(2.0)
    asked = presets()[0].request
    asked = replace(asked, side=side, experiment=replace(asked.experiment, steps=steps))
    shown: list[float] = []
    paints = Paints([opened.canvas])
    probe, began = Probe(), time.perf_counter()
    compute = opened.compute

    def timed(request: object, job: Callable[[Work], Any], done: Callable[[Any], None], show: Any) -> bool:
        def note(result: MapResult) -> None:
            show(result)
            shown.append(time.perf_counter())

        def end(result: MapResult | None) -> None:
            done(result)
            loop.quit()

        return compute(request, job, end, note)

    with patch.object(opened, "compute", timed):
        opened.show_map(asked)
    loop.exec()
    found = {
        "first": shown[0] - began,
        "seconds": time.perf_counter() - began,
        "pictures": len(shown),
        "painted": paints.count,
        "late": percentiles(probe.late),
        "idle": percentiles(idle),
    }
    window.files.when_safe = lambda go_on: go_on()  # type: ignore[method-assign, assignment]
    window.session.feed.stopped.connect(loop.quit)
    window.close()
    loop.exec()
    app.processEvents()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found = mapped(application(), args.side, args.steps)
    if args.json:
        print(json.dumps(found))
        return 0
    print(
        f"{args.side} x {args.side} runs of {args.steps} steps: first picture {1000 * found['first']:.0f} ms, ", end=""
    )
    print(f"all {found['seconds']:.1f} s; {found['pictures']} pictures, {found['painted']} times painted")
    for name in ("idle", "late"):
        print("{}: p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {max:.1f} ms".format(name, **found[name]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
