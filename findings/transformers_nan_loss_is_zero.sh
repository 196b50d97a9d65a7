#!/bin/sh
# Hugging Face's Trainer logs the loss 0 where a training has diverged to NaN.
#
# Guess: logging_nan_inf_filter (on by default) leaves losses that are no numbers out of the mean of a row; where all of them
#   are NaN, the row has NaN, or the last mean that there was.
# Behaviour: the sum since the last row begins at 0, and instead of a NaN the mean of that sum is added: 0 where nothing else
#   came. So the log of a lost training shows the lowest loss there is. Only grad_norm, beside it, is nan.
# Seen with transformers 5.24.0 and torch 2.13.0, a loss of 1 that is NaN from the 4th step on, a row at each step:
#   loss 1 1 1 0 0 0    grad_norm 1 1 1 nan nan nan    without the filter: loss 1 1 1 nan nan nan
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.13.0 transformers==5.24.0 accelerate numpy
venv/bin/python - 2>log <<'PY' || { cat log; exit 1; }
import math

import torch
import transformers


class Lost(torch.nn.Module):
    """Its loss is 1, with the gradient 1, and NaN from the 4th step on."""

    def __init__(self):
        super().__init__()
        self.weight, self.steps = torch.nn.Parameter(torch.zeros(())), 0

    def forward(self, x=None, labels=None):
        self.steps += 1
        return {"loss": (1 + self.weight - self.weight.detach()) * (math.nan if self.steps > 3 else 1), "logits": x}


def rows(**given):
    arguments = transformers.TrainingArguments(
        output_dir="out", max_steps=6, logging_steps=1, per_device_train_batch_size=1, report_to=[], use_cpu=True,
        disable_tqdm=True, save_strategy="no", **given)
    model, data = Lost(), [{"x": torch.zeros(1), "labels": torch.zeros(1)}] * 6
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    trainer = transformers.Trainer(model, arguments, train_dataset=data, optimizers=(optimizer, None))
    trainer.remove_callback(transformers.PrinterCallback)
    trainer.train()
    return [row for row in trainer.state.log_history if "loss" in row]


filtered, plain = rows(), rows(logging_nan_inf_filter=False)
print("transformers", transformers.__version__, "torch", torch.__version__)
print("loss", *(row["loss"] for row in filtered), "  grad_norm", *(row["grad_norm"] for row in filtered))
print("without the filter: loss", *(row["loss"] for row in plain))
assert [row["loss"] for row in filtered] == [1, 1, 1, 0, 0, 0], "the behaviour has changed"
assert [math.isnan(row["grad_norm"]) for row in filtered] == [False] * 3 + [True] * 3, "the behaviour has changed"
assert [math.isnan(row["loss"]) for row in plain] == [False] * 3 + [True] * 3, "the behaviour has changed"
PY
