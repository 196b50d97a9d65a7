"""Record the labelled logs anew: writes logs.json. Needs torch, scikit-learn and Keras, which nothing else here does.

python -m tests.reference.training_logs [--only LABEL] [--each N] [--out FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from tests.reference.training_logs.constructions import MAKERS, Case, usable
from tests.reference.training_logs.trainer import Setting, parts, sweep

ROWS, FEWEST = 110, 12
"""About how many rows of a training are logged, and at least how many epochs."""
HELD_OUT = 2
"""The first seed of the logs that the rules were not written on."""
S = Setting
SETTINGS = (
    S("digits", (32,), "sgd", 32), S("digits", (), "sgd", 8, wrong=0.2, size=700),
    S("digits", (32,), "adam", 32, wrong=0.1), S("diabetes", (), "sgd", 8),
    S("digits", (), "sgd", 16), S("diabetes", (), "adam", 4),
    S("digits", (24, 24), "momentum", 32, "relu"), S("cancer", (), "sgd", 4, wrong=0.2),
    S("digits", (32,), "sgd", None), S("digits", (), "momentum", None),
    S("digits", (32,), "adam", None), S("digits", (24,), "momentum", None, "relu"),
    S("digits", (16,), "rmsprop", 16), S("diabetes", (), "momentum", 8),
    S("digits", (64,), "adam", 16, "relu", size=120, wrong=0.2), S("digits", (64,), "momentum", 20, size=100),
    S("wine", (16,), "sgd", 16), S("wine", (16,), "adam", 8),
    S("wine", (), "sgd", 8, wrong=0.1), S("wine", (), "adam", 4, wrong=0.2),
    S("wine", (12,), "momentum", None), S("wine", (16,), "sgd", None, "relu"),
    S("wine", (12, 12), "adamw", 16, wrong=0.2), S("cancer", (), "sgd", 16),
    S("cancer", (16,), "momentum", 32, wrong=0.1), S("cancer", (16,), "adam", 16, "relu"),
    S("cancer", (16, 16), "sgd", None), S("diabetes", (), "sgd", None),
    S("cancer", (32,), "adam", 8, "relu", size=100, wrong=0.2), S("cancer", (), "adam", None),
    S("cancer", (), "adam", 8, wrong=0.2), S("diabetes", (), "rmsprop", 16),
    S("diabetes", (), "momentum", None), S("diabetes", (), "adam", None),
    S("diabetes", (24,), "adam", 16, size=150), S("diabetes", (32,), "momentum", 16, size=150),
    S("iris", (8,), "sgd", 8), S("iris", (8,), "adam", 16, "relu", wrong=0.1),
    S("iris", (), "momentum", 8, wrong=0.1), S("iris", (), "adam", 8),
    S("iris", (8,), "sgd", None), S("iris", (12,), "adam", None),
    S("digits", (32,), "adam", 64, library="keras", steps=300),
    S("diabetes", (), "sgd", 16, library="keras", steps=300),
    S("wine", (12,), "momentum", 16, library="keras", steps=300),
    S("cancer", (16,), "adam", 16, library="keras", steps=300),
)  # fmt: skip


def logged(case: Case, setting: Setting, random: np.random.Generator) -> dict[str, Any]:
    """Returns the columns of a log of the training: of single steps, means of some steps, or epochs."""
    trained, steps = case.trained, len(case.trained.rates)
    size = len(parts(setting)[0][0])
    epoch = max(1, size // setting.batch) if setting.batch else 1
    kinds = ["single", "single", "means", "epochs"] if setting.library == "torch" else ["epochs"]
    kinds = ["means", "epochs"] if case.averaged else kinds
    kind = "single" if case.single or case.label in ("diverged", "warmup_short") else str(random.choice(kinds))
    every = 1 if case.single else max(1, round(steps / ROWS))
    if kind == "epochs" and steps < FEWEST * epoch:
        kind = "means"
    if kind == "epochs":
        every = epoch * max(1, round(steps / ROWS / epoch))
    elif setting.batch is None and every % 2 == 0:
        every += 1
    at = np.arange(0 if kind == "single" else every - 1, steps, every)
    with np.errstate(all="ignore"):
        means = [trained.losses[row + 1 - every : row + 1].mean() for row in at]
    loss = trained.losses[at] if kind == "single" else np.array(means)
    rows = slice(case.rows)
    log: dict[str, Any] = {"logged": kind, "every": every, "epoch": epoch, "steps": steps, "step": at[rows] + 1}
    if "loss" not in case.without:
        log["loss"] = loss[rows]
    log["lr"] = trained.rates[at][rows]
    if "val" not in case.without and (
        kind == "epochs" or case.with_val or case.label == "overfitting" or random.random() < 0.4
    ):
        log |= {"val_step": trained.looks[1:], "val": trained.val[1:]}
    return log


def plain(values: Any, digits: int = 4) -> Any:
    """Returns numbers with few digits, as JSON has them; NaN and infinity are texts."""
    if isinstance(values, np.ndarray):
        numbers = [plain(value, digits) for value in values.tolist()]
        return numbers[0] if len(numbers) > 1 and len(set(map(str, numbers))) == 1 else numbers
    if isinstance(values, float):
        short = float(f"{values:.{digits}g}")
        if not np.isfinite(short):
            return str(short)
        return int(short) if short == int(short) and abs(short) < 1e9 else short
    return values


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", action="append")
    parser.add_argument("--each", type=int, default=11, help="logs of a label in each half")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3])
    parser.add_argument("--settings", default="")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "logs.json")
    args = parser.parse_args()
    found: dict[str, list[dict[str, Any]]] = {maker.__name__: [] for maker in MAKERS}
    begin = time.monotonic()
    settings = [each for each in SETTINGS if args.settings in each.name]
    made = Counter[tuple[str, str]]()
    for seed in args.seeds:
        half = "design" if seed < HELD_OUT else "held out"
        for setting in settings:
            wanted = [maker for maker in MAKERS if not args.only or maker.__name__ in args.only]
            wanted = [maker for maker in wanted if made[half, maker.__name__] < args.each or setting.library == "keras"]
            if not wanted:
                continue
            try:
                if not usable(sweep(setting, seed)):
                    continue
            except (IndexError, ValueError):
                continue
            for maker in wanted:
                label = maker.__name__
                random = np.random.default_rng(zlib.crc32(f"{setting.name} {label} {seed}".encode()))
                with np.errstate(all="ignore"):
                    case = maker(setting, seed, random)
                if case is None:
                    continue
                log: dict[str, Any] = {"label": label, "setting": setting.name, "half": half}
                log |= {name: plain(values) for name, values in logged(case, setting, random).items()}
                log["truth"] = {name: plain(value) for name, value in case.truth.items()}
                found[label].append(log)
                made[half, label] += 1
            print(
                f"{time.monotonic() - begin:.0f} s",
                setting.name,
                {k: len(v) for k, v in found.items()},
                file=sys.stderr,
                flush=True,
            )
            save(args.out, found)
    save(args.out, found)


def save(path: Path, found: dict[str, list[dict[str, Any]]]) -> None:
    logs = [log for each in found.values() for log in each]
    lines = ",\n".join(json.dumps(log, separators=(",", ":")) for log in logs)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
