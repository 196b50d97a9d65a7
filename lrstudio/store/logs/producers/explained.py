"""What the numbers of each program mean; undone where that can be proved or is certain, otherwise told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr
from lrstudio.store.logs.assemble import Found
from lrstudio.store.logs.model import COUNTER, RATE, Column, LeftOut, Table, dense
from lrstudio.store.logs.names import EPOCH, STEP, in_phase, meaning, normal
from lrstudio.store.logs.producers.averages import (
    WINDOW,
    column_named,
    finder,
    is_exact,
    with_columns,
    without_means,
)

_POUTYNE = ("epoch", "time", "lr", "loss")
"""The first columns of a log of Poutyne's CSVLogger."""
_FASTAI = ("epoch", "train_loss", "valid_loss")
"""The first columns of a log of fastai; the last one is a time."""
_SMALL = 0.01
"""A loss falls to 0 by steps: from above this share of the first one it does not."""


def explained(found: Found) -> Found:
    """Returns what was found with its numbers as they were trained with, and notes on what they mean."""
    for change in (_mmengine, _keras_batches, _spacy, finder, _hugging_face, _nan_filter):
        found.tables = [change(table, found) for table in found.tables]
    names = {column.name for table in found.tables for column in table.columns}
    if found.producer == "Keras" and not any(meaning(name).role == RATE for name in names):
        found.notes.append(
            tr(
                "Keras logs the rate only if LearningRateScheduler or ReduceLROnPlateau is before CSVLogger in "
                "callbacks"
            )
        )
    elif found.producer == "Keras":
        found.notes.append(tr("Keras: each loss is the mean of an epoch, beside the rate of that epoch"))
    elif found.producer == "DeepSpeed":
        found.notes.append(tr("DeepSpeed counts samples in the column “step”"))
    elif any(tuple(column.name for column in table.columns[:4]) == _POUTYNE for table in found.tables):
        found.notes.append(
            tr(
                "in a log of Poutyne rates are those of the next epoch where the schedule is before CSVLogger in "
                "callbacks"
            )
        )
    elif any(tuple(column.name for column in table.columns[:3]) == _FASTAI for table in found.tables) and any(
        left.name == "time" for left in found.left_out
    ):
        found.producer = "fastai"
        found.notes.append(
            tr(
                "fastai: train_loss is a moving average over the batches of all epochs, with 0.98 of the old value: it "
                "falls later than the loss"
            )
        )
    plain = {normal(name) for name in names}
    if {"current_steps", "loss"} <= plain and not found.producer:
        found.producer = "LLaMA-Factory"
        found.notes.append(
            tr("LLaMA-Factory: each loss is the mean of logging_steps steps, beside the rate of the last")
        )
    return found


def _hugging_face(table: Table, found: Found) -> Table:
    """Leaves out the summary at the end of a training, whose train_loss is a mean over everything."""
    names = {column.name for column in table.columns}
    if "train_runtime" not in names or not {"loss", "learning_rate"} & names:
        if {"loss", "grad_norm", "learning_rate", EPOCH} <= names:
            found.producer = found.producer or "Hugging Face"
            found.notes.append(tr("Hugging Face: each loss is the mean of the last logging_steps steps"))
            return _of_next_step(table, found)
        return table
    found.producer = "Hugging Face"
    found.notes.append(
        tr(
            "Hugging Face: each loss is the mean of the last logging_steps steps, beside the rate of the last, or "
            "before transformers 4.51 of the step after"
        )
    )
    summary = column_named(table, "train_runtime")
    assert summary is not None
    columns = []
    for column in table.columns:
        keep = ~np.isin(column.rows, summary.rows)
        if keep.any():
            columns.append(Column(column.name, column.rows[keep], column.values[keep]))
        else:
            found.left_out.append(LeftOut(column.name, tr("is about the whole training, not a step")))
    return _of_next_step(replace(table, columns=tuple(columns)), found)


def _of_next_step(table: Table, found: Found) -> Table:
    """Undoes rates of the next step, which show where the last is 0: no update of a schedule that ends at 0 has it."""
    rate, step = column_named(table, "learning_rate"), column_named(table, STEP)
    if rate is None or len(rate.values) < 3 or rate.values[-1] != 0 or rate.values[-2] <= 0:
        return table
    steps = np.empty(0) if step is None else dense(step, table.count)[rate.rows]
    if not len(steps) or not (np.diff(steps) == 1).all():
        found.notes.append(tr("transformers before 4.51 wrote this log: each rate is that of the step after"))
        return table
    found.notes.append(
        tr("transformers before 4.51 wrote this log, each rate a step too early: undone, it is that of its own step")
    )
    return with_columns(table, Column(rate.name, rate.rows[1:], rate.values[:-1]))


