#!/bin/sh
# torch.optim.lr_scheduler.ReduceLROnPlateau never reduces the rate where the loss stands still below 0.
#
# Guess: with a loss that stays at -1 the rate falls after `patience` bad epochs, as it does with a loss that stays at +1.
# Behaviour: with the defaults (mode "min", threshold_mode "rel") a loss is better when it is below best * (1 - threshold).
#   For best = -1 that is -0.9999, so -1 itself is "better": every epoch counts as progress, even while the loss rises
#   slowly. threshold_mode="abs" works on both sides of 0.
# Seen with torch 2.13.0 (rate after 50 epochs, patience 2, start 1.0):
#   stays at +1, rel: 1e-08    stays at -1, rel: 1    rises from -1 by 1e-5 an epoch, rel: 1    stays at -1, abs: 1e-08
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy
venv/bin/python - <<'PY'
import torch

print("torch", torch.__version__)


def rate_after(losses, mode):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=2, threshold_mode=mode)
    for loss in losses:
        optimizer.step()
        scheduler.step(loss)
    return optimizer.param_groups[0]["lr"]


found = {
    "stays at +1, rel": rate_after([1.0] * 50, "rel"),
    "stays at -1, rel": rate_after([-1.0] * 50, "rel"),
    "rises from -1, rel": rate_after([-1.0 + 1e-5 * epoch for epoch in range(50)], "rel"),
    "stays at -1, abs": rate_after([-1.0] * 50, "abs"),
}
for name, rate in found.items():
    print(f"{name}: {rate:.3g}")
above, below, rising, absolute = found.values()
assert above < 1e-6 and absolute < 1e-6, "a loss that stands still reduces the rate"
assert below == rising == 1.0, "below 0 the rate is reduced now: the behaviour has changed"
PY
