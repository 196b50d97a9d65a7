"""The same training in PyTorch, as its tutorials write it, on one thread, with all kept that a trace keeps."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from itertools import pairwise
from time import process_time
from typing import Any


def missing() -> str:
    """Returns why PyTorch is not here; "" where it is."""
    return "" if importlib.util.find_spec("torch") else "PyTorch is not installed (pip install torch==2.13.0)"


def _torch() -> Any:
    import torch

    torch.set_num_threads(1)
    return torch


def _optimizer(name: str, parameters: Any, lr: float) -> Any:
    optim = _torch().optim
    return optim.Adam(parameters, lr=lr) if name == "adam" else optim.SGD(parameters, lr=lr)


def line(optimizer: str, lr: float, x: Sequence[float], y: Sequence[float], steps: int) -> float:
    """CPU seconds of one run of a line through points; loss, rate, parameters and gradients are kept."""
    torch = _torch()
    inputs, targets = (torch.tensor(values, dtype=torch.float64) for values in (x, y))
    w, b = (torch.zeros((), dtype=torch.float64, requires_grad=True) for _ in range(2))
    stepper = _optimizer(optimizer, [w, b], lr)
    trace = []
    begin = process_time()
    for _ in range(steps):
        stepper.zero_grad()
        loss = ((w * inputs + b - targets) ** 2).mean()
        loss.backward()
        trace.append((loss.item(), lr, w.item(), b.item(), w.grad.item(), b.grad.item()))
        stepper.step()
    return process_time() - begin


def rosenbrock(optimizer: str, rates: Sequence[float], precision: str, steps: int) -> float:
    """CPU seconds of all runs as one tensor, as somebody writes it by hand; best and last loss are kept, no verdict."""
    torch = _torch()
    kind = getattr(torch, precision)
    lr = torch.tensor(rates, dtype=kind)
    x, y = (torch.full((len(rates),), value, dtype=kind, requires_grad=True) for value in (-1.2, 1.0))
    state = [torch.zeros_like(lr) for _ in range(4)]
    best, rows = torch.full_like(lr, float("inf")), 0
    begin = process_time()
    for step in range(1, steps + 1):
        loss = (1 - x) ** 2 + 100 * (y - x**2) ** 2
        slopes = torch.autograd.grad(loss.sum(), (x, y))
        with torch.no_grad():
            best = torch.minimum(best, loss)
            for place, (value, slope) in enumerate(zip((x, y), slopes, strict=True)):
                if optimizer == "sgd":
                    value -= lr * slope
                    continue
                m, v = state[2 * place : 2 * place + 2]
                m.lerp_(slope, 0.1)
                v.mul_(0.999).addcmul_(slope, slope, value=0.001)
                value -= lr / (1 - 0.9**step) * m / (v.sqrt() / (1 - 0.999**step) ** 0.5 + 1e-8)
            rows += 1
    return process_time() - begin


def network(
    sizes: Sequence[int], head: str, data: tuple[Any, Any], batch: int, precision: str, lr: float, steps: int
) -> float:
    """CPU seconds of Adam on mini-batches, shuffled every epoch; the loss of every batch is kept."""
    torch = _torch()
    torch.manual_seed(0)
    kind = getattr(torch, precision)
    inputs = torch.tensor(data[0], dtype=kind)
    labels = torch.tensor(data[1], dtype=kind if head == "binary" else torch.long)
    parts: list[Any] = []
    hidden: Callable[[], Any] = torch.nn.Tanh if head == "binary" else torch.nn.ReLU
    for before, after in pairwise(sizes):
        parts += [torch.nn.Linear(before, after, dtype=kind), hidden()]
    model = torch.nn.Sequential(*parts[:-1])
    criterion = torch.nn.BCEWithLogitsLoss() if head == "binary" else torch.nn.CrossEntropyLoss()
    stepper = _optimizer("adam", model.parameters(), lr)
    losses: list[float] = []
    begin = process_time()
    while len(losses) < steps:
        for chosen in torch.randperm(len(inputs)).split(batch):
            stepper.zero_grad()
            output = model(inputs[chosen])
            loss = criterion(output.squeeze(1) if head == "binary" else output, labels[chosen])
            loss.backward()
            stepper.step()
            losses.append(loss.item())
            if len(losses) == steps:
                break
    return process_time() - begin
