"""Logs of every kind: which rows are a run, what names mean, what is asked, and what is refused."""

from __future__ import annotations

import json
import math
import sqlite3
from contextlib import closing
from pathlib import Path
from time import process_time

import numpy as np
import pytest

from lrstudio.store.csv.columns import BadCellsError
from lrstudio.store.logs.model import COUNTER, LOSS, METRIC, RATE, Log, LogError, Run
from lrstudio.store.logs.names import meaning
from lrstudio.store.logs.producers.averages import without_average, without_means, without_share
from lrstudio.store.logs.read import read_log
from tests.patience import PATIENCE
from tests.soak import logs as soak


def log_of(folder: Path, name: str, text: str, **answers: str) -> Log:
    path = folder / name
    path.write_bytes(text.encode())
    return read_log([path], answers)


def columns(run: Run) -> dict[str, list[float]]:
    return {series.name: series.values.tolist() for series in run.series}


def steps(run: Run, name: str) -> list[float]:
    series = run.named(name)
    assert series is not None
    return list(series.at.tolist())


@pytest.mark.parametrize("kind", soak.KINDS)
def test_hundreds_of_damaged_files_are_read_or_refused_in_one_line(kind: str, tmp_path: Path) -> None:
    good, failures = soak.run(kind, 300, 0, tmp_path)
    assert failures == [] and good > 10


