"""Fuzzed texts for the four places of a typed formula: what they raise, and how long they take to be taken or refused.

python -m tests.benchmarks.fuzz [texts] [--seed N]        a million without a number; the same texts for the same seed
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import process_time

import numpy as np

from lrstudio.core.formula import FormulaError
from lrstudio.core.formula.parse import ARITY
from lrstudio.core.optimizers import Rule as UpdateText
from lrstudio.core.problems import Formula, Model
from lrstudio.core.schedules import Rule as ScheduleText
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation

PLACES: dict[str, Callable[[str], object]] = {
    "loss": lambda text: Formula(loss=text),
    "model": lambda text: Model(model=text),
    "rule": lambda text: UpdateText(text=text),
    "schedule": lambda text: ScheduleText(text=text),
}
MOST_SECONDS = 0.020
FOLLOWED = 50
"""One of so many texts that are taken is followed to its numbers."""

_NAMES = {
    "loss": "a b c w x y theta_1 pi e lr".split(),
    "model": "a b c x x x y pi e".split(),
    "rule": "w w g lr t m v beta pi e".split(),
    "schedule": "lr lr0 lr0 t T s pi e".split(),
}
_CHARACTERS = "wxablr019.eE+-*/^()<>=!,; \t\n_sincomaxwhere²π\x00'\"[]{}\\#\ud800"
_SIGNS = [*"+-*/^<>(),=", "**", "<=", ">=", "==", "!=", ";", "\n", " ", "1", "0", "2.5", "1e-3", "1e308", "9" * 400]


def texts(seed: int, count: int) -> Iterator[tuple[str, str]]:
    """Places and texts: soups of characters and of words, formulas of the grammar, and such with mistakes in them."""
    chance = random.Random(seed)
    places = list(PLACES)
    for number in range(count):
        place = places[number % len(places)]
        match number // len(places) % 5:
            case 0:
                text = "".join(chance.choices(_CHARACTERS, k=chance.randint(0, 60)))
            case 1:
                words = [*ARITY, *_SIGNS, *_NAMES[place] * 3]
                text = " ".join(chance.choices(words, k=chance.randint(1, 60)))
            case 2:
                text = _deep(chance, place)
            case 3:
                text = _written(chance, place)
            case _:
                text = _mistaken(chance, _written(chance, place))
        yield place, text


def _written(chance: random.Random, place: str) -> str:
    """A text of the grammar; it may be refused for its meaning only."""
    if place in ("loss", "model"):
        return _formula(chance, place, chance.randint(1, 110))
    names = [name for name in _NAMES[place] if name not in ("g", "t", "T", "lr0", "pi", "e")]
    if place == "rule":
        names = [name for name in names if name != "lr"]
    last = "w" if place == "rule" else "lr"
    lines = [chance.choice(names) for _ in range(chance.randint(0, 6))] + [last]
    return chance.choice("\n;").join(f"{name} = {_formula(chance, place, chance.randint(1, 40))}" for name in lines)


def _formula(chance: random.Random, place: str, size: int) -> str:
    if size <= 1:
        return chance.choice([*_NAMES[place], *"0123", "0.5", "1e-3"])
    if place == "loss" and size > 60 and chance.random() < 0.3:
        return f"mean({_formula(chance, place, size - 1)})"
    functions = [name for name in ARITY if name not in ("mean", "sum")]
    function = chance.choice([*functions, *"+-*/^+-*/^+-*", "neg", "<", ">=", "=="])
    count = ARITY.get(function, 2)
    args = [_formula(chance, place, (size - 1) // count) for _ in range(count)]
    if function in ARITY:
        return f"{function}({', '.join(args)})"
    return f"(-{args[0]})" if function == "neg" else f"({args[0]} {function} {args[1]})"


def _deep(chance: random.Random, place: str) -> str:
    """Long chains and deep nests of one kind, some of them within the limits."""
    count = chance.choice([3, 19, 20, 40, 41, 99, 200, 249, 600, 5000])
    name = chance.choice(_NAMES[place])
    opening = chance.choice(["(", "-", "sin(", "max(1,", "2^", "where(a<1,b,", "(w<", "exp(x*", "a^b^", "1/(1+"])
    nest = opening * count + name + ")" * (opening.count("(") * count)
    chain = chance.choice([*"+-*/^", "**"]).join([name] * count)
    body = chance.choice([nest, chain, name * count, "9^" * count + "9"])
    return body if place in ("loss", "model") else f"{'w' if place == 'rule' else 'lr'} = {body}"


def _mistaken(chance: random.Random, text: str) -> str:
    for _ in range(chance.randint(1, 3)):
        at = chance.randint(0, len(text))
        text = text[:at] + chance.choice(["", *_CHARACTERS, *_SIGNS]) + text[at + chance.randint(0, 3) :]
    return text


@dataclass
class Findings:
    """What became of the texts; `slowest` are CPU seconds, place and text."""

    taken: int = 0
    refused: int = 0
    followed: int = 0
    raised: Counter[str] = field(default_factory=Counter)
    slowest: dict[str, tuple[float, str, str]] = field(default_factory=dict)

    def note(self, what: str, seconds: float, place: str, text: str) -> None:
        self.slowest[what] = max(self.slowest.get(what, (0.0, "", "")), (seconds, place, text))


def is_own(error: Exception) -> bool:
    """Whether it is the parser's, or says that this is no text of a formula at all: empty, too long, unprintable."""
    return isinstance(error, FormulaError) or (isinstance(error, ValueError) and "must be a text of" in str(error))


