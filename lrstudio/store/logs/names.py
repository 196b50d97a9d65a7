"""What the name of a logged value says: whether it is a rate, a loss, a counter, and on which data it was measured."""

from __future__ import annotations

import re
from functools import lru_cache

from lrstudio.core.language import mark
from lrstudio.core.record import dataclass
from lrstudio.store.logs.model import COUNTER, LOSS, METRIC, RATE, TEST, TRAIN, VALIDATION

STEP, BATCH, EPOCH = mark("step"), mark("batch"), mark("epoch")
SAMPLES, TIME = mark("samples"), mark("time")
_COUNTERS = {
    STEP: "global_step trainer_global_step train_global_step step steps total_timesteps timesteps_total "
    "current_steps current_step iteration iterations iter iters it num_updates update updates number_of_steps "
    "training_iteration",
    BATCH: "batch batch_idx batch_index minibatch mini_batch batches",
    EPOCH: "epoch epochs current_epoch epoch_num train_epoch",
    SAMPLES: "samples samples_seen images images_seen tokens tokens_seen num_tokens num_input_tokens_seen "
    "consumed_samples consumed_tokens examples examples_seen",
    TIME: "wall_time walltime timestamp runtime relative_time unix_time datetime date",
}
_KINDS = {name: kind for kind, names in _COUNTERS.items() for name in names.split()}
_PRIORITY = {name: place for place, name in enumerate(_KINDS)}
_PROGRESS = {
    "total_steps",
    "max_steps",
    "total_epochs",
    "max_epochs",
    "percentage",
    "remaining_time",
    "elapsed_time",
    "remaining",
}
"""Values that say how far a training is and count nothing by themselves."""
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])|(?<=[a-z]{2})(?=[A-Z](?![A-Za-z]))")
"""Where a word begins by its capital letter: in `trainLoss` and `lossD`, not in `mAP` and `lR`."""
_RATE = re.compile(r"(?<![a-z])(?:lrs?|learning_?rates?)(?![a-z])")
_LOSS = re.compile(r"(?<![a-z])loss(?:es)?(?![a-z])|(?<=[a-z])loss(?![a-z])")
_NO_LOSS = re.compile(r"loss_?scale|scaler")
_SPREAD = re.compile(r"[/|:_](?:std|stddev|var|variance)$")
"""End of the name of how far values are from their mean."""
_VALUE_OF_RUN = re.compile(r"(?<![a-z])(?:lr|learning[ _-]?rate)[ _=:-]*\d*(?:\.\d+(?:e-?\d+)?|\d(?:e-?\d+))", re.ASCII)
"""A rate that is part of the name of a run, such as lr_0.01; lr-1 is the second rate of an optimizer."""
_VALIDATION = re.compile(r"(?<![a-z])(?:val|valid|validation|dev|eval|evaluation|heldout|holdout)(?![a-z])")
_TEST = re.compile(r"(?<![a-z])test(?![a-z])")
_DATA = re.compile(
    r"(^|[\W_])(?:train|training|val|valid|validation|dev|eval|evaluation|test)(?=[\W_]|$)", re.IGNORECASE
)
LEARN = "learn"
"""CatBoost's name of the measure on the data that it learns from, whatever that is."""
_FIRST_LOSSES = (
    *("loss", "train_loss", "training_loss", "loss_train", "train_loss_step", "batch_loss", "running_loss"),
    *("trainloss", "total_loss", "train_total_loss", "train_train_loss", "loss_total", "train_loss_epoch"),
)


@dataclass(frozen=True)
class Meaning:
    """The role of a value, the data that it was measured on, and for a counter what it counts."""

    role: str
    part: str = TRAIN
    kind: str = ""


def normal(name: str) -> str:
    """Returns a name in lower case with underscores between its words."""
    return re.sub(r"[^a-z0-9]+", "_", _HUMP.sub("_", name).lower()).strip("_")


@lru_cache(maxsize=4096)
def meaning(name: str) -> Meaning:
    """Returns what a name says, judging by its last part that says something: `lr_0.01/train_loss` is a loss."""
    lower = _HUMP.sub("_", name[:500]).lower()
    lower = _VALUE_OF_RUN.sub(" ", lower)
    plain = re.sub(r"[^a-z0-9]+", "_", lower).strip("_")
    part = TEST if _TEST.search(plain.replace("_", " ")) else TRAIN
    part = VALIDATION if _VALIDATION.search(plain.replace("_", " ")) else part
    kind = _KINDS.get(plain) or _KINDS.get(re.split(r"[/ |:]+", lower.strip())[-1].strip("_"))
    if kind is not None:
        return Meaning(COUNTER, TRAIN, kind)
    if _SPREAD.search(lower):
        return Meaning(METRIC, part)
    for piece in re.split(r"[/|:]|\s-\s", lower)[::-1]:
        words = re.sub(r"[^a-z0-9]+", "_", piece).strip("_")
        if _NO_LOSS.search(words):
            return Meaning(METRIC, part)
        spaced = words.replace("_", " ")
        rates = [match.start() for match in _RATE.finditer(words.replace("_", " ").replace("learning rate", "lr"))]
        losses = [match.start() for match in _LOSS.finditer(spaced.replace("learning rate", "lr"))]
        if rates or losses:
            is_rate = bool(rates) and (not losses or rates[-1] > losses[-1])
            return Meaning(RATE, TRAIN) if is_rate else Meaning(LOSS, part)
    return Meaning(METRIC, part)


def without_part(name: str) -> str:
    """Returns a name without the data that it was measured on."""
    return _DATA.sub("", name).strip("/_ .-") or name


def is_progress(name: str) -> bool:
    """Whether a value says how long the training will be, as `total_steps` does."""
    return normal(name) in _PROGRESS


def counter_priority(name: str) -> int:
    """Returns a sort key: smaller for a name that more surely counts updates."""
    most, place = len(_PRIORITY), _PRIORITY.get(normal(name))
    last = normal(re.split(r"[/ |:]+", name.strip())[-1])
    return most + _PRIORITY.get(last, most) if place is None else place


def loss_priority(name: str) -> int | None:
    """Returns the place of a loss among the usual names of the loss that is trained on; None for another name."""
    plain = normal(name)
    return _FIRST_LOSSES.index(plain) if plain in _FIRST_LOSSES else None


_PHASES = {"phase", "mode", "split", "stage", "subset"}
"""Names of a column that says on which data a row was measured."""


@lru_cache(maxsize=4096)
def is_phase(name: str) -> bool:
    """Whether a text says on which data the values of its row were measured."""
    return normal(name) in _PHASES


def in_phase(name: str, phase: str) -> str:
    """Returns the name of a value of a row with this phase: `val/loss` for another phase than training."""
    part = meaning(f"{phase}_loss").part
    return name if part == TRAIN or meaning(name).role in (COUNTER, RATE) else f"{phase}/{name}"


def value_of_file(stem: str) -> str:
    """Returns the name of the value in a file of one value, by the name of the file without its ending.

    TensorBoard's `run-lr_0.01-tag-train_loss` is train_loss; the name of the run says nothing of the value.
    """
    head, found, tag = stem.rpartition("-tag-")
    return tag if found and head.startswith("run-") else stem


def run_of_file(stem: str) -> str:
    """Returns the name of the run in the name of a file that TensorBoard made; "" for another."""
    head, found, _tag = stem.rpartition("-tag-")
    return head.removeprefix("run-") if found and head.startswith("run-") else ""
