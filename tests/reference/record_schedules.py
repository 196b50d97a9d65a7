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
    return {"torch_class": kind, "schedule": key, "values": typed(options), "lr": lr, "rates": found}


def typed(options: dict[str, Any]) -> dict[str, Any]:
    """The options as they are typed here."""
    return {name: "+".join(map(str, value)) if isinstance(value, list) else value for name, value in options.items()}


def warmed(after: str, inner: Make, total_iters: int, start_factor: float, lr: float = 0.2) -> dict[str, Any]:
    """A linear warm-up, then another schedule."""

    def make(optimizer: SGD) -> Any:
        warmup = lr_scheduler.LinearLR(optimizer, start_factor=start_factor, total_iters=total_iters)
        return lr_scheduler.SequentialLR(optimizer, [warmup, inner(optimizer)], milestones=[total_iters])

    values = {"total_iters": total_iters, "start_factor": start_factor, "after": after}
    return {"torch_class": "SequentialLR", "schedule": "warmup", "values": values, "lr": lr, "rates": rates(make, lr)}


def sequence(texts: list[str], makes: list[Make], milestones: list[int], lr: float = 0.2) -> dict[str, Any]:
    """One schedule after the other."""

    def make(optimizer: SGD) -> Any:
        return lr_scheduler.SequentialLR(optimizer, [make(optimizer) for make in makes], milestones=milestones)

    values = {"schedules": "+".join(texts), "milestones": "+".join(map(str, milestones))}
    return {"torch_class": "SequentialLR", "schedule": "sequence", "values": values, "lr": lr, "rates": rates(make, lr)}


def product(texts: list[str], makes: list[Make], lr: float = 0.2) -> dict[str, Any]:
    """Several schedules at once."""

    def make(optimizer: SGD) -> Any:
        return lr_scheduler.ChainedScheduler([make(optimizer) for make in makes], optimizer=optimizer)

    found, values = rates(make, lr), {"schedules": "*".join(texts)}
    return {"torch_class": "ChainedScheduler", "schedule": "product", "values": values, "lr": lr, "rates": found}


def composed() -> list[dict[str, Any]]:
    """Sequences, products, and what follows a warm-up with a rate of its own."""
    constant = ("constant_lr(factor=0.1,total_iters=4)", lambda of: lr_scheduler.ConstantLR(of, 0.1, 4))
    rise = ("linear(start_factor=0.25,end_factor=1,total_iters=8)", lambda of: lr_scheduler.LinearLR(of, 0.25, 1.0, 8))
    cosine = ("cosine(T_max=40)", lambda of: lr_scheduler.CosineAnnealingLR(of, 40))
    low_cosine = ("cosine(T_max=40,eta_min=0.02)", lambda of: lr_scheduler.CosineAnnealingLR(of, 40, eta_min=0.02))
    fall = ("exponential(gamma=0.95)", lambda of: lr_scheduler.ExponentialLR(of, 0.95))
    steps = ("step(step_size=15,gamma=0.5)", lambda of: lr_scheduler.StepLR(of, 15, 0.5))
    several = ("multistep(milestones=5+30,gamma=0.3)", lambda of: lr_scheduler.MultiStepLR(of, [5, 30], 0.3))
    power = ("polynomial(total_iters=150,power=2)", lambda of: lr_scheduler.PolynomialLR(of, 150, 2.0))
    root = ("polynomial(total_iters=60,power=0.5)", lambda of: lr_scheduler.PolynomialLR(of, 60, 0.5))
    again = ("cosine_restarts(T_0=10,T_mult=2)", lambda of: lr_scheduler.CosineAnnealingWarmRestarts(of, 10, 2))

    def in_sequence(*parts: tuple[str, Make], milestones: list[int]) -> dict[str, Any]:
        return sequence([text for text, _ in parts], [make for _, make in parts], milestones)

    def at_once(*parts: tuple[str, Make]) -> dict[str, Any]:
        return product([text for text, _ in parts], [make for _, make in parts])

    return [
        in_sequence(constant, fall, milestones=[20]),
        in_sequence(rise, cosine, milestones=[8]),
        in_sequence(rise, low_cosine, steps, milestones=[8, 50]),
        in_sequence(constant, rise, fall, several, milestones=[10, 30, 70]),
        in_sequence(root, steps, milestones=[37]),
        in_sequence(rise, again, milestones=[12]),
        at_once(constant, fall),
        at_once(rise, cosine),
        at_once(rise, steps, several),
        at_once(power, fall, constant),
        warmed("one_cycle(max_lr=0.5,total_steps=110)", lambda of: one_cycle(of, 110), 10, 0.1),
        warmed(
            "one_cycle(max_lr=0.5,total_steps=130,div_factor=4)", lambda of: one_cycle(of, 130, div_factor=4), 5, 0.5
        ),
        warmed("cyclic(base_lr=0.05,max_lr=0.4,step_size_up=9)", cyclic_after, 10, 0.2),
    ]


