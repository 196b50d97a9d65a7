"""Sessions of traces that had more rows than memory: they hold what is kept, and go on from it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.remaking import Remaker
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.csv.table import write_csv
from lrstudio.store.fields import SessionError
from lrstudio.store.npy import npy_header
from lrstudio.store.recovery import is_same, read_base, read_point, rebuilt, write_base, write_point
from lrstudio.store.session import Session, from_bytes, to_bytes
from tests.store.conftest import Entries, Forge, MakeExperiment, Same

STORED, EVERY, STEPS = 64, 32, 200


@pytest.fixture(params=[False, True], ids=["surface", "batches"])
def long(request: pytest.FixtureRequest, mixed_runs: MakeExperiment, monkeypatch: pytest.MonkeyPatch) -> Experiment:
    """An experiment whose trace has room for 64 rows, and keeps every 32nd of the others; one run diverges."""
    monkeypatch.setattr("lrstudio.engine.training.simulation.stored_rows", lambda _row, _every: STORED)
    monkeypatch.setattr(Experiment, "kept_every", EVERY)
    return replace(mixed_runs(data=request.param), steps=STEPS)


def whole(experiment: Experiment, monkeypatch: pytest.MonkeyPatch) -> Simulation:
    with monkeypatch.context() as patch:
        patch.setattr("lrstudio.engine.training.simulation.stored_rows", lambda _row, _every: 10**6)
        simulation = Simulation(experiment)
        simulation.advance(STEPS)
    assert simulation.trace.sparse is None
    return simulation


@pytest.mark.parametrize("steps", [64, 65, 95, 96, 97, 150, 200])
def test_a_long_trace_is_saved_and_goes_on_bit_for_bit(
    long: Experiment, steps: int, same: Same, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = Simulation(long)
    simulation.advance(steps)
    data = to_bytes(Session.of(simulation))
    session = from_bytes(data)
    assert bytes(to_bytes(session)) == bytes(data)
    again = session.simulation()
    assert again.trace.sparse is not None and again.trace.sparse.first == STORED
    same(again.trace, simulation.trace)
    again.advance(STEPS - steps)
    same(again.trace, whole(long, monkeypatch).trace)
    np.testing.assert_array_equal(again.trace.hits, simulation.trace.hits)


def test_nothing_is_made_again_when_a_long_session_is_opened_and_saved(
    long: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation = Simulation(long)
    simulation.advance(150)
    data = to_bytes(Session.of(simulation))
    monkeypatch.setattr(Remaker, "rows", lambda *_: pytest.fail("made again"))
    again = from_bytes(data).simulation()
    assert bytes(to_bytes(Session.of(again))) == bytes(data)
    assert again.step == 150


def test_it_holds_the_kept_rows_only_and_says_that_it_needs_this_version(long: Experiment, entries: Entries) -> None:
    simulation = Simulation(long)
    simulation.advance(STEPS)
    found = entries(bytes(to_bytes(Session.of(simulation))))
    rows = {name: len(np.load(io.BytesIO(found[f"{name}.npy"]))) for name in ("loss", "kept-loss", "kept-least")}
    assert rows == {"loss": STORED, "kept-loss": 6, "kept-least": 4}
    assert np.load(io.BytesIO(found["kept.npy"])).tolist() == [EVERY, STEPS + 1]
    assert json.loads(found["manifest.json"])["version"] == 2


def test_a_session_with_all_of_its_rows_is_still_one_for_earlier_programs(data: bytes, entries: Entries) -> None:
    assert json.loads(entries(data)["manifest.json"])["version"] == 1


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ([0, 201], r"kept.npy has \[0, 201\]: must be a distance and more than 64 row\(s\)"),
        ([32, 64], r"kept.npy has \[32, 64\]: must be"),
        ([32, 10**9], "must be a distance"),
        ([32, 201, 1], "must be a distance"),
        ([16, 201], r"kept-\w+.npy has the shape"),
        ([32, 300], r"kept-\w+.npy has the shape"),
        ([1000, 201], "1000 steps of this experiment take too long to be made again"),
    ],
)
def test_a_forged_plan_is_refused(
    long: Experiment, plan: list[int], message: str, entries: Entries, zipped: Forge
) -> None:
    simulation = Simulation(long)
    simulation.advance(STEPS)
    found = entries(bytes(to_bytes(Session.of(simulation))))
    values = np.array(plan, "<i8")
    found["kept.npy"] = npy_header("<i8", values.shape) + values.tobytes()
    manifest = json.loads(found["manifest.json"])
    manifest["arrays"]["kept.npy"]["shape"] = [len(plan)]
    found["manifest.json"] = json.dumps(manifest).encode()
    with pytest.raises(SessionError, match=message):
        from_bytes(zipped(found.items()))


@pytest.mark.parametrize("based", [False, True])
def test_a_recovery_point_of_a_long_trace_gives_it_again(
    long: Experiment, based: bool, tmp_path: Path, same: Same
) -> None:
    simulation = Simulation(long)
    simulation.advance(120)
    if based:
        write_base(tmp_path / "1.base", Session.of(simulation), lambda _fraction: None)
    simulation.advance(60)
    write_point(tmp_path / "1.point", Session.of(simulation), [], None, None, "1.base" if based else None)
    point = read_point(tmp_path / "1.point")
    again = rebuilt(point, read_base(tmp_path, point), lambda _fraction: False)
    assert is_same(point, again)
    same(again.trace, simulation.trace)


def test_the_csv_of_a_long_trace_has_every_row(long: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = [io.StringIO(), io.StringIO()]
    simulation = Simulation(long)
    simulation.advance(STEPS)
    for table, trace in zip(tables, (simulation.trace, whole(long, monkeypatch).trace), strict=True):
        write_csv(table, long, trace)
    assert tables[0].getvalue() == tables[1].getvalue()
    assert tables[0].getvalue().count("\n") == 1 + sum(map(simulation.trace.rows, range(len(long.runs))))
