"""Training logs in session files: read back as they were, refused when forged, absent when there are none."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrstudio.store.fields import SessionError
from lrstudio.store.logs.diagnosis import diagnosis_of
from lrstudio.store.logs.model import Log, Series
from lrstudio.store.logs.model import Run as LoggedRun
from lrstudio.store.logs.read import read_log
from lrstudio.store.recovery import read_logs, read_point, write_logs, write_point
from lrstudio.store.saved_logs import MOST_VALUES, SavedLog, fitting, saved_log
from lrstudio.store.session import Session, from_bytes, to_bytes
from lrstudio.terminal.cli import main
from tests.soak.sessions import training_logs, zipped

CASES = Path(__file__).parent / "logs" / "cases"


def with_logs(session: Session, *logs: SavedLog) -> Session:
    return Session(session.experiment, session.trace, session.states, logs=logs)


def forged(data: bytes, change: Callable[[dict[str, Any]], object], numbers: bytes | None = None) -> bytes:
    """The file with another manifest, and other values of its logs."""
    entries = _entries(data)
    manifest = json.loads(entries["manifest.json"])
    change(manifest)
    entries["manifest.json"] = json.dumps(manifest).encode()
    if numbers is not None:
        entries["logs.npy"] = numbers
    return zipped(list(entries.items()))


def _entries(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_logs_of_every_producer_read_back_as_they_were(small: Session) -> None:
    paths = [path for path in sorted(CASES.iterdir()) if path.suffix not in (".md", ".py")]
    logs = [saved_log([str(path)], read_log([path])) for path in paths]
    session = with_logs(small, *fitting(logs))
    assert len(session.logs) >= 20
    data = bytes(to_bytes(session))
    again = from_bytes(data)
    assert bytes(to_bytes(again)) == data and not again.notes
    for before, after in zip(session.logs, again.logs, strict=True):
        assert (after.log.title, after.log.notes) == (before.log.title, before.log.notes)
        for old, new in zip(before.log.runs, after.log.runs, strict=True):
            assert (new.title, new.counter) == (old.title, old.counter)
            for one, two in zip(old.series, new.series, strict=True):
                assert (one.name, one.role, one.part) == (two.name, two.role, two.part)
                assert np.array_equal(one.at, two.at) and np.array_equal(one.values, two.values, equal_nan=True)
            said, told = ([each.sentence for each in diagnosis_of(run).said] for run in (old, new))
            assert said == told


def test_counts_that_several_series_share_are_stored_once(small: Session) -> None:
    at = np.arange(1000.0)
    series = tuple(Series(f"loss {place}", "loss", "train", at + 0, at) for place in range(4))
    assert saved_log(["a"], Log("a", (LoggedRun("a", "step", series),))).values == 5000


def test_a_session_without_logs_has_the_first_version_and_one_with_logs_the_third(small: Session) -> None:
    plain, logged = (json.loads(_entries(bytes(to_bytes(each)))["manifest.json"])
                     for each in (small, with_logs(small, *training_logs())))  # fmt: skip
    assert plain["version"] == 1 and "logs" not in plain
    assert logged["version"] == 3 and [log["paths"] for log in logged["logs"]] == [["/a/a.csv"], ["b.csv"]]
    with pytest.raises(SessionError, match="this program reads version 3"):
        from_bytes(forged(bytes(to_bytes(small)), lambda manifest: manifest.update(version=4)))


def _log(manifest: dict[str, Any]) -> Any:
    return manifest["logs"][0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.pop("logs"), "belong together"),
        (lambda m: _log(m).update(more=1), r"logs\[0\].more does not belong there"),
        (lambda m: _log(m).update(paths=[]), "must have a path and a run"),
        (lambda m: _log(m).update(runs=[]), "must have a path and a run"),
        (lambda m: _log(m).update(title="x" * 5000), "has 5,000 characters"),
        (lambda m: _log(m).update(title="\ud800"), r"logs\[0\].title"),
        (lambda m: _log(m).update(notes=["x"] * 501), "must have at most 500"),
        (lambda m: _log(m).update(left_out=[["a"]]), "pairs of texts"),
        (lambda m: _log(m)["questions"][0].update(chosen="none"), "a reading that was chosen"),
        (lambda m: _log(m)["runs"][0].update(counter="row" * 2), "must be one of"),
        (lambda m: _log(m)["runs"][0].update(series=[]), "must have a series"),
        (lambda m: _log(m)["runs"][0]["series"][0].update(role="weight"), "must be one of rate, loss"),
        (lambda m: _log(m)["runs"][0]["series"][0].update(data="mine"), "must be one of train"),
        (lambda m: _log(m)["runs"][0]["series"][0].update(count=0), "at least 1"),
        (lambda m: _log(m)["runs"][0]["series"][0].update(counts_of=1), "an earlier series"),
        (lambda m: _log(m)["runs"][0]["series"][1].update(count=5), "that of its counts"),
        (lambda m: _log(m)["runs"][0]["series"][2].update(count=2), "must be finite and never fall|has 46 values"),
        (lambda m: m["logs"].pop(), "logs.npy has"),
        (lambda m: m["logs"].extend(m["logs"] * 30), "must have at most 50|ends before its values"),
        (lambda m: m["logs"].append(7), "must be an object"),
    ],
)  # fmt: skip
def test_forged_logs_are_refused(small: Session, change: Callable[[dict[str, Any]], object], message: str) -> None:
    data = bytes(to_bytes(with_logs(small, *training_logs())))
    with pytest.raises(SessionError, match=message):
        from_bytes(forged(data, change))


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 9.0])
def test_counts_that_fall_or_are_no_numbers_are_refused(small: Session, wrong: float) -> None:
    data = bytes(to_bytes(with_logs(small, *training_logs())))
    numbers = bytearray(_entries(data)["logs.npy"])
    numbers[128 + 8 : 128 + 16] = np.float64(wrong).tobytes()
    with pytest.raises(SessionError, match="must be finite and never fall"):
        from_bytes(forged(data, lambda _manifest: None, bytes(numbers)))


def test_of_too_many_logs_the_first_are_kept(small: Session) -> None:
    def large(count: int) -> SavedLog:
        values = np.zeros(count)
        return saved_log(["a"], Log("a", (LoggedRun("a", "step", (Series("loss", "loss", "train", values, values),)),)))

    first, second, third = large(MOST_VALUES // 4), large(MOST_VALUES // 3), large(10)
    assert fitting([first, second, third]) == [first, third]
    with pytest.raises(SessionError, match=r"training logs: .* values; a session file has at most 8,388,608"):
        to_bytes(with_logs(small, first, second))
    with pytest.raises(SessionError, match="50"):
        to_bytes(with_logs(small, *[third] * 51))
    assert len(fitting([third] * 60)) == 50


def test_a_log_that_no_session_can_hold_is_refused_when_it_is_read() -> None:
    values = np.zeros(3)
    log = Log("a", (LoggedRun("a", "step", (Series("loss", "loss", "train", np.array([0, 2, 1.0]), values),)),))
    with pytest.raises(SessionError, match="never fall"):
        saved_log(["a"], log)


def test_a_path_that_is_no_text_is_kept_readable(small: Session) -> None:
    (log,) = from_bytes(to_bytes(with_logs(small, saved_log(["/a/\udcff.csv"], training_logs()[1].log)))).logs
    assert log.paths == ("/a/\\udcff.csv",)


def test_going_on_in_the_terminal_keeps_the_logs(small: Session, tmp_path: Path) -> None:
    from lrstudio.store.session import load, save

    save(tmp_path / "a.lrs", with_logs(small, *training_logs()))
    assert main(["run", str(tmp_path / "a.lrs"), "--steps", "1", "--quiet", "--save", str(tmp_path / "b.lrs")]) == 0
    assert [log.document for log in load(tmp_path / "b.lrs").logs] == [log.document for log in training_logs()]


def test_a_recovery_point_has_its_logs_in_a_file_of_their_own(small: Session, tmp_path: Path) -> None:
    session = with_logs(small, *training_logs())
    write_logs(tmp_path / "1.base", session)
    write_point(tmp_path / "1.point", session, [], None, None, None, "1.base")
    point = read_point(tmp_path / "1.point")
    assert [log.document for log in read_logs(tmp_path, point)] == [log.document for log in session.logs]
    write_point(tmp_path / "2.point", small, [], None, None, None)
    assert read_logs(tmp_path, read_point(tmp_path / "2.point")) == ()
    (tmp_path / "1.base").write_bytes(b"PK")
    with pytest.raises(SessionError):
        read_logs(tmp_path, point)
