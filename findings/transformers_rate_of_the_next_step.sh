#!/bin/sh
# Hugging Face's Trainer logs another step's rate from transformers 4.51 on: before, each rate is that of the next step.
#
# Guess: the learning_rate in the row of step n is the one with which update n was made, in all versions.
# Behaviour: up to 4.50 the schedule is advanced before the row is written, so that update n has the rate of row n - 1, the
#   rate of the first update is in no row, and the last row has one that was never used: 0, where the schedule ends at 0.
#   From 4.51 on the row has its own rate. Nothing in trainer_state.json says which version wrote it.
# Seen with transformers 4.50.0 and 4.51.3, torch 2.13.0, 4 steps of "linear" from 0.04:
#   4.50.0 used 0.04 0.03 0.02 0.01 logged 0.03 0.02 0.01 0.0    4.51.3 used and logged 0.04 0.03 0.02 0.01
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >train.py <<'PY'
import sys

import torch
import transformers


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(()))

    def forward(self, x=None, labels=None):
        return {"loss": self.weight + 1, "logits": x}


used = []
arguments = transformers.TrainingArguments(
    output_dir="out", max_steps=4, logging_steps=1, per_device_train_batch_size=1, report_to=[], use_cpu=True,
    disable_tqdm=True, save_strategy="no")
model, data = Model(), [{"x": torch.zeros(1), "labels": torch.zeros(1)}] * 4
optimizer = torch.optim.SGD(model.parameters(), lr=0.04)
optimizer.register_step_pre_hook(lambda own, _args, _given: used.append(own.param_groups[0]["lr"]))
trainer = transformers.Trainer(model, arguments, train_dataset=data, optimizers=(optimizer, None))
trainer.remove_callback(transformers.PrinterCallback)
trainer.train()
used = [round(rate, 6) for rate in used]
logged = [round(row["learning_rate"], 6) for row in trainer.state.log_history if "loss" in row]
print("transformers", transformers.__version__, "used", *used, "logged", *logged)
assert used == [0.04, 0.03, 0.02, 0.01], "the behaviour has changed"
assert logged == ([*used[1:], 0.0] if sys.argv[1] == "next" else used), "the behaviour has changed"
PY
for each in 4.50.0:next 4.51.3:own; do
    python3 -m venv "venv_${each%:*}"
    "venv_${each%:*}/bin/pip" install -q --disable-pip-version-check torch==2.13.0 "transformers==${each%:*}" accelerate==1.6.0 numpy
    "venv_${each%:*}/bin/python" train.py "${each#*:}" 2>log || { cat log; exit 1; }
done
