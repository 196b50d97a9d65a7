import gc
import hashlib
import io
import json
import random
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrstudio.core.elementary import ARITHMETIC
from lrstudio.core.problems import Parabola
from lrstudio.engine.experiment import PRECISIONS, Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import RateChange
from lrstudio.store.fields import SessionError
from lrstudio.store.session import Session, from_bytes, load, save, to_bytes
from tests.store.conftest import Entries, Forge, MakeExperiment, Same

MODES = [(precision, gradient) for precision in PRECISIONS for gradient in ("analytic", "forward", "central")]


@pytest.mark.parametrize(("precision", "gradient"), MODES)
@pytest.mark.parametrize("data", [True, False], ids=["batches", "formula"])
def test_session_goes_on_bit_for_bit_as_if_it_had_never_been_saved(
    tmp_path: Path,
    mixed_runs: MakeExperiment,
    same: Same,
    precision: str,
    gradient: str,
    data: bytes,
) -> None:
    experiment = mixed_runs(precision, gradient, data=data)
    whole = Simulation(experiment)
    whole.advance(120)
    first = Simulation(experiment)
    first.advance(random.Random(precision + gradient).randrange(1, 119))
    save(tmp_path / "a.lrs", Session.of(first))
    resumed = load(tmp_path / "a.lrs").simulation()
    same(resumed.trace, first.trace)
    resumed.advance(120 - resumed.step)
    same(resumed.trace, whole.trace)


def test_changed_rate_goes_on_after_saving(tmp_path: Path, mixed_runs: MakeExperiment, same: Same) -> None:
    straight = Simulation(mixed_runs())
    straight.advance(20)
    straight.amend(straight.experiment.with_run(0, lr=0.5))
    save(tmp_path / "a.lrs", Session.of(straight))
    resumed = load(tmp_path / "a.lrs").simulation()
    resumed.advance(20)
    straight.advance(20)
    same(resumed.trace, straight.trace)
    assert resumed.trace.rate_changes == straight.trace.rate_changes == (RateChange(20, 0, 0.01, 0.5),)


@pytest.mark.parametrize("steps", [0, 50])
def test_session_reads_back_before_the_first_and_after_the_last_step(tmp_path: Path, same: Same, steps: int) -> None:
    simulation = Simulation(Experiment(problem=Parabola(), runs=(Run(lr=1e200), Run(lr=1e300))))
    simulation.advance(steps)
    assert simulation.diverged == (steps > 0)
    save(tmp_path / "a.lrs", Session.of(simulation))
    loaded = load(tmp_path / "a.lrs")
    same(loaded.trace, simulation.trace)
    assert loaded.simulation().diverged == simulation.diverged


def test_training_may_go_on_while_its_session_is_saved(tmp_path: Path, mixed_runs: MakeExperiment, same: Same) -> None:
    simulation = Simulation(mixed_runs())
    simulation.advance(10)
    session = Session.of(simulation)
    expected = bytes(to_bytes(session))
    simulation.advance(30)
    assert bytes(to_bytes(session)) == expected
    resumed = from_bytes(expected).simulation()
    resumed.advance(30)
    same(resumed.trace, simulation.trace)
    with pytest.raises(ValueError, match="has gone on"):
        session.simulation()


def test_equal_sessions_give_equal_bytes(small: Session) -> None:
    one, two = to_bytes(small), to_bytes(from_bytes(to_bytes(small)))
    assert bytes(one) == bytes(two)


def test_numpy_and_any_zip_program_read_the_columns(small: Session, data: bytes, entries: Entries) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
    for name, content in entries(data).items():
        if name.endswith(".npy") and name[:-4] in small.trace.columns:
            assert np.array_equal(np.load(io.BytesIO(content)), small.trace.read(name[:-4]), equal_nan=True)
    assert np.array_equal(np.load(io.BytesIO(entries(data)["ends.npy"])), small.trace.ends)


def test_view_survives(small: Session) -> None:
    small.view = {"speed": "max", "zoom": [0.1, None, -1e-7], "title": "损失 \ud800"}
    assert from_bytes(to_bytes(small)).view == small.view


@pytest.mark.parametrize("view", [{"zoom": float("nan")}, {"zoom": {1, 2}}])
def test_view_that_json_cannot_say_leaves_the_old_file(tmp_path: Path, small: Session, view: Any) -> None:
    path = tmp_path / "a.lrs"
    save(path, small)
    old = path.read_bytes()
    small.view = view
    with pytest.raises(SessionError, match=r"a\.lrs: cannot be written as JSON"):
        save(path, small)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_unknown_fields_survive_a_round_trip_and_are_reported(forged: Forge) -> None:
    def edit(manifest: Any) -> None:
        manifest["author"] = {"name": "Ada"}
        manifest["experiment"]["runs"][0]["optimizer"]["values"]["beta3"] = 0.25
        manifest["arrays"]["loss.npy"]["unit"] = "m"

    loaded = from_bytes(forged(edit))
    assert sorted(note.split(" ")[0] for note in loaded.notes) == [
        "arrays.loss.npy.unit",
        "author",
        "experiment.runs[0].optimizer.values.beta3",
    ]
    again = from_bytes(to_bytes(loaded))
    assert again.unknown == loaded.unknown
    assert again.notes == loaded.notes
    assert again.unknown["author"] == {"name": "Ada"}


