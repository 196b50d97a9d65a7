"""Record how PyTorch trains two networks: writes torch_networks.json; with `muon`, torch_muon.json.

python tests/reference/record_networks.py [muon]

Muon multiplies matrices in bfloat16. It is recorded with these products in float64, by a `bfloat16` that returns a
copy, and once more as it is: `bfloat16` is the last loss then. Hidden matrices are Muon's, the rest AdamW's.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

HERE = Path(__file__).parent
STEPS = 200
Options = dict[str, Any]
Factors = dict[str, float] | None


class Muon:
    """Muon for the hidden matrices or, with `last_layer`, for all, and AdamW for the rest."""

    def __init__(
        self, network: torch.nn.Module, lr: float, last_layer: bool = False, lr_factors: Factors = None, **options: Any
    ) -> None:
        matrices = [parameter for parameter in network.parameters() if parameter.ndim == 2]
        own = matrices if last_layer else matrices[:-1]
        rest = [parameter for parameter in network.parameters() if all(parameter is not one for one in own)]
        others = {name[6:]: options.pop(name) for name in list(options) if name.startswith("adamw_")}
        ratio = others.pop("lr", 1.0)
        muon = cast(Any, torch.optim).Muon
        if lr_factors is None:
            self.parts = muon(own, lr, **options), torch.optim.AdamW(rest, ratio * lr, **others)
            return
        groups = grouped(network, lr, lr_factors)
        hidden, further = (
            [group for group in groups if any(group["params"][0] is one for one in part)] for part in (own, rest)
        )
        for group in further:
            group["lr"] *= ratio
        self.parts = muon(hidden, lr, **options), torch.optim.AdamW(further, ratio * lr, **others)

    def zero_grad(self) -> None:
        for part in self.parts:
            part.zero_grad()

    def step(self) -> None:
        for part in self.parts:
            part.step()


def grouped(network: torch.nn.Module, lr: float, lr_factors: dict[str, float]) -> list[dict[str, Any]]:
    """Returns a parameter group for each matrix and bias: layer1.weight, layer1.bias, ..., or layer1 for both."""
    groups = []
    for place, parameter in enumerate(network.parameters()):
        layer, part = f"layer{place // 2 + 1}", "bias" if place % 2 else "weight"
        factor = lr_factors.get(layer, lr_factors.get(f"{layer}.{part}", 1.0))
        groups.append({"params": [parameter], "lr": factor * lr})
    return groups


def of_parameters(kind: Any) -> Callable[..., Any]:
    def made(network: torch.nn.Module, lr: float, lr_factors: Factors = None, **options: Any) -> Any:
        own = network.parameters() if lr_factors is None else grouped(network, lr, lr_factors)
        return kind(own, lr=lr, **options)

    return made


def prodigy(network: torch.nn.Module, **options: Any) -> Any:
    import prodigyopt

    return prodigyopt.Prodigy(network.parameters(), **options)


OPTIMIZERS: dict[str, tuple[Callable[..., Any], Options]] = {
    "sgd": (of_parameters(torch.optim.SGD), {"lr": 0.1}),
    "momentum": (of_parameters(torch.optim.SGD), {"lr": 0.05, "momentum": 0.9}),
    "adam": (of_parameters(torch.optim.Adam), {"lr": 0.01}),
    "adafactor": (of_parameters(torch.optim.Adafactor), {"lr": 0.05, "weight_decay": 0.01}),
    "prodigy": (prodigy, {"lr": 0.1}),
    "muon": (Muon, {"lr": 0.02}),
}
MUONS: list[Options] = [
    {"lr": 0.02},
    {"lr": 1e-3, "last_layer": True, "adjust_lr_fn": "match_rms_adamw", "weight_decay": 0.0},
    {
        "lr": 0.02,
        "adjust_lr_fn": "spectral_unclamped",
        "nesterov": False,
        "momentum": 0.9,
        "ns_steps": 3,
        "ns_coefficients": (2.0, -1.5, 0.5),
        "adamw_lr": 0.25,
        "adamw_betas": (0.8, 0.95),
        "adamw_eps": 1e-6,
        "adamw_weight_decay": 0.0,
    },
]


def inputs(kind: str) -> tuple[np.ndarray, np.ndarray]:
    """The same as in the test: points by a formula, or the first digits."""
    if kind == "points":
        k = np.arange(80)
        x = np.stack([np.sin(1.7 * k), np.cos(2.3 * k + 0.4)], axis=1)
        return x, (x[:, 0] * x[:, 1] > 0).astype(int)
    table = np.load(HERE.parent.parent / "resources" / "data" / "digits.npy")[:256]
    return table[:, :64] / 16.0, table[:, 64].astype(int)


def trained(kind: str, sizes: list[int], activation: str, optimizer: str, options: Options) -> dict[str, Any]:
    layers: list[torch.nn.Module] = []
    for inside, outside in pairwise(sizes):
        layers += [torch.nn.Linear(inside, outside), {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}[activation]()]
    network = torch.nn.Sequential(*layers[:-1]).double()
    with torch.no_grad():
        count = 0
        for parameter in network.parameters():
            values = [0.3 * math.sin(count + place + 1) for place in range(parameter.numel())]
            parameter.copy_(torch.tensor(values, dtype=torch.float64).reshape(parameter.shape))
            count += parameter.numel()
    x, labels = (torch.tensor(values) for values in inputs(kind))
    made = OPTIMIZERS[optimizer][0](network, **options)
    losses = []
    for step in range(STEPS + 1):
        rows = torch.tensor([(31 * step + 7 * place) % len(x) for place in range(32)])
        outputs = network(x[rows])
        if kind == "points":
            loss = torch.nn.functional.binary_cross_entropy_with_logits(outputs[:, 0], labels[rows].double())
        else:
            loss = torch.nn.functional.cross_entropy(outputs, labels[rows])
        losses.append(loss.item())
        made.zero_grad()
        loss.backward()
        if step < STEPS:
            made.step()
    weights = torch.cat([parameter.detach().flatten() for parameter in network.parameters()]).tolist()
    return {
        "kind": kind,
        "sizes": sizes,
        "activation": activation,
        "optimizer": optimizer,
        "options": options,
        "losses": losses,
        "weights": {str(place): weights[place] for place in range(0, count, max(1, count // 40))},
    }


if __name__ == "__main__":
    networks = (("points", [2, 8, 8, 1], "tanh"), ("digits", [64, 32, 10], "relu"))
    chosen = [("muon", options) for options in MUONS]
    if sys.argv[1:] != ["muon"]:
        chosen = [(name, options) for name, (_, options) in OPTIMIZERS.items()]
    asked = [(network, name, options) for network in networks for name, options in chosen]
    rounded = [trained(*network, name, options)["losses"] for network, name, options in asked if name == "muon"]
    torch.Tensor.bfloat16 = lambda self: self.clone()
    torch.bfloat16 = torch.float64  # which is read from version 2.15 on
    cases = [trained(*network, name, options) for network, name, options in asked]
    for case, losses in zip((case for case in cases if case["optimizer"] == "muon"), rounded, strict=True):
        case["bfloat16"] = losses[-1]
    text = json.dumps({"torch": torch.__version__.split("+")[0], "cases": cases}, indent=1)
    (HERE / ("torch_networks.json" if sys.argv[1:] != ["muon"] else "torch_muon.json")).write_text(text + "\n")
