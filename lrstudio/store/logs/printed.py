"""Training logs that programs print: lines of names and numbers, such as `step 10 | loss 2.3 | lr 1e-4`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lrstudio.core.language import tr
from lrstudio.store.atomic import Progress, part
from lrstudio.store.csv.format import decoded, guess_encoding
from lrstudio.store.logs.assemble import Found, Rows
from lrstudio.store.logs.model import COUNTER, LOSS, RATE, LeftOut
from lrstudio.store.logs.names import BATCH, EPOCH, STEP, meaning

SAMPLE = 2**16
_LONGEST_LINE = 2**14
_ENOUGH = 2
_VALUE = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|NaN|inf|Inf|Infinity)\b"
_PAIR = re.compile(
    r"(?<![A-Za-z0-9_.])([A-Za-z_][\w./@-]{0,60}(?:(?:'s)? (?!(?:nan|inf)\b)[A-Za-z_][\w./@-]{0,40})?)['\"]?"
    rf"(?:\s{{0,4}}[:=]\s{{0,8}}|\s{{1,4}}|\s?\[)(?:tensor|np\.float\d\d)?[\['\"(]{{0,3}}({_VALUE})(?!\w|:\d|\.\d)",
    re.ASCII,
)
_UNITS = re.compile(r"(?<=\d)(?:ms|us|s|m|%)(?![\w])")
_ESCAPES = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]|[\x00-\x08\x0e-\x1f\u2500-\u25ff]+")
_OF_EPOCH = re.compile(
    r"\bEpoch\b[^\d\[\]]{0,20}\[\s{0,8}(\d+)(?:/\d+)?\]\s?\[\s{0,8}(\d+)\s?/\s?\d+\]?", re.IGNORECASE
)
"""Epoch [1][ 50/1000], as the examples of PyTorch and MMEngine print it."""
_OF_SAMPLES = re.compile(
    r"(?:\bTrain )?\bEpoch\b[^\d\[\]]{0,20}(\d+)\s{0,4}\[\s{0,8}(\d+)\s?/\s?\d+[^\]]{0,20}\]?", re.IGNORECASE
)
"""Train Epoch: 1 [640/60000 (1%)]."""
_OF_ROUND = re.compile(r"^\s{0,4}\[(\d+)\]\s{1,8}(?=\D)")
"""[0]<tab>train-logloss:0.5, as XGBoost and LightGBM print it."""
_OF_ITERATIONS = re.compile(r"\bIter(?:ation)?\b[^\d\[\]]{0,20}\[\s{0,8}(\d+)\s?/\s?\d+", re.IGNORECASE)
_OF_BAR = re.compile(r"\b(\d+)/\d+ \[\d+:")
"""50/100 [00:10<00:10, as the bars of tqdm show it."""
_PLACES = (
    (_OF_EPOCH, (EPOCH, BATCH)),
    (_OF_SAMPLES, (EPOCH, BATCH)),
    (_OF_ITERATIONS, (STEP,)),
    (_OF_ROUND, (STEP,)),
    (_OF_BAR, (STEP,)),
)
_NOISE = {"eta", "version", "seed", "gpu", "rank", "port", "pid", "it/s", "s/it"}
_MEASURES = re.compile(r"acc|auc|f1|mae|mse|bleu|map|top|dice|iou|perplexity|ppl|precision|recall|error|grad|r2|score")


def is_printed(sample: bytes) -> bool:
    """Whether a file has lines with a name and the value of a loss or a rate."""
    text = decoded(sample, guess_encoding(sample))
    return sum(_tells(_pairs(line)) for line in _cleaned(text)) >= _ENOUGH


def read_printed(path: Path, progress: Progress | None = None) -> Found:
    """Reads the lines that have a loss, a rate or a measure; others are counted. Rows have the last epoch and step."""
    report, size = part(progress, 0, 1), max(1, path.stat().st_size)
    with path.open("rb") as binary:
        encoding = guess_encoding(binary.read(SAMPLE))
    rows, counts, odd, done = Rows(), dict[str, float](), 0, 0
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        number = 0
        while line := file.readline(_LONGEST_LINE):
            number += 1
            done += len(line)
            if not number % 4096:
                report(min(1.0, done / size))
            for piece in _cleaned(line):
                pairs = _pairs(piece)
                counted = {name: value for name, value in pairs.items() if meaning(name).role == COUNTER}
                values = {name: value for name, value in pairs.items() if name not in counted}
                if EPOCH in counted and counted[EPOCH] != counts.get(EPOCH):
                    counts.clear()
                counts |= counted
                if _tells(pairs) or any(_MEASURES.search(name.lower()) for name in values):
                    rows.add(counts | values)
                elif not counted:
                    odd += 1
    found = Found(path.name, [rows.table(path.name)], "")
    if odd:
        found.left_out.append(LeftOut(tr("{odd} lines", odd=odd), tr("have no loss, rate or measure with a name")))
    return found


def _cleaned(text: str) -> Iterator[str]:
    """Yields the lines of a text, without the colours and bars of a terminal."""
    for line in re.split(r"[\r\n]+", text):
        if line.strip():
            yield _ESCAPES.sub(" ", line[:_LONGEST_LINE])


def _tells(pairs: dict[str, float]) -> bool:
    return any(meaning(name).role in (RATE, LOSS) for name in pairs)


def _pairs(line: str) -> dict[str, float]:
    """Returns the numbers of a line by their names; a count of epochs, steps or batches by its kind."""
    found: dict[str, float] = {}
    for pattern, kinds in _PLACES if "[" in line else ():
        match = pattern.search(line)
        if match is not None:
            found |= {kind: float(count) for kind, count in zip(kinds, match.groups(), strict=True)}
            line = f"{line[: match.start()]} {line[match.end() :]}"
            break
    for match in _PAIR.finditer(_UNITS.sub(" ", line)):
        name = match[1].strip()
        meant = meaning(name)
        if name.lower() in _NOISE or (name.lower().split(" ")[-1] in _NOISE):
            continue
        key = meant.kind if meant.kind in (EPOCH, STEP, BATCH) else name
        found.setdefault(key, float(match[2]))
    return found
