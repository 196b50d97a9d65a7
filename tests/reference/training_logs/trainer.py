"""Trains small networks on data that scikit-learn ships, and measures what a log does not have."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from sklearn import datasets

os.environ.setdefault("KERAS_BACKEND", "torch")
torch.set_num_threads(1)
LOOKS = 60
"""How often the losses on all data are measured in a training."""
SPLIT_SEED = 7


@dataclass(frozen=True)
class Setting:
    """A network, its data and how it is trained, but for the rates."""

    data: str
    hidden: tuple[int, ...]
    optimizer: str
    batch: int | None
    activation: str = "tanh"
    size: int = 400
    """The number of data points that are trained on."""
    wrong: float = 0.0
    """The share of labels that are wrong."""
    steps: int = 360
    library: str = "torch"

    @property
    def name(self) -> str:
        sizes = "-".join(map(str, self.hidden)) or "linear"
        return f"{self.library} {self.data} {sizes} {self.activation} {self.optimizer} {self.batch or 'full'}"


@dataclass
class Trained:
    """Losses of the batches (n,), and at the steps `looks` (k,) those on all training, validation and test data.

    `state` goes on from the end.
    """

    rates: np.ndarray
    losses: np.ndarray
    looks: np.ndarray
    full: np.ndarray
    val: np.ndarray
    test: np.ndarray
    state: Any

    @property
    def begin(self) -> np.float64:
        return np.float64(self.full[0])

    @property
    def end(self) -> np.float64:
        """The loss on all training data, the mean of the last tenth of the looks."""
        return mean(self.full[-max(2, LOOKS // 10) :])

    @property
    def lost(self) -> bool:
        return bool(not np.isfinite(self.end) or self.end > 1.2 * self.begin or not np.isfinite(self.losses).all())


def mean(values: Sequence[float] | np.ndarray) -> np.float64:
    """Returns the mean as a float whose division by 0 is no error."""
    with np.errstate(all="ignore"):
        return np.float64(np.mean(values))


@lru_cache(maxsize=32)
def parts(setting: Setting) -> tuple[tuple[torch.Tensor, torch.Tensor], ...]:
    """Returns inputs and targets of training, validation and test."""
    load = {"digits": datasets.load_digits, "wine": datasets.load_wine, "cancer": datasets.load_breast_cancer,
            "iris": datasets.load_iris, "diabetes": datasets.load_diabetes}[setting.data]  # fmt: skip
    x, y = load(return_X_y=True)
    random = np.random.default_rng(SPLIT_SEED)
    order = random.permutation(len(x))
    x, y = x[order], y[order]
    x = (x - x.mean(axis=0)) / (x.std(axis=0) + 1e-9)
    size = min(setting.size, len(x) * 3 // 5)
    if setting.data == "diabetes":
        target = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)[:, None]
    else:
        wrong = random.random(len(y)) < setting.wrong
        wrong[size:] = False
        y = np.where(wrong, random.integers(0, y.max() + 1, len(y)), y)
        target = torch.tensor(y, dtype=torch.int64)
    inputs = torch.tensor(x, dtype=torch.float32)
    middle = size + (len(x) - size) // 2
    bounds = (0, size, middle, len(x))
    return tuple((inputs[low:high], target[low:high]) for low, high in pairwise(bounds))


def network(setting: Setting, seed: int) -> torch.nn.Sequential:
    torch.manual_seed(seed)
    x, y = parts(setting)[0]
    outputs = 1 if y.dtype == torch.float32 else int(y.max()) + 1
    layers: list[torch.nn.Module] = []
    for inside, outside in pairwise((x.shape[1], *setting.hidden, outputs)):
        activation = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}[setting.activation]()
        layers += [torch.nn.Linear(inside, outside), activation]
    return torch.nn.Sequential(*layers[:-1])


def optimizer(setting: Setting, net: torch.nn.Module) -> torch.optim.Optimizer:
    rules: dict[str, tuple[Any, dict[str, float]]] = {
        "sgd": (torch.optim.SGD, {}), "momentum": (torch.optim.SGD, {"momentum": 0.9}),
        "adam": (torch.optim.Adam, {}), "adamw": (torch.optim.AdamW, {}), "rmsprop": (torch.optim.RMSprop, {}),
    }  # fmt: skip
    rule, options = rules[setting.optimizer]
    made: torch.optim.Optimizer = rule(net.parameters(), lr=0.0, **options)
    return made


def loss_of(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    if targets.dtype == torch.float32:
        return torch.nn.functional.mse_loss(outputs, targets)
    return torch.nn.functional.cross_entropy(outputs, targets)


def train(setting: Setting, rates: np.ndarray, seed: int, state: Any = None) -> Trained:
    """Returns the training with these rates; `state` is that of a training that it goes on from."""
    if setting.library == "keras":
        from tests.reference.training_logs.in_keras import train_keras

        return train_keras(setting, rates, seed, state)
    data = parts(setting)
    net = network(setting, seed)
    rule = optimizer(setting, net)
    if state is not None:
        net.load_state_dict(state[0])
        rule.load_state_dict(state[1])
    x, y = data[0]
    random = np.random.default_rng(seed + (0 if state is None else 1000))
    batches = _batches(len(x), setting.batch, random)
    losses, looks, measured = [], [], []
    for step, rate in enumerate(rates.tolist()):
        if step % max(1, len(rates) // LOOKS) == 0:
            looks.append(step)
            with torch.no_grad():
                measured.append([float(loss_of(net(inputs), targets)) for inputs, targets in data])
        rows = next(batches)
        for group in rule.param_groups:
            group["lr"] = rate
        rule.zero_grad()
        loss = loss_of(net(x), y) if rows is None else loss_of(net(x[rows]), y[rows])
        loss.backward()
        rule.step()
        losses.append(loss.item())
    looks.append(len(rates))
    with torch.no_grad():
        measured.append([float(loss_of(net(inputs), targets)) for inputs, targets in data])
    full, val, test = np.array(measured).T
    kept = {name: value.clone() for name, value in net.state_dict().items()}, rule.state_dict()
    return Trained(np.asarray(rates, float), np.array(losses), np.array(looks), full, val, test, kept)


def _batches(size: int, batch: int | None, random: np.random.Generator) -> Any:
    while batch is None:
        yield None
    while True:
        order = random.permutation(size)
        for begin in range(0, size - batch + 1, batch):
            yield torch.tensor(order[begin : begin + batch])


@dataclass(frozen=True)
class Swept:
    """What a sweep over constant rates found: their last losses, NaN where the training is lost.

    `calm` is the largest rate of trainings on all data whose loss rises in fewer than 2 % of the steps.
    """

    rates: np.ndarray
    ends: np.ndarray
    calm: float
    begin: float

    @property
    def limit(self) -> float:
        """The least rate that is lost."""
        lost = np.flatnonzero(np.isnan(self.ends))
        return float(self.rates[lost[0]]) if len(lost) else np.inf

    @property
    def least(self) -> float:
        return float(np.nanmin(self.ends))

    def left(self, end: float) -> float:
        """Returns the share of the descent to the lowest loss of the sweep that is left."""
        return (end - self.least) / (self.begin - self.least)

    @property
    def good(self) -> float:
        """The least rate that leaves less than a twentieth of the descent."""
        return float(self.rates[np.flatnonzero(self.left(self.ends) < 0.05)[0]])  # type: ignore[arg-type]


@lru_cache(maxsize=64)
def sweep(setting: Setting, seed: int) -> Swept:
    plain = setting.optimizer in ("sgd", "momentum")
    rates = 3.0 ** (np.arange(-6.0, 5) if plain else np.arange(-8.0, 3))
    ends, rises, begin = [], [], 1.0
    for rate in rates:
        trained = train(setting, np.full(setting.steps, rate), seed)
        begin = trained.begin
        ends.append(np.nan if trained.lost else trained.end)
        with np.errstate(all="ignore"):
            rises.append(mean(np.diff(trained.losses) > 0))
        if len(ends) > 4 and np.isnan(ends[-2:]).all():
            break
    calm = [rate for rate, share, end in zip(rates, rises, ends, strict=False) if share < 0.02 and not np.isnan(end)]
    return Swept(rates[: len(ends)], np.array(ends), max(calm, default=np.nan), begin)
