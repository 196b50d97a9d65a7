#!/bin/sh
# The same boundary of a piecewise constant schedule means another step in Optax than in Keras.
#
# Guess: with the boundary 3 both libraries use the new rate for the same update.
# Behaviour: Optax has the new rate at count = 3 (the fourth update), as torch's MultiStepLR with milestones=[3]; Keras keeps
#   the old one while step <= 3 and has the new one at step 4 (the fifth update).
# Seen with optax 0.2.8, keras 3.15.1 (jax backend), rates of steps 0 to 5, from 1.0 to 0.1 at boundary 3:
#   optax 1 1 1 0.1 0.1 0.1    keras 1 1 1 1 0.1 0.1
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check optax==0.2.8 keras==3.15.1 jax
KERAS_BACKEND=jax venv/bin/python - <<'PY'
import keras
import optax

optax_rule = optax.piecewise_constant_schedule(1.0, {3: 0.1})
keras_rule = keras.optimizers.schedules.PiecewiseConstantDecay([3], [1.0, 0.1])
rates = [[round(float(rule(step)), 3) for step in range(6)] for rule in (optax_rule, keras_rule)]
print("optax", optax.__version__, rates[0])
print("keras", keras.__version__, rates[1])
assert rates[0] == [1.0, 1.0, 1.0, 0.1, 0.1, 0.1], "the behaviour of Optax has changed"
assert rates[1] == [1.0, 1.0, 1.0, 1.0, 0.1, 0.1], "the behaviour of Keras has changed"
PY
