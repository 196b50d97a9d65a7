#!/bin/sh
# torch.optim.lr_scheduler.ConstantLR accepts factor=0 and fails with ZeroDivisionError in the midst of a training.
#
# Guess: with factor=0 and total_iters=2 the first two rates are 0 and the next ones the whole rate, as the formula says;
#   or the constructor refuses 0, as that of LinearLR does.
# Behaviour: the constructor checks that factor is between 0 and 1 and takes 0. The scheduler.step() that ends the constant
#   part divides the present rate by the factor and raises ZeroDivisionError. LinearLR refuses start_factor=0.
# Seen with torch 2.13.0:
#   ConstantLR(factor=0, total_iters=2): rates 0 0, then ZeroDivisionError    LinearLR(start_factor=0): ValueError at once
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy
venv/bin/python - 2>log <<'PY' || { cat log; exit 1; }
import torch
from torch.optim.lr_scheduler import ConstantLR, LinearLR


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)


steps = optimizer()
schedule, rates, error = ConstantLR(steps, factor=0.0, total_iters=2), [], ""
for _ in range(4):
    rates.append(steps.param_groups[0]["lr"])
    steps.step()
    try:
        schedule.step()
    except ZeroDivisionError as found:
        error = type(found).__name__
        break
try:
    LinearLR(optimizer(), start_factor=0.0)
    other = "accepted"
except ValueError as found:
    other = type(found).__name__
print("torch", torch.__version__, "rates", *rates, "then", error or "no error", "LinearLR:", other)
assert rates == [0.0, 0.0] and error == "ZeroDivisionError", "the behaviour of ConstantLR has changed"
assert other == "ValueError", "LinearLR takes 0 now"
PY
