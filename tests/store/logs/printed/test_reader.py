"""Printed logs with tables, boxes, rates that are set, and other data; the truth is found by other means."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from lrstudio.store.logs.diagnosis import diagnosis_of
from lrstudio.store.logs.model import LOSS, RATE, Log
from lrstudio.store.logs.read import kind_of, read_log
from tests.store.logs.conftest import at, only, values

CASES = Path(__file__).parents[1] / "cases"


def text_of(name: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", (CASES / name).read_text(encoding="utf-8"))


def numbers_in(line: str) -> list[float]:
    return [float(word) for word in line.split() if re.fullmatch(r"-?[\d.]+", word)]


def log_of(folder: Path, text: str) -> Log:
    (folder / "out.log").write_text(text, encoding="utf-8")
    return read_log([folder / "out.log"])


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("skorch-1.4.0-table.log", ["epoch", "train_loss", "valid_acc", "valid_loss", "lr", "dur"]),
        ("scikit-learn-1.9.1-boosting.log", ["step", "Train Loss", "OOB Improve"]),
        ("spacy-3.8.18-train.log", ["epoch", "step", "LOSS TEXTCAT", "CATS_SCORE", "SCORE"]),
        ("fastai-2.8.12-table.log", ["epoch", "train_loss", "valid_loss", "mae"]),
    ],
)
def test_a_table_between_lines_has_the_numbers_below_its_names(name: str, columns: list[str]) -> None:
    run = only(read_log([CASES / name]))
    lines = map(numbers_in, re.split(r"[\r\n]", text_of(name)))
    rows = np.array([numbers for numbers in lines if len(numbers) == len(columns)])
    counter = columns.index(run.counter)
    assert len(rows) >= 6
    for place, own in enumerate(columns):
        if own.startswith("LOSS"):
            continue
        if place != counter:
            assert values(run, own) == rows[:, place].tolist() and at(run, own) == rows[:, counter].tolist()


def test_losses_of_spacy_are_the_means_of_the_updates_since_the_row_before() -> None:
    """The first row is that of one update, and each further one of five, whose sum was logged."""
    log = read_log([CASES / "spacy-3.8.18-train.log"])
    sums = [numbers_in(line)[2] for line in text_of("spacy-3.8.18-train.log").splitlines() if line.endswith(" 1.00")]
    assert sums[:2] == [0.25, 1.17]
    assert values(only(log), "LOSS TEXTCAT") == pytest.approx([sums[0], *(each / 5 for each in sums[1:])], rel=1e-12)
    assert log.producer == "spaCy" and diagnosis_of(only(log)).main.key != "leapt"


def test_the_json_lines_of_spacy_are_means_too(tmp_path: Path) -> None:
    """As ConsoleLogger.v3 of spaCy 3.8.18 writes them with eval_frequency = 10."""
    rows = [{"epoch": step // 5, "step": step, "losses": {"textcat": loss}, "scores": {"cats_score": 1.0}, "score": 1.0}
            for step, loss in ((0, 0.25), (10, 2.2), (20, 1.7), (30, 1.3))]  # fmt: skip
    run = only(log_of(tmp_path, "\n".join(map(json.dumps, rows))))
    assert values(run, "losses/textcat") == pytest.approx([0.25, 0.22, 0.17, 0.13], rel=1e-12)


@pytest.mark.parametrize("name", ["fastai-2.8.12-table.log", "fastai-2.8.12-history.csv"])
def test_a_log_of_fastai_says_that_its_losses_lag_behind(name: str) -> None:
    log = read_log([CASES / name])
    assert log.producer == "fastai" and [left.name for left in log.left_out][:1] == ["time"]
    assert sum("moving average over the batches of all epochs" in note for note in log.notes) == 1


def test_a_rate_that_is_set_is_that_of_the_rows_below() -> None:
    """scikit-learn's MLPClassifier divides its rate by 5 where the loss stays; it never says the first one."""
    name = "scikit-learn-1.9.1-mlp.log"
    run = only(read_log([CASES / name]))
    rate, expected = None, []
    for line in text_of(name).splitlines():
        if match := re.search(r"Setting learning rate to ([\d.]+)", line):
            rate = float(match[1])
        elif match := re.match(r"Iteration (\d+),", line):
            expected.append((int(match[1]), rate))
    known = [(step, rate) for step, rate in expected if rate is not None]
    assert (at(run, "learning rate"), values(run, "learning rate")) == tuple(map(list, zip(*known, strict=True)))
    assert len(values(run, "loss")) == len(expected) == 41 and known[0] == (21, 0.01)


