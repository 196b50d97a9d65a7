"""Record PyTorch's parameter groups with rates of their own, on networks and a formula: writes torch_groups.json.

python tests/reference/record_groups.py
"""

from __future__ import annotations

import json
from typing import Any

import torch
from record_networks import HERE, OPTIMIZERS, of_parameters, trained  # type: ignore[import-not-found]

OPTIMIZERS["adamw"] = of_parameters(torch.optim.AdamW), {}
LAYERS = {"layer1": 0.1, "layer2": 1.0}
PARTS = {"layer1": 0.0, "layer2.bias": 2.0}
NETWORKS: list[tuple[str, dict[str, Any]]] = [
    ("momentum", {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.001, "lr_factors": LAYERS}),
    ("adam", {"lr": 0.01, "lr_factors": PARTS}),
    ("adamw", {"lr": 0.01, "weight_decay": 0.1, "lr_factors": LAYERS}),
    ("adafactor", {"lr": 0.05, "weight_decay": 0.01, "lr_factors": PARTS}),
    ("muon", {"lr": 0.02, "lr_factors": {"layer1.weight": 0.5, "layer2": 0.1}}),
]
LOSS = "3*(a - 2)^2 + b^2 + a*b + c^4"
START = (1.0, -1.0, 0.5)
FORMULAS: list[tuple[str, dict[str, Any], dict[str, float]]] = [
    ("sgd", {"lr": 0.02, "momentum": 0.9, "nesterov": True}, {"a": 0.1, "b": 10.0}),
    ("sgd", {"lr": 0.02, "momentum": 0.5, "weight_decay": 0.1}, {"c": 0.0}),
    ("adam", {"lr": 0.05}, {"a": 0.1, "b": 10.0}),
    ("adamw", {"lr": 0.05, "weight_decay": 0.2}, {"a": 0.0, "b": 3.0, "c": 0.5}),
    ("rprop", {"lr": 0.01}, {"a": 3.0}),
]
CLASSES: dict[str, Any] = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "rprop": torch.optim.Rprop,
}
STEPS = 60


def on_a_formula(key: str, options: dict[str, Any], factors: dict[str, float]) -> dict[str, Any]:
    """Returns the parameters before each update; ExponentialLR multiplies the rates of all groups by 0.99."""
    a, b, c = params = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in START]
    groups = [
        {"params": [param], "lr": factors.get(name, 1.0) * options["lr"]}
        for name, param in zip("abc", params, strict=True)
    ]
    made = CLASSES[key](groups, **options)
    schedule = torch.optim.lr_scheduler.ExponentialLR(made, 0.99)
    rows = []
    for _ in range(STEPS + 1):
        rows.append([param.item() for param in params])
        made.zero_grad()
        (3 * (a - 2) ** 2 + b**2 + a * b + c**4).backward()
        made.step()
        schedule.step()
    return {"optimizer": key, "options": options, "lr_factors": factors, "rows": rows}


if __name__ == "__main__":
    torch.Tensor.bfloat16 = lambda self: self.clone()
    torch.bfloat16 = torch.float64  # which is read from version 2.15 on
    networks = (("points", [2, 8, 8, 1], "tanh"), ("digits", [64, 32, 10], "relu"))
    document = {
        "torch": torch.__version__.split("+")[0],
        "loss": LOSS,
        "start": START,
        "gamma": 0.99,
        "formulas": [on_a_formula(*case) for case in FORMULAS],
        "cases": [trained(*network, name, options) for network in networks for name, options in NETWORKS],
    }
    (HERE / "torch_groups.json").write_text(json.dumps(document, indent=1) + "\n")
