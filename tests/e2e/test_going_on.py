"""Going on after the planned end: the window and the terminal make the same experiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lrstudio.engine.training.pilot import State
from lrstudio.store.session import load
from lrstudio.terminal.cli import main
from lrstudio.ui.canvases.rate import RateCanvas
from tests.e2e.conftest import Driver

RUNS = ("lr=0.1;schedule=linear", "lr=0.05;schedule=cosine", "lr=0.05;schedule=plateau:patience=1,factor=0.5")


@pytest.fixture
def planned(tmp_path: Path) -> Path:
    """Three runs that have made the 20 steps they were planned for."""
    path = tmp_path / "planned.lrs"
    options = [option for run in RUNS for option in ("--run", run)]
    asked = ["--problem", "noisy_line", "--batch-size", "7", "--steps", "20", "--save", str(path), "--quiet"]
    assert main(["run", *options, *asked]) == 0
    return path


def opened(driver: Driver, path: Path) -> None:
    driver.until_new_trace(lambda: driver.session.open(path))


def test_both_doors_go_on_with_the_same_schedules(
    driver: Driver, planned: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ways = {door: tmp_path / f"{door}.csv" for door in ("terminal", "window")}
    saved = tmp_path / "terminal.lrs"
    assert main(["run", str(planned), "--steps", "25", "--csv", str(ways["terminal"]), "--save", str(saved)]) == 0
    told = "stay as they were planned for 20 steps; the rate of 0.1 linear is 0 from step 20 on"
    assert told in " ".join(capsys.readouterr().err.split())

    session, window = driver.session, driver.window
    opened(driver, planned)
    assert window.views.canvas(RateCanvas).plan_mark.step is None
    window.dock.field("steps").setValue(45)
    driver.until(lambda: "0.1 linear: the rate is 0 from step 20 on" in window.status.note.text())
    driver.until(lambda: "is 0 from step 20" in window.views.canvas(RateCanvas).header.note)
    assert window.views.canvas(RateCanvas).plan_mark.step == 20
    driver.until_state(State.PAUSED)
    driver.finish()
    with driver.qtbot.waitSignal(session.message):
        session.export_csv(ways["window"])
    assert ways["window"].read_bytes() == ways["terminal"].read_bytes()
    assert load(saved).experiment == session.experiment
    trace = session.trace
    assert trace is not None
    rates = trace.read("lr")[20:45]
    assert (rates[:, 0] == 0).all()
    assert rates[:, 1].max() > 0.04  # a cosine rises again, as PyTorch's does

    driver.until_new_trace(window.run_actions.reset.trigger)
    assert session.experiment.schedule_length == 45
    assert window.views.canvas(RateCanvas).plan_mark.step is None
    driver.until(lambda: session.preview is not None and session.preview[1][-1, 0] > 0)
    assert session.preview is not None
    np.testing.assert_allclose(session.preview[1][:, 0], 0.1 * (1 - np.arange(45) / 45))
    driver.until_new_trace(session.history.undo)
    assert (session.experiment.schedule_length, session.steps_done) == (20, 45)


def test_a_run_that_has_not_begun_is_planned_for_all_of_its_steps(
    driver: Driver, planned: Path, tmp_path: Path
) -> None:
    before, csv = tmp_path / "before.lrs", tmp_path / "table.csv"
    opened(driver, planned)
    driver.until_new_trace(driver.window.run_actions.reset.trigger)
    with driver.qtbot.waitSignal(driver.session.saved):
        driver.session.save(before)
    assert main(["run", str(before), "--steps", "30", "--csv", str(csv), "--quiet"]) == 0
    assert [line.split(",")[2] for line in csv.read_text(encoding="utf-8").splitlines()[1:4]] == [
        repr(0.1 * (1 - step / 30)) for step in range(3)
    ]
    driver.window.dock.field("steps").setValue(30)
    assert driver.session.experiment.horizon is None


def test_a_file_brings_back_the_selected_run_and_the_speed(driver: Driver, planned: Path, tmp_path: Path) -> None:
    opened(driver, planned)
    window, other = driver.window, tmp_path / "other.lrs"
    window.runs.select(2)
    window.transport.set_pace(None)
    with driver.qtbot.waitSignal(driver.session.saved):
        driver.session.save(other)
    window.runs.select(1)
    window.transport.set_pace(5)
    opened(driver, planned)  # knows neither, as it comes from the terminal
    assert (window.runs.current, window.transport.pace) == (1, 5)
    opened(driver, other)
    assert (window.runs.current, window.transport.pace) == (2, None)
    assert main(["run", str(other), "--steps", "0", "--save", str(planned), "--quiet"]) == 0
    assert load(planned).view == load(other).view


@pytest.mark.parametrize("kept", [{"run": 3, "pace": 3}, {"run": True, "pace": True}, {"run": "1", "pace": [1]}])
def test_a_view_that_does_not_fit_is_left_out(driver: Driver, kept: dict[str, object]) -> None:
    window = driver.window
    window.runs.select(1)
    driver.session.view_opened.emit(kept)
    assert (window.runs.current, window.transport.pace) == (1, 50)
