"""`lrstudio sweep` and `lrstudio range-test`, as they are typed."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrstudio.terminal.cli import main


def table(text: str) -> tuple[list[str], list[dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(text))
    rows = list(reader)
    return list(reader.fieldnames or []), rows


def test_a_sweep_is_a_row_per_rate(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "--lr", "1e-4:10:256", "--steps", "20", "--csv", "-"]) == 0
    out, err = capsys.readouterr()
    header, rows = table(out)
    assert header == ["lr", "verdict", "final_loss", "best_loss", "steps_to_target", "diverged_at"]
    assert [float(row["lr"]) for row in rows] == pytest.approx(np.geomspace(1e-4, 10, 256).tolist())
    assert (rows[0]["lr"], rows[-1]["lr"]) == ("0.0001", "10.0")
    for row in rows:
        lr = float(row["lr"])
        assert float(row["final_loss"]) == pytest.approx(36 * (1 - 2 * lr) ** 40, rel=1e-6, abs=1e-9)
        assert (row["verdict"] == "diverged") == (lr > 1.0000001)
    assert err == ""


def test_no_rate_above_a_better_one_is_too_slow(capsys: pytest.CaptureFixture[str]) -> None:
    """Adamax's first steps are as long as the rate; after 60 it is still on its way back."""
    given = ["sweep", "--problem", "ravine", "--optimizer", "adamax", "--steps", "60"]
    rates = ["23.71", "0.5", "17.78", "0.001", "42.17"]
    asked = [*given, *(f"--lr={rate}" for rate in rates)]
    assert main([*asked, "--csv", "-"]) == 0
    _, rows = table(capsys.readouterr().out)
    verdicts = {row["lr"]: row["verdict"] for row in rows}
    assert [verdicts[rate] for rate in ("0.001", "17.78", "23.71", "42.17")] == ["too_slow", *["plateau"] * 3]
    assert main([*given, "--lr", "17:18:2", "--csv", "-"]) == 0
    _, rows = table(capsys.readouterr().out)
    assert [row["verdict"] for row in rows] == ["too_slow", "too_slow"]  # nothing tells that these are too large
    assert main(asked) == 0
    assert "too_large" in capsys.readouterr().out


