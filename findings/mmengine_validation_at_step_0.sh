#!/bin/sh
# MMEngine writes every validation of a training that counts iterations at step 0.
#
# Guess: in a training with by_epoch=False, whose rows of losses have "step": iteration, the rows of its validations have the
#   iteration after which they were made, too.
# Behaviour: LoggerHook(log_metric_by_epoch=True), the default, takes the number of epochs as the step also here, and
#   IterBasedTrainLoop counts one epoch, at its end, however often it has gone through the data. So all validations stand at
#   step 0, and TensorBoard draws them above one another.
# Seen with mmengine 0.10.7 and torch 2.14.1, 80 iterations with a validation after each 20:
#   losses at 20 40 60 80    validations at 0 0 0 0
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.14.1 mmengine==0.10.7 numpy setuptools
venv/bin/python - >log 2>&1 <<'PY' || { cat log; exit 1; }
import json
from pathlib import Path

import torch
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel
from mmengine.runner import Runner


class Line(BaseModel):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)

    def forward(self, x, mode="tensor"):
        y = self.layer(x)
        return {"loss": (y - x).square().mean()} if mode == "loss" else [y.mean()]


class Mean(BaseMetric):
    def process(self, data_batch, data_samples):
        self.results.append(float(data_samples[0]))

    def compute_metrics(self, results):
        return {"mean": sum(results) / len(results)}


def loader():
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(160, 1)), batch_size=8)


Runner(
    Line(), work_dir="out", train_dataloader=loader(), train_cfg={"by_epoch": False, "max_iters": 80, "val_interval": 20},
    val_dataloader=loader(), val_cfg={}, val_evaluator=[Mean()],
    optim_wrapper={"optimizer": {"type": "SGD", "lr": 0.01}},
    default_hooks={"logger": {"type": "LoggerHook", "interval": 20}},
).train()
(path,) = Path("out").rglob("scalars.json")
rows = [json.loads(line) for line in path.read_text().splitlines()]
losses = [row["step"] for row in rows if "loss" in row]
validations = [row["step"] for row in rows if "mean" in row]
Path("found").write_text(f"losses at {losses}  validations at {validations}\n")
assert losses == [20, 40, 60, 80] and validations == [0, 0, 0, 0], "the behaviour has changed"
PY
cat found
