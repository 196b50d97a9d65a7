#!/bin/sh
# Keras' TensorBoard: batch_loss is not the loss of a batch, and epoch_loss has another axis beside it.
#
# Guess: with update_freq=1 the scalar batch_loss has the loss of each batch at its step, and epoch_loss their mean at the step
#   of the epoch's last batch.
# Behaviour: batch_loss is the mean of the epoch so far and begins anew with each epoch, so that it has jumps that no batch had,
#   and a loss that climbs within the epoch climbs half as fast. epoch_loss, and epoch_learning_rate with it, count epochs
#   as their steps: beside 70 batches of ten epochs the whole schedule stands at steps 0 to 9.
# Seen with keras 3.15.1, tensorflow-cpu 2.21.0 and tensorboard 2.21.0, 2 epochs of 4 batches, rate 0:
#   losses 1.5 3.5 5.5 7.5 1.5 3.5 5.5 7.5    batch_loss 1.5 2.5 3.5 4.5 1.5 2.5 3.5 4.5 at 1 2 3 4 5 6 7 8
#   epoch_loss 4.5 4.5 at 0 1
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check keras==3.15.1 tensorflow-cpu==2.21.0 tensorboard==2.21.0
TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow venv/bin/python - 2>log <<'PY' || { cat log; exit 1; }
import keras
import numpy as np
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

data = np.arange(1, 9, dtype=np.float32).reshape(8, 1)
losses = [float(data[row : row + 2].mean()) for row in range(0, 8, 2)] * 2
model = keras.Sequential([keras.layers.Dense(1, kernel_initializer="ones")])
model.compile(keras.optimizers.SGD(0.0), loss=lambda _wanted, output: keras.ops.mean(output, axis=-1))
board = keras.callbacks.TensorBoard("logs", update_freq=1, write_graph=False, profile_batch=0)
model.fit(data, data, epochs=2, batch_size=2, shuffle=False, verbose=0, callbacks=[board])
events = EventAccumulator("logs/train", size_guidance={"tensors": 0}).Reload()
found = {}
for tag in ("batch_loss", "epoch_loss"):
    found[tag] = [(event.step, float(tf.make_ndarray(event.tensor_proto))) for event in events.Tensors(tag)]
print("keras", keras.__version__, "tensorflow", tf.__version__)
print("losses", *losses)
for tag, pairs in found.items():
    print(tag, *(value for _step, value in pairs), "at", *(step for step, _value in pairs))
so_far = [float(np.mean(losses[: place + 1])) for place in range(4)] * 2
changed = "the behaviour has changed"
assert found["batch_loss"] == list(zip(range(1, 9), so_far, strict=True)) and so_far != losses, changed
assert found["epoch_loss"] == [(0, 4.5), (1, 4.5)], changed
PY
