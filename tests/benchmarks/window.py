"""The rows of the table about the window, each a program of its own with its own Qt, and about files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.benchmarks import files as file_times
from tests.benchmarks import start as start_times
from tests.benchmarks.measuring import QUICK, Line, Pace

LATE, LATER_THAN_IDLE, SHARE = 8.0, 2.0, 0.85
"""Milliseconds of the 99th percentile, at most so many more than idle, and the share of the free speed."""
MAP_SECONDS = 1.0


def said(module: str, *arguments: str) -> dict[str, Any]:
    """What a program of this folder prints as JSON."""
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", "--json", *arguments]
    environment = {"QT_QPA_PLATFORM": "offscreen"} | os.environ
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def window(pace: Pace) -> list[Line]:
    found = said("responsiveness", "--seconds", "2" if pace == QUICK else "8")
    late, idle, share = found["training"], found["idle"], found["speed"] / found["free"]
    most = min(LATE, idle["p99"] + LATER_THAN_IDLE)
    timer = "late by p50 {p50:.1f}, p99 {p99:.1f}, max {max:.1f} ms".format(**late)
    return [
        Line(
            "window, 8 runs flat out: its timer",
            f"{timer}; idle p99 {idle['p99']:.1f} ms",
            f"p99 ≤ {LATE:g} ms and ≤ idle + {LATER_THAN_IDLE:g} ms",
            late["p99"] <= most,
        ),
        Line(
            "window, 8 runs flat out: the training",
            f"{share:.2f} of its free speed",
            f"≥ {SHARE}",
            share >= SHARE,
            f"{found['painted']:.0f} canvases painted a second",
        ),
    ]


def maps(pace: Pace) -> list[Line]:
    found = said("map_window", "--side", "128" if pace == QUICK else "512")
    late = "late by p50 {p50:.1f}, p99 {p99:.1f}, max {max:.1f} ms".format(**found["late"])
    return [
        Line(
            "map 512 × 512 × 200 of proportional, shown",
            f"{found['seconds']:.2f} s, first picture {1000 * found['first']:.0f} ms; window {late}",
            f"≤ {MAP_SECONDS:g} s, p99 ≤ {LATE:g} ms",
            found["seconds"] <= MAP_SECONDS and found["late"]["p99"] <= LATE,
        )
    ]


def start(pace: Pace) -> list[Line]:
    found = start_times.measured(3 if pace == QUICK else 9)
    window, bare = found["window"], found["bare import"]
    return [
        Line(
            "start to the first painted window",
            f"{1000 * window:.0f} ms CPU, {window / bare:.2f} × a bare import ({1000 * bare:.0f} ms)",
            "≤ 2.5 × import PySide6.QtWidgets, numpy",
            window <= 2.5 * bare,
        )
    ]


def files(pace: Pace) -> list[Line]:
    rows = 100_000 if pace == QUICK else 1_000_000
    found = file_times.measured(rows)
    (mine, theirs), (saved, raw) = found["csv"], found["session"]
    read, gaps = found["log"][0], found["log with gaps"][0]
    return [
        Line(
            f"CSV {rows:,} × 8, exact",
            f"{mine:.2f} s, {mine / theirs:.2f} × numpy.savetxt ({theirs:.2f} s)",
            "≤ 0.6 × numpy.savetxt",
            mine <= 0.6 * theirs,
        ),
        Line(
            f"training log of {rows:,} rows",
            f"{read:.2f} s, with missing cells {gaps:.2f} s",
            "≤ 3 s of 10⁶ rows",
            max(read, gaps) <= 3 * rows / 1e6,
        ),
        Line(
            f"session of {64 * rows / 1e6:.0f} MB",
            f"{saved:.3f} s, {saved / raw:.1f} × a raw write ({raw:.3f} s)",
            "≤ 5 × a raw write",
            saved <= 5 * raw,
        ),
    ]
