"""Logs as training programs write them: PyTorch scripts, Keras, Lightning, TensorBoard."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrstudio.store.csv.columns import BadCellsError
from lrstudio.store.csv.format import CsvError
from lrstudio.store.csv.import_csv import read_preview
from lrstudio.store.logs import tables
from lrstudio.store.logs.csv_log import LogColumns, guess_columns
from lrstudio.store.logs.training_log import (
    LogChoices,
    TrainingLog,
    check_log,
    read_chosen,
    with_rates_between,
    with_rates_of,
)

RATES = [1e-5 * 10 ** (place / 20) for place in range(60)]
LOSSES = [2.3 - 0.01 * place for place in range(59)] + [math.nan]


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def choices(path: Path, **others: Any) -> LogChoices:
    look = read_preview(path)
    found = guess_columns(look)
    assert found.loss is not None
    given: dict[str, Any] = {"step": found.step, "lr": found.lr, "loss": found.loss, **others}
    return LogChoices(form=look.form, **given)


def read(path: Path, **others: Any) -> TrainingLog:
    return read_chosen(path, choices(path, **others))


def test_a_script_s_own_table_is_read_as_it_stands(tmp_path: Path) -> None:
    rows = "".join(f"{step},{lr!r},{loss}\n" for step, (lr, loss) in enumerate(zip(RATES, LOSSES, strict=True)))
    path = write(tmp_path / "lr_find.csv", "step,lr,loss\n" + rows)
    assert guess_columns(read_preview(path)) == LogColumns(0, 1, 2, sure=True)
    log = read(path)
    assert log.step.tolist() == list(range(60))
    assert log.lr.tolist() == RATES
    assert log.loss[:-1].tolist() == LOSSES[:-1] and math.isnan(log.loss[-1])
    assert log.rises and log.has_rates and not log.notes


@pytest.mark.parametrize("rate", ["lr", "learning_rate"])
def test_keras_csvlogger_is_known_by_its_names(tmp_path: Path, rate: str) -> None:
    lines = [
        f"{epoch},{0.5 + epoch / 100},{1 / (epoch + 1)},{0.01 * 0.9**epoch},{2 / (epoch + 1)}" for epoch in range(9)
    ]
    path = write(tmp_path / "training.log.csv", f"epoch,accuracy,loss,{rate},val_loss\n" + "\n".join(lines) + "\n")
    assert guess_columns(read_preview(path)) == LogColumns(0, 3, 2, sure=True)
    log = read(path)
    assert log.loss.tolist() == [1 / (epoch + 1) for epoch in range(9)]
    assert not log.rises and log.has_rates


def test_keras_with_decimal_commas_semicolons_and_a_mark_of_the_encoding(tmp_path: Path) -> None:
    lines = [f"{epoch};0,5;{f'{3 / (epoch + 1):.6f}'.replace('.', ',')};{f'{0.001 * 2**epoch:.6f}'.replace('.', ',')}"
             for epoch in range(8)]  # fmt: skip
    path = write(tmp_path / "journal.csv", "epoch;accuracy;loss;lr\r\n" + "\r\n".join(lines), "utf-8-sig")
    look = read_preview(path)
    assert (look.form.encoding, look.form.delimiter, look.form.decimal) == ("utf-8-sig", ";", ",")
    log = read(path)
    assert log.lr == pytest.approx([0.001 * 2**epoch for epoch in range(8)])
    assert log.rises


def test_lightning_s_rows_of_rates_and_of_losses_are_brought_together(tmp_path: Path) -> None:
    text = "epoch,lr-SGD,step,train_loss\n"
    for step in range(40):
        text += f",{10.0 ** (step / 10 - 4)!r},{step},\n0,,{step},{2 - step / 40}\n"
    path = write(tmp_path / "metrics.csv", text)
    assert guess_columns(read_preview(path)) == LogColumns(2, 1, 3, sure=True)
    log = read(path)
    assert log.step.tolist() == list(range(40))
    assert log.lr == pytest.approx(10.0 ** (np.arange(40) / 10 - 4))
    assert log.loss == pytest.approx(2 - np.arange(40) / 40)
    assert log.notes == ()


def test_tensorboard_s_two_files_are_joined_by_their_steps(tmp_path: Path) -> None:
    head = "Wall time,Step,Value\n"
    losses = "".join(f"1700000000.{step},{step},{3 - step / 50}\n" for step in range(0, 100, 5))
    loss = write(tmp_path / "run-train-tag-loss.csv", head + losses)
    values = "".join(f"1700000000.{step},{step},{1e-4 * 1.1**step!r}\n" for step in range(10, 100, 10))
    rate = write(tmp_path / "run-train-tag-learning_rate.csv", head + values)
    assert guess_columns(read_preview(loss)) == LogColumns(1, None, 2, values="loss")
    assert guess_columns(read_preview(rate)).values == "lr"
    rates = read_chosen(rate, LogChoices(form=read_preview(rate).form, step=1, loss=2))
    log = with_rates_of(read(loss), rates)
    assert log.step.tolist() == list(range(10, 100, 5))
    assert log.lr == pytest.approx([1e-4 * 1.1 ** (step // 10 * 10) for step in range(10, 100, 5)])
    assert log.rises
    assert "2 losses before the first rate were left out" in log.notes


def test_files_without_a_common_step_say_so() -> None:
    early = TrainingLog("loss.csv", np.arange(3.0), np.full(3, np.nan), np.ones(3))
    late = TrainingLog("lr.csv", np.arange(10.0, 13), np.full(3, np.nan), np.ones(3))
    with pytest.raises(CsvError, match=r"loss.csv ends at step 2; lr.csv begins at 10"):
        with_rates_of(early, late)


def test_without_rates_those_of_the_test_are_put_in_their_place(tmp_path: Path) -> None:
    path = write(tmp_path / "loss.csv", "loss\n" + "\n".join(map(str, LOSSES[:-1])))
    log = read(path)
    assert not log.has_rates and not log.rises
    assert log.step.tolist() == list(range(59))
    whole = with_rates_between(log, 1e-5, 1)
    assert whole.lr[[0, -1]] == pytest.approx([1e-5, 1])
    assert np.diff(np.log(whole.lr)) == pytest.approx(math.log(1e5) / 58)
    with pytest.raises(CsvError, match="above 0"):
        with_rates_between(log, 0, 1)


def test_steps_in_another_order_and_twice_are_put_right_and_told(tmp_path: Path) -> None:
    text = "iteration,learning rate,train_loss\n" + "".join(
        f"{step},{10.0**-step!r},{step}\n" for step in range(9, -1, -1)
    )
    path = write(tmp_path / "newest first.csv", text + "4,0.5,44\n")
    log = read(path)
    assert log.step.tolist() == list(range(10))
    assert log.loss[4] == 44 and log.lr[4] == 0.5
    assert log.notes == ("the steps were put in order", "1 steps were there twice: the later row counts")


def test_a_column_of_epochs_with_many_rows_each_counts_no_steps(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "epoch,lr,loss\n" + "".join(f"{row // 10},{1 + row},{row}\n" for row in range(40)))
    log = read(path)
    assert log.step.tolist() == list(range(40)) and log.loss.tolist() == list(range(40))
    assert log.notes == ("the epochs repeat: rows were counted",)


def test_every_bad_cell_is_reported_with_its_row_and_column(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv", "step,lr,loss\n0,1e-4,2.3\n1,fast,2.2\n2,-3,2.1\nx,4e-4,oops\n4,5e-4,inf\n5,6e-4,1\n"
    )
    with pytest.raises(BadCellsError) as error:
        read(path)
    assert [str(cell) for cell in error.value.cells] == [
        "row 3, column 2 (lr): “fast” is not a number",
        "row 4, column 2 (lr): “-3” is below 0: no rate",
        "row 5, column 1 (step): “x” is not a number",
        "row 5, column 3 (loss): “oops” is not a number",
    ]
    assert check_log(read_preview(path), choices(path)) == error.value.cells
    log = read(path, drop_bad=True)
    assert log.step.tolist() == [0, 4, 5] and log.loss.tolist() == [2.3, math.inf, 1]
    assert log.notes == ("3 rows with a bad cell were left out",)
    assert len(log.bad) == 4


GAPS = {
    "rates now and then": lambda row: f"{row},{'' if row % 50 else row},{1 / (1 + row)}",
    "rows of rates and rows of losses": lambda row: f"{row // 2},{row if row % 2 else ''},{'' if row % 2 else row}",
    "words and spaces": lambda row: f"{row},{row if row % 3 else ' N/A '},{row if row % 5 else 'None'}",
    "losses that are not finite": lambda row: f"{row},{row},{row if row % 7 else ['nan', '-Inf', ' +inf'][row % 3]}",
    "losses too large": lambda row: f"{row},{row},{row if row % 400 else '1e999'}",
    "a missing step": lambda row: f"{row if row != 700 else ''},{row},{row}",
    "lines without text": lambda row: f"{row},{row},{row}" if row % 9 else ("" if row % 2 else " , ,"),
}


@pytest.mark.parametrize("columns", [{}, {"step": None}, {"lr": None}], ids=["all", "no step", "no rate"])
@pytest.mark.parametrize("kind", GAPS)
def test_rows_read_together_are_those_read_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, columns: dict[str, Any]
) -> None:
    path = write(tmp_path / "a.csv", "step,lr,loss\n" + "".join(f"{GAPS[kind](row)}\n" for row in range(1200)))
    together = read(path, drop_bad=True, **columns)
    monkeypatch.setattr(tables, "values_of", lambda *_cells: None)
    alone = read(path, drop_bad=True, **columns)
    for name in ("step", "lr", "loss"):
        np.testing.assert_array_equal(getattr(together, name), getattr(alone, name))
    assert (together.notes, together.bad) == (alone.notes, alone.bad)


def test_what_cannot_be_chosen_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "step,lr,loss\n0,1,2\n")
    with pytest.raises(CsvError, match="only once"):
        read(path, lr=2)
    with pytest.raises(CsvError, match="3 columns"):
        read(path, lr=7)
    with pytest.raises(CsvError, match="no row with a loss"):
        read(write(tmp_path / "b.csv", "step,lr,loss\n0,1,\n1,2,\n"))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("step,train/loss,train/learning_rate,eval/loss", LogColumns(0, 2, 1, sure=True)),
        ("global_step,Learning Rate,Training Loss", LogColumns(0, 1, 2, sure=True)),
        ("epoch,val_loss,train/box_loss,lr/pg0", LogColumns(0, 3, 2)),
        ("batch,cost,speed", LogColumns(0, None, None)),
        ("loss,color", LogColumns(None, None, 0)),
    ],
)
def test_names_say_which_column_is_which(tmp_path: Path, header: str, expected: LogColumns) -> None:
    path = write(tmp_path / "a.csv", header + "\n" + ",".join("1" for _ in header.split(",")) + "\n")
    assert guess_columns(read_preview(path)) == expected


def test_a_table_without_names_is_taken_in_the_usual_order_but_asked_about(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "0\t0.001\t2.5\n1\t0.002\t2.4\n2\t0.004\t2.2\n")
    assert guess_columns(read_preview(path)) == LogColumns(0, 1, 2)
    assert read(path).lr.tolist() == [0.001, 0.002, 0.004]


def test_a_long_log_tells_how_far_it_is_and_can_be_cancelled(tmp_path: Path) -> None:
    path = write(
        tmp_path / "long.csv", "step,lr,loss\n" + "".join(f"{row},{1 + row},{row % 7}\n" for row in range(60_000))
    )
    shares: list[float] = []
    assert len(read_chosen(path, choices(path), shares.append).loss) == 60_000
    assert shares == sorted(shares) and shares[-1] == 1.0

    def stop(_share: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        read_chosen(path, choices(path), stop)


def test_rows_are_counted_where_the_chosen_steps_have_no_value(tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", "step,lr,loss\n" + "".join(f",{lr},{1 / lr}\n" for lr in (1.0, 2.0, 4.0)))
    log = read(path, step=0)
    assert log.step.tolist() == [0, 1, 2] and log.loss.tolist() == [1, 0.5, 0.25]
