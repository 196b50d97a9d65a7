"""Record the schedules of transformers and timm: writes torch_based.json; needs torch, transformers and timm.

python tests/reference/frameworks/of_torch.py
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
import transformers
from torch.optim import SGD

STEPS, PLANNED, WARM = 90, 60, 6
LR = 0.2


def optimizer_of(lr: float = LR) -> SGD:
    return SGD([torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))], lr=lr)


def hugging_face(name: str, **specific: Any) -> list[float]:
    """The rates of STEPS steps with the schedule of this name, planned for PLANNED with WARM to warm up."""
    optimizer = optimizer_of()
    schedule = transformers.get_scheduler(name, optimizer, WARM, PLANNED, scheduler_specific_kwargs=specific)
    found = []
    for _ in range(STEPS):
        found.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        schedule.step()
    return found


def timm_schedulers() -> Any:
    """The module timm.scheduler without the rest of timm, which needs torchvision."""
    found = importlib.util.find_spec("timm")
    assert found is not None and found.submodule_search_locations is not None
    package = ModuleType("timm")
    package.__path__ = list(found.submodule_search_locations)
    sys.modules["timm"] = package
    return importlib.import_module("timm.scheduler")


def of_timm(kind: Any, **options: Any) -> list[float]:
    """The rates where the scheduler is stepped with the number of the step, as with t_in_epochs=False."""
    optimizer = optimizer_of()
    schedule = kind(optimizer, **options)
    found = []
    for step in range(STEPS):
        schedule.step(step)
        found.append(float(optimizer.param_groups[0]["lr"]))
    return found


def presets() -> Iterator[dict[str, Any]]:
    names: list[tuple[str, dict[str, Any]]] = [
        ("constant_with_warmup", {}),
        ("linear", {}),
        ("cosine", {}),
        ("cosine_with_restarts", {}),
        ("polynomial", {}),
        ("inverse_sqrt", {}),
        ("cosine_with_min_lr", {"min_lr_rate": 0.1}),
        ("warmup_stable_decay", {"num_decay_steps": 12}),
    ]
    for name, specific in names:
        call = f"get_scheduler({name!r}, optimizer, {WARM}, {PLANNED}, scheduler_specific_kwargs={specific})"
        yield {"library": "transformers", "name": name, "call": call, "rates": hugging_face(name, **specific)}
    options: dict[str, dict[str, Any]] = {
        "CosineLRScheduler": {"t_initial": PLANNED, "warmup_t": WARM, "warmup_lr_init": 1e-5},
        "WSDLRScheduler": {"t_initial": PLANNED - WARM, "decay_t": PLANNED // 5, "warmup_t": WARM},
    }
    schedulers = timm_schedulers()
    for name, given in options.items():
        found = of_timm(getattr(schedulers, name), **given)
        yield {"library": "timm", "name": name, "call": f"{name}(optimizer, **{given})", "rates": found}


def stable_decays() -> Iterator[dict[str, Any]]:
    cases: list[dict[str, Any]] = [
        {"num_warmup_steps": 4, "num_stable_steps": 3, "num_decay_steps": 3},
        *(
            {"num_warmup_steps": 10, "num_stable_steps": 30, "num_decay_steps": 25}
            | {"warmup_type": rise, "decay_type": fall, "min_lr_ratio": ratio}
            for rise, fall, ratio in (
                ("linear", "linear", 0.0),
                ("cosine", "1-sqrt", 0.0),
                ("1-sqrt", "cosine", 0.1),
                ("cosine", "linear", 0.3),
            )
        ),
        {"num_warmup_steps": 0, "num_stable_steps": 0, "num_decay_steps": 50, "decay_type": "1-sqrt"},
    ]
    for values in cases:
        optimizer = optimizer_of()
        schedule, found = transformers.get_wsd_schedule(optimizer, **values), []
        for _ in range(STEPS):
            found.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            schedule.step()
        yield {"values": values, "rates": found}


def losses_of(falling: float, noise: float, rising: float = 0.0) -> list[float]:
    """STEPS losses that fall, then rise, with a noise that is written down here and not drawn."""
    return [
        4.0 * falling**step + rising * max(0, step - 30) + noise * ((step * 7919 + 13) % 101 - 50) / 50
        for step in range(STEPS)
    ]


def greedy() -> Iterator[dict[str, Any]]:
    quick: dict[str, Any] = {"patience": 1, "factor": 0.8}
    cases: list[tuple[float, dict[str, Any], list[float]]] = [
        (0.1, {}, losses_of(0.9, 0.0)),
        (5e-5, {}, [1.0] * STEPS),
        (5e-5, {}, losses_of(0.97, 0.0)),
        (0.1, quick, losses_of(0.9, 0.1)),
        (0.1, quick | {"cooldown": 3, "warmup": 2}, losses_of(0.93, 0.05, 0.02)),
        (0.1, quick | {"patience": 0, "min_lr": 0.03, "max_lr": 0.2, "reset_start": 4}, losses_of(0.8, 0.0, 0.05)),
        (0.1, quick | {"patience": 0, "min_lr": 0.05, "reset_start": 0, "cooldown": 2}, losses_of(0.8, 0.0, 0.05)),
        (0.1, quick | {"threshold_mode": "rel", "threshold": 0.01}, losses_of(0.9, 0.1)),
        (0.1, quick | {"threshold_mode": "rel", "threshold": 1.5}, losses_of(0.9, 0.1)),
        (0.1, quick | {"mode": "max", "eps": 0.01}, losses_of(0.9, 0.1, 0.1)),
        (0.1, quick | {"mode": "max", "threshold_mode": "rel"}, losses_of(0.9, 0.1, 0.1)),
    ]
    for lr, values, losses in cases:
        optimizer = optimizer_of(lr)
        schedule, found = transformers.optimization.GreedyLR(optimizer, **values), []
        for loss in losses:
            found.append(float(optimizer.param_groups[0]["lr"]))
            optimizer.step()
            schedule.step(loss)
        yield {"lr": lr, "values": values, "losses": losses, "rates": found}


def main() -> None:
    document = {
        "source": {name: version(name) for name in ("torch", "transformers", "timm")},
        "steps": STEPS,
        "planned": PLANNED,
        "lr": LR,
        "presets": list(presets()),
        "stable_decays": list(stable_decays()),
        "greedy": list(greedy()),
    }
    path = Path(__file__).with_name("torch_based.json")
    path.write_text(json.dumps(document, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