def _nan_filter(table: Table, found: Found) -> Table:
    """Undoes Hugging Face's logging_nan_inf_filter, which logs 0 where all losses since the last row were no numbers.

    That is so where the norm of the gradient is no number; in old logs, without it, where a loss that is not small is
    followed by zeros alone.
    """
    loss, norm = (column_named(table, name) or column_named(table, f"train/{name}") for name in ("loss", "grad_norm"))
    if loss is None or not (loss.values == 0).any():
        return table
    if norm is not None:
        step = column_named(table, STEP)
        counts = np.arange(table.count) if step is None else dense(step, table.count)
        lost = (loss.values == 0) & np.isin(counts[loss.rows], counts[norm.rows[~np.isfinite(norm.values)]])
    else:
        last = int(np.flatnonzero(np.append(True, loss.values != 0))[-1]) - 1
        suddenly = found.producer == "Hugging Face" and last >= 0 and loss.values[last] > _SMALL * loss.values[0]
        lost = suddenly & (np.arange(len(loss.values)) > last)
    if not lost.any():
        return table
    found.notes.append(
        tr(
            "Hugging Face logs 0 for a loss that is no number (logging_nan_inf_filter): {count} zeros are read as NaN",
            count=int(lost.sum()),
        )
    )
    return with_columns(table, Column(loss.name, loss.rows, np.where(lost, np.nan, loss.values)))


def _spacy(table: Table, found: Found) -> Table:
    """Makes means of the losses of spaCy, which are the sums over the steps since the row before."""
    names = {column.name for column in table.columns}
    losses = [column for column in table.columns if column.name.startswith(("LOSS ", "losses/"))]
    step = column_named(table, STEP)
    if not losses or step is None or EPOCH not in names or not {"SCORE", "score"} & names:
        return table
    counts = dense(step, table.count)
    sizes = np.diff(counts, prepend=-1)
    sizes = np.where(sizes < 0, counts + 1, sizes)
    if not (sizes > 0).all():
        return table
    found.producer = "spaCy"
    found.notes.append(
        tr("spaCy logs the sum of the losses since the row before: divided by the steps, these are the means")
    )
    return with_columns(table, *(Column(each.name, each.rows, each.values / sizes[each.rows]) for each in losses))


def _keras_batches(table: Table, found: Found) -> Table:
    """Gives what Keras' TensorBoard logs by the epoch the step of the last batch before, where it logs batches too."""
    step, names = column_named(table, STEP), {column.name for column in table.columns}
    if found.producer != "TensorBoard" or step is None or not {"batch_loss", "epoch_loss"} <= names:
        return table
    of_batch, of_epoch = (
        np.isin(
            np.arange(table.count),
            np.concatenate([column.rows for column in table.columns if column.name.startswith(begin)]),
        )
        for begin in ("batch_", "epoch_")
    )
    last = np.maximum.accumulate(np.where(of_batch, np.arange(table.count), 0))
    counts = dense(step, table.count)
    counts = np.where(of_epoch & ~of_batch & of_batch[last], counts[last], counts)
    found.notes.append(
        tr("Keras: batch_loss is the mean of its epoch so far; values of epochs have the step of the last batch")
    )
    return with_columns(table, Column(STEP, np.arange(table.count), counts))


def _mmengine(table: Table, found: Found) -> Table:
    """Gives the rows of a validation the step of the training before, and undoes means of single iterations."""
    step, iteration, loss = (column_named(table, name) for name in (STEP, "iter", "loss"))
    if step is None or iteration is None or loss is None or column_named(table, "data_time") is None:
        return table
    found.producer = "MMEngine"
    counts = dense(step, table.count).copy()
    trained = dense(iteration, table.count)
    last = 0.0
    for row in range(table.count):
        last = last if np.isnan(trained[row]) else float(trained[row])
        counts[row] = last
    if not np.array_equal(counts, dense(step, table.count), equal_nan=True):
        found.notes.append(
            tr("MMEngine counts epochs in the rows of a validation: they have the step of the training before")
        )
        step = Column(STEP, np.arange(table.count), counts)
    steps = counts[loss.rows]
    raw = without_means(loss.values) if len(steps) and (np.diff(steps) == 1).all() and steps[0] <= 1 else None
    if raw is not None and is_exact(raw, loss.values, 2 * WINDOW):
        found.notes.append(
            tr(
                "MMEngine logs the mean of {window} losses beside the rate of one: undone, these are single losses",
                window=WINDOW,
            )
        )
        loss = Column("loss", loss.rows, raw)
    else:
        found.notes.append(
            tr(
                "MMEngine: each loss is the mean of up to {window} iterations, beside the rate of the last one",
                window=WINDOW,
            )
        )
    rest = replace(table, columns=tuple(column for column in table.columns if column.name != "iter"))
    return _with_validation(with_columns(rest, step, loss), np.isnan(trained))


def _with_validation(table: Table, measured: Array) -> Table:
    """Returns a table in which values of the rows (count,) that measure on validation data have names of their own."""
    made = list[Column]()
    for column in table.columns:
        own = measured[column.rows]
        if meaning(column.name).role == COUNTER or not own.any():
            made.append(column)
            continue
        for name, kept in ((column.name, ~own), (in_phase(column.name, "val"), own)):
            if kept.any():
                made.append(Column(name, column.rows[kept], column.values[kept]))
    return replace(table, columns=tuple(made))
