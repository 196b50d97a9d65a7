#!/bin/sh
# A scheduler that Accelerate has prepared goes as many steps in one call of step() as there are processes, and none while
# gradients are accumulated; adjust_scheduler=True, which is documented to adjust for that, changes nothing.
#
# Guess: a call of step() is one step of the schedule; with accumulation over 4 batches adjust_scheduler (True by default)
#   lets a schedule that was made for the batches end with the batches.
# Behaviour: with 2 processes the rate falls twice as fast (not with split_batches=True). With accumulation the schedule goes
#   one step per update, so that of 16 steps 4 are gone after 16 batches, with adjust_scheduler=True and False: the plugin
#   hands on only what differs from its defaults, and GradientState takes False for what is missing. A True would only count
#   up _step_count.
# Seen with accelerate 1.15.0 and torch 2.14.1, halving from 1, and a linear fall from 1 to 0 over 16 steps:
#   1 process 1 0.5 0.25 0.125    2 processes 1 0.25 0.0625 0.015625
#   accumulated, adjust_scheduler True 1 0.9375 0.875 0.8125    False 1 0.9375 0.875 0.8125
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check torch==2.14.1 accelerate==1.15.0 numpy
cat >run.py <<'PY'
import sys

import torch
from accelerate import Accelerator
from accelerate.utils import GradientAccumulationPlugin


def used(make, batches, **given):
    accelerator, rates = Accelerator(cpu=True, **given), []
    network = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
    optimizer.register_step_pre_hook(lambda own, _args, _given: rates.append(own.param_groups[0]["lr"]))
    network, optimizer, schedule = accelerator.prepare(network, optimizer, make(optimizer))
    for _ in range(batches):
        with accelerator.accumulate(network):
            accelerator.backward(network(torch.ones(2, 1)).mean())
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
    return accelerator, [round(rate, 6) for rate in rates]


if sys.argv[1] == "processes":
    accelerator, rates = used(lambda own: torch.optim.lr_scheduler.ExponentialLR(own, 0.5), 4)
    if accelerator.is_main_process:
        print(accelerator.num_processes, "processes", *rates)
    assert rates == [0.5 ** (accelerator.num_processes * step) for step in range(4)]
    accelerator.end_training()
else:
    plugin = GradientAccumulationPlugin(num_steps=4, adjust_scheduler=sys.argv[1] == "True")
    linear = lambda own: torch.optim.lr_scheduler.LinearLR(own, 1.0, 0.0, total_iters=16)
    _, rates = used(linear, 16, gradient_accumulation_plugin=plugin)
    print("adjust_scheduler", sys.argv[1], *rates)
    assert rates == [1.0, 0.9375, 0.875, 0.8125], "the behaviour has changed"
PY
export OMP_NUM_THREADS=1
venv/bin/python run.py processes 2>>log || { cat log; exit 1; }
venv/bin/python -m torch.distributed.run --nproc_per_node 2 --master_port 29613 run.py processes 2>>log || { cat log; exit 1; }
venv/bin/python run.py True 2>>log || { cat log; exit 1; }
venv/bin/python run.py False 2>>log || { cat log; exit 1; }
