"""`lrstudio run --problem data:...`"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrstudio.store.session import load
from lrstudio.terminal.cli import main

TABLE = "size;rooms;price;sold\n50,5;2;200;no\n60;3;240,5;no\n80;3;310;yes\n100;4;400;yes\n"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call the program in a folder with a table; gives the exit code, standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "houses.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "words.csv").write_text("sold,size\nyes,1\nno,2\nyes,3\n", encoding="utf-8")
    (tmp_path / "bad.csv").write_text(TABLE + "x;3;3;no\n", encoding="utf-8")

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["run", "--steps", "2000", "--lr", "0.3", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_the_fit_is_told_in_the_units_of_the_file_and_the_session_has_the_data(run: Any, tmp_path: Path) -> None:
    code, out, _ = run("--problem", "data:path=houses.csv,x=size,y=price,kind=linear", "--save", "a.lrs")
    size, price = np.array([50.5, 60, 80, 100]), np.array([200, 240.5, 310, 400])
    slope, bias = np.polyfit(size, price, 1)
    assert code == 0
    assert f"price = {slope:.5g}·size {'-' if bias < 0 else '+'} {abs(bias):.5g}" in out
    (tmp_path / "houses.csv").unlink()
    dataset = load(tmp_path / "a.lrs").experiment.problem.dataset
    assert (dataset.title, dataset.names) == ("houses.csv", ("size", "price"))
    np.testing.assert_array_equal(dataset.columns[0], size)
    assert main(["run", "a.lrs", "--quiet"]) == 0


@pytest.mark.parametrize(
    ("options", "start"),
    [
        ("x=size+rooms,y=price", "price = "),
        ("x=1+2,y=3", "price = "),
        ("x=size,y=price,kind=polynomial,degree=2", "price = "),
        ("x=size,y=sold,kind=logistic", "P(sold = yes) = sigmoid("),
        ("y=rooms", "rooms = "),
        ("y=size", "size = "),
        ("x=price", "rooms = "),
        ("encoding=utf-8,delimiter=semicolon,decimal=comma,header=true", "price = "),
    ],
)
def test_columns_and_kinds_are_chosen(run: Any, options: str, start: str) -> None:
    code, out, _ = run("--problem", f"data:path=houses.csv,{options}")
    assert code == 0
    assert f"units of the data: {start}" in out


def test_a_path_with_a_comma_stands_in_quotes(run: Any, tmp_path: Path) -> None:
    (tmp_path / "my, own (1.csv").write_text(TABLE, encoding="utf-8")
    code, out, _ = run("--problem", 'data:path="my, own (1.csv",x=size,y=price')
    assert code == 0
    assert "units of the data: price = " in out


@pytest.mark.parametrize(
    ("decimal", "prices"), [("either", [999.5, 1.5, 1.75]), ("comma-thousands", [999.5, 1500, 1750])]
)
def test_a_cell_that_can_mean_two_numbers_is_refused_until_an_option_decides(
    run: Any, tmp_path: Path, decimal: str, prices: list[float]
) -> None:
    (tmp_path / "mixed.csv").write_text("x;y\n1;999,5\n2;1.500\n3;1.750\n", encoding="utf-8")
    for bad in ("", ",bad=drop", ",decimal=comma"):
        code, out, error = run("--problem", f"data:path=mixed.csv{bad}")
        assert (code, out) == (2, "")
        assert "mixed.csv: row 3, column 2 (y): “1.500” can mean 1.5 or 1500; " in error
        assert error.endswith("give decimal=either (1.5) or decimal=comma-thousands (1500)\n")
    assert run("--problem", f"data:path=mixed.csv,decimal={decimal}", "--save", "a.lrs")[0] == 0
    assert load(tmp_path / "a.lrs").experiment.problem.dataset.columns[1].tolist() == prices


def test_bad_rows_are_refused_or_left_out(run: Any) -> None:
    code, _, error = run("--problem", "data:path=bad.csv,x=size,y=price")
    assert code == 2
    assert "bad.csv: row 6, column 1 (size): “x” is not a number" in error
    code, _, error = run("--problem", "data:path=bad.csv,x=size,y=price,bad=drop")
    assert (code, error) == (0, "bad.csv: rows left out: 1; row 6, column 1 (size): “x” is not a number\n")


def test_without_a_file_there_is_an_example(run: Any) -> None:
    assert run("--problem", "data")[0] == 0
    assert run("--problem", "data:kind=polynomial,degree=3")[0] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("path=none.csv", "none.csv"),
        ("path=.", "is not a regular file"),
        ("path=houses.csv,x=width", "there is no column 'width'; there are size, rooms, price, sold"),
        ("path=houses.csv,x=9", "there is no column '9'"),
        ("path=houses.csv,x=size,y=size", "only once"),
        ("path=houses.csv,x=sold,y=size", "is not a number"),
        ("path=houses.csv,y=sold", "column sold has two words, no numbers; give y=sold,kind=logistic"),
        ("path=houses.csv,x=size,y=sold,kind=linear,bad=drop", "give y=sold,kind=logistic"),
        ("path=words.csv", "column sold has two words, no numbers; give y=sold,kind=logistic"),
        ("path=houses.csv,kind=cubic", "must be one of linear, polynomial, logistic"),
        ("path=houses.csv,x=size+rooms,y=price,kind=polynomial", "takes one column x"),
        ("path=houses.csv,delimiter=dot", "must be one of comma, semicolon, tab, space"),
        ("path=houses.csv,encoding=ascii", "must be one of utf-8"),
        ("path=houses.csv,colour=red", "there is no 'colour'; there are path, x, y"),
        ("x=size", "belongs to a file; give its path"),
        ("kind=logistic", "must have two values"),
    ],
)
def test_errors_are_one_line_and_code_2(run: Any, options: str, message: str) -> None:
    code, out, error = run("--problem", f"data:{options}")
    assert (code, out) == (2, "")
    assert message in error
    assert error.count("\n") == 1
