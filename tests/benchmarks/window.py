"""The rows of the table about the window; each is a program of its own, with its own Qt."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

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
