#!/bin/sh
# torch.optim.Muon rounds the updates of float64 (and float32) matrices to bfloat16.
#
# Guess: the updates of a float64 matrix have float64's digits, as those of every other optimizer of torch.optim: an
#   orthogonal update, computed in float64, differs from the optimizer's by 1e-12 at most.
# Behaviour: whatever the type of the matrix, the Newton-Schulz iteration is computed in bfloat16, which has 8 bits, about
#   3 digits, so that updates differ by 1 % of the largest one. With a `bfloat16` that returns a copy it keeps the type.
# Seen with torch 2.13.0 and 2.14.1 (largest distance to the iteration written out, relative to the largest number of
#   an 8 x 5 update): as it is 1e-02, with a `bfloat16` that returns a copy 2e-15
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 numpy
venv/bin/python - <<'PY'
import torch

print("torch", torch.__version__)
A, B, C = 3.4445, -4.775, 2.0315


def updated(gradient):
    w = torch.zeros_like(gradient, requires_grad=True)
    w.grad = gradient.clone()
    torch.optim.Muon([w], lr=1.0, weight_decay=0.0, momentum=0.0, nesterov=False).step()
    return w.detach()


def written_out(gradient):
    x = gradient.T / gradient.norm()
    for _ in range(5):
        gram = x @ x.T
        x = A * x + (B * gram + C * gram @ gram) @ x
    return -x.T * (gradient.shape[0] / gradient.shape[1]) ** 0.5


torch.manual_seed(0)
gradient = torch.randn(8, 5, dtype=torch.float64)
expected = written_out(gradient)


def distance():
    return ((updated(gradient) - expected).abs().max() / expected.abs().max()).item()


as_it_is = distance()
torch.Tensor.bfloat16 = torch.Tensor.clone
copied = distance()
print(f"as it is {as_it_is:.0e}, with a bfloat16 that returns a copy {copied:.0e}")
assert as_it_is > 1e-3, "the products of a float64 matrix are bfloat16"
assert copied < 1e-12, "without that the numbers are those of the iteration"
print("as described")
PY
