#!/bin/sh
# Stable-Baselines3: a linear schedule of PPO ends with a negative rate, and the log does not have it.
#
# Guess: a rate of `progress_remaining * initial_value`, the example of the documentation, falls from the initial value to 0,
#   and the column train/learning_rate of progress.csv has every rate that was used.
# Behaviour: PPO trains after whole rollouts, so that the number of steps ends above total_timesteps where that is no multiple
#   of n_steps, and the progress that remains is 1 - steps / total: the last updates climb, with a rate below 0. The rates
#   of a rollout are written with the next one, so that those of the last are in no row.
# Seen with stable-baselines3 2.9.2 and torch 2.13.0, 3 rollouts of 128 steps for 300, rates of their updates from 0.001:
#   used 0.000573 0.000147 -0.00028    progress.csv 0.000573 0.000147
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 stable-baselines3==2.9.2 numpy
venv/bin/python - 2>log <<'PY' || { cat log; exit 1; }
import csv

import gymnasium
import numpy as np
import stable_baselines3
import torch
from stable_baselines3.common.logger import configure


class Ten(gymnasium.Env):
    """Episodes of ten steps, in which the reward is the action."""

    observation_space, action_space = gymnasium.spaces.Box(-1, 1, (1,)), gymnasium.spaces.Discrete(2)

    def reset(self, seed=None, options=None):
        self.steps = 0
        return np.zeros(1, np.float32), {}

    def step(self, action):
        self.steps += 1
        return np.zeros(1, np.float32), float(action), self.steps >= 10, False, {}


used = []
model = stable_baselines3.PPO(
    "MlpPolicy", Ten(), n_steps=128, batch_size=128, n_epochs=1, device="cpu",
    learning_rate=lambda progress_remaining: progress_remaining * 0.001)
model.policy.optimizer.register_step_pre_hook(lambda own, _args, _given: used.append(own.param_groups[0]["lr"]))
model.set_logger(configure("progress", ["csv"]))
model.learn(300)
with open("progress/progress.csv", newline="") as file:
    logged = [float(row["train/learning_rate"]) for row in csv.DictReader(file) if row["train/learning_rate"]]
print("stable-baselines3", stable_baselines3.__version__, "torch", torch.__version__)
print("used", *(f"{rate:.3g}" for rate in used), "  progress.csv", *(f"{rate:.3g}" for rate in logged))
assert np.allclose(used, [0.001 * (1 - steps / 300) for steps in (128, 256, 384)]), "the behaviour has changed"
assert used[-1] < 0 and np.allclose(logged, used[:-1]), "the behaviour has changed"
PY