def test_rates_of_the_rows_themselves_take_the_place_of_those_that_are_set() -> None:
    """Keras' bars have backspaces, and its plateau announces at the end of an epoch the rate of the next one."""
    path = CASES / "keras-3.15.1-bars.log"
    run, text = only(read_log([path])), text_of(path.name)
    assert kind_of(path) == "printed" and run.counter == "epoch"
    assert [series.name for series in run.of(RATE)] == ["learning_rate"]
    assert values(run, "learning_rate") == [float(each) for each in re.findall(r" learning_rate: ([\d.]+)", text)]
    assert values(run, "val_loss") == [float(each) for each in re.findall(r"val_loss: ([\d.]+)", text)]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Epoch 00003: reducing learning rate of group 0 to 5.0000e-02.", "learning rate"),
        ("Epoch 3: reducing learning rate of group 1 to 5.0000e-02.", "learning rate of group 1"),
        ("Adjusting learning rate of group 0 to 5.0000e-02.", "learning rate"),
        ("Epoch 3: LearningRateScheduler setting learning rate to 0.05.", "learning rate"),
        ("Learning rate is set to 0.05", "learning rate"),
        ("the LR is reduced from 1e-1 to 5e-2", "learning rate"),
    ],
)
def test_rates_are_set_in_the_words_of_pytorch_and_keras(line: str, name: str, tmp_path: Path) -> None:
    rows = [f"epoch {row} train loss {3 - row / 8}\nepoch {row} val loss 4.0" for row in range(4)]
    log = log_of(tmp_path, "\n".join([*rows[:3], line, rows[3]]))
    run = only(log)
    assert (at(run, name), values(run, name)) == ([3], [0.05])
    assert at(run, "train loss") == [0, 1, 2, 3] and not any("twice" in note for note in log.notes)


def test_lines_of_catboost_ask_what_they_measure(tmp_path: Path) -> None:
    rows = [
        f"{row}:\tlearn: {0.6 - row / 8}\ttest: 0.7\tbest: 0.7 (0)\ttotal: 60.1ms\tremaining: 2s" for row in range(4)
    ]
    log = log_of(tmp_path, "\n".join(["Learning rate set to 0.086371", *rows]))
    run = only(log)
    assert (at(run, "learn"), values(run, "learn")) == ([0, 1, 2, 3], pytest.approx([0.6, 0.475, 0.35, 0.225]))
    assert values(run, "learning rate") == [0.086371] * 4
    assert [question.key for question in log.open_questions] == ["loss"]


