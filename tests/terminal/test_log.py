"""`lrstudio log`, as it is typed."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from lrstudio.core.analysis.suggestions import RULES

CASES = Path(__file__).parent.parent / "store" / "logs" / "cases"
TWICE = "step,loss\n0,3\n1,2\n0,3\n1,1\n"


def test_the_runs_of_a_log_are_printed_with_their_ranges(run: Any) -> None:
    code, out, err = run("log", str(CASES / "lightning-2.6.6-two_groups-metrics.csv"))
    assert (code, err) == (0, "")
    assert out.splitlines()[:7] == [
        "lightning-2.6.6-two_groups-metrics.csv (Lightning)",
        "run lightning-2.6.6-two_groups-metrics.csv: by step",
        "  lr-SGD/pg1  rate: 80 values, 0.0001 to 0.0436995, step 0 to 79",
        "  lr-SGD/pg2  rate: 80 values, 0.001 to 0.436995, step 0 to 79",
        "  train_loss  train loss: 80 values, 0.152499 to 10.522, step 0 to 79",
        "  val_loss    validation loss: 5 values, 0.419652 to 5.57263, step 15 to 79",
        "  epoch       counter: 80 values, 0 to 4, step 0 to 79",
    ]


def test_the_diagnosis_of_every_run_is_printed_and_described(run: Any) -> None:
    path = str(CASES / "keras-3.15.1-append_twice.csv")
    code, out, _err = run("log", path)
    assert code == 0 and out.count("  diagnosis: The rate rises from 0.0001 to 0.1 all the time") == 2
    assert out.count("    next: Test again with rates up to 1: ") == 2
    assert out.count("  suggestion: valley: 0.001743") == 2
    code, out, _err = run("log", path, "--json")
    first, second = (each["diagnosis"] for each in json.loads(out)["runs"])
    finding = first["findings"][0]
    assert (finding["key"], finding["reason"]) == ("range_test", "range_test_falls")
    assert finding["next"]["key"] == "test_higher"
    assert finding["numbers"]["first"] == pytest.approx(1e-4) and 0.5 <= finding["sure"] <= 1
    assert tuple(each["rule"] for each in second["suggestions"]) == RULES
    assert second["drops"] == []


def test_csv_has_every_value_and_no_other(run: Any) -> None:
    code, out, _err = run("log", str(CASES / "lightning-2.6.6-two_groups-metrics.csv"), "--csv", "-")
    rows = list(csv.DictReader(io.StringIO(out)))
    with (CASES / "lightning-2.6.6-two_groups-metrics.csv").open(encoding="utf-8", newline="") as file:
        original = list(csv.DictReader(file))
    assert code == 0 and [row["step"] for row in rows] == [str(step) for step in range(80)]
    for name in ("lr-SGD/pg1", "lr-SGD/pg2", "train_loss", "val_loss"):
        expected = {int(row["step"]): float(row[name]) for row in original if row[name]}
        assert {int(row["step"]): float(row[name]) for row in rows if row[name]} == expected


def test_json_describes_runs_notes_and_what_is_left_out(run: Any, tmp_path: Path) -> None:
    table = tmp_path / "values.csv"
    code, out, _err = run("log", str(CASES / "keras-3.15.1-diverge.tsv"), "--json", "--csv", str(table))
    found = json.loads(out)
    assert code == 0 and found["producer"] == "Keras" and found["questions"] == []
    (only,) = found["runs"]
    loss = next(series for series in only["series"] if series["name"] == "loss")
    assert (only["counter"], loss["role"], loss["data"], loss["count"]) == ("epoch", "loss", "train", 60)
    assert (loss["first"], loss["last"], loss["max"], loss["not_finite"]) == (
        4.453460693359375,
        None,
        2.9469376179845254e33,
        23,
    )
    assert sorted(left["name"] for left in found["left_out"]) == ["val_learning_rate", "val_loss", "val_mae"]
    assert table.read_text(encoding="utf-8").startswith("run,epoch,learning_rate,loss,mae\n")


def test_a_question_is_printed_and_answered(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text(TWICE, encoding="utf-8")
    _code, out, _err = run("log", str(path))
    assert "question: The step starts again. Are these several runs, or epochs of one run? Read as: runs." in out
    assert "--answer restarts=epochs" in out
    code, out, _err = run("log", str(path), "--answer", "restarts=epochs", "--csv", "-")
    assert code == 0 and [row["loss"] for row in csv.DictReader(io.StringIO(out))] == ["3.0", "2.0", "3.0", "1.0"]
    assert run("log", str(path), "--answer", "restarts=maybe")[0] == 2
    assert run("log", str(path), "--answer", "restarts")[0] == 2


def test_bad_cells_and_foreign_files_are_refused_with_what_to_do(run: Any, tmp_path: Path) -> None:
    bad, foreign = tmp_path / "bad.csv", tmp_path / "run.wandb"
    bad.write_text("step,lr,loss\n0,0.1,3\n1,fast,2\n", encoding="utf-8")
    foreign.write_bytes(b":W&B\xe1\xbe\x00")
    code, _out, err = run("log", str(bad))
    assert code == 2 and "row 3, column 2 (lr): “fast” is not a number" in err and "--drop-bad" in err
    assert run("log", str(bad), "--drop-bad")[0] == 0
    code, out, err = run("log", str(foreign))
    assert (code, out, err.count("\n")) == (2, "", 1) and "store of Weights & Biases: export a CSV" in err
    code, _out, err = run("log", str(bad), str(tmp_path / "none.csv"), "--drop-bad")
    assert code == 2 and "none.csv" in err
    assert run("log", str(bad), "--json", "--csv", "-")[0] == 2


def test_an_ambiguous_decimal_mark_is_asked_about(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("step;lr;loss\n0;1,500;2,500\n", encoding="utf-8")
    code, _out, err = run("log", str(path))
    assert code == 2 and "--answer decimal=point" in err
    code, out, _err = run("log", str(path), "--answer", "decimal=comma", "--csv", "-")
    assert code == 0 and out.splitlines()[1] == "log.csv,0,1.5,2.5"


def test_names_of_a_file_cannot_command_the_terminal(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    rows = [{"step": step, "loss": 1 / step, "\x1b[2J\x9bacc": 0.5, "\x07note": "x"} for step in range(1, 9)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, out, err = run("log", str(path))
    assert (code, err) == (0, "") and "?[2J?acc" in out and "?note" in out
    assert all(line.isprintable() for line in out.splitlines())
    code, _out, err = run("log", str(path), "--answer", "loss=\x9b2J")
    assert code == 2 and all(line.isprintable() for line in err.splitlines())
