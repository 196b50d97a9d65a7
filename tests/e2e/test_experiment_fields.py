"""A field that is declared by the experiment is in files, on the terminal and in the dock by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from lrstudio.cli import main
from lrstudio.core.declaration import Part
from lrstudio.core.parameter import Choice, Number, Parameter
from lrstudio.core.problems import NoisyLine
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.store.codec import decode, encode
from lrstudio.store.fields import dumps, loads
from lrstudio.store.session import load
from tests.e2e.conftest import Driver

BEFORE = Experiment(problem=NoisyLine(), runs=(Run(lr=0.1),))
every_field = pytest.mark.parametrize("field", Experiment.parameters(), ids=lambda field: field.name)
every_option = pytest.mark.parametrize(
    "field", [field for field in Experiment.parameters() if field.offered], ids=lambda field: field.name
)


def another(field: Parameter) -> Any:
    """A value that is not the default."""
    if isinstance(field, Part):
        first = field.entry.parameters()[0]
        return field.entry(**{first.name: another(first)})
    if isinstance(field, Choice):
        return field.choices[-1]
    assert isinstance(field, Number)
    return field.check(max(field.low, 0) + 2)


@every_field
def test_it_is_checked_and_explained(field: Parameter) -> None:
    assert field.label and field.help and field.allowed
    assert getattr(BEFORE, field.name) == field.default
    with pytest.raises(ValueError, match=f"{field.name} = .*: must be "):
        BEFORE.changed(field.name, "wrong")


@every_field
def test_it_is_saved(field: Parameter) -> None:
    after = BEFORE.changed(field.name, another(field))
    assert after != BEFORE
    assert decode(loads(dumps(encode(after)))).experiment == after


@every_option
def test_it_has_an_option(field: Parameter, tmp_path: Path) -> None:
    value, file = another(field), tmp_path / "a.lrs"
    option = f"--{field.name.replace('_', '-')}={field.plain(value)}"
    command = ["run", "--problem", "noisy_line", "--steps", "1", "--quiet", "--save", str(file), option]
    assert main(command) == 0
    assert getattr(load(file).experiment, field.name) == value


@every_option
def test_an_invalid_option_is_refused_with_the_allowed_values(
    field: Parameter, capsys: pytest.CaptureFixture[str]
) -> None:
    option = f"--{field.name.replace('_', '-')}"
    assert main(["run", option, "wrong"]) == 2
    error = capsys.readouterr().err
    assert f"{option} 'wrong': " in error and f"must be {field.allowed}" in error


def test_every_one_is_shown_in_the_dock(driver: Driver) -> None:
    for field in Experiment.parameters():
        if not field.offered:
            continue
        widget = driver.window.dock.field(field.name)
        parts = field.entry.parameters() if isinstance(field, Part) else (field,)
        for part in parts:
            shown: QWidget = widget.editor(part.name) if isinstance(field, Part) else widget
            assert shown.accessibleName() == part.label
            assert part.help in shown.toolTip()


def test_what_would_take_too_many_operations_is_refused_by_every_door(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("lrstudio.engine.memory.MOST_WORK", 1000)
    said = (
        "number of runs = 1: a step on 200 data point(s) would take 1.3e+05 operations, more than 1e+03; lower the data"
    )
    for command in (
        ["run"],
        ["range-test"],
        ["sweep", "--lr", "1:2:3"],
        ["sweep", "--lr", "1", "--over", "seed=0..9:9"],
    ):
        assert main([*command, "--problem", "classification"]) == 2
        assert said in capsys.readouterr().err
    before = driver.session.experiment
    with driver.qtbot.waitSignal(driver.window.dock.refused) as refusal:
        driver.window.dock.choose_problem("noisy_line")
    assert "100 data point(s)" in refusal.args[0]
    assert driver.session.experiment == before


def test_rate_factors_are_typed_refused_with_the_groups_and_undone(driver: Driver) -> None:
    field, messages = driver.window.dock.lr_factors, list[str]()
    driver.window.dock.refused.connect(messages.append)

    def enter(text: str) -> None:
        field.setText(text)
        field.setModified(True)
        field.editingFinished.emit()

    driver.session.edit(Experiment(problem=NoisyLine(), runs=(Run(lr=0.1),)))
    name, other = NoisyLine().names
    assert field.placeholderText() == f"{name}:1, {other}:1"
    enter(f"{name}:0.5, {other}:0")
    assert driver.session.experiment.runs[0].lr_factors == ((name, 0.5), (other, 0.0))
    enter("layer1:2")
    assert f"it has {name}, {other}" in messages[-1]
    assert field.text() == f"{name}:0.5, {other}:0"
    driver.session.history.undo()
    assert driver.session.experiment.runs[0].lr_factors == () and field.text() == ""