def test_state_that_does_not_fit_is_not_saved(tmp_path: Path, small: Session) -> None:
    small.states = [{"m": np.zeros((1, 1))}]
    with pytest.raises(SessionError, match=r"a\.lrs: state-0-v\.npy is missing"):
        save(tmp_path / "a.lrs", small)
    assert not list(tmp_path.iterdir())


def test_progress_rises_to_one_and_may_cancel_at_any_moment(tmp_path: Path, small: Session, other: Session) -> None:
    path = tmp_path / "a.lrs"
    save(path, small)
    old = path.read_bytes()
    shares: list[float] = []
    save(tmp_path / "b.lrs", other, shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    (tmp_path / "b.lrs").unlink()

    class CancelledError(Exception):
        pass

    for moment in range(len(shares)):
        count = iter(range(len(shares)))

        def cancel(share: float, moment: Any = moment, count: Iterator[int] = count) -> None:
            if next(count) == moment:
                raise CancelledError

        with pytest.raises(CancelledError):
            save(path, other, cancel)
        assert path.read_bytes() == old
        assert list(tmp_path.iterdir()) == [path]


def test_a_zip_program_writes_the_same_archive(small: Session) -> None:
    data = bytes(to_bytes(small))
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as made, zipfile.ZipFile(buffer, "w") as other:
        for info in made.infolist():
            copy = zipfile.ZipInfo(info.filename)
            copy.create_system, copy.external_attr = 3, 0o644 << 16
            other.writestr(copy, made.read(info))
        other.comment = made.comment
    assert buffer.getvalue() == data


def test_a_save_that_is_cancelled_leaves_nothing_open(small: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not closed complains when it is collected, at a moment that nobody can foretell."""
    complaints: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    shares: list[float] = []
    to_bytes(small, shares.append)
    for moment in range(len(shares)):
        count = iter(range(len(shares)))

        def cancel(share: float, moment: Any = moment, count: Iterator[int] = count) -> None:
            if next(count) == moment:
                raise InterruptedError

        with pytest.raises(InterruptedError) as raised:
            to_bytes(small, cancel)
        raised.value.itself = raised.value  # type: ignore[attr-defined]  # its traceback leads to what was open: only the collector ends this
    del raised
    gc.collect()
    assert not complaints


def test_session_records_the_version_of_the_arithmetic(tmp_path: Path, mixed_runs: MakeExperiment) -> None:
    save(tmp_path / "a.lrs", Session.of(Simulation(mixed_runs())))
    assert load(tmp_path / "a.lrs").trace.arithmetic == ARITHMETIC


def test_session_of_earlier_arithmetic_keeps_its_values_and_goes_on_with_this_one(data: bytes, forged: Forge) -> None:
    earlier = from_bytes(forged(lambda manifest: manifest.pop("arithmetic")))
    recorded, length = earlier.trace.read("params").copy(), earlier.trace.length
    assert earlier.trace.arithmetic == 1
    simulation, today = earlier.simulation(), from_bytes(data).simulation()
    simulation.advance(5)
    today.advance(5)
    again = from_bytes(bytes(to_bytes(Session.of(simulation)))).trace
    assert again.arithmetic == 1
    np.testing.assert_array_equal(again.read("params")[:length], recorded)
    np.testing.assert_array_equal(again.read("params"), today.trace.read("params"))


def test_arrays_carry_no_checksum_of_their_own_but_that_of_an_earlier_file_is_compared(
    data: bytes, entries: Entries, forged: Forge
) -> None:
    arrays = json.loads(entries(data)["manifest.json"])["arrays"]
    assert {tuple(array) for array in arrays.values()} == {("shape",)}
    digest = hashlib.sha256(entries(data)["loss.npy"]).hexdigest()
    from_bytes(forged(lambda manifest: manifest["arrays"]["loss.npy"].update(sha256=digest)))
    with pytest.raises(SessionError, match=r"^loss\.npy is damaged"):
        from_bytes(forged(lambda manifest: manifest["arrays"]["loss.npy"].update(sha256="0" * 64)))


def test_state_whose_name_a_reader_would_refuse_is_not_saved(tmp_path: Path, small: Session) -> None:
    small.states = [{**small.states[0], "é": np.zeros((1, 1))}]
    with pytest.raises(SessionError, match=r"a\.lrs: 'state-0-é\.npy' does not belong in a session file"):
        save(tmp_path / "a.lrs", small)
    assert not list(tmp_path.iterdir())
