#!/bin/sh
# transformers: after its last training step the "cosine" schedule climbs back to the full rate.
#
# Guess: a schedule that has come down to 0 at num_training_steps stays there, whichever it is.
# Behaviour: "linear", "polynomial", "cosine_with_restarts" and "warmup_stable_decay" stay at 0. "cosine" goes on with the
#   cosine: who trains on for as many steps again ends at the full rate. "cosine_with_min_lr" climbs from its least rate too.
# Seen with transformers 5.24.0 and torch 2.13.0 (2 warm-up steps of 10; the rate 1.0 after 10, 14 and 18 steps):
#   linear 0 0 0    polynomial 0 0 0    cosine_with_restarts 0 0 0    warmup_stable_decay 0 0 0
#   cosine 0 0.5 1    cosine_with_min_lr 0.1 0.55 1
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 transformers==5.24.0 numpy
venv/bin/python - <<'PY'
import torch
import transformers

print("transformers", transformers.__version__, "torch", torch.__version__)


def rates(name, **specific):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = transformers.get_scheduler(
        name, optimizer, num_warmup_steps=2, num_training_steps=10, scheduler_specific_kwargs=specific
    )
    found = []
    for _ in range(18):
        optimizer.step()
        scheduler.step()
        found.append(optimizer.param_groups[0]["lr"])
    shown = [round(found[steps - 1], 3) for steps in (10, 14, 18)]
    print(name, *shown)
    return shown


for name in ("linear", "polynomial", "cosine_with_restarts"):
    assert max(rates(name)) < 1e-6, f"{name} stays at 0"
assert max(rates("warmup_stable_decay", num_decay_steps=3)) < 1e-6
assert rates("cosine") == [0.0, 0.5, 1.0], "cosine no longer climbs: the behaviour has changed"
assert rates("cosine_with_min_lr", min_lr=0.1) == [0.1, 0.55, 1.0], "the behaviour has changed"
PY