def test_over_adds_its_column_named_as_it_was_given(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["sweep", "--problem", "proportional", "--lr", "0.01..0.1:4", "--over", "optimizer.momentum=0..0.9:3"]
    assert main([*asked, "--steps", "50", "--target-loss", "0.05", "--csv", "-", "--quiet"]) == 0
    header, rows = table(capsys.readouterr().out)
    assert header[:3] == ["lr", "optimizer.momentum", "verdict"]
    pairs = [(float(row["lr"]), float(row["optimizer.momentum"])) for row in rows]
    assert pairs == [(lr, beta) for beta in (0.0, 0.45, 0.9) for lr in np.linspace(0.01, 0.1, 4).tolist()]
    assert any(row["steps_to_target"] for row in rows) and any(not row["steps_to_target"] for row in rows)


def test_a_sweep_agrees_with_run(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--problem", "rosenbrock", "--optimizer", "adam", "--steps", "60"]
    assert main(["sweep", "--lr", "0.01", "--lr", "0.2", *asked, "--csv", "-", "--quiet"]) == 0
    _, swept = table(capsys.readouterr().out)
    for row in swept:
        assert main(["run", "--lr", row["lr"], *asked, "--csv", "-", "--quiet"]) == 0
        _, trace = table(capsys.readouterr().out)
        assert row["final_loss"] == trace[-1]["loss"]
        assert row["best_loss"] == min((line["loss"] for line in trace), key=float)


def test_whole_numbers_stay_whole_and_are_taken_once(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["sweep", "--problem", "noisy_line", "--lr", "0.1:0.2:2", "--over", "batch_size=1:8:9", "--csv", "-"]
    assert main([*asked, "--steps", "5", "--quiet"]) == 0
    _, rows = table(capsys.readouterr().out)
    assert sorted({float(row["batch_size"]) for row in rows}) == [1, 2, 3, 4, 5, 6, 8]


def test_the_summary_says_where_verdicts_change(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "--lr", "0.9..1.1:3", "--steps", "20"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "lr 0.9 to 0.9: oscillating",
        "lr 1 to 1: cycling",
        "lr 1.1 to 1.1: diverged",
        f"best rate 0.9: least loss over the last quarter of 20 steps, at most {36 * 0.8**34:.6g} "
        f"(last {36 * 0.8**40:.6g})",
    ]
    assert main(["sweep", "--lr", "1.0:1.1:2", "--over", "start.w=1..2:2", "--steps", "20"]) == 0
    assert capsys.readouterr().out.splitlines() == ["cycling: 2 of 4", "diverged: 2 of 4"]


def test_a_sweep_of_an_optimizer_without_theory_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    for optimizer, said in (("lion", True), ("sgd", False), ("adam", False)):
        assert main(["sweep", "--optimizer", optimizer, "--lr", "0.001:10:30", "--steps", "20"]) == 0
        assert (f"limit: no theory known for {optimizer}" in capsys.readouterr().out) == said


def test_a_range_test_is_a_row_per_iteration(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["range-test", "--problem", "noisy_line", "--batch-size", "10", "--start-lr", "1e-5", "--end-lr", "1"]
    assert main([*asked, "--num", "100", "--stop-factor", "4", "--smooth", "0.98", "--csv", "-"]) == 0
    out, err = capsys.readouterr()
    header, rows = table(out)
    assert header == ["iteration", "lr", "loss", "smoothed"]
    rates = [float(row["lr"]) for row in rows]
    assert rates == pytest.approx([1e-5 * (1 / 1e-5) ** (place / 100) for place in range(len(rates))])
    assert [row["iteration"] for row in rows] == [str(place) for place in range(len(rows))]
    assert rows[0]["loss"] == rows[0]["smoothed"] or float(rows[0]["loss"]) == pytest.approx(float(rows[0]["smoothed"]))
    assert [line.partition(":")[0] for line in err.splitlines()[1:]] == [
        "valley", "slide", "minimum", "steep", "lightning", "torch_lr_finder",
    ]  # fmt: skip


def test_suggestions_go_to_json_where_that_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = tmp_path / "told.json"
    asked = ["range-test", "--problem", "noisy_line", "--batch-size", "10", "--end-lr", "10", "--seeds", "2"]
    assert main([*asked, "--csv", str(tmp_path / "curve.csv"), "--json", str(told)]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == ("", "")
    found = json.loads(told.read_text(encoding="utf-8"))
    assert set(found["suggestions"]) == {"valley", "slide", "minimum", "steep", "lightning", "torch_lr_finder"}
    assert found["iterations"] == len((tmp_path / "curve.csv").read_text(encoding="utf-8").splitlines()) - 1
    assert found["suggestions"]["minimum"]["lr"] > 0 and found["ended"] == "loss"
    assert main([*asked, "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out) == found


def test_it_can_grow_by_equal_steps_and_fall(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["range-test", "--start-lr", "0.1", "--end-lr", "0.5", "--num", "4", "--linear", "--csv", "-"]) == 0
    _, rows = table(capsys.readouterr().out)
    assert [float(row["lr"]) for row in rows] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    assert main(["range-test", "--start-lr", "1", "--end-lr", "0.01", "--num", "10", "--csv", "-"]) == 0
    out, err = capsys.readouterr()
    assert len(table(out)[1]) == 11 and "no suggestion: the rules read rising rates" in err


def told(capsys: pytest.CaptureFixture[str], arguments: str) -> list[str]:
    """What a range test says on stderr, line by line."""
    assert main(["range-test", *arguments.split()]) == 0
    return capsys.readouterr().err.splitlines()


def test_below_zero_it_goes_on_and_says_by_what_it_stops(capsys: pytest.CaptureFixture[str]) -> None:
    first, *rules = told(capsys, "--problem formula:loss=a^2-5 --end-lr 10")
    assert first.startswith("99 iterations; stopped: the raw loss")
    assert first.endswith("(the best, -5, + 3 times the spread of the losses before)")
    assert len(rules) == 6 and not any("no suggestion" in rule for rule in rules)


def test_it_says_which_loss_stops_it(capsys: pytest.CaptureFixture[str]) -> None:
    asked = "--problem rosenbrock --seed 1 "
    raw, smoothed = (told(capsys, f"{asked}--stop-on {which}")[0] for which in ("raw", "smoothed"))
    assert told(capsys, asked)[0] == raw and "the raw loss" in raw and "4 times the best" in raw
    assert "the smoothed loss" in smoothed and int(smoothed.split()[0]) > int(raw.split()[0])


def test_too_few_losses_suggest_nothing_and_it_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert told(capsys, "--num 3")[1:] == [
        "no suggestion: 4 losses are too few, the rules need 15; give a larger --num"
    ]
    assert main(["range-test", "--num", "3", "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)["suggestions"]
    assert all(known["lr"] is None and known["too_few"] for known in found.values())


@pytest.mark.parametrize(
    ("problem", "limit"),
    [("quadratic:condition=100", 0.02), ("quadratic:condition=10", 0.2), ("formula:loss=a^4", 0.5)],
)
def test_beside_each_suggestion_stands_what_comes_of_it(
    problem: str, limit: float, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["range-test", "--problem", problem, "--end-lr", "100", "--steps", "150", "--json", "-", "--quiet"]
    assert main(asked) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["trained_steps"] == 150
    for known in found["suggestions"].values():
        if known["lr"] is not None:
            assert (known["verdict"] == "diverged") == (known["lr"] > limit) == (known["final_loss"] is None)


def test_the_runs_own_rate_is_trained_beside_them(capsys: pytest.CaptureFixture[str]) -> None:
    lines = told(capsys, "--problem parabola --lr 1.5 --steps 20")
    assert lines[-1] == "lr: 1.5, trained for 20 steps: diverged (the rate of the run, which takes no part in the test)"
    assert all("trained for 20 steps: " in line for line in lines[1:])
    assert main(["range-test", "--problem", "parabola", "--lr", "0.5", "--steps", "20", "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)["run"]
    assert found["lr"] == 0.5 and found["final_loss"] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("sweep", "--lr: say which rates, as in --lr 1e-4:10:256"),
        ("sweep --lr 0:1:5", "--lr '0:1:5': equal factors need both ends above 0"),
        ("sweep --lr 1:2", "--lr '1:2': must be a:b:n"),
        ("sweep --lr 1:x:4", "'x' is no number"),
        ("sweep --lr 1:2:0", "how many must be a whole number"),
        ("sweep --lr one", "--lr 'one': must be a number or a span"),
        ("sweep --lr=-2..1:4", "lr = -2.0: must be"),
        ("sweep --lr 1:2:3 --over momentum", "--over 'momentum': must be NAME=a:b:n"),
        ("sweep --lr 1:2:3 --over optimizer.beta1=0..0.5:3", "there are optimizer.momentum"),
        ("sweep --lr 1:2:3 --over lr=1:2:3", "one or two names"),
        ("sweep --lr 1:2:3 --run lr=1", "--run: a sweep is of one run"),
        ("sweep --lr 1e-4:10:8000 --over start.0=0..1:8000", "64000000 runs: a sweep has at most 33554432"),
        ("sweep --lr 1:2:3 --csv /nowhere/at/all.csv", "there is no folder"),
        ("range-test --num 0", "--num '0'"),
        ("range-test --start-lr 0", "--start-lr '0': must be a number above 0"),
        ("range-test --end-lr much", "--end-lr 'much': must be a number"),
        ("range-test --stop-factor 0.5", "--stop-factor '0.5': must be a number above 1"),
        ("range-test --csv - --json -", "are the same"),
        ("range-test --lr 0.1 --lr 1", "--lr: given 2 times; a range test is of one run, give one at most"),
        ("range-test --run lr=1 --run lr=2", "--run: given 2 times"),
        ("range-test --stop-on mean", "--stop-on 'mean': must be one of raw, smoothed"),
        ("range-test --problem nonsense", "unknown problem 'nonsense'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments.split()) == 2
    out, err = capsys.readouterr()
    assert out == "" and said in err and err.count("\n") == 1


def test_a_sweep_and_a_comparison_go_over_as_many_seeds_as_are_asked_for(run: Any) -> None:
    noisy = ["--problem", "noisy_line", "--batch-size", "10", "--steps", "30"]
    code, out, _ = run("sweep", *noisy, "--lr", "0.1:2:4", "--seeds", "3", "--csv", "-")
    rows = out.splitlines()
    assert code == 0 and len(rows) == 5 and rows[0].startswith("lr,seeds,verdict,diverged,final_loss,final_loss_low,")
    low, median, high = (float(rows[1].split(",")[column]) for column in (5, 4, 6))
    assert low <= median <= high and rows[1].split(",")[1] == "3"
    code, out, _ = run("run", *noisy, "--lr", "0.1", "--lr", "0.5", "--seeds", "3", "--csv", "-")
    assert code == 0 and len(out.splitlines()) == 7
    _, out, _ = run("run", *noisy, "--lr", "0.1", "--seeds", "3")
    assert "over the seeds 0 to 2" in out and " ± " in out.splitlines()[-1]
    for command in (("run", *noisy, "--seeds", "1"), ("sweep", *noisy, "--lr", "1:2:3", "--seeds", "x")):
        code, _, err = run(*command)
        assert code == 2 and "must be a whole number from 2 to 1000" in err
