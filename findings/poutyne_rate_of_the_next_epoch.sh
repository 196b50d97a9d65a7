#!/bin/sh
# Poutyne's CSVLogger writes the rate of the next epoch beside a loss, or that of its own: the order of callbacks decides.
#
# Guess: the column `lr` of an epoch's row is the rate with which the epoch was trained, wherever the schedule stands in
#   the list of callbacks.
# Behaviour: callbacks are called in their order at the end of an epoch, and the logger looks at the optimizer when it is its
#   turn. After the schedule it finds the next epoch's rate, so that the first rate is in no row, and the last row has one
#   that was never used.
# Seen with poutyne 1.19.0 and torch 2.13.0, 4 epochs of ExponentialLR with gamma 0.5 from 0.8:
#   used 0.8 0.4 0.2 0.1    logger first 0.8 0.4 0.2 0.1    schedule first 0.4 0.2 0.1 0.05
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 poutyne==1.19.0 numpy
venv/bin/python - 2>log <<'PY' || { cat log; exit 1; }
import csv

import poutyne
import torch


def trained(name, *, logger_first):
    network, used = torch.nn.Linear(1, 1), []
    optimizer = torch.optim.SGD(network.parameters(), lr=0.8)
    optimizer.register_step_pre_hook(lambda own, _args, _given: used.append(own.param_groups[0]["lr"]))
    callbacks = [poutyne.ExponentialLR(gamma=0.5), poutyne.CSVLogger(name)]
    model = poutyne.Model(network, optimizer, "mse")
    model.fit(torch.ones(4, 1), torch.ones(4, 1), epochs=4, batch_size=4, verbose=False,
              callbacks=callbacks[::-1] if logger_first else callbacks)
    with open(name, newline="") as file:
        return [round(rate, 6) for rate in used], [round(float(row["lr"]), 6) for row in csv.DictReader(file)]


used, own = trained("first.csv", logger_first=True)
again, later = trained("last.csv", logger_first=False)
print("poutyne", poutyne.__version__, "torch", torch.__version__)
print("used", *used, "  logger first", *own, "  schedule first", *later)
assert used == again == own == [0.8, 0.4, 0.2, 0.1], "the behaviour has changed"
assert later == [*used[1:], 0.05], "the behaviour has changed"
PY
