"""Record how PyTorch trains two networks: writes torch_networks.json. Needs torch, which nothing else here does.

python tests/reference/record_networks.py
"""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch

HERE = Path(__file__).parent
STEPS = 200
OPTIMIZERS: dict[str, tuple[Any, dict[str, float]]] = {
    "sgd": (torch.optim.SGD, {"lr": 0.1}),
    "momentum": (torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}),
    "adam": (torch.optim.Adam, {"lr": 0.01}),
}


def inputs(kind: str) -> tuple[np.ndarray, np.ndarray]:
    """The same as in the test: points by a formula, or the first digits."""
    if kind == "points":
        k = np.arange(80)
        x = np.stack([np.sin(1.7 * k), np.cos(2.3 * k + 0.4)], axis=1)
        return x, (x[:, 0] * x[:, 1] > 0).astype(int)
    table = np.load(HERE.parent.parent / "resources" / "data" / "digits.npy")[:256]
    return table[:, :64] / 16.0, table[:, 64].astype(int)


def trained(kind: str, sizes: list[int], activation: str, optimizer: str) -> dict[str, Any]:
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
    rule, options = OPTIMIZERS[optimizer]
    made = rule(network.parameters(), **options)
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
    cases = [trained(*network, optimizer) for network in networks for optimizer in OPTIMIZERS]
    text = json.dumps({"torch": torch.__version__.split("+")[0], "cases": cases}, indent=1)
    (HERE / "torch_networks.json").write_text(text + "\n")
