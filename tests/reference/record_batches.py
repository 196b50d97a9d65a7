"""Record how PyTorch trains a line in mini-batches of several sizes for equal epochs: writes torch_batches.json.

Every epoch has one order, which the batches of each size cut. Needs torch: python tests/reference/record_batches.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

HERE = Path(__file__).parent
POINTS, EPOCHS, SEED = 100, 6, 3
OPTIMIZERS: dict[str, tuple[Any, dict[str, float]]] = {
    "sgd": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    "adam": (torch.optim.Adam, {"lr": 0.05}),
}


def trained(size: int, optimizer: str) -> dict[str, Any]:
    k = np.arange(POINTS)
    x = np.sin(1.7 * k)
    data = torch.utils.data.TensorDataset(torch.tensor(x), torch.tensor(3 * x + 2 + 0.5 * np.cos(2.3 * k)))
    bits = [np.random.PCG64(np.random.SeedSequence(SEED, spawn_key=(epoch,))) for epoch in range(EPOCHS)]
    orders = [np.random.Generator(each).permutation(POINTS) for each in bits]
    batches = [order[begin : begin + size].tolist() for order in orders for begin in range(0, POINTS, size)]
    weights = torch.tensor([0.5, -0.5], dtype=torch.float64, requires_grad=True)
    kind, options = OPTIMIZERS[optimizer]
    made = kind([weights], **options)
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(made, T_max=len(batches))
    losses, rates = [], []
    for points, target in torch.utils.data.DataLoader(data, batch_sampler=batches):
        loss = ((weights[0] * points + weights[1] - target) ** 2).mean()
        losses.append(loss.item())
        rates.append(made.param_groups[0]["lr"])
        made.zero_grad()
        loss.backward()
        made.step()
        plan.step()
    return {
        "batch_size": size,
        "optimizer": optimizer,
        "options": options,
        "losses": losses,
        "rates": rates,
        "weights": weights.tolist(),
    }


if __name__ == "__main__":
    cases = [trained(size, optimizer) for size in (8, 20, 32, 100) for optimizer in OPTIMIZERS]
    head = {"torch": torch.__version__.split("+")[0], "points": POINTS, "epochs": EPOCHS, "seed": SEED}
    lines = ",\n".join(json.dumps(case) for case in cases)
    text = json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n"
    (HERE / "torch_batches.json").write_text(text)