@pytest.mark.parametrize(
    "line", ["1" * 130_000 + "x,1", "1." * 65_000 + ",1", "0.1," + "1" * 130_000 + "e", "loss: " + "0s," * 40_000]
)
def test_a_long_line_takes_the_time_of_its_length(line: str, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(f"lr,loss\n0.1,2.3\n{line}\n0.1,2.2\n")
    began = process_time()
    soak.attempt(path)
    assert process_time() - began < PATIENCE


def test_a_text_in_a_log_of_visualdl_is_left_out_by_its_name_also_one_of_its_header(tmp_path: Path) -> None:
    path = tmp_path / "vdlrecords.log"
    texts = [soak.field(1, 2, soak.field(1, 0, b"\x01") + soak.field(2, 2, tag)) for tag in (b"data", b"tag", b"note")]
    path.write_bytes(soak.visualdl() + b"".join(len(text).to_bytes(8, "little") + text for text in texts))
    assert [left.name for left in read_log([path]).left_out] == ["data", "tag", "note"]


@pytest.mark.parametrize(
    ("names", "surest"),
    [("step,global_step", 3), ("global_step,step", 10), ("env/step,step", 3), ("iter,global_step", 3)],
)
def test_of_two_counts_of_steps_the_surest_by_its_name_is_taken(names: str, surest: int, tmp_path: Path) -> None:
    rows = "".join(f"{10 * row},{3 * row},0.1,{1 / row}\n" for row in range(1, 9))
    run = log_of(tmp_path, "log.csv", f"{names},lr,loss\n{rows}").runs[0]
    assert steps(run, "loss") == [surest * row for row in range(1, 9)]


def test_the_words_of_a_library_about_a_damaged_file_become_one_line(tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    path.write_bytes(soak.store().replace(b"CREATE TABLE runs", b"CREATX TABLE runs").replace(b"runs", b"\n\n\x1bs"))
    with pytest.raises(LogError, match=r"SQLite store that cannot be read: .+") as caught:
        read_log([path])
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("name", "role", "part"),
    [
        ("lr_0.01/train_loss", LOSS, "train"),
        ("lr-0.01 - loss", LOSS, "train"),
        ("loss/lr", RATE, "train"),
        ("lr-SGD/pg1", RATE, "train"),
        ("lr-1", RATE, "train"),
        ("LearningRate", RATE, "train"),
        ("lR", RATE, "train"),
        ("lrG", RATE, "train"),
        ("lossD", LOSS, "train"),
        ("mAP", METRIC, "train"),
        ("train/learning_rate", RATE, "train"),
        ("val_loss", LOSS, "validation"),
        ("eval/loss", LOSS, "validation"),
        ("test loss", LOSS, "test"),
        ("validation-logloss", LOSS, "validation"),
        ("loss_scale", METRIC, "train"),
        ("loss/std", METRIC, "train"),
        ("val_accuracy", METRIC, "validation"),
        ("trainer/global_step", COUNTER, "train"),
        ("Epoch", COUNTER, "train"),
        ("training_iteration", COUNTER, "train"),
        ("color", METRIC, "train"),
        ("blurred", METRIC, "train"),
    ],
)
def test_a_name_is_judged_by_its_own_part(name: str, role: str, part: str) -> None:
    found = meaning(name)
    assert (found.role, found.part) == (role, part)


PRINTED = {
    "nanoGPT": (
        lambda row: f"iter {row}: loss {3 - row / 50:.4f}, time 20.12ms, mfu 3.1%",
        {"loss": [3.0, 2.98], "time": [20.12, 20.12], "mfu": [3.1, 3.1]},
        "step",
    ),
    "PyTorch's MNIST": (
        lambda row: f"Train Epoch: 1 [{row * 640}/60000 ({row}%)]\tLoss: {3 - row / 50:.6f}",
        {"Loss": [3.0, 2.98]},
        "batch",
    ),
    "PyTorch's ImageNet": (
        lambda row: f"Epoch: [0][ {row}/5005]\tTime  0.3 ( 0.4)\tLoss {3 - row / 50:.4e} (7.01e+00)",
        {"Loss": [3.0, 2.98], "Time": [0.3, 0.3]},
        "batch",
    ),
    "Keras": (
        lambda row: (
            f"Epoch {row + 1}/9\n\x1b[1m32/32\x1b[0m ━━━ 1s 5ms/step - loss: {3 - row / 50:.4f} - val_loss: 4.0"
        ),
        {"loss": [3.0, 2.98], "val_loss": [4.0, 4.0]},
        "epoch",
    ),
    "XGBoost": (
        lambda row: f"[{row}]\ttrain-logloss:{3 - row / 50:.5f}\tvalid-logloss:0.70000",
        {"train-logloss": [3.0, 2.98], "valid-logloss": [0.7, 0.7]},
        "step",
    ),
    "MMEngine": (
        lambda row: (
            f"2026/01/01 10:00:00 - mmengine - INFO - Epoch(train) [1][{row}/99]  lr: 1.0000e-02  "
            f"eta: 0:01:23  loss: {3 - row / 50:.4f}"
        ),
        {"lr": [0.01, 0.01], "loss": [3.0, 2.98]},
        "batch",
    ),
    "a bar of tqdm": (
        lambda row: f"\rEpoch 1:  1%|██  | {row}/100 [00:01<00:10, 9.9it/s, loss={3 - row / 50}, lr=0.001]",
        {"lr": [0.001, 0.001], "loss": [3.0, 2.98]},
        "step",
    ),
    "logging": (
        lambda row: (
            f"2026-01-01 12:00:00,123 INFO train: step={row} learning rate={10.0**-row:.1e} loss={3 - row / 50}"
        ),
        {"learning rate": [1.0, 0.1], "loss": [3.0, 2.98]},
        "step",
    ),
    "Hugging Face": (
        lambda row: str({"loss": f"{3 - row / 50}", "grad_norm": "nan", "learning_rate": "1e-05", "epoch": row / 4}),
        {"learning_rate": [1e-5, 1e-5], "loss": [3.0, 2.98], "grad_norm": [math.nan, math.nan]},
        "epoch",
    ),
}


@pytest.mark.parametrize("kind", PRINTED)
def test_printed_lines_have_their_numbers_by_name(kind: str, tmp_path: Path) -> None:
    line, expected, counter = PRINTED[kind]
    log = log_of(tmp_path, "out.log", "loading data\n" + "\n".join(map(line, range(2))) + "\ndone\n")
    (run,) = log.runs
    found = {series.name: series.values.tolist() for series in run.series if series.role != COUNTER}
    np.testing.assert_equal(found, expected)
    assert run.counter == counter


def printed_by_hugging_face(losses: list[float], rates: list[float], **more: str) -> str:
    rows = [{"loss": str(loss), "learning_rate": str(rate), "epoch": str(row / 4)} | more
            for row, (loss, rate) in enumerate(zip(losses, rates, strict=True), 1)]  # fmt: skip
    return "\n".join(map(str, [*rows, {"train_runtime": "0.3", "train_loss": "1.2", "epoch": "2.0"}]))


@pytest.mark.parametrize(
    ("losses", "more", "lost"),
    [
        ([2.5, 2.4, 2.3, 0.0, 0.0], {}, 2),
        ([2.5, 2.4, 0.0, 2.3, 2.2], {}, 0),
        ([2.5, 0.4, 0.01, 0.0, 0.0], {}, 0),
        ([2.5, 2.4, 2.3, 0.0, 0.0], {"grad_norm": "0.1"}, 0),
        ([2.5, 2.4, 0.0, 2.3, 2.2], {"grad_norm": "nan"}, 1),
    ],
    ids=["suddenly", "once", "by steps", "with gradients", "with gradients that are no numbers"],
)
def test_a_loss_of_0_that_hugging_face_wrote_for_nan_is_told(
    losses: list[float], more: dict[str, str], lost: int, tmp_path: Path
) -> None:
    log = log_of(tmp_path, "out.log", printed_by_hugging_face(losses, [1e-3] * 5, **more))
    read = columns(log.runs[0])["loss"]
    np.testing.assert_equal(read, [math.nan if loss == 0 and lost else loss for loss in losses])
    assert sum(f"{lost} zeros" in note for note in log.notes) == (lost > 0)


def test_rates_of_hugging_face_s_next_steps_are_told_where_steps_are_not_known(tmp_path: Path) -> None:
    for last, told in ((0.0, 1), (1e-5, 0)):
        log = log_of(tmp_path, "out.log", printed_by_hugging_face([3, 2.5, 2.2, 2], [3e-4, 2e-4, 1e-4, last]))
        assert columns(log.runs[0])["learning_rate"] == [3e-4, 2e-4, 1e-4, last]
        assert sum("each rate is that of the step after" in note for note in log.notes) == told


def test_lines_that_differ_only_in_their_digits_keep_their_own_names_and_numbers(tmp_path: Path) -> None:
    """They are read by the places of their first; each line read alone is the truth."""
    lines = [
        f"epoch {row // 7} step {row}: loss {3 - row / 50} acc{row % 3} {row / 8} (top{row % 2} 0.{row})"
        for row in range(60)
    ]
    lines[20:20] = ["no numbers", "lr 1e-3 at 12:30:01", "val loss 2.5e-1"]
    (run,) = log_of(tmp_path, "out.log", "\n".join(lines) + "\n").runs
    for name in ("loss", "acc0", "acc1", "acc2", "top0", "top1"):
        own = [float(line.split(f"{name} ")[1].split(" ")[0].rstrip(")")) for line in lines if f"{name} " in line[5:]]
        own = [value for value in own if not (name == "loss" and value == 0.25)]
        assert columns(run)[name] == own
    assert columns(run)["lr"] == [1e-3] and columns(run)["val loss"] == [0.25]
    assert steps(run, "val loss") == [19] and columns(run)["epoch"] == [row // 7 for row in range(60)]


def test_json_lines_of_several_forms_stay_in_their_order(tmp_path: Path) -> None:
    """Those of one form are read together."""
    rows = [{"step": row, "loss": 3 - row / 50} | ({"lr": [0.1, row]} if row % 3 else {"eval": {"loss": row}})
            for row in range(50)]  # fmt: skip
    (run,) = log_of(tmp_path, "log.jsonl", "\n".join(map(json.dumps, rows))).runs
    assert columns(run)["loss"] == [3 - row / 50 for row in range(50)] and steps(run, "loss") == list(range(50))
    assert steps(run, "eval/loss") == columns(run)["eval/loss"] == list(range(0, 50, 3))
    assert steps(run, "lr/1") == columns(run)["lr/1"] == [row for row in range(50) if row % 3]


def test_a_document_with_very_many_lists_is_refused_with_its_bound(tmp_path: Path) -> None:
    """Each name was compared with each other one: 30,000 names, 1 MB, took many minutes."""
    document = {f"loss_{number}": [1.0, 2.0] for number in range(5000)} | {"note": "x"}
    (tmp_path / "a.json").write_text(json.dumps(document))
    log = read_log([tmp_path / "a.json"])
    assert len(log.runs[0].series) == 5000
    assert [left.name for left in log.left_out] == ["note"]
    (tmp_path / "a.json").write_text(json.dumps(document | {"loss": [1.0, 2.0]}))
    with pytest.raises(LogError, match="has more than 5000 names of values"):
        read_log([tmp_path / "a.json"])


def test_json_lines_nest_and_say_what_is_left_out(tmp_path: Path) -> None:
    both = {"total_steps": 20, "ok": True}
    rows = [both | {"current_steps": 5 * row, "train": {"loss": 2 - row / 10, "lr": [1e-3, 1e-2]}} for row in range(4)]
    log = log_of(tmp_path, "log.jsonl", "\n".join(map(json.dumps, rows)) + '\n{"current_st')
    (run,) = log.runs
    assert columns(run) == {
        "train/lr/0": [1e-3] * 4,
        "train/lr/1": [1e-2] * 4,
        "train/loss": [2 - row / 10 for row in range(4)],
    }
    assert steps(run, "train/loss") == [0, 5, 10, 15]
    assert {left.name for left in log.left_out} == {"total_steps", "ok"}
    assert "the last line is not complete: the file was being written" in log.notes


def test_skorch_s_history_has_batches_and_epochs_on_one_axis(tmp_path: Path) -> None:
    batches = [{"train_loss": 2.0, "train_batch_size": 8}] * 3 + [{"valid_loss": 2.5}]
    history = [{"batches": batches, "epoch": 1 + row, "train_loss": 2.0 - row, "valid_loss": 3.0, "event_lr": 0.1}
               for row in range(2)]  # fmt: skip
    (run,) = log_of(tmp_path, "history.json", json.dumps(history)).runs
    assert steps(run, "batch train_loss") == [0, 1, 2, 3, 4, 5]
    assert (steps(run, "train_loss"), columns(run)["train_loss"]) == ([2, 5], [2, 1])
    assert columns(run)["event_lr"] == [0.1, 0.1]


def test_a_log_with_the_columns_of_poutyne_s_says_of_which_epoch_its_rates_may_be(tmp_path: Path) -> None:
    """As poutyne 1.19.0 writes them with ExponentialLR(gamma=0.5) from 0.8 before CSVLogger: 0.8 is in no row."""
    rows = "1,0.1,0.4,22.5,11.8\n2,0.1,0.2,11.8,8.8\n3,0.1,0.1,8.8,7.6\n"
    told = "next epoch where the schedule is before CSVLogger"
    for head, count in (("epoch,time,lr,loss,val_loss", 1), ("epoch,seconds,lr,loss,val_loss", 0)):
        log = log_of(tmp_path, "a.csv", f"{head}\n{rows}")
        assert columns(log.runs[0])["lr"] == [0.4, 0.2, 0.1] and sum(told in note for note in log.notes) == count


def test_metrics_of_sacred_are_joined_by_their_own_steps(tmp_path: Path) -> None:
    """As sacred 0.8.7 writes them with log_scalar; of two values at a step the later one counts."""
    values: dict[str, list[tuple[int, float]]] = {
        "train.loss": [(0, 3.0), (1, 2.5), (2, 2.0), (1, 2.25)],
        "lr": [(0, 0.5), (2, 0.25)],
        "val.loss": [(2, math.nan)],
        "none": [],
    }
    metrics = {
        name: {
            "steps": [step for step, _value in pairs],
            "timestamps": ["2026-01-01T00:00:00"] * len(pairs),
            "values": [value for _step, value in pairs],
        }
        for name, pairs in values.items()
    }
    log = log_of(tmp_path, "metrics.json", json.dumps(metrics))
    (run,) = log.runs
    assert log.producer == "Sacred" and run.counter == "step"
    np.testing.assert_equal(columns(run), {"lr": [0.5, 0.25], "train.loss": [3, 2.25, 2], "val.loss": [math.nan]})
    assert (steps(run, "lr"), steps(run, "train.loss"), steps(run, "val.loss")) == ([0, 2], [0, 1, 2], [2])
    assert [left.name for left in log.left_out] == ["none"]


def test_the_rows_of_mmengine_s_validation_have_the_step_of_the_training_before(tmp_path: Path) -> None:
    rows = [
        {"lr": 0.1, "data_time": 0.1, "loss": 1.0, "iter": 10 * row, "step": 10 * row, "epoch": 1} for row in (1, 2)
    ]
    rows = [row | {"acc": 0.9} for row in rows]
    text = "\n".join(map(json.dumps, [*rows, {"acc": 0.5, "step": 1}, {**rows[0], "iter": 30, "step": 30}]))
    (run,) = log_of(tmp_path, "scalars.json", text).runs
    assert steps(run, "val/acc") == [20] and steps(run, "acc") == steps(run, "loss") == [10, 20, 30]
    assert columns(run)["acc"] == [0.9] * 3 and columns(run)["val/acc"] == [0.5]


def test_weights_and_biases_names_of_runs_are_runs(tmp_path: Path) -> None:
    head = '"Step","lr-0.01 - loss","lr-0.01 - loss__MIN","lr-0.1 - loss","lr-0.1 - lr"\n'
    log = log_of(
        tmp_path, "wandb.csv", head + "".join(f'"{row}","{row + 1}","0","{row + 2}","0.5"\n' for row in range(3))
    )
    assert [(run.title, columns(run)) for run in log.runs] == [
        ("lr-0.01", {"loss": [1, 2, 3]}),
        ("lr-0.1", {"lr": [0.5] * 3, "loss": [2, 3, 4]}),
    ]
    assert "lr-0.01 - loss__MIN" in {left.name for left in log.left_out}


def test_a_step_that_starts_again_is_asked_about_unless_the_rates_tell(tmp_path: Path) -> None:
    losses = "step,loss\n" + "".join(f"{row},{row + 10 * turn}\n" for turn in range(3) for row in range(4))
    log = log_of(tmp_path, "a.csv", losses)
    assert [question.key for question in log.open_questions] == ["restarts"]
    log = log_of(tmp_path, "a.csv", losses, restarts="runs")
    assert [columns(run)["loss"] for run in log.runs] == [[turn * 10 + row for row in range(4)] for turn in range(3)]
    assert not log.open_questions
    log = log_of(tmp_path, "a.csv", losses, restarts="epochs")
    assert len(log.runs) == 1 and columns(log.runs[0])["loss"] == [
        turn * 10 + row for turn in range(3) for row in range(4)
    ]
    falling = "step,lr,loss\n" + "".join(f"{row},{0.5**row},1\n" for turn in range(2) for row in range(4))
    log = log_of(tmp_path, "b.csv", falling)
    assert len(log.runs) == 2 and not log.questions
    going_on = "step,lr,loss\n" + "".join(
        f"{row},{0.5 ** (4 * turn + row)},1\n" for turn in range(2) for row in range(4)
    )
    log = log_of(tmp_path, "c.csv", going_on)
    assert len(log.runs) == 1 and not log.questions and len(columns(log.runs[0])["loss"]) == 8
    with pytest.raises(LogError, match="must be runs or epochs"):
        log_of(tmp_path, "a.csv", losses, restarts="maybe")


def test_values_that_count_otherwise_are_no_restart(tmp_path: Path) -> None:
    """A loss by the step and a validation loss by the epoch, both under `step`; or one value after the other."""
    rows = [{"step": row, "loss": 3 - row / 10} for row in range(12)]
    rows[6:6] = [{"step": 0, "val_loss": 2.0}]
    text = "\n".join(map(json.dumps, [*rows, {"step": 1, "val_loss": 1.0}]))
    log = log_of(tmp_path, "a.jsonl", text)
    assert len(log.runs) == 1 and not log.questions
    assert steps(log.runs[0], "loss") == list(range(12)) and steps(log.runs[0], "val_loss") == [0, 1]
    assert "val_loss ends at step 1, loss at 11: they may count different things" in log.notes
    long = "key,value,step\n" + "".join(f"{name},{row},{row}\n" for name in ("lr", "loss") for row in range(5))
    (run,) = log_of(tmp_path, "long.csv", long).runs
    assert columns(run) == {"lr": [0, 1, 2, 3, 4], "loss": [0, 1, 2, 3, 4]} and steps(run, "loss") == [0, 1, 2, 3, 4]


def test_a_run_that_went_on_from_a_checkpoint_is_one_run(tmp_path: Path) -> None:
    rows = [*range(50), *range(40, 80)]
    text = "step,lr,loss\n" + "".join(f"{row},0.1,{place}\n" for place, row in enumerate(rows))
    (run,) = log_of(tmp_path, "a.csv", text).runs
    assert steps(run, "loss") == list(range(80))
    assert columns(run)["loss"] == [*range(40), *range(50, 90)]


def test_a_table_without_names_asks_what_its_columns_are(tmp_path: Path) -> None:
    text = "".join(f"{row},{0.1 * row},{3 - row}\n" for row in range(3))
    log = log_of(tmp_path, "a.csv", text)
    assert [question.key for question in log.open_questions] == ["columns"]
    log = log_of(tmp_path, "a.csv", text, columns="step,loss,lr")
    assert columns(log.runs[0]) == {"lr": [3, 2, 1], "loss": [0, 0.1, 0.2]} and not log.open_questions


def test_a_name_that_says_nothing_is_asked_about(tmp_path: Path) -> None:
    log = log_of(tmp_path, "a.csv", "step,cost\n0,3\n1,2\n")
    assert [(question.key, question.chosen) for question in log.open_questions] == [("loss", "none")]
    assert log_of(tmp_path, "a.csv", "step,cost\n0,3\n1,2\n", loss="cost").runs[0].of(LOSS)[0].values.tolist() == [3, 2]


def test_rows_with_bad_cells_are_left_out_only_when_asked(tmp_path: Path) -> None:
    text = "step,lr,loss,acc\n0,0.1,3,0.5\n1,fast,2,0.5\n2,0.1,1,good\n"
    with pytest.raises(BadCellsError, match="fast"):
        log_of(tmp_path, "a.csv", text)
    log = log_of(tmp_path, "a.csv", text, bad_rows="drop")
    assert columns(log.runs[0]) == {"lr": [0.1, 0.1], "loss": [3, 1], "acc": [0.5]}
    assert log.notes == ("1 rows with a bad cell were left out",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b":W&B\xe1\xbe\x00" + bytes(40), "store of Weights & Biases: export a CSV"),
        (b"\x89HDF\r\n\x1a\n" + bytes(40), "HDF5"),
        (b"PK\x03\x04" + bytes(40), "ZIP archive"),
        (b"\x80\x05\x95" + bytes(40), "pickled object"),
        (bytes(range(256)) * 9, "binary file"),
        (b" \n", "is empty"),
        (b"SQLite format 3\x00" + bytes(600), "SQLite store that cannot be read"),
        (b'{"a": ' * 4000, "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b'{"loss": [' + b"9" * 5000 + b"]}", "a number of more than 4300 digits"),
        (b'{"lr": "fast"}', "JSON without rows of numbers"),
    ],
)
def test_what_is_no_log_says_what_it_is(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(LogError, match=message) as refused:
        read_log([path])
    assert "\n" not in str(refused.value)
    with pytest.raises(LogError, match="no log that can be read"):
        read_log([tmp_path])


def test_a_store_of_another_program_is_named_by_its_tables(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as store:
        store.execute("CREATE TABLE people (name TEXT)")
        store.commit()
    before = (tmp_path / "a.db").read_bytes()
    with pytest.raises(LogError, match=r"neither MLflow's nor Trackio's \(its tables: people\)"):
        read_log([tmp_path / "a.db"])
    assert (tmp_path / "a.db").read_bytes() == before and list(tmp_path.iterdir()) == [tmp_path / "a.db"]


def test_an_event_file_that_is_being_written_is_read_as_far_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "events.out.tfevents.1"
    path.write_bytes(soak.events()[:-5])
    log = read_log([path])
    assert columns(log.runs[0])["loss"] == [2.0] * 12 and len(columns(log.runs[0])["lr"]) == 11
    assert any("not complete" in note for note in log.notes)
    damaged = bytearray(soak.events())
    damaged[80] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(LogError, match=r"byte \d+: the event file is damaged here"):
        read_log([path])


def test_smoothing_is_undone_exactly_as_it_is_done() -> None:
    losses = np.random.default_rng(0).uniform(0.1, 3, 60)
    average, share, lightning = 0.0, [losses[0]], []
    for place, loss in enumerate(losses):
        average = 0.98 * average + 0.02 * loss
        lightning.append(average / (1 - 0.98 ** (place + 2)))
        share += [0.05 * loss + 0.95 * share[-1]] if place else []
    means = [losses[max(0, place - 9) : place + 1].mean() for place in range(60)]
    assert without_average(np.array(lightning)) == pytest.approx(losses, rel=1e-10)
    assert without_share(np.array(share), 0.05) == pytest.approx(losses, rel=1e-10)
    assert without_means(np.array(means)) == pytest.approx(losses, rel=1e-10)


@pytest.mark.parametrize("smooth", [0.05, 0.1])
def test_a_finder_s_smoothing_is_undone_only_where_the_losses_prove_it(smooth: float, tmp_path: Path) -> None:
    rates = [1e-5 * 1.2**row for row in range(40)]
    exact = np.random.default_rng(1).uniform(0.1, 3, 40)
    for losses, undone in ((exact.astype(np.float32).astype(float), True), (exact, False)):
        logged = [losses[0]]
        for loss in losses[1:]:
            logged.append(smooth * loss + (1 - smooth) * logged[-1])
        log = log_of(tmp_path, "a.json", json.dumps({"lr": rates, "loss": logged}))
        expected = losses if undone else logged
        assert columns(log.runs[0])["loss"] == pytest.approx(list(expected), rel=1e-9)
        assert columns(log.runs[0])["lr"] == rates
        assert any("may lag" in note for note in log.notes) is not undone


def test_a_plain_history_is_left_as_it_is(tmp_path: Path) -> None:
    losses = np.random.default_rng(2).uniform(0.1, 3, 40).astype(np.float32).astype(float).tolist()
    text = json.dumps({"lr": [1e-5 * 1.2**row for row in range(40)], "loss": losses})
    assert columns(log_of(tmp_path, "a.json", text).runs[0])["loss"] == losses


def test_a_table_with_a_row_for_each_value_has_its_names_and_runs(tmp_path: Path) -> None:
    text = "run_id,key,value,step,timestamp\n" + "".join(
        f"{run},lr,{0.1**step!r},{step},1.7e9\n{run},train/loss,{step + len(run)},{step},1.7e9\n"
        for run in ("a", "bb")
        for step in range(3)
    )
    log = log_of(tmp_path, "history.csv", text)
    assert [run.title for run in log.runs] == ["a", "bb"]
    for run in log.runs:
        assert columns(run)["lr"] == [0.1**step for step in range(3)] and steps(run, "lr") == [0, 1, 2]
        assert columns(run)["train/loss"] == [step + len(run.title) for step in range(3)]


def test_cells_with_a_delimiter_that_nobody_quoted_are_one_cell(tmp_path: Path) -> None:
    tensor = "tensor(2.5000, device='cuda:0', grad_fn=<NllLossBackward0>)"
    log = log_of(tmp_path, "a.csv", "step,lr,loss\n" + "".join(f"{row},[0.1, 0.2],{tensor}\n" for row in range(5)))
    assert columns(log.runs[0]) == {"lr": [0.1] * 5, "loss": [2.5] * 5}
    assert log.notes == ("lr has several numbers in a cell: the first is read",)


def test_rates_of_several_groups_are_several_rates(tmp_path: Path) -> None:
    history = {"lr": [[0.1 * row, 0.2 * row] for row in range(1, 4)], "loss": [3, 2, 1]}
    (run,) = log_of(tmp_path, "a.json", json.dumps(history)).runs
    assert columns(run) == {"lr/0": [0.1, 0.2, 0.1 * 3], "lr/1": [0.2, 0.4, 0.2 * 3], "loss": [3, 2, 1]}


def test_a_printed_dictionary_is_read_without_running_it(tmp_path: Path) -> None:
    text = "{'lr': [0.1, 0.2, 0.3], 'loss': [3, nan, None], 'note': 'it is fine'}"
    (run,) = log_of(tmp_path, "history.txt", text).runs
    np.testing.assert_equal(columns(run), {"lr": [0.1, 0.2, 0.3], "loss": [3, math.nan]})


def test_files_of_one_name_in_folders_of_one_run_are_told_apart(tmp_path: Path) -> None:
    paths = []
    for folder, name in (("train", "loss"), ("eval", "loss"), ("", "learning_rate")):
        path = tmp_path / "dvclive" / "plots" / "metrics" / folder / f"{name}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"step\t{name}\n0\t{len(folder)}\n1\t0.5\n", encoding="utf-8")
        paths.append(path)
    (run,) = read_log(paths).runs
    assert {series.name: series.part for series in run.of(LOSS)} == {"train/loss": "train", "eval/loss": "validation"}
    assert columns(run)["train/loss"] == [5, 0.5] and columns(run)["learning_rate"] == [0, 0.5]


def test_a_last_row_that_is_being_written_is_no_error(tmp_path: Path) -> None:
    log = log_of(tmp_path, "a.csv", "step,lr,loss\n0,0.1,3\n1,0.1,2\n2,1e-")
    assert columns(log.runs[0]) == {"lr": [0.1, 0.1], "loss": [3, 2]}
    assert log.notes == ("the last row is not complete: the file was being written",)
    with pytest.raises(BadCellsError):
        log_of(tmp_path, "a.csv", "step,lr,loss\n0,0.1,3\n1,0.1,2\n2,1e-\n")


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_rows_of_validation_are_no_rows_of_training(kind: str, tmp_path: Path) -> None:
    rows = [{"epoch": row, "phase": phase, "loss": row + (phase == "val") / 2, "lr": 0.1}
            for row in range(6) for phase in ("train", "val")]  # fmt: skip
    text = "\n".join(map(json.dumps, rows))
    if kind == "csv":
        text = "epoch,phase,loss,lr\n" + "".join(",".join(map(str, row.values())) + "\n" for row in rows)
    log = log_of(tmp_path, f"a.{kind}", text)
    (run,) = log.runs
    assert (run.counter, steps(run, "loss")) == ("epoch", list(range(6)))
    assert columns(run)["loss"] == list(range(6)) and columns(run)["val/loss"] == [row + 0.5 for row in range(6)]
    assert [series.part for series in run.of(LOSS)] == ["train", "validation"] and not log.left_out


def test_a_loss_that_hugging_face_s_notebook_has_not_logged_is_missing(tmp_path: Path) -> None:
    text = "Epoch\tTraining Loss\tValidation Loss\n1\tNo log\t2.5\n2\t1.5\t2.25\n3\t1.25\t2.0\n"
    (run,) = log_of(tmp_path, "a.txt", text).runs
    assert columns(run) == {"Training Loss": [1.5, 1.25], "Validation Loss": [2.5, 2.25, 2]}
    assert steps(run, "Training Loss") == [2, 3]


def test_a_count_that_few_rows_have_is_not_that_of_all(tmp_path: Path) -> None:
    """As transformers 5.24.0 prints them: bars of evaluations count from 0, those of the training stand before rows."""
    lines = []
    for row in range(1, 13):
        lines.append(str({"loss": str(3 - row / 8), "learning_rate": "0.1", "epoch": str(row / 4)}))
        if row % 3 == 0:
            lines.append("  0%|          | 0/5 [00:00<?, ?it/s]")
            lines.append(str({"eval_loss": "2.5", "epoch": str(row / 4)}))
        lines.append(f" {8 * row}%|██   | {row}/12 [00:00<00:00, 300.1it/s]")
    log = log_of(tmp_path, "out.log", "\n".join(lines))
    (run,) = log.runs
    assert run.counter == "epoch" and steps(run, "loss") == [row / 4 for row in range(1, 13)]
    assert steps(run, "eval_loss") == [0.75, 1.5, 2.25, 3] and not any("repeat" in note for note in log.notes)


@pytest.mark.parametrize(
    "names", [("time/iterations", "time/total_timesteps"), ("time/total_timesteps", "time/iterations")]
)
def test_of_several_counts_of_updates_the_surest_is_taken(names: tuple[str, str], tmp_path: Path) -> None:
    """Stable-Baselines3's tables have their columns in any order; an iteration is a whole rollout."""
    count = {"time/iterations": 1, "time/total_timesteps": 512}
    rows = "".join(f"{count[names[0]] * row},{count[names[1]] * row},{3 - row / 8}\n" for row in range(1, 7))
    (run,) = log_of(tmp_path, "progress.csv", f"{','.join(names)},train/loss\n{rows}").runs
    assert steps(run, "train/loss") == [512 * row for row in range(1, 7)]
