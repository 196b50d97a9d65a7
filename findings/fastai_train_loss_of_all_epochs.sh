#!/bin/sh
# fastai's train_loss is no mean of its epoch: it is a moving average that goes on over the epochs.
#
# Guess: the row of an epoch, in the table and in CSVLogger's history.csv, has the mean of the training losses of the epoch
#   beside that of the validation, so that both can be compared.
# Behaviour: train_loss is a moving average with 0.98 of the old value over all batches since the fit began; valid_loss is
#   none. With 10 batches an epoch, the first epoch has 45 % of the average at the end of the second one and 27 % at the end
#   of the third: a training that fits at once seems to fall slowly, with a training loss far above the validation loss.
# Seen with fastai 2.8.12 and torch 2.13.0, 10 batches an epoch whose loss is 1 in the first epoch and 0 from then on:
#   losses 1 0 0 0 0    train_loss 1 0.45 0.269 0.18 0.128    valid_loss 0 0 0 0 0
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 fastai==2.8.12 numpy==2.4.6
venv/bin/python - 2>log <<'PY' || { cat log; exit 1; }
import csv

import fastai
import torch
from fastai.callback.progress import CSVLogger
from fastai.data.core import DataLoaders
from fastai.learner import Learner

shown = []


def loss(output, _wanted):
    if output.requires_grad:
        shown.append(1.0 if len(shown) < 10 else 0.0)
    return 0 * output.sum() + (shown[-1] if output.requires_grad else 0)


data = [(torch.ones(1), torch.ones(1))] * 40
loaders = DataLoaders.from_dsets(data, data, bs=4, device="cpu")
learner = Learner(loaders, torch.nn.Linear(1, 1), loss_func=loss, cbs=[CSVLogger()])
with learner.no_bar(), learner.no_logging():
    learner.fit(5, 0.1)
with open("history.csv", newline="") as file:
    rows = list(csv.DictReader(file))
train, valid = ([float(row[name]) for row in rows] for name in ("train_loss", "valid_loss"))
print("fastai", fastai.__version__, "torch", torch.__version__)
means = [sum(shown[row : row + 10]) / 10 for row in range(0, 50, 10)]
for name, values in (("losses", means), ("train_loss", train), ("valid_loss", valid)):
    print(name, *(f"{value:.3g}" for value in values), end="    ")
print()
average, expected = 0.0, []
for count, value in enumerate(shown, 1):
    average = 0.98 * average + 0.02 * value
    expected.append(average / (1 - 0.98**count))
assert means == [1, 0, 0, 0, 0] and valid == [0] * 5, "the behaviour has changed"
assert all(abs(a - b) < 1e-5 for a, b in zip(train, expected[9::10], strict=True)), "the behaviour has changed"
PY