def one_cycle(optimizer: SGD, total_steps: int, **options: Any) -> Any:
    return lr_scheduler.OneCycleLR(optimizer, 0.5, total_steps, cycle_momentum=False, **options)


def cyclic_after(optimizer: SGD) -> Any:
    return lr_scheduler.CyclicLR(optimizer, 0.05, 0.4, 9, cycle_momentum=False)


def noisy_losses(falling: float, noise: float, above: float = 0.0) -> list[float]:
    """STEPS losses that fall towards `above`, with a noise that is written down here and not drawn."""
    return [above + 4.0 * falling**step + noise * ((step * 7919 + 13) % 101 - 50) / 50 for step in range(STEPS)]


def followed() -> list[dict[str, Any]]:
    """The rates where losses are given: stepped once an epoch with the mean, and after a warm-up."""
    quick: dict[str, Any] = {"patience": 1, "factor": 0.5}
    cases: list[tuple[str, dict[str, Any], int, int, list[float]]] = [
        ("plateau", quick, 1, 0, noisy_losses(0.95, 0.5)),
        ("plateau", quick, 4, 0, noisy_losses(0.95, 0.5)),
        ("plateau", quick | {"patience": 3, "cooldown": 2}, 5, 0, noisy_losses(0.9, 1.0)),
        ("plateau", quick | {"patience": 0, "threshold": 1.0}, 7, 0, noisy_losses(0.9, 0.1)),
        ("plateau", quick | {"threshold_mode": "abs", "threshold": 0.01}, 3, 0, noisy_losses(0.97, 0.2, -9.0)),
        ("plateau", quick, 3, 0, noisy_losses(0.97, 0.2, -9.0)),
        ("plateau", quick, 1, 10, noisy_losses(0.95, 0.5)),
        ("plateau", quick | {"patience": 0, "threshold": 1.0}, 1, 6, noisy_losses(0.95, 0.5)),
        ("plateau", quick | {"patience": 2, "cooldown": 1}, 4, 5, noisy_losses(0.95, 0.5)),
    ]
    return [
        {"schedule": key, "values": values, "per_epoch": per_epoch, "warmup": warmup, "lr": 0.4, "losses": losses}
        | {"rates": followed_rates(values, per_epoch, warmup, 0.4, losses)}
        for key, values, per_epoch, warmup, losses in cases
    ]


def followed_rates(values: dict[str, Any], per_epoch: int, warmup: int, lr: float, losses: list[float]) -> list[float]:
    """The rates of a loop that steps once an epoch: LinearLR for `warmup` epochs, then ReduceLROnPlateau."""
    weight = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = SGD([weight], lr=lr)
    rise = lr_scheduler.LinearLR(optimizer, 0.25, total_iters=warmup) if warmup else None
    plateau = lr_scheduler.ReduceLROnPlateau(optimizer, **values)
    found, sum_of_losses = [], 0.0
    for step, loss in enumerate(losses):
        found.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        sum_of_losses += loss
        if (step + 1) % per_epoch == 0:
            epoch = step // per_epoch
            if rise is not None and epoch < warmup:
                rise.step()
            else:
                plateau.step(sum_of_losses / per_epoch)
            sum_of_losses = 0.0
    return found


