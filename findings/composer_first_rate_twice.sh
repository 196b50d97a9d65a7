#!/bin/sh
# Composer trains its second batch with the first rate again, and its whole schedule is a batch late.
#
# Guess: batch t, counted from 0, is trained with the initial rate times what the schedule is at t, as with a schedule of PyTorch
#   that is stepped after each batch; LRMonitor logs each of these rates at its batch.
# Behaviour: the schedules are stepped before the count of batches is: after batch 0 they return the rate of 0 again. Batch t > 0
#   has the rate of t - 1, and the last rate is never trained with. LRMonitor logs the rate of the next batch, at the number
#   of that one: that of batch 0 is in no log, and the last one in it was not used.
# Seen with mosaicml 0.32.1 and torch 2.7.0, ExponentialScheduler(0.5, decay_period="1ba") from 0.8, 4 batches:
#   used 0.8 0.8 0.4 0.2    logged 0.8 0.4 0.2 0.1 at 1 2 3 4    losses at 0 1 2 3
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.7.0 mosaicml==0.32.1
venv/bin/python - 2>log <<'PY' || { cat log; exit 1; }
import composer
import torch
from composer.callbacks import LRMonitor
from composer.loggers import InMemoryLogger
from composer.models import ComposerClassifier
from composer.optim import ExponentialScheduler
from torch.utils.data import DataLoader, TensorDataset

used, memory = [], InMemoryLogger()
model = ComposerClassifier(torch.nn.Linear(1, 2), num_classes=2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.8)
optimizer.register_step_pre_hook(lambda own, _args, _given: used.append(own.param_groups[0]["lr"]))
trainer = composer.Trainer(
    model=model, train_dataloader=DataLoader(TensorDataset(torch.ones(8, 1), torch.zeros(8).long()), batch_size=2),
    max_duration="1ep", optimizers=optimizer, schedulers=ExponentialScheduler(gamma=0.5, decay_period="1ba"),
    device="cpu", callbacks=[LRMonitor()], loggers=[memory], progress_bar=False)
trainer.fit()
rates, losses = (memory.data[name] for name in ("lr-SGD/group0", "loss/train/total"))
logged, at = [float(rate) for _time, rate in rates], [int(time.batch) for time, _rate in rates]
print("mosaicml", composer.__version__, "torch", torch.__version__)
print("used", *used, "   logged", *logged, "at", *at, "   losses at", *(int(time.batch) for time, _loss in losses))
assert used == [0.8, 0.8, 0.4, 0.2], "the behaviour has changed"
assert logged == [0.8, 0.4, 0.2, 0.1] and at == [1, 2, 3, 4], "the behaviour has changed"
assert [int(time.batch) for time, _loss in losses] == [0, 1, 2, 3], "the behaviour has changed"
PY
