"""Record what PyTorch's schedules give: `python tests/reference/record_schedules.py`, where torch is installed.

Writes torch_schedules.json beside this file; README.md says what is in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.optim import SGD, lr_scheduler

STEPS = 120
Make = Callable[[SGD], Any]


def rates(make: Make, lr: float) -> list[float]:
    """The rates of STEPS steps."""
    weight = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = SGD([weight], lr=lr)
    schedule = make(optimizer)
    found = []
    for step in range(STEPS):
        found.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        if step + 1 < STEPS:
            schedule.step()
    return found


def trajectory(options: dict[str, Any], lr: float, start: float, above: float = 0.0) -> list[list[float]]:
    """Weight, loss and rate of each step of SGD on (w + 1)^2 + above with ReduceLROnPlateau."""
    weight = torch.nn.Parameter(torch.tensor([start], dtype=torch.float64))
    optimizer = SGD([weight], lr=lr)
    schedule = lr_scheduler.ReduceLROnPlateau(optimizer, **options)
    rows = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = ((weight + 1) ** 2).sum() + above
        loss.backward()
        rows.append([float(weight.detach()[0]), float(loss.detach()), float(optimizer.param_groups[0]["lr"])])
        optimizer.step()
        schedule.step(loss.detach())
    return rows


def plain(kind: str, key: str, lr: float = 0.2, **options: Any) -> dict[str, Any]:
    """A case whose options have the same names here and there."""
    given = dict(options)
    momentum = {"cycle_momentum": False} if kind in ("CyclicLR", "OneCycleLR") else {}
    found = rates(lambda optimizer: getattr(lr_scheduler, kind)(optimizer, **momentum, **given), lr)
    values = {name: "+".join(map(str, value)) if isinstance(value, list) else value for name, value in options.items()}
    return {"torch_class": kind, "schedule": key, "values": values, "lr": lr, "rates": found}


def warmed(after: str, inner: Make, total_iters: int, start_factor: float, lr: float = 0.2) -> dict[str, Any]:
    """A linear warm-up, then another schedule."""

    def make(optimizer: SGD) -> Any:
        warmup = lr_scheduler.LinearLR(optimizer, start_factor=start_factor, total_iters=total_iters)
        return lr_scheduler.SequentialLR(optimizer, [warmup, inner(optimizer)], milestones=[total_iters])

    values = {"total_iters": total_iters, "start_factor": start_factor, "after": after}
    return {"torch_class": "SequentialLR", "schedule": "warmup", "values": values, "lr": lr, "rates": rates(make, lr)}


def schedules() -> list[dict[str, Any]]:
    cyclic, cycle = ("CyclicLR", "cyclic"), ("OneCycleLR", "one_cycle")
    return [
        plain("MultiStepLR", "multistep", milestones=[30, 80]),
        plain("MultiStepLR", "multistep", milestones=[1], gamma=0.5),
        plain("MultiStepLR", "multistep", milestones=[2, 3, 5, 8, 13, 21, 34, 55, 89], gamma=0.7),
        plain("MultiStepLR", "multistep", milestones=[10, 200], gamma=0.3),
        plain("MultiStepLR", "multistep", milestones=list(range(3, 99, 3)), gamma=0.9),
        plain(*cyclic, base_lr=0.05, max_lr=0.2, step_size_up=10),
        plain(*cyclic, base_lr=0.05, max_lr=0.2),
        plain(*cyclic, base_lr=0.001, max_lr=0.3, step_size_up=7, step_size_down=23),
        plain(*cyclic, base_lr=0.05, max_lr=0.2, step_size_up=10, mode="triangular2"),
        plain(*cyclic, base_lr=0.0, max_lr=1.0, step_size_up=3, step_size_down=9, mode="triangular2"),
        plain(*cyclic, base_lr=0.05, max_lr=0.2, step_size_up=10, mode="exp_range", gamma=0.97),
        plain(*cyclic, base_lr=0.01, max_lr=0.5, step_size_up=13, step_size_down=5, mode="exp_range", gamma=0.99),
        plain(*cyclic, base_lr=0.1, max_lr=0.2, step_size_up=1),
        plain(*cycle, max_lr=0.2, total_steps=120),
        plain(*cycle, max_lr=0.2, total_steps=120, anneal_strategy="linear"),
        plain(*cycle, max_lr=0.2, total_steps=120, three_phase=True),
        plain(*cycle, max_lr=0.2, total_steps=120, three_phase=True, anneal_strategy="linear", pct_start=0.45),
        plain(*cycle, max_lr=1.0, total_steps=200, pct_start=0.1, div_factor=10.0, final_div_factor=100.0),
        plain(*cycle, max_lr=0.5, total_steps=137, pct_start=0.37, div_factor=3.0, three_phase=True),
        warmed("constant", lambda optimizer: lr_scheduler.ConstantLR(optimizer, factor=1.0), 5, 1 / 3),
        warmed("cosine(T_max=100)", lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, 100), 20, 0.1),
        warmed("step(step_size=10,gamma=0.5)", lambda optimizer: lr_scheduler.StepLR(optimizer, 10, 0.5), 12, 0.01),
        warmed("exponential(gamma=0.95)", lambda optimizer: lr_scheduler.ExponentialLR(optimizer, 0.95), 1, 0.5),
        warmed(
            "multistep(milestones=15+40,gamma=0.2)",
            lambda optimizer: lr_scheduler.MultiStepLR(optimizer, [15, 40], 0.2),
            30,
            0.25,
        ),
    ]


def plateaus() -> list[dict[str, Any]]:
    cases: list[tuple[float, float, dict[str, Any]]] = [
        (1.0, 5.0, {}),
        (1.0, 5.0, {"patience": 3, "factor": 0.5}),
        (0.05, 5.0, {"patience": 2, "threshold": 0.5}),
        (0.1, 5.0, {"patience": 1, "threshold": 1.0, "threshold_mode": "abs", "factor": 0.7}),
        (1.0, 5.0, {"patience": 4, "cooldown": 6, "factor": 0.9}),
        (1.02, 2.0, {"patience": 0, "factor": 0.95, "min_lr": 0.3}),
        (1.0, 5.0, {"patience": 5, "eps": 0.05, "factor": 0.5}),
        (0.3, 5.0, {"patience": 3, "mode": "max", "factor": 0.8, "cooldown": 2}),
        (0.3, 5.0, {"patience": 3, "mode": "max", "threshold_mode": "abs", "threshold": 0.1}),
        (0.0, 5.0, {"patience": 3}),
    ]
    return [
        {"values": options, "lr": lr, "start": start, "rows": trajectory(options, lr, start)}
        for lr, start, options in cases
    ]


def hard_plateaus() -> list[dict[str, Any]]:
    """Relative thresholds of 1 and more, and losses that are below 0 or cross it."""
    quick = {"patience": 2, "factor": 0.8}
    cases: list[tuple[float, float, float, dict[str, Any]]] = [
        (0.05, 5.0, 0.0, quick | {"threshold": 1.0}),
        (0.05, 5.0, 0.0, quick | {"threshold": 1.5, "cooldown": 3}),
        (0.05, 5.0, 0.0, quick | {"threshold": 2.0, "min_lr": 0.01}),
        (0.05, 5.0, 0.0, quick | {"threshold": 1e6, "eps": 0.005}),
        (0.05, 5.0, 0.0, quick | {"threshold": 1.0, "threshold_mode": "abs"}),
        (0.05, 5.0, 0.0, quick | {"threshold": 1.0, "mode": "max"}),
        (0.3, 5.0, -50.0, quick),
        (0.3, 5.0, -50.0, quick | {"threshold": 0.5}),
        (0.3, 5.0, -50.0, quick | {"threshold": 1.0}),
        (0.3, 5.0, -50.0, quick | {"threshold": 3.0, "cooldown": 1}),
        (0.3, 5.0, -50.0, quick | {"threshold": 0.5, "threshold_mode": "abs"}),
        (0.3, 5.0, -50.0, quick | {"threshold": 2.0, "threshold_mode": "abs", "cooldown": 5, "min_lr": 0.05}),
        (0.3, 5.0, -50.0, quick | {"mode": "max", "threshold": 0.5}),
        (0.3, 5.0, -50.0, quick | {"mode": "max", "threshold_mode": "abs", "threshold": 0.5, "patience": 0}),
        (0.1, 5.0, -10.0, quick | {"threshold": 0.1}),
        (0.1, 5.0, -10.0, quick | {"threshold": 1.0, "eps": 0.02}),
        (1.0, 5.0, -36.0, quick),
        (1.0, 5.0, -40.0, quick | {"threshold": 0.0}),
        (1.0, 5.0, -40.0, quick | {"threshold": 0.0, "threshold_mode": "abs"}),
    ]
    return [
        {"values": options, "lr": lr, "start": start, "above": above, "rows": trajectory(options, lr, start, above)}
        for lr, start, above, options in cases
    ]


def main() -> None:
    document = {
        "source": f"torch {torch.__version__}, float64, CPU",
        "steps": STEPS,
        "schedules": schedules(),
        "plateaus": plateaus(),
        "hard_plateaus": hard_plateaus(),
    }
    path = Path(__file__).with_name("torch_schedules.json")
    path.write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