def in_epochs() -> list[dict[str, Any]]:
    """Schedules that are stepped once an epoch of so many steps."""
    cases: list[tuple[str, str, dict[str, Any], int]] = [
        ("ExponentialLR", "exponential", {"gamma": 0.9}, 7),
        ("StepLR", "step", {"step_size": 3, "gamma": 0.5}, 4),
        ("CosineAnnealingLR", "cosine", {"T_max": 24, "eta_min": 0.01}, 5),
        ("MultiStepLR", "multistep", {"milestones": [2, 5, 6], "gamma": 0.4}, 11),
        ("LinearLR", "linear", {"start_factor": 0.2, "end_factor": 1.0, "total_iters": 6}, 9),
        ("OneCycleLR", "one_cycle", {"max_lr": 0.2, "total_steps": 40}, 3),
        ("ConstantLR", "constant_lr", {"factor": 0.5, "total_iters": 3}, 8),
    ]
    return [
        {"torch_class": kind, "schedule": key, "lr": 0.2, "per_epoch": per_epoch}
        | {"values": typed(values) | {"unit": "epoch"}, "rates": stepped(kind, values, per_epoch)}
        for kind, key, values, per_epoch in cases
    ]


def stepped(kind: str, values: dict[str, Any], per_epoch: int) -> list[float]:
    weight = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = SGD([weight], lr=0.2)
    momentum = {"cycle_momentum": False} if kind == "OneCycleLR" else {}
    schedule, found = getattr(lr_scheduler, kind)(optimizer, **momentum, **values), []
    for step in range(STEPS):
        found.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        if (step + 1) % per_epoch == 0 and step + 1 < STEPS:
            schedule.step()
    return found


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
        plain("ConstantLR", "constant_lr"),
        plain("ConstantLR", "constant_lr", factor=0.5, total_iters=40),
        plain("ConstantLR", "constant_lr", factor=0.75, total_iters=1),
        *composed(),
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


def cycled() -> list[dict[str, Any]]:
    """Weight and rate of each step of an optimizer on (w + 1)^2 whose momentum moves against the rate."""
    momentum: tuple[str, dict[str, Any]] = ("sgd", {"momentum": 0.9})
    nesterov: tuple[str, dict[str, Any]] = ("sgd", {"momentum": 0.5, "nesterov": True})
    adam: tuple[str, dict[str, Any]] = ("adam", {})
    one: dict[str, Any] = {"max_lr": 0.05, "total_steps": STEPS}
    up: dict[str, Any] = {"base_lr": 0.01, "max_lr": 0.05, "step_size_up": 7, "step_size_down": 13}
    cases: list[tuple[tuple[str, dict[str, Any]], str, str, dict[str, Any]]] = [
        (momentum, "OneCycleLR", "one_cycle", one),
        (momentum, "OneCycleLR", "one_cycle", one | {"three_phase": True, "anneal_strategy": "linear"}),
        (nesterov, "OneCycleLR", "one_cycle", one | {"base_momentum": 0.2, "max_momentum": 0.7}),
        (adam, "OneCycleLR", "one_cycle", one),
        (momentum, "CyclicLR", "cyclic", up),
        (momentum, "CyclicLR", "cyclic", up | {"mode": "exp_range", "gamma": 0.98}),
        (adam, "CyclicLR", "cyclic", up | {"mode": "triangular2", "base_momentum": 0.5, "max_momentum": 0.95}),
    ]
    return [
        {"optimizer": key, "options": options, "schedule": schedule, "values": values | {"cycle_momentum": True}}
        | {"lr": 0.05, "start": 5.0, "rows": moved(key, options, kind, values)}
        for (key, options), kind, schedule, values in cases
    ]


def moved(key: str, options: dict[str, Any], kind: str, values: dict[str, Any]) -> list[list[float]]:
    weight = torch.nn.Parameter(torch.tensor([5.0], dtype=torch.float64))
    optimizer = {"sgd": SGD, "adam": torch.optim.Adam}[key]([weight], lr=0.05, **options)
    schedule, rows = getattr(lr_scheduler, kind)(optimizer, **values), []
    for step in range(STEPS):
        optimizer.zero_grad()
        ((weight + 1) ** 2).sum().backward()
        rows.append([float(weight.detach()[0]), float(optimizer.param_groups[0]["lr"])])
        optimizer.step()
        if step + 1 < STEPS:
            schedule.step()
    return rows


def main() -> None:
    document = {
        "source": f"torch {torch.__version__}, float64, CPU",
        "steps": STEPS,
        "schedules": schedules(),
        "plateaus": plateaus(),
        "hard_plateaus": hard_plateaus(),
        "in_epochs": in_epochs(),
        "followed": followed(),
        "cycled": cycled(),
    }
    path = Path(__file__).with_name("torch_schedules.json")
    path.write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
