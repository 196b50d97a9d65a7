#!/bin/sh
# The LR finders of Lightning and torch-lr-finder end after one or two batches when the loss is negative.
#
# Guess: a finder that stops at "so many times the best loss" takes a falling negative loss (a log-likelihood, say) as well
#   as a positive one.
# Behaviour: both compare loss > factor * best. Below 0 that limit lies under the best loss itself, so the first comparison
#   stops them, though the loss falls all the time. Lightning then suggests nothing ("not enough points").
# Seen with lightning 2.6.6, torch-lr-finder 0.2.2, torch 2.13.0, on a loss that falls from 9 to 8 and from -9 to -10,
#   100 iterations asked for:
#   lightning: 100 losses above 0, 2 below; suggestion below 0: None    torch-lr-finder: 100 above 0, 1 below
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 lightning==2.6.6 torch-lr-finder==0.2.2 numpy
venv/bin/python - 2>log <<'PY' || { cat log; exit 1; }
import lightning
import torch
from lightning.pytorch.tuner import Tuner
from torch_lr_finder import LRFinder

batches = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*torch.zeros(2, 100, 1)))


class Model(lightning.LightningModule):
    def __init__(self, start):
        super().__init__()
        self.layer, self.losses = torch.nn.Linear(1, 1), iter([start - 0.01 * step for step in range(101)])

    def forward(self, x):
        return self.layer(x)

    def training_step(self, batch, _index):
        return 0 * self.layer(batch[0]).sum() + next(self.losses)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=1e-5)


def with_lightning(start):
    trainer = lightning.Trainer(max_epochs=1, accelerator="cpu", logger=False, enable_progress_bar=False)
    found = Tuner(trainer).lr_find(Model(start), batches, min_lr=1e-5, max_lr=1, update_attr=False)
    return len(found.results["loss"]), found.suggestion()


def with_torch_lr_finder(start):
    model = Model(start)
    finder = LRFinder(model, model.configure_optimizers(), lambda out, _: 0 * out.sum() + next(model.losses), "cpu")
    finder.range_test(batches, end_lr=1, num_iter=100)
    return len(finder.history["loss"])


above, below = with_lightning(9.0), with_lightning(-9.0)
others = with_torch_lr_finder(9.0), with_torch_lr_finder(-9.0)
print("lightning", lightning.__version__, above, below, "torch-lr-finder", others)
assert above[0] == 100 and others[0] == 100
assert below == (2, None) and others[1] == 1, "negative losses are taken now: the behaviour has changed"
PY
