#!/bin/sh
# XGBoost's LearningRateScheduler sets each rate one tree too late: the first tree has eta, the last rate is never used.
#
# Guess: tree k, counted from 0, is shrunk by learning_rates(k), as the documentation ("accepts an integer parameter epoch and
#   returns the corresponding learning rate") and LightGBM's reset_parameter let one expect.
# Behaviour: the callback sets its rate after the tree is grown. Tree 0 has the booster's eta (0.3 without one), tree k > 0 the
#   rate of k - 1. With LightGBM the same rates are those of trees 0 to 3.
# Seen with xgboost-cpu 3.2.0 and lightgbm 4.7.0, eta 0.9, rates 0.5 0.25 0.125 0.0625:
#   xgboost 0.9 0.5 0.25 0.125    lightgbm 0.5 0.25 0.125 0.0625
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check numpy==2.4.6 xgboost-cpu==3.2.0 lightgbm==4.7.0
venv/bin/python - <<'PY'
import lightgbm
import numpy as np
import xgboost

x, rates = np.repeat([[0.0], [1.0]], 50, axis=0), [0.5, 0.25, 0.125, 0.0625]


def used(predictions):
    """Returns by how much each tree was shrunk: the part by which it lowered the distance to 1."""
    rest = 1 - np.array([0.0, *predictions])
    return np.round(1 - rest[1:] / rest[:-1], 4).tolist()


data = xgboost.DMatrix(x, label=x[:, 0])
schedule = xgboost.callback.LearningRateScheduler(lambda tree: rates[tree])
booster = xgboost.train({"eta": 0.9, "base_score": 0.0, "lambda": 0, "max_depth": 1}, data, 4, callbacks=[schedule])
one = used(booster.predict(data, iteration_range=(0, trees))[-1] for trees in range(1, 5))
options = {"learning_rate": 0.9, "boost_from_average": False, "num_leaves": 2, "verbose": -1}
schedule = lightgbm.reset_parameter(learning_rate=lambda tree: rates[tree])
booster = lightgbm.train(options, lightgbm.Dataset(x, x[:, 0]), 4, callbacks=[schedule])
other = used(booster.predict(x, num_iteration=trees)[-1] for trees in range(1, 5))
print("xgboost", xgboost.__version__, "lightgbm", lightgbm.__version__)
print("xgboost", *one, "   lightgbm", *other)
assert one == [0.9, 0.5, 0.25, 0.125], "the behaviour has changed"
assert other == rates, "the behaviour has changed"
PY
