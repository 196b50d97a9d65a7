#!/bin/sh
# Lightning: a constant added to the loss moves the rate that Tuner.lr_find suggests by a factor of more than 100.
#
# Guess: the suggestion is where the loss falls fastest, so loss + 1000 gives the same rate as the loss; and on a loss that
#   is always 1 the bias-corrected average that it records is always 1.
# Behaviour: the average is corrected by 1 - 0.98^(i + 2) where 0.98^(i + 1) would be right (global_step is already 1 when
#   the first loss comes). A loss that is always 1 is recorded as 0.505, 0.673, 0.758, ...: a rise that hides the true fall
#   the more, the larger the constant is.
# Seen with lightning 2.6.6 and torch 2.13.0, on a loss that falls by 1 around a rate of 0.01:
#   constant 0: 0.00794    100: 0.0562    1000: 0.891    first recorded loss of a loss of 1: 0.5051
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 lightning==2.6.6 numpy
venv/bin/python - 2>log <<'PY' || { cat log; exit 1; }
import math

import lightning
import torch
from lightning.pytorch.tuner import Tuner


class Model(lightning.LightningModule):
    def __init__(self, loss):
        super().__init__()
        self.weight, self.loss = torch.nn.Parameter(torch.zeros(1)), loss

    def training_step(self, batch, index):
        return 0 * self.weight.sum() + self.loss(index)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


def finder(loss):
    trainer = lightning.Trainer(max_epochs=1, accelerator="cpu", logger=False, enable_progress_bar=False)
    batches = torch.utils.data.DataLoader(torch.zeros(100, 1))
    return Tuner(trainer).lr_find(Model(loss), batches, min_lr=1e-5, max_lr=1, update_attr=False)


print("lightning", lightning.__version__, "torch", torch.__version__)
first = finder(lambda index: 1.0).results["loss"][0]
falls = [finder(lambda i, c=c: c + 2 - 1 / (1 + math.exp((60 - i) / 5))).suggestion() for c in (0, 100, 1000)]
print("first recorded loss of a loss of 1:", round(first, 4), "suggestions:", *(f"{rate:.3g}" for rate in falls))
assert abs(first - 1 / 1.98) < 1e-6, "the first loss is no longer about half: the behaviour has changed"
assert falls == sorted(falls) and falls[-1] > 100 * falls[0], "the behaviour has changed"
PY
