#!/bin/sh
# torch-lr-finder: with a val_loader each rate is paired with the loss after its update, without one with that before it.
#
# Guess: val_loader changes the data on which the loss is measured, not when it is measured.
# Behaviour: without one, history["loss"][i] is the loss of the batch before the update with history["lr"][i]; with one it is
#   the loss after that update. Where both data sets are the same, the curves are one rate apart, and so is the rate that
#   plot() suggests: on a loss of w² the test with validation finds the same fall one rung further left.
# Seen with torch-lr-finder 0.2.2 and torch 2.13.0 (w² from 1, 5 rates from 0.01 to 0.1, smooth_f = 0):
#   training 1.0 0.9604 0.8933 0.7839 0.6175   validation 0.9604 0.8933 0.7839 0.6175 0.3952
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 torch-lr-finder==0.2.2 numpy
venv/bin/python - <<'PY' 2>/dev/null
import torch
from torch_lr_finder import LRFinder


class Square(torch.nn.Module):
    """Its output is w², whatever the input."""

    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(torch.ones(()))

    def forward(self, x):
        return self.w**2 + 0 * x


data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.zeros(1), torch.zeros(1)))


def losses(**given):
    model = Square()
    finder = LRFinder(model, torch.optim.SGD(model.parameters(), lr=0.01), lambda out, _wanted: out.mean(), device="cpu")
    finder.range_test(data, end_lr=0.1, num_iter=5, smooth_f=0, **given)
    return [round(loss, 4) for loss in finder.history["loss"]]


training, validation = losses(), losses(val_loader=data)
print("training", *training, "  validation", *validation)
assert training == [1, 0.9604, 0.8933, 0.7839, 0.6175], "the behaviour has changed"
assert validation == [*training[1:], 0.3952], "the behaviour has changed"
PY
