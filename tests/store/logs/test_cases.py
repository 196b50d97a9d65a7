"""Logs that the named library and version wrote, or that people write by hand: every value is the one in the file.

The truth is worked out here from the files by other means than the readers', or from how the files were made.
"""

from __future__ import annotations

import csv
import json
import re
import struct
from pathlib import Path

import numpy as np
import pytest

from lrstudio.core.array import Array
from lrstudio.store.logs.diagnosis import diagnosis_of
from lrstudio.store.logs.model import LOSS, RATE, Log
from lrstudio.store.logs.producers.losses import is_certain
from lrstudio.store.logs.read import read_log
from tests.store.logs.conftest import at, only, values

CASES = Path(__file__).parent / "cases"
HAND_RATES = [1e-4 * 1.1**row for row in range(60)]
HAND_LOSSES = [2.3 - 0.02 * row for row in range(60)]
RISING = np.geomspace(1e-5, 1, 80)
"""Rates of the logs of DVCLive, MLflow and TensorBoard."""


def read(*names: str, **answers: str) -> Log:
    return read_log([CASES / name for name in names], answers)


def cells(name: str, delimiter: str = ",") -> list[dict[str, str]]:
    with (CASES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


@pytest.mark.parametrize("path", sorted(CASES.iterdir()), ids=lambda path: path.name)
def test_every_log_opens_without_a_question(path: Path) -> None:
    log = read_log([path])
    assert not log.open_questions
    assert all(run.of(RATE) or run.of(LOSS) for run in log.runs)


@pytest.mark.parametrize("name", ["epoch_batch.csv", "epoch_step.csv", "lrlist.csv", "tensor.csv"])
def test_a_table_by_hand_keeps_its_rows_in_order(name: str) -> None:
    run = only(read(name))
    assert values(run, "lr") == pytest.approx(HAND_RATES, rel=1e-12)
    assert values(run, "loss") == pytest.approx(HAND_LOSSES, abs=1e-9)
    assert run.counter == "step" and at(run, "loss") == list(range(60))
    assert is_certain(run)


def test_a_counter_within_epochs_stays_a_counter() -> None:
    run = only(read("epoch_batch.csv"))
    assert values(run, "batch") == [row % 10 for row in range(60)]
    assert values(run, "epoch") == [row // 10 for row in range(60)]


def test_a_file_that_was_appended_with_its_header_has_two_runs() -> None:
    log = read("append_header.csv")
    assert len(log.runs) == 2
    for run in log.runs:
        assert run.counter == "epoch" and at(run, "loss") == list(range(30))
        assert values(run, "lr") == pytest.approx(HAND_RATES[:30], rel=1e-12)
        assert values(run, "loss") == pytest.approx(HAND_LOSSES[:30], rel=1e-12)


def test_two_fits_that_keras_appended_are_two_runs() -> None:
    log, rows = read("keras-3.15.1-append_twice.csv"), cells("keras-3.15.1-append_twice.csv")
    assert log.producer == "Keras" and len(log.runs) == 2
    for number, run in enumerate(log.runs):
        own = rows[30 * number : 30 * number + 30]
        for name in ("learning_rate", "loss", "mae"):
            assert values(run, name) == [float(row[name]) for row in own]
        assert at(run, "loss") == list(range(30))
    assert {left.name for left in log.left_out} == {"val_learning_rate", "val_loss", "val_mae"}


def test_a_loss_above_1e30_is_no_bad_cell() -> None:
    run, rows = only(read("keras-3.15.1-diverge.tsv")), cells("keras-3.15.1-diverge.tsv", "\t")
    np.testing.assert_array_equal(values(run, "loss"), [float(row["loss"]) for row in rows])
    assert max(loss for loss in values(run, "loss") if np.isfinite(loss)) == 2.9469376179845254e33


def test_a_validation_loss_is_one() -> None:
    run, rows = only(read("keras-3.15.1-plateau.csv")), cells("keras-3.15.1-plateau.csv")
    parts = {series.name: (series.role, series.part) for series in run.series}
    assert parts == {
        "learning_rate": ("rate", "train"),
        "loss": ("loss", "train"),
        "val_loss": ("loss", "validation"),
        "mae": ("metric", "train"),
        "val_mae": ("metric", "validation"),
    }
    for name in parts:
        assert values(run, name) == [float(row[name]) for row in rows]


def test_lightning_s_two_groups_are_two_rates_on_the_steps_of_the_losses() -> None:
    run, rows = only(read("lightning-2.6.6-two_groups-metrics.csv")), cells("lightning-2.6.6-two_groups-metrics.csv")
    for name in ("lr-SGD/pg1", "lr-SGD/pg2", "train_loss", "val_loss"):
        own = [row for row in rows if row[name]]
        assert values(run, name) == [float(row[name]) for row in own]
        assert at(run, name) == [float(row["step"]) for row in own]
    assert [series.name for series in run.of(RATE)] == ["lr-SGD/pg1", "lr-SGD/pg2"]


def single(numbers: list[float]) -> Array:
    """Returns numbers rounded to float32, as which PyTorch computes a loss."""
    return np.array(numbers, np.float32).astype(float)


def test_lightning_s_finder_is_undone() -> None:
    """The losses run again through Lightning's formula give its file; they are float32, as PyTorch's are."""
    log = read("lightning-2.6.6-lr_find.json")
    run, file = only(log), json.loads((CASES / "lightning-2.6.6-lr_find.json").read_text(encoding="utf-8"))
    average, again = 0.0, []
    for place, loss in enumerate(values(run, "loss")):
        average = 0.98 * average + 0.02 * loss
        again.append(average / (1 - 0.98 ** (place + 2)))
    assert again == pytest.approx(file["loss"], rel=1e-12)
    assert values(run, "loss") == pytest.approx(single(values(run, "loss")).tolist(), rel=1e-11)
    assert values(run, "loss")[0] == pytest.approx(file["loss"][0] * 1.98, rel=1e-12)  # not the halved one
    assert values(run, "lr") == file["lr"]
    assert any("second rung" in note for note in log.notes)


def test_ignite_s_finder_is_undone() -> None:
    """Ignite smooths by 0.05 and logs after the rate has grown: 1e-5 is the first rate that it trained with."""
    run = only(read("ignite-0.5.5-lr_finder.json"))
    file = json.loads((CASES / "ignite-0.5.5-lr_finder.json").read_text(encoding="utf-8"))
    again = values(run, "loss")[:1]
    for loss in values(run, "loss")[1:]:
        again.append(0.05 * loss + 0.95 * again[-1])
    assert again == pytest.approx(file["loss"], rel=1e-12)
    assert values(run, "loss") == pytest.approx(single(values(run, "loss")).tolist(), rel=1e-12)
    assert values(run, "lr") == pytest.approx([1e-5, *file["lr"][:-1]], rel=1e-12)


def test_mmengine_s_means_are_undone() -> None:
    run = only(read("mmengine-0.10.7-scalars.json"))
    rows = [json.loads(line) for line in (CASES / "mmengine-0.10.7-scalars.json").read_text("utf-8").splitlines()]
    losses = values(run, "loss")
    means = [np.mean(losses[max(0, row - 9) : row + 1]) for row in range(80)]
    assert means == pytest.approx([row["loss"] for row in rows], rel=1e-12)
    assert losses == single(losses).tolist()
    assert values(run, "lr") == [row["lr"] for row in rows] and at(run, "lr") == list(range(1, 81))
    assert {series.name for series in run.of(RATE) + run.of(LOSS)} == {"lr", "loss"}


def test_hugging_face_s_state_and_lines_leave_the_summary_out() -> None:
    log = read("transformers-5.24.0-trainer_state.json")
    history = json.loads((CASES / "transformers-5.24.0-trainer_state.json").read_text(encoding="utf-8"))["log_history"]
    run = only(log)
    for name in ("learning_rate", "loss", "grad_norm", "epoch"):
        assert values(run, name) == [row[name] for row in history[:-1]]
        assert at(run, name) == [row["step"] for row in history[:-1]]
    assert [series.name for series in run.of(LOSS)] == ["loss"]
    printed = read("transformers-5.24.0-stdout.log")
    text = (CASES / "transformers-5.24.0-stdout.log").read_text(encoding="utf-8")
    lines = [json.loads(re.sub(r"'", '"', line)) for line in text.splitlines()]
    run = only(printed)
    for name in ("loss", "grad_norm", "learning_rate"):
        assert values(run, name) == [float(line[name]) for line in lines[:-1]]
    assert [series.name for series in run.of(LOSS)] == ["loss"]
    assert "train_loss" in {left.name for left in printed.left_out}
    assert printed.producer == log.producer == "Hugging Face"


def test_rates_of_hugging_face_before_4_51_are_those_of_their_own_steps() -> None:
    """The training used 0.01 * (1 - step / 20) for its updates 0 to 19; the file has the rate of the next one."""
    log = read("transformers-4.44.2-trainer_state.json")
    run = only(log)
    assert at(run, "learning_rate") == list(range(2, 21)) and at(run, "loss") == list(range(1, 21))
    assert values(run, "learning_rate") == pytest.approx([0.01 * (1 - step / 20) for step in range(1, 20)], rel=1e-12)
    assert sum("before 4.51" in note for note in log.notes) == 1


def test_losses_that_hugging_face_filtered_are_no_numbers() -> None:
    """From the 11th step on the losses of the training were NaN, for which the file has 0."""
    log = read("transformers-5.24.0-nan_losses.json")
    run = only(log)
    assert np.isnan(values(run, "loss")).tolist() == [False] * 10 + [True] * 10 and at(run, "loss")[10] == 11
    finding = diagnosis_of(run).main
    assert finding.key == "diverged" and finding.numbers["at"] == 11


@pytest.mark.parametrize(
    ("names", "rate", "loss"),
    [
        (("dvclive-3.49.1-learning_rate.tsv", "dvclive-3.49.1-loss.tsv"), "learning_rate", "loss"),
        (("mlflow-3.17.2-lr", "mlflow-3.17.2-train-loss"), "mlflow-3.17.2-lr", "mlflow-3.17.2-train-loss"),
        (
            ("run-lr_0.01-tag-learning_rate.csv", "run-lr_0.01-tag-train_loss.csv"),
            "learning_rate",
            "train_loss",
        ),
    ],
    ids=["dvclive", "mlflow", "tensorboard"],
)
@pytest.mark.parametrize("turned", [False, True], ids=["rates first", "losses first"])
def test_files_of_one_value_are_joined_in_their_roles(
    names: tuple[str, str], rate: str, loss: str, turned: bool
) -> None:
    run = only(read(*names[:: -1 if turned else 1]))
    assert [series.name for series in run.of(RATE)] == [rate]
    assert [series.name for series in run.of(LOSS)] == [loss]
    assert values(run, rate) == pytest.approx(RISING.tolist(), rel=1e-7)  # TensorBoard has float32
    text = (CASES / names[1]).read_text(encoding="utf-8")
    column = 1 if names[1].startswith(("dvclive", "mlflow")) else 2
    rows = [re.split(r"[,\t ]", line) for line in text.splitlines() if line[0].isdigit()]
    assert values(run, loss) == [float(row[column]) for row in rows]
    assert at(run, loss) == list(range(80)) and is_certain(run)


def test_an_event_file_is_read_without_tensorflow() -> None:
    """The scalars are found here by the bytes of their tags, whatever surrounds them."""
    name = "tensorboard-2.21.0-events.out.tfevents.tbx"
    content = (CASES / name).read_bytes()
    run = only(read(name))
    for tag in ("lr", "loss"):
        mark = bytes([10, len(tag)]) + tag.encode() + b"\x15"
        found = [struct.unpack_from("<f", content, match.end())[0] for match in re.finditer(re.escape(mark), content)]
        assert len(found) == 80 and values(run, tag) == found
        assert at(run, tag) == list(range(80))
    assert values(run, "lr") == pytest.approx(RISING.tolist(), rel=1e-7)


def test_values_of_epochs_of_keras_have_the_steps_of_its_batches() -> None:
    """TensorBoard(update_freq=1) with ten epochs of seven batches, and a rate that is halved in eight updates.

    The events of epochs have the numbers of the epochs; each rate is that of the next update.
    """
    log = read("keras-3.15.1-batches.tfevents")
    run = only(log)
    ends = [7.0 * epoch for epoch in range(1, 11)]
    assert (
        at(run, "batch_loss") == list(range(1, 71)) and at(run, "epoch_loss") == at(run, "epoch_learning_rate") == ends
    )
    assert values(run, "epoch_learning_rate") == pytest.approx([0.1 * 0.5 ** (end / 8) for end in ends], rel=1e-6)
    assert values(run, "epoch_loss") == pytest.approx(values(run, "batch_loss")[6::7], rel=1e-6)
    assert sum("mean of its epoch so far" in note for note in log.notes) == 1
    assert not any("different things" in note for note in log.notes)


def test_a_log_of_visualdl_has_its_scalars() -> None:
    """Written with LogWriter.add_scalar for steps 0 to 39, as float32."""
    log = read("visualdl-2.5.3-vdlrecords.log")
    run = only(log)
    assert log.producer == "VisualDL" and not log.left_out
    assert values(run, "train/loss") == single([2.3 - 0.02 * step for step in range(40)]).tolist()
    assert values(run, "lr") == single([0.1 * 0.9**step for step in range(40)]).tolist()
    assert at(run, "train/loss") == at(run, "lr") == list(range(40))


def test_mlflow_s_store_has_its_runs_with_losses_that_are_no_numbers() -> None:
    """Written with log_metric: the loss of the second run is infinite from step 30 on, and NaN from 35."""
    log = read("mlflow-3.17.2-store.db")
    assert log.producer == "MLflow" and [run.title for run in log.runs] == ["small", "large"]
    for run, first in zip(log.runs, (1e-3, 1.0), strict=True):
        losses = [2.3 - 0.02 * step for step in range(40)]
        if first == 1:
            losses[30:] = [np.inf] * 5 + [np.nan] * 5
        np.testing.assert_array_equal(values(run, "train/loss"), losses)
        assert values(run, "lr") == [first * 1.05**step for step in range(40)]
        assert values(run, "val_acc") == [step / 50 for step in (9, 19, 29, 39)] and at(run, "val_acc") == [
            9,
            19,
            29,
            39,
        ]


def test_trackio_s_store_has_its_runs() -> None:
    log = read("trackio-0.43.0-store.db")
    assert log.producer == "Trackio" and [run.title for run in log.runs] == ["a", "b"]
    for run in log.runs:
        assert values(run, "train/loss") == [2.3 - 0.02 * step for step in range(20)]
        assert values(run, "lr") == [1e-3 * 1.1**step for step in range(20)]
        assert at(run, "lr") == list(range(20))
    assert [left.name for left in log.left_out] == ["note"]


def test_tensors_of_one_number_are_values_and_others_are_told() -> None:
    """float_val, tensor_content of float64 and int64_val, which tensorboardX's classes wrote."""
    log = read("tensorboardX-2.6.5-tensors.tfevents")
    run = only(log)
    assert values(run, "epoch_loss") == single([2.3 - 0.02 * step for step in range(30)]).tolist()
    assert values(run, "learning_rate") == [1e-4 * 1.1**step for step in range(30)]
    assert values(run, "count") == [step * 3 - 40 for step in range(30)]
    assert values(run, "val_loss") == single([2.5 - 0.02 * step for step in range(30)]).tolist()
    assert {left.name: left.why for left in log.left_out} == {
        "note/text_summary": "is text",
        "weights": "is a histogram",
        "matrix": "is a tensor of several numbers",
    }