TESTED: dict[str, tuple[Callable[[int], str], Sequence[str]]] = {
    "PyTorch's MNIST": (
        lambda row: f"Train Epoch: 1 [{row * 640}/60000 ({row}%)]\tLoss: {3 - row / 50:.6f}",
        ["", "Test set: Average loss: 9.5, Accuracy: 9000/10000 (90%)"],
    ),
    "PyTorch's ImageNet": (
        lambda row: f"Epoch: [0][ {row}/5005]\tTime  0.3 ( 0.4)\tLoss {3 - row / 50:.4e} (7.01)\tAcc@1   1.50 (1.0)",
        [
            "Test: [ 0/782]\tTime  0.3 ( 0.4)\tLoss 9.5e+00 (9.0e+00)\tAcc@1   7.00 (  7.00)",
            " *   Acc@1 8.000 Acc@5 9.000",
        ],
    ),
    "timm": (
        lambda row: f"Train: 0 [{row:>4d}/50 ( 10%)]  Loss: {3 - row / 50:#.3g} (2.3)  Time: 0.123s,  40.1/s  LR: 0.01",
        ["Test: [   0/20]  Time: 0.123 (0.123)  Loss:   9.500 ( 9.000)  Acc@1:   7.000 (  7.000)"],
    ),
    "MMEngine": (
        lambda row: f"2026/01/01 10:00:00 - mmengine - INFO - Epoch(train) [1][{row}/99]  loss: {3 - row / 50:.4f}",
        ["2026/01/01 10:00:00 - mmengine - INFO - Epoch(val) [1][10/10]  loss: 9.5  acc: 7.0"],
    ),
    "Ignite": (
        lambda row: f"Training Results - Epoch: {row}  Avg accuracy: 0.9 Avg loss: {3 - row / 50}",
        ["Validation Results - Epoch: 4  Avg accuracy: 8.0 Avg loss: 9.5"],
    ),
    "Megatron-LM": (
        lambda row: f" iteration {10 * row}/ 100 | lm loss: {3 - row / 50:.6E} | grad norm: 0.5 |",
        [" validation loss at iteration 40 | lm loss value: 9.500000E+00 |"],
    ),
    "words that end with ing": (
        lambda row: f"step {row}: loss {3 - row / 50}",
        ["Evaluating at step 4: loss 9.5, acc 7.0"],
    ),
    "NanoDet": (
        lambda row: f"[NanoDet][12-01 10:00:00]INFO:Train|Epoch1/9|Iter{row}({row}/9)| lr:1e-3| loss:{3 - row / 50}| ",
        ["[NanoDet][12-01 10:00:00]INFO:Val|Epoch1/9|Iter5(1/50)| lr:1e-3| loss:9.5| "],
    ),
    "both": (
        lambda row: f"Testing | loss 9.5 | train loss {3 - row / 50}",
        [],
    ),
    "logging": (
        lambda row: f"2026-01-01 12:00:00,123 [INFO] step {row} loss={3 - row / 50}",
        ["2026-01-01 12:00:00,123 [INFO] Validation: loss=9.5 acc=7.0"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", TESTED)
def test_lines_that_begin_with_other_data_have_no_losses_of_the_training(kind: str, tmp_path: Path) -> None:
    line, tested = TESTED[kind]
    run = only(log_of(tmp_path, "\n".join([*map(line, range(5)), *tested])))
    losses = {series.part: series.values.tolist() for series in run.of(LOSS)}
    assert losses.pop("train") == pytest.approx([3 - row / 50 for row in range(5)], rel=5e-3)
    assert {*map(max, losses.values())} == {9.5} and len(losses) == 1 and losses.keys() <= {"test", "validation"}
    measures = {series.name: series.values.tolist() for series in run.of("metric") if series.part == "train"}
    assert all(7 not in own and 8 not in own for own in measures.values())


def test_counts_of_other_data_are_no_counts_of_the_training(tmp_path: Path) -> None:
    """MMEngine's and Composer's lines about a validation count its own batches."""
    rows = [f"Epoch(train) [{epoch}][{row}/90]  loss: {3 - row / 90}" for epoch in (1, 2) for row in (30, 60, 90)]
    for line in (
        "Epoch(val) [{}][10/10]  acc: 7.0",
        "[Eval batch=10/10] Eval on eval data:\n\t Eval metrics/eval/acc: 7.0",
    ):
        text = "\n".join([*rows[:3], line.format(1), *rows[3:], line.format(2)])
        (measures,) = only(log_of(tmp_path, text)).of("metric")
        assert (measures.part, measures.values.tolist(), measures.at.tolist()) == ("validation", [7, 7], [2, 5])


@pytest.mark.parametrize(
    "line",
    [
        "[{epoch}/5][{batch}/3]\tLoss_D: {loss}\tD(x): 0.9\tD(G(z)): 0.1 / 0.05",
        "(epoch: {epoch}, iters: {batch}, time: 0.341, data: 0.002) D_A: {loss} ",
        "[NanoDet][12-01 10:00:00]INFO:Train|Epoch{epoch}/5|Iter{step}({batch}/3)| lr:1e-3| loss_qfl:{loss}| ",
    ],
    ids=["PyTorch's DCGAN", "CycleGAN", "NanoDet"],
)
def test_counts_without_names_of_their_own_are_read(line: str, tmp_path: Path) -> None:
    rows = [line.format(epoch=row // 3, batch=row % 3, step=row, loss=3 - row / 8) for row in range(9)]
    run = only(log_of(tmp_path, "\n".join(rows)))
    (loss,) = run.of(LOSS)
    assert (run.counter, loss.at.tolist()) == ("step", [*range(9)]) and loss.values.tolist()[:2] == [3, 2.875]


def test_lines_of_catalyst_have_the_epoch_beside_the_name_of_their_data(tmp_path: Path) -> None:
    """Its line with an asterisk, which has the epoch by name, comes after the losses of the epoch."""
    rows = [
        line
        for epoch in (1, 2, 3)
        for line in (
            f"train ({epoch}/3) loss: {3 - epoch / 8} | loss/std: 0.5 | lr: 0.1",
            f"valid ({epoch}/3) loss: 9.5 | loss/std: 0.5 | lr: 0.1",
            f"* Epoch ({epoch}/3) lr: 0.1",
        )
    ]
    run = only(log_of(tmp_path, "\n".join(rows)))
    assert [series.name for series in run.of(LOSS)] == ["loss", "valid/loss"] and run.counter == "epoch"
    assert (at(run, "loss"), values(run, "loss")) == ([1, 2, 3], [2.875, 2.75, 2.625])
    assert at(run, "valid/loss") == at(run, "lr") == [1, 2, 3]


def test_the_head_of_a_line_has_no_numbers_of_a_training() -> None:
    """As absl writes it, with a file and a line, before what clu's LoggingWriter writes of a training by optax."""
    run, text = only(read_log([CASES / "clu-0.0.12-absl.log"])), text_of("clu-0.0.12-absl.log")
    assert {series.name for series in run.series} == {"train/learning_rate", "train/loss", "eval/loss"}
    for series in run.series:
        found = re.findall(rf"\[(\d+)\] .*{series.name}=([\d.]+)", text)
        assert list(zip(series.at, series.values, strict=True)) == [(int(step), float(value)) for step, value in found]


def test_of_several_counts_in_a_line_the_surest_is_taken(tmp_path: Path) -> None:
    """fairseq's `update` is a part of an epoch."""
    head = "2026-01-01 10:00:00 | INFO | train_inner | "
    rows = [{"epoch": 1, "update": row / 137, "loss": f"{3 - row / 8}", "num_updates": f"{10 * row}", "lr": "0.1"}
            for row in range(4)]  # fmt: skip
    valid = "2026-01-01 10:00:00 | INFO | valid | epoch 001 | valid on 'valid' subset | loss 9.5 | num_updates 30"
    run = only(log_of(tmp_path, "\n".join([*(head + json.dumps(row) for row in rows), valid])))
    assert (at(run, "loss"), values(run, "loss")) == ([0, 10, 20, 30], [3, 2.875, 2.75, 2.625])
    assert (at(run, "valid/loss"), values(run, "valid/loss")) == ([30], [9.5])


def test_numbers_may_have_decimal_commas(tmp_path: Path) -> None:
    rows = [f"step {row}: loss {3 - row / 8}, lr {0.05}".replace(".", ",") for row in range(4)]
    run = only(log_of(tmp_path, "\n".join(rows)))
    assert (values(run, "loss"), values(run, "lr")) == ([3, 2.875, 2.75, 2.625], [0.05] * 4)


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        (["3,125", "2,875", "0,625", "0,375"], [3.125, 2.875, 0.625, 0.375]),
        (["3,1250", "2,8750", "-2,6250", "2,3750"], [3.125, 2.875, -2.625, 2.375]),
        (["1,234", "1,102", "987", "912.5"], [1234, 1102, 987, 912.5]),
        (["3,125", "2,875", "2,625", "2,375"], [3125, 2875, 2625, 2375]),
    ],
    ids=["below one", "four digits", "thousands", "either"],
)
def test_a_comma_is_what_the_numbers_of_its_name_show(losses: list[str], expected: list[float], tmp_path: Path) -> None:
    """Other numbers of the lines have decimal points, or commas between thousands."""
    rows = [f"step {row + 1},000 loss={loss}, acc 0.5, lr [1e-3,200]" for row, loss in enumerate(losses)]
    run = only(log_of(tmp_path, "\n".join(rows)))
    assert (at(run, "loss"), values(run, "loss")) == ([1000, 2000, 3000, 4000], expected)
    assert values(run, "acc") == [0.5] * 4 and values(run, "lr") == [1e-3] * 4


def test_means_of_an_epoch_of_fairseq_are_beside_the_losses_of_its_intervals(tmp_path: Path) -> None:
    """It logs both at the last step of an epoch; a log that was appended to has two runs."""
    head, lines = "2026-01-01 10:00:00 | INFO |", list[str]()
    for epoch in (1, 2):
        for batch in (1, 2, 3):
            step = 100 * (3 * epoch - 3 + batch)
            numbers = f"loss={9 - step / 100}, num_updates={step}, lr=0.1"
            lines.append(f"{head} train_inner | epoch {epoch:03d}:    {batch} / 3 {numbers}")
        lines += [f"{head} {part} | epoch {epoch:03d} | {more}loss 20 | ppl 7 | num_updates {step} | lr 0.1"
                  for part, more in (("valid", "valid on 'valid' subset | "), ("train", ""))]  # fmt: skip
    for text, count in ((lines, 1), (lines * 2, 2)):
        log = log_of(tmp_path, "\n".join(text))
        assert len(log.runs) == count
        for run in log.runs:
            assert values(run, "loss") == [8, 7, 6, 5, 4, 3] and at(run, "loss") == [100, 200, 300, 400, 500, 600]
            assert values(run, "train/loss") == values(run, "valid/loss") == [20, 20]
            assert [series.name for series in run.of(RATE)] == ["lr"]


def test_bounds_of_a_rate_are_no_rates_and_no_setting(tmp_path: Path) -> None:
    rows = [f"epoch {row} loss {3 - row / 8}" for row in range(4)]
    lines = ["searching lr from 1e-5 to 1e-1", "scaling lr to 8 workers", *rows[:2], "Reducing lr from 0.1 to 0.01"]
    run = only(log_of(tmp_path, "\n".join([*lines, *rows[2:]])))
    assert [(series.at.tolist(), series.values.tolist()) for series in run.of(RATE)] == [([2, 3], [0.01, 0.01])]


@pytest.mark.parametrize("epochs", [3, 9])
def test_a_rate_that_was_set_ends_with_its_run(epochs: int, tmp_path: Path) -> None:
    first = [f"epoch {row} loss {3 - row / 8}" for row in range(epochs)]
    setting = "reducing learning rate of group 0 to 5.0e-02."
    log = log_of(tmp_path, "\n".join([*first[:2], setting, *first[2:], *first]))
    assert [len(run.of(RATE)) for run in log.runs] == [1, 0]
    assert values(log.runs[0], "learning rate") == [0.05] * (epochs - 2)


def test_of_a_change_with_an_arrow_the_new_rate_is_read(tmp_path: Path) -> None:
    """As pix2pix prints it before each epoch."""
    rows = ["step 0 loss 3", "step 1 loss 2", "learning rate 0.0020000 -> 0.0010000", "step 2 loss 1"]
    assert values(only(log_of(tmp_path, "\n".join(rows))), "learning rate") == [0.001]


def test_a_rate_that_was_reduced_after_the_last_row_is_none_of_the_next_run(tmp_path: Path) -> None:
    """A run begins with a rate that is set, not with one that is reduced."""
    rows = [f"epoch {row} loss {3 - row / 8}" for row in range(6)]
    for line, rates in (
        ("Epoch 5: reducing learning rate to 5e-2.", [0, 0]),
        ("Setting learning rate to 5e-2", [0, 6]),
    ):
        log = log_of(tmp_path, "\n".join([*rows, line, *rows]))
        assert [sum(len(series.values) for series in run.of(RATE)) for run in log.runs] == rates


def test_losses_of_spacy_are_means_in_each_run_of_a_file(tmp_path: Path) -> None:
    rows = [
        "E    #       LOSS NER  SCORE ",
        "---  ------  --------  ------",
        *(f"  {step // 10}  {step:6d}  {loss:8.2f}    0.5" for step, loss in ((0, 0.5), (10, 4), (20, 3))),
    ]
    log = log_of(tmp_path, "\n".join(rows * 2))
    assert [values(run, "LOSS NER") for run in log.runs] == [[0.5, 0.4, 0.3]] * 2


def test_numbers_may_have_commas_between_their_thousands(tmp_path: Path) -> None:
    rows = [f"step {500 * row:,} | loss {3 - row / 8} | acc 0,{row}25 | lr [1e-3,200] | tok/sec: {10_500 * row:,}"
            for row in range(4)]  # fmt: skip
    run = only(log_of(tmp_path, "\n".join(rows)))
    assert (at(run, "loss"), values(run, "loss")) == ([0, 500, 1000, 1500], [3, 2.875, 2.75, 2.625])
    assert values(run, "tok/sec") == [0, 10_500, 21_000, 31_500] and values(run, "lr") == [1e-3] * 4
    assert values(run, "acc") == [0.025, 0.125, 0.225, 0.325]


def test_lines_of_megatron_have_their_iteration(tmp_path: Path) -> None:
    """`number of nan iterations` is none, and counts nothing."""
    rows = [f" iteration {10 * row:8d}/     100 | learning rate: 1.0E-04 | lm loss: {11 - row / 8:.6E} | "
            "number of skipped iterations:   0 | number of nan iterations:   0 |" for row in range(1, 4)]  # fmt: skip
    run = only(log_of(tmp_path, "\n".join(rows)))
    assert (at(run, "lm loss"), values(run, "lm loss")) == ([10, 20, 30], [10.875, 10.75, 10.625])
    assert {series.name for series in run.series} == {"learning rate", "lm loss"}
