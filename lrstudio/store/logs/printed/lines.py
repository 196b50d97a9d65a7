"""What is in one printed line: names and their numbers, such as `step 10 | loss 2.3 | lr 1e-4`."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lrstudio.core.record import dataclass
from lrstudio.store.logs.model import COUNTER, LOSS, RATE, TRAIN
from lrstudio.store.logs.names import BATCH, EPOCH, LEARN, STEP, counter_priority, in_phase, meaning

_MOST_SHAPES = 2**22
"""Maximum length of all shapes of lines that are kept, in characters."""
_THOUSANDS = r"(?<![\[(])\d{1,3}(?:,\d{3})+(?!,?\d)(?:\.\d+)?"
VALUE = (
    rf"[+-]?(?:{_THOUSANDS}|\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|"
    r"[+-]?(?:nan|NaN|inf|Inf|Infinity)\b(?! [A-Za-z]{1,20}:)"
)
_PAIR = re.compile(
    r"(?<![A-Za-z0-9_.])([A-Za-z_][\w./@-]{0,60}(?:(?:'s)? (?!(?:nan|inf)\b)[A-Za-z_][\w./@-]{0,40})?)['\"]?"
    rf"(?:\s{{0,4}}[:=]\s{{0,8}}|\s{{1,4}}|\s?\[)(?:tensor|np\.float\d\d)?[\['\"(]{{0,3}}({VALUE})(?!\w|:\d|\.\d)",
    re.ASCII,
)
_UNITS = re.compile(r"(?<=\d)(?:ms|us|s|m|%)(?![\w])|\b\d{1,3}%\|")
"""Units of numbers, and the share before a bar."""
ESCAPES = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]|[\x00-\x08\x0e-\x1f\u2500-\u25ff]+")
_ARROW = re.compile(rf"(?<=[\s:=])(?:{VALUE})\s?->\s?(?={VALUE})")
"""What was before a change: learning rate 0.002 -> 0.001."""
_OF_EPOCH = re.compile(
    r"\bEpoch\b[^\d\[\]]{0,20}\[\s{0,8}(\d+)(?:/\d+)?\]:?\s?\[\s{0,8}(\d+)\s?/\s?\d+\]?", re.IGNORECASE
)
"""Epoch [1][ 50/1000], as the examples of PyTorch and MMEngine print it."""
_OF_SAMPLES = re.compile(
    r"\b(?:Train(?: Epoch)?|Epoch)\b[^\d\[\]]{0,20}(\d+)\s{0,4}\[\s{0,8}(\d+)\s?/\s?\d+[^\]]{0,20}\]?", re.IGNORECASE
)
"""Train Epoch: 1 [640/60000 (1%)], or as timm prints it Train: 1 [  50/1000 (  5%)]."""
_OF_ROUND = re.compile(r"^\s{0,4}\[(\d+)\]\s{1,8}(?=\D)")
"""[0]<tab>train-logloss:0.5, as XGBoost and LightGBM print it."""
_OF_ITERATIONS = re.compile(r"\bIter(?:ation)?\b[^\d\[\]]{0,20}\[?\s{0,8}(\d+)\s?/\s{0,12}\d+", re.IGNORECASE)
"""Iteration [10/100], or as Megatron-LM prints it iteration       10/     100."""
_OF_GLOBAL_STEP = re.compile(r"\bEpoch(\d+)/\d+\|Iter(\d+)\(\d+/\d+\)")
"""Train|Epoch1/300|Iter50(51/1250)|, as NanoDet prints it."""
_OF_PAIR = re.compile(r"^\s{0,4}\[(\d+)/\d+\]\s?\[(\d+)/\d+\](?=\s)")
"""[0/25][50/1583], as PyTorch's example of a DCGAN prints it."""
_OF_LOADER = re.compile(
    r"^\s{0,8}(?:\* epoch|(?:train|valid|infer|test)\w{0,20}) \((\d+)/\d+\) (?=[A-Za-z])", re.IGNORECASE
)
"""train (1/20) loss: 0.5 and * Epoch (1/20) lr: 0.1, as Catalyst prints them."""
_OF_LINE = re.compile(r"^\s{0,8}(\d+):\s{1,4}(?=[A-Za-z])")
"""0:<tab>learn: 0.5, as CatBoost prints it."""
_OF_BAR = re.compile(r"\b(\d+)/\d+ \[\d+:")
"""50/100 [00:10<00:10, as the bars of tqdm show it."""
_HEAD = re.compile(r"[DIWEF]\d{4,8} [\d:.]{8,20}\s{1,8}\d{1,20} [\w./-]{1,100}:\d{1,6}\]")
"""I0101 10:00:00.000000 123 writer.py:48], as absl begins its lines."""
_PLACES = (
    (_OF_EPOCH, (EPOCH, BATCH)),
    (_OF_SAMPLES, (EPOCH, BATCH)),
    (_OF_GLOBAL_STEP, (EPOCH, STEP)),
    (_OF_PAIR, (EPOCH, BATCH)),
    (_OF_ITERATIONS, (STEP,)),
    (_OF_LOADER, (EPOCH,)),
    (_OF_ROUND, (STEP,)),
    (_OF_LINE, (STEP,)),
    (_OF_BAR, (STEP,)),
)
_PHASE = re.compile(
    r"(?:^|\s-\s|[\]:|]\s|\bINFO:)\W{0,8}(test(?:ing)?|val(?:id(?:at(?:ion|ing))?)?|eval(?:uat(?:ion|ing))?|dev)"
    r"(?: set| epoch| results?|(?: loss)? at [A-Za-z ]{1,40}\d{0,12}[^|:=\d]{0,40})?(?=\s{0,4}[:\[(|]|\s-\s)|"
    r"\bepoch ?\((val|test)\)|^\s{0,8}\*\s{1,4}(?=Acc@)",
    re.IGNORECASE,
)
"""Test: [ 10/100] Loss 2.3; Validation Results - Epoch: 1 Loss: 2.3; validation loss at iteration 10 | loss value: 2.3;
Epoch(val) [1][10/100] loss: 2.3; or * Acc@1 70.0: measured on other data."""
_SET = re.compile(
    r"(?<![a-z])(?:lr|learn(?:ing)?[ _-]rate)s?(?: of (?:param(?:eter)?[ _])?group (\d{1,4}))?(?: (?:is|was))?"
    rf"(?: [a-z]{{3,10}})?(?: from (?:{VALUE}))? to:? ({VALUE})(?!\w|:\d|\.\d)",
    re.IGNORECASE | re.ASCII,
)
"""Setting learning rate to 1e-3; reducing learning rate of group 0 to 1e-3."""
_CHANGING = re.compile(
    r"\b(?:set|reduc|decreas|lower|dropp?|chang|adjust|decay|updat|increas|rais)(?:e|es|ing|s|ed|ting)?\b",
    re.IGNORECASE,
)
_GOING_ON = re.compile(r"\b(?:reduc|decreas|lower|dropp?|decay|increas|rais)", re.IGNORECASE)
"""Words of a change that follows from what was before, so that no run begins with it."""
_MEANS = re.compile(r"\| train \| epoch \d{1,6} \|")
"""fairseq's line at the end of an epoch, with means over it, beside those of its intervals."""
_LOSSES = re.compile(r"\(epoch: \d{1,9}, iters: \d{1,12}, time: [\d.]{1,20}, data: [\d.]{1,20}\)")
"""What pix2pix and CycleGAN print before values that are all losses, though no name says so."""
_NO_ENDS = (" to", " from", ".py", ".cc", ".cpp")
"""Ends of what is no name: bounds, such as those of `lr from 0.1 to 0.01`, and files."""
_NOISE = {"eta", "version", "seed", "gpu", "rank", "port", "pid", "it/s", "s/it", "s"}
_MEASURES = re.compile(
    r"acc|auc|f1|mae|mse|bleu|map|top|dice|iou|perplexity|ppl|precision|recall|error|grad|r2|score|rew|entropy"
)
_PARTS = {"testing": "test", "validating": "validation", "evaluating": "eval"}