def fuzz(seed: int, count: int, followed: int = FOLLOWED) -> Findings:
    """Offer so many texts to the four places."""
    found = Findings()
    for place, text in texts(seed, count):
        seconds, entry, error = offered(place, text)
        if seconds > MOST_SECONDS / 4:  # slow, or the garbage of others was collected
            seconds = min(seconds, *(offered(place, text)[0] for _ in range(4)))
        found.note("refuse" if error else "accept", seconds, place, text)
        if error is not None:
            found.refused += 1
            if not is_own(error):
                found.raised[f"{place}: {type(error).__name__}: {error} <- {text!r}"] += 1
            continue
        found.taken += 1
        if found.taken % followed == 0:
            try:
                follow(entry)
                found.followed += 1
            except Exception as error:  # noqa: BLE001
                found.raised[f"{place}, followed: {type(error).__name__}: {error} <- {text!r}"] += 1
    return found


def offered(place: str, text: str) -> tuple[float, object, Exception | None]:
    """The CPU seconds that it takes, and what comes of it or is raised."""
    begin = process_time()
    try:
        entry = PLACES[place](text)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
        return process_time() - begin, None, error
    return process_time() - begin, entry, None


def follow(entry: object) -> None:
    """What is taken can be run."""
    if isinstance(entry, (Formula, Model)):
        objective = entry.objective()
        with np.errstate(all="ignore"):
            loss, slope = objective.loss_and_gradient(np.array([entry.start] * 2) + 0.5)
        assert (loss.shape, slope.shape) == ((2,), (2, len(entry.names)))
        assert len(entry.domain) == len(entry.names)
        entry.minima(objective.data)
    else:
        typed = {"optimizer": entry} if isinstance(entry, UpdateText) else {"schedule": entry}
        simulation = Simulation(Experiment(problem=Formula(), runs=(Run(lr=0.1, **typed),), steps=3))
        simulation.advance(3)
        simulation.preview()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=20260101)
    given = parser.parse_args()
    count = given.texts
    found = fuzz(given.seed, count)
    print(f"{count:,} texts: {found.taken:,} taken, {found.refused:,} refused; {found.followed:,} followed to numbers")
    print(f"raised what they should not: {sum(found.raised.values())}")
    for line, times in found.raised.most_common(10):
        print(f"  {times} x {line[:300]}")
    for what, (seconds, place, text) in found.slowest.items():
        print(f"slowest to {what}: {1000 * seconds:.1f} ms ({place}, {text[:400]!r})")


if __name__ == "__main__":
    main()
