"""The Python interface: its examples, what it lists, and that it needs no Qt."""

from __future__ import annotations

import csv
import doctest
import io
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import lrstudio
from lrstudio import interface
from lrstudio.cli import main
from lrstudio.store.csv.table import blocks


@pytest.mark.parametrize("name", ["experiment", "simulate", "sweep", "range_test"])
def test_its_examples_show_what_comes_out(name: str) -> None:
    said: list[str] = []
    runner = doctest.DocTestRunner()
    for test in doctest.DocTestFinder(recurse=False).find(getattr(interface, name), name):
        runner.run(test, out=said.append)
    assert runner.summarize(verbose=False).attempted >= 2 and not said, "".join(said)


def test_every_name_is_there_documented_and_without_qt() -> None:
    program = (
        "import sys, lrstudio; light = 'numpy' in sys.modules; "
        "names = [getattr(lrstudio, name) for name in lrstudio.__all__]; "
        "print(light, all(each.__doc__ for each in names), any('PySide6' in name for name in sys.modules))"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "False True False\n"
    assert set(interface.__all__) | {"Recorder", "record"} == set(lrstudio.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        lrstudio.nothing  # noqa: B018


def test_the_columns_are_those_of_the_csv() -> None:
    result = lrstudio.simulate("proportional", lr=[0.1, 1.0], steps=200)
    table = list(csv.reader(io.StringIO("".join(blocks(result.experiment, result.trace)))))
    columns = result.columns()
    assert list(columns) == table[0]
    for name, values in zip(table[0], zip(*table[1:], strict=True), strict=True):
        expected = np.array([float(value) if value else np.nan for value in values])
        np.testing.assert_array_equal(columns[name], expected)


def test_a_result_tells_its_verdicts_and_draws_itself() -> None:
    result = lrstudio.simulate("parabola", lr=[0.1, 1.1], steps=60)
    assert [verdict.key for verdict in result.verdicts if verdict] == ["arrived", "diverged"]
    for svg in (result._repr_svg_(), result.svg("landscape"), lrstudio.sweep(values=[0.1, 0.2])._repr_svg_()):
        assert ElementTree.fromstring(svg).tag.endswith("svg")
    with pytest.raises(ValueError, match="there is landscape, loss"):
        result.svg("accuracy")


def test_a_network_has_its_metrics() -> None:
    result = lrstudio.simulate("classification:n=40", lr=0.1, steps=4, batch_size=20)
    assert set(result.metrics) <= set(result.columns()) and "accuracy" in result.metrics


def test_factors_of_the_rate_may_be_numbers_of_numpy() -> None:
    result = lrstudio.simulate("booth", lr=0.01, lr_factors={"x": np.float32(0.5), "y": 0}, steps=2)
    assert result.experiment.runs[0].lr_factors == (("x", 0.5), ("y", 0.0))
    moved = result.params[1, 0] - result.params[0, 0]
    assert np.allclose(moved, [-0.005 * result.grad[0, 0, 0], 0])


def test_a_range_test_is_that_of_the_terminal(tmp_path: Path) -> None:
    curve = lrstudio.range_test("classification:n=40", batch_size=8, num=12, monitor="val_loss", batches=4)
    words = "range-test --problem classification:n=40 --batch-size 8 --num 12 --monitor val_loss --batches 4 --quiet"
    assert main([*words.split(), "--csv", str(tmp_path / "a.csv")]) == 0
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text().splitlines()))
    assert [float(row["loss"]) for row in rows] == curve.loss.tolist()
    with pytest.raises(ValueError, match="parabola has no validation data"):
        lrstudio.range_test("parabola", monitor="val_loss")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"problem": "hill"}, "hill"),
        ({"lr": -1}, "lr"),
        ({"step": 5}, "step: an experiment has"),
        ({"steps": 0}, "steps"),
        ({"problem": lrstudio.experiment(), "steps": 5}, "brings its own settings"),
    ],
)
def test_what_is_not_allowed_is_named(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        lrstudio.simulate(**arguments)