SHAPE = {ord(digit): "0" for digit in "123456789"}
Span = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Kind:
    """What lines with the same names are: the names of their numbers, and those of them that count."""

    names: tuple[str, ...]
    counters: frozenset[str]
    tells: bool
    """Whether a name is that of a loss or a rate."""
    is_row: bool
    trains: bool
    """Whether one of the losses is that of the training, and no rate is beside it."""

    @property
    def is_odd(self) -> bool:
        return not self.is_row and not self.counters


@dataclass(frozen=True)
class _Pair:
    """A name and the places of it and of its number in a line."""

    name: str
    at: Span
    number: Span


class Lines:
    """Finds the names and the numbers of lines.

    The patterns take one digit for another. So lines of one shape, in which all digits are 0, have names and numbers at
    the same places, and only the first of a shape is searched, or of those whose names have digits.
    """

    def __init__(self) -> None:
        self.shapes: dict[str, tuple[Kind, tuple[Span, ...]]] = {}
        """For shapes of which no name has digits the kind, and the places of the numbers."""
        self._named: dict[str, tuple[Span, ...]] = {}
        self._kinds: dict[tuple[str, ...], Kind] = {}
        self._size = 0

    def kind(self, line: str, shape: str) -> tuple[Kind, tuple[Span, ...]]:
        """Returns the kind of a line and the places of its numbers."""
        named = self._named.get(shape)
        key = shape if named is None else "\n".join([shape, *(line[begin:end] for begin, end in named)])
        if (known := self.shapes.get(key)) is not None:
            return known
        pairs = _pairs(line)
        if named is None and (named := tuple(pair.at for pair in pairs if any(map(str.isdigit, pair.name)))):
            self._named[shape] = named
            return self.kind(line, shape)
        numbers, phase = dict[str, Span](), _PHASE.search(line) if pairs else None
        head = _LOSSES.search(line) if pairs else None
        word = (phase[1] or phase[2] or "test").lower() if phase is not None else ""
        for pair in sorted(pairs, key=lambda pair: counter_priority(pair.name)):
            if pair.name.lower() != word and not _is_noise(pair.name.lower()):
                name = known_name(pair.name)
                if head is not None and pair.at[0] > head.end():
                    name = f"{name} loss"
                other = phase is not None or meaning(f"{pair.name} loss").part != TRAIN
                if phase is not None and meaning(name).part == TRAIN and "train" not in name.lower():
                    name = in_phase(name, _PARTS.get(word, word))
                if _MEANS.search(line) and meaning(name).role not in (COUNTER, RATE):
                    name = f"train/{name}"
                if name != BATCH or not other:
                    numbers.setdefault(name, pair.number)
        names, places = tuple(numbers), tuple(numbers.values())
        found = self._kinds.setdefault(names, kind_of(names)), places
        self._size += len(key)
        if self._size > _MOST_SHAPES:
            self.shapes.clear()
            self._named.clear()
            self._size = len(key)
        self.shapes[key] = found
        return found


