#!/bin/sh
# Ignite's FastaiLRFinder makes its first update with nearly the optimizer's own rate, not with start_lr.
#
# Guess: with start_lr=1e-5 the first batch is trained with 1e-5, and results["lr"][i] is the rate with which the loss
#   results["loss"][i] was followed by its update.
# Behaviour: the first update takes own * (end_lr / own)^(1 / num_iter), own being the optimizer's rate; only then the rates
#   start near start_lr. Each loss is recorded beside the rate of the next update, so that the last one stands beyond
#   end_lr, at a rate that was never used.
# Seen with pytorch-ignite 0.5.5 and torch 2.13.0, own rate 0.5, start_lr 1e-5, end_lr 1.0, num_iter 100:
#   used 0.5035 1.122e-05 1.259e-05 ... 1    recorded 1.122e-05 1.259e-05 1.413e-05 ... 1.122
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 pytorch-ignite==0.5.5 numpy
venv/bin/python - 2>log <<'PY' || { cat log; exit 1; }
import ignite
import torch
from ignite.engine import Engine
from ignite.handlers import FastaiLRFinder

model = torch.nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
used = []


def train(_engine, _batch):
    used.append(optimizer.param_groups[0]["lr"])
    optimizer.zero_grad()
    loss = 0 * model(torch.ones(1)).sum() + 1
    loss.backward()
    optimizer.step()
    return loss.item()


trainer, finder = Engine(train), FastaiLRFinder()
asked = {"start_lr": 1e-5, "end_lr": 1.0, "num_iter": 100}
with finder.attach(trainer, {"model": model, "optimizer": optimizer}, **asked) as with_finder:
    with_finder.run(range(300))
recorded = finder.get_results()["lr"]
print("ignite", ignite.__version__, "torch", torch.__version__)
for name, rates in (("used", used), ("recorded", recorded)):
    print(name, *(f"{rate:.4g}" for rate in rates[:3]), "...", f"{rates[-1]:.4g}")
changed = "the behaviour has changed"
assert abs(used[0] - 0.5 * 2**0.01) < 1e-6, changed
assert recorded[:-1] == used[1:] and abs(used[-1] - 1) < 1e-6, changed
assert recorded[-1] > 1.1, changed
PY
