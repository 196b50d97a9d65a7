#!/bin/sh
# Schedules of scikit-learn's MLPs count samples, not updates, and wait for longer than they say.
#
# Guess: with learning_rate="invscaling" the update t has the rate learning_rate_init / t^power_t, as the documentation says;
#   with "adaptive" the rate is divided by 5 each time two epochs in a row do not lower the loss by tol, as it says too.
# Behaviour: the rate of invscaling changes at the end of an epoch only, and t are the samples seen plus 1: after one epoch
#   of 200 samples it is 14 times smaller, whatever the size of the batches. Adaptive waits for n_iter_no_change epochs
#   and one more: 11 by default, and 12 before the first division, as the first epoch has nothing to be compared with.
# Seen with scikit-learn 1.9.1, 200 samples, batches of 20, learning_rate_init=0.1:
#   invscaling, rates after epochs 1 to 3: 0.00705 0.00499 0.00408
#   adaptive, tol=10: divided after epochs 12 23 34
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check numpy==2.4.6 scikit-learn==1.9.1
venv/bin/python - <<'PY'
import contextlib
import io
import warnings

import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

x = np.linspace(-1, 1, 200)[:, None]
given = {"solver": "sgd", "learning_rate_init": 0.1, "batch_size": 20, "random_state": 0}
model, rates = MLPRegressor(learning_rate="invscaling", **given), []
for _epoch in range(3):
    model.partial_fit(x, x[:, 0])
    rates.append(model._optimizer.learning_rate)
warnings.simplefilter("ignore", ConvergenceWarning)
printed = io.StringIO()
with contextlib.redirect_stdout(printed):
    MLPRegressor(learning_rate="adaptive", tol=10, max_iter=40, verbose=True, **given).fit(x, x[:, 0])
epoch, divided = 0, []
for line in printed.getvalue().splitlines():
    epoch += line.startswith("Iteration")
    if "Setting learning rate to" in line:
        divided.append(epoch)
print("scikit-learn", sklearn.__version__)
print("invscaling", *(f"{rate:.5f}" for rate in rates))
print("adaptive: divided after epochs", *divided)
assert np.allclose(rates, [0.1 / (samples + 1) ** 0.5 for samples in (200, 400, 600)]), "the behaviour has changed"
assert divided == [12, 23, 34], "the behaviour has changed"
PY