def kind_of(names: tuple[str, ...]) -> Kind:
    means = {name: meaning(name) for name in names}
    counters = frozenset(name for name in names if means[name].role == COUNTER)
    roles = {mean.role for mean in means.values()}
    tells = RATE in roles or LOSS in roles or LEARN in names
    measured = any(_MEASURES.search(name.lower()) for name in names if name not in counters)
    fits = LEARN in names or any(mean.role == LOSS and mean.part == TRAIN for mean in means.values())
    return Kind(names, counters, tells, tells or measured, fits and RATE not in roles)


def known_name(name: str) -> str:
    """Returns what a counter counts instead of its name, so that those of all lines are one."""
    kind = meaning(name).kind
    return kind if kind in (EPOCH, STEP, BATCH) else name


def number_of(text: str) -> float:
    """Returns a number, also one with commas between thousands; 0,5 is a half."""
    return float(text.replace(",", "." if text.lstrip("+-").startswith("0,") else ""))


def begins_a_run(line: str) -> bool:
    """Whether a line that sets a rate can be the first of a run."""
    return _GOING_ON.search(line) is None


def rate_set(line: str) -> tuple[str, float] | None:
    """Returns the name and the value of a rate of which a line says that it is set to it."""
    match = _SET.search(line) if " to" in line else None
    if match is None or not _CHANGING.search(line):
        return None
    group = int(match[1] or 0)
    return "learning rate" + (f" of group {group}" if group else ""), number_of(match[2])


def _is_noise(name: str) -> bool:
    return name in _NOISE or name.split(" ")[-1] in _NOISE or name.endswith(_NO_ENDS)


def _pairs(line: str) -> list[_Pair]:
    """Returns the names and numbers of a line; of counts in a place of their own, as [1][50/90], the kinds."""
    found, text, places = list[_Pair](), line, list(range(len(line) + 1))
    if (head := _HEAD.match(line)) is not None:
        text, places = _blanked(text, places, [head])
    for pattern, kinds in _PLACES if "[" in text or "/" in text or ":" in text[:12] else ():
        match = pattern.search(text)
        if match is not None:
            spans = [match.span(group) for group, _kind in enumerate(kinds, 1)]
            found = [_Pair(kind, (0, 0), (places[begin], places[end - 1] + 1))
                     for kind, (begin, end) in zip(kinds, spans, strict=True)]  # fmt: skip
            text, places = _blanked(text, places, [match])
            break
    for pattern in (_UNITS, _ARROW) if "->" in text else (_UNITS,):
        text, places = _blanked(text, places, pattern.finditer(text))
    for match in _PAIR.finditer(text):
        (begin, end), (first, last) = match.span(1), match.span(2)
        found.append(
            _Pair(match[1].strip(), (places[begin], places[end - 1] + 1), (places[first], places[last - 1] + 1))
        )
    return found


def _blanked(text: str, places: list[int], parts: Iterable[re.Match[str]]) -> tuple[str, list[int]]:
    """Returns a text with a blank instead of each part, and for each character its place in the line."""
    pieces, kept, last = list[str](), list[int](), 0
    for part in parts:
        begin, end = part.span()
        pieces.append(text[last:begin])
        kept += places[last : begin + 1]
        last = end
    return " ".join([*pieces, text[last:]]), kept + places[last:]
