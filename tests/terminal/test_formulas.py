"""Typed formulas on the terminal."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


TYPED = [
    "--problem", "formula:loss=3*(a-2)^2 + b^2", "--optimizer", "rule:text=w = w - lr*sign(g)",
    "--schedule", "rule:text=lr = lr0/(1 + 0.1*t)", "--lr", "0.1",
]  # fmt: skip


def test_a_typed_loss_rule_and_schedule_do_what_they_say(run: Any) -> None:
    code, out, _ = run("run", *TYPED, "--steps", "3", "--csv", "-")
    assert code == 0
    a, b = 1.0, 1.0
    for step, row in enumerate(rows(out)[:-1]):
        lr = 0.1 / (1 + 0.1 * step)
        assert (float(row["lr"]), float(row["a"]), float(row["b"])) == pytest.approx((lr, a, b), rel=1e-15)
        assert float(row["loss"]) == pytest.approx(3 * (a - 2) ** 2 + b**2, rel=1e-14)
        a, b = a + lr, b - lr


def test_both_powers_are_the_same_to_the_last_digit(run: Any) -> None:
    hats, stars = (run("run", "--problem", f"formula:loss=(w+1){sign}2", "--csv", "-")[1] for sign in ("^", "**"))
    assert hats == stars


def test_commas_in_parentheses_belong_to_the_formula(run: Any) -> None:
    code, out, _ = run("run", "--problem", "formula:loss=max(a, -a)^2,area=-4..4", "--start=3", "--csv", "-")
    assert code == 0
    assert rows(out)[0]["loss"] == "9.0"


def test_the_start_of_a_typed_loss_can_be_given(run: Any) -> None:
    _, out, _ = run("run", "--problem", "formula:loss=u^2 + v^2", "--start=-3,4", "--steps", "1", "--csv", "-")
    assert list(rows(out)[0])[4:6] == ["u", "v"]
    assert rows(out)[0]["loss"] == "25.0"


MOMENTUM = "m = 0.9*m + g{}w = w - lr*m"


@pytest.mark.parametrize("line_end", ["; ", ";", "\n"])
def test_lines_of_a_rule_end_with_a_semicolon_or_a_line_end(run: Any, line_end: str) -> None:
    _, expected, _ = run("run", "--optimizer", "sgd:momentum=0.9", "--lr", "0.1", "--csv", "-")
    options = ["--optimizer", "rule:text=" + MOMENTUM.format(line_end), "--lr", "0.1"]
    code, out, _ = run("run", *options, "--csv", "-")
    assert code == 0
    assert out == expected


@pytest.mark.parametrize("text", [MOMENTUM.format("; "), f"({MOMENTUM.format('; ')})", MOMENTUM.format("\n")])
@pytest.mark.parametrize("after", ["", ";start=5;label=mine"])
def test_a_run_takes_a_rule_of_several_lines(run: Any, text: str, after: str) -> None:
    _, expected, _ = run("run", "--optimizer", "sgd:momentum=0.9", "--lr", "0.1", "--csv", "-")
    code, out, err = run("run", "--run", f"lr=0.1;optimizer=rule:text={text}{after}", "--csv", "-")
    assert (code, err) == (0, "")
    assert out == expected


def test_a_line_that_assigns_lr_is_one_of_the_schedule_unless_it_is_a_number(run: Any) -> None:
    schedule = "schedule=rule:text=half = T/2; lr = lr0*where(t < half, 1, 0)"
    for text in (f"lr=0.5;{schedule}", f"{schedule};lr=0.5"):
        code, out, _ = run("run", "--run", text, "--steps", "4", "--csv", "-")
        assert code == 0
        assert [row["lr"] for row in rows(out)] == ["0.5", "0.5", "0.0", "0.0", ""]


WRONG = [
    (["--problem", "formula:loss=3*(a"], "column 5: the ( of column 3 is not closed"),
    (["--problem", "formula:loss=sin(3x)"], "column 6: an operator is missing between '3' and 'x'"),
    (["--problem", "model:model=2(a + x)"], "column 2: an operator is missing between '2' and '('"),
    (["--optimizer", "rule:text=w = w - lr g"], "line 1, column 12: an operator is missing between 'lr' and 'g'"),
    (["--schedule", "rule:text=lr = lr0/(1 + t))"], "line 1, column 17: ')' is not expected here"),
    (["--problem", "formula:loss=a+b+c+d+f+g+h+i+j"], "column 17: more than 8 parameters"),
    (["--problem", "formula:loss="], "must be a text of 1 to 500"),
    (["--problem", "formula:text=a"], "formula has no parameter 'text'; it has"),
    (["--problem", "formula:loss=a^2,area=4"], "must be an interval such as -4..4"),
    (["--problem", "model:model=a*z + y"], "column 7: y is what the model predicts"),
    (["--optimizer", "rule:text=w = w - q"], "line 1, column 9: unknown name 'q'"),
    (["--optimizer", "rule:text=m = g; w = w - foo"], "line 2, column 10: unknown name 'foo'"),
    (["--schedule", "rule:text=lr = w"], "line 1, column 6: unknown name 'w'"),
    (["--run", "lr=1;optimizer=rule:text=w = w - lr*q;steps=4"], "line 1, column 12: unknown name 'q'"),
    (["--problem", "formula:loss=a^2", "--start=1,2"], "formula takes 1 (a)"),
]


@pytest.mark.parametrize(("arguments", "says"), WRONG, ids=[arguments[-1] for arguments, _ in WRONG])
def test_a_wrong_formula_gets_exit_code_2_and_one_clear_line(run: Any, arguments: list[str], says: str) -> None:
    code, out, err = run("run", *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert says in err


def test_a_division_by_0_in_a_schedule_ends_the_run_and_not_the_program(run: Any) -> None:
    code, out, _ = run("run", "--schedule", "rule:text=lr = 1/(T - 5)", "--steps", "5")
    assert code == 0
    assert "diverged at step 1" in out


def test_a_model_is_fitted(run: Any) -> None:
    options = ["--problem", "model:model=a*x + b,curve=line,noise=0", "--lr", "0.1", "--steps", "300"]
    _, out, _ = run("run", *options, "--csv", "-")
    last = rows(out)[-1]
    assert (float(last["a"]), float(last["b"])) == pytest.approx((1.5, -0.5), abs=1e-9)


def test_a_session_with_typed_formulas_goes_on_bit_for_bit(run: Any, tmp_path: Path) -> None:
    session = str(tmp_path / "a.lrs")
    options = [
        "--problem", "formula:loss=(1-a)^2 + 100*(b-a^2)^2 + cosh(c)",
        "--run", "lr=0.001;optimizer=rule:text=m = 0.9*m + g; w = w - lr*m;schedule=rule:text=lr = lr0/(1 + 0.1*t)",
        "--run", "lr=0.001;optimizer=rule:text=V_2 = max(V_2, g^2); w = w - lr*g/sqrt(V_2 + e)",
        "--run", "lr=0.001;optimizer=rule:text=m = 0.5*m + g; w = w - lr*m",
        "--run", "lr=0.001;optimizer=adam",
    ]  # fmt: skip
    code, _, _ = run("run", *options, "--steps", "30", "--save", session)
    assert code == 0
    _, resumed, _ = run("run", session, "--steps", "20", "--csv", "-")
    _, straight, _ = run("run", *options, "--steps", "50", "--csv", "-")
    assert resumed == straight


def test_the_lists_show_the_places_for_formulas(run: Any) -> None:
    for what, key, parameter in (
        ("problems", "formula", "loss"), ("problems", "model", "model"),
        ("optimizers", "rule", "text"), ("schedules", "rule", "text"),
    ):  # fmt: skip
        found = {row["key"]: row for row in json.loads(run("list", what, "--json")[1])}
        assert parameter in [row["name"] for row in found[key]["parameters"]]
