"""Kills programs in the middle of a save: python -m tests.soak.saves --count 500 --seed 1 [--way window]

After each kill the file must be readable, and be the last version whose save was acknowledged or the one that was being
written. The next start must delete what the kill has left.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from lrstudio.core.problems import Parabola
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.store.session import load
from lrstudio.terminal.cli import main as terminal
from tests.soak.children import Child, Tell

STEPS = 40_000
SAVE_SECONDS = 0.008


def by_terminal(path: Path, first: int, tell: Tell) -> None:
    """Saves one version after another with `lrstudio run --save`; the version is the seed."""
    for version in range(first, sys.maxsize):
        tell(f"begin {version}")
        arguments = ["--problem", "parabola", "--steps", str(STEPS), "--seed", str(version), "--run", "lr=0.1"]
        if terminal(["run", *arguments, "--quiet", "--save", str(path)]):
            raise OSError("could not save")
        tell(f"end {version}")


def by_window(path: Path, first: int, tell: Tell) -> None:
    """Saves one version after another in the window."""
    from lrstudio.engine.training.pilot import State
    from lrstudio.ui.window.app import application, wait_until
    from lrstudio.ui.window.main_window import MainWindow

    os.chdir(path.parent)
    app = application()
    window = MainWindow("light", recovery=path.parent / "recovery")
    session = window.session
    session.show(Experiment(problem=Parabola(), runs=(Run(lr=0.1),), steps=STEPS, seed=first))
    wait_until(session.simulation_changed, lambda: session.simulation is not None)
    window.transport.set_pace(None)
    window.run_actions.play.trigger()
    wait_until(session.state_changed, lambda: session.state is State.FINISHED)
    version = first

    def save() -> None:
        tell(f"begin {version}")
        session.save(path)

    def saved() -> None:
        nonlocal version
        tell(f"end {version}")
        version += 1
        session.experiment = replace(session.experiment, seed=version)
        assert session.simulation is not None
        session.simulation.experiment = session.experiment
        save()

    session.saved.connect(saved)
    save()
    app.exec()


WAYS: dict[str, Callable[[Path, int, Tell], None]] = {"terminal": by_terminal, "window": by_window}


def soak(way: str, count: int, seed: int, folder: Path) -> str:
    """Kills `count` saves in their middle; returns a summary, or raises AssertionError."""
    path, chance = folder / "mine.lrs", random.Random(seed)
    versions = [-1]
    middle = kills = inflight = 0
    while middle < count:
        left = {path.name for path in leftovers(folder)}
        child = Child(partial(WAYS[way], path, versions[-1] + 1))
        for _ in range(chance.randrange(1, 4)):
            line = child.read()
            while line is not None and not line.startswith("end"):
                line = child.read()
            assert line is not None, "the child has ended by itself"
            versions.append(int(line.split()[1]))
        assert not any(path.name in left for path in leftovers(folder)), "what the last kill has left is still there"
        while not leftovers(folder):
            time.sleep(0.0003)
        time.sleep(chance.uniform(0, SAVE_SECONDS))
        child.kill()
        kills += 1
        rest = [line.split() for line in child.rest()]
        versions += [int(number) for word, number in rest if word == "end"]
        seen = load(path).experiment.seed
        allowed = {versions[-1], versions[-1] + 1}
        assert seen in allowed, f"the file has version {seen}, not one of {allowed}"
        inflight += seen == versions[-1] + 1
        versions.append(seen)
        middle += bool(leftovers(folder)) or seen > versions[-2]
    return f"{way}: {kills} kills, {middle} in the middle of a save, {inflight} with the new version; 0 unreadable"


def leftovers(folder: Path) -> list[Path]:
    return list(folder.glob(".lrstudio-*"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--way", choices=WAYS, action="append")
    args = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import lrstudio.ui.window.main_window  # noqa: F401 - before the fork

    for way in args.way or WAYS:
        with tempfile.TemporaryDirectory() as folder:
            print(soak(way, args.count, args.seed, Path(folder)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
