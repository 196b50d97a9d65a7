#!/bin/sh
# torch.optim.ASGD and NAdam train float64 weights with a rate and a momentum that are kept in float32.
#
# Guess: an optimizer of float64 weights computes everything in float64, so that a few updates written out in Python
#   give the same numbers to 1e-15, as those of SGD and Adam do.
# Behaviour: the states `eta` of ASGD and `mu_product` of NAdam have torch's default type, float32, whatever the type
#   of the weights. After torch.set_default_dtype(torch.float64) they are float64 and the numbers agree.
# Seen with torch 2.13.0 (largest relative distance to the update written out, 50 steps on (w + 1)^2, float64 weights):
#   ASGD 2e-07 with the default type, 2e-15 with float64;  NAdam 3e-11 with the default type, 5e-16 with float64
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy
venv/bin/python - <<'PY'
import math

import torch

print("torch", torch.__version__)


def trained(kind, lr):
    w = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    optimizer, path = kind([w], lr=lr), []
    for _ in range(50):
        optimizer.zero_grad()
        ((w + 1) ** 2).sum().backward()
        optimizer.step()
        path.append(w.item())
    types = {name: value.dtype for name, value in optimizer.state[w].items() if value.dim() == 0 and name != "step"}
    return path, types


def asgd(lr, lambd=1e-4, alpha=0.75):
    w, eta, path = 1.0, lr, []
    for t in range(1, 51):
        w = w * (1 - lambd * eta) - eta * 2 * (w + 1)
        eta = lr / (1 + lambd * lr * t) ** alpha
        path.append(w)
    return path


def nadam(lr, beta1=0.9, beta2=0.999, eps=1e-8, decay=4e-3):
    w, m, v, product, path = 1.0, 0.0, 0.0, 1.0, []
    for t in range(1, 51):
        g = 2 * (w + 1)
        mu, after = (beta1 * (1 - 0.5 * 0.96 ** (step * decay)) for step in (t, t + 1))
        product *= mu
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        ahead = (1 - mu) / (1 - product) * g + after / (1 - product * after) * m
        w -= lr * ahead / (math.sqrt(v / (1 - beta2**t)) + eps)
        path.append(w)
    return path


found = {}
for default in (torch.float32, torch.float64):
    torch.set_default_dtype(default)
    for kind, written, lr in ((torch.optim.ASGD, asgd, 0.01), (torch.optim.NAdam, nadam, 0.002)):
        path, types = trained(kind, lr)
        distance = max(abs(a - b) / abs(b) for a, b in zip(path, written(lr)))
        found[kind.__name__, default] = distance
        print(f"{kind.__name__}, default type {default}: {distance:.0e}; scalar states {types}")
for name in ("ASGD", "NAdam"):
    assert found[name, torch.float32] > 1e-12, "the states are float32 with the default type"
    assert found[name, torch.float64] < 1e-14, "the states are float64 after set_default_dtype"
print("as described")
PY
