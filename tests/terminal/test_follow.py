"""`lrstudio follow`: a log that grows, is cut off, replaced or gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lrstudio.terminal.follow import followed
from tests.soak.logs import record, scalar

ENOUGH = 20


def watched(path: Path, changes: list[Callable[[], object]]) -> Iterator[str]:
    """The lines that are printed while the changes are made, one whenever it waits."""
    left = list(changes)

    def wait(_seconds: float) -> None:
        if not left:
            raise StopIteration
        left.pop(0)()

    lines = followed(path, wait)
    try:
        yield from lines
    except RuntimeError as error:  # the generator's word for StopIteration
        if not isinstance(error.__cause__, StopIteration):
            raise


def added(path: Path, text: str) -> Callable[[], object]:
    def add() -> None:
        with path.open("a") as file:
            file.write(text)

    return add


def test_each_growth_is_told_once_with_the_last_numbers(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_text("step,lr,loss,accuracy\n0,0.1,2,0.1\n1,0.1,1,0.2\n")
    lines = watched(path, [lambda: None, added(path, "2,0.05,0.5,0.75\n"), lambda: None, lambda: None])
    told = [line.split("; ") for line in lines]
    assert [line[:-1] for line in told] == [
        ["run.csv", "step 1", "loss 1", "lr 0.1", "accuracy 0.2"],
        ["run.csv", "step 2", "loss 0.5", "lr 0.05", "accuracy 0.75"],
    ]
    assert all(line[-1].endswith(".") for line in told)


def test_of_a_folder_with_files_called_after_their_data_the_training_is_told(tmp_path: Path) -> None:
    """Also where the validation was written last; one that is only begun hides nothing."""
    (tmp_path / "train.csv").write_text("step,lr,loss\n0,0.1,2\n1,0.1,1\n")
    (tmp_path / "valid.csv").write_text("step,loss\n0,3\n")
    os.utime(tmp_path / "train.csv", (1, 1))
    told = next(followed(tmp_path, lambda _seconds: None)).split("; ")
    assert told[:-1] == ["valid.csv", "step 1", "loss 1", "lr 0.1", "valid/loss 3"]
    (tmp_path / "test.csv").write_text("")
    os.utime(tmp_path / "valid.csv", (1, 1))
    (tmp_path / "train.csv").write_text("step,lr,loss\n0,0.1,2\n1,0.1,0.5\n")
    os.utime(tmp_path / "test.csv", (1, 1))
    assert next(followed(tmp_path, lambda _seconds: None)).split("; ")[:4] == [
        "train.csv",
        "step 1",
        "loss 0.5",
        "lr 0.1",
    ]
    (tmp_path / "test.csv").unlink()
    only = next(followed(tmp_path / "valid.csv", lambda _seconds: None)).split("; ")
    assert only[:-1] == ["valid.csv", "step 0", "valid/loss 3"]


def test_of_several_losses_the_line_says_which_the_verdict_is_about(tmp_path: Path) -> None:
    rows = "".join(f"{row},{3 - row / 20},{2 + row}\n" for row in range(40))
    (tmp_path / "run.csv").write_text(f"step,total_loss,kl_loss\n{rows}")
    told = next(followed(tmp_path / "run.csv", lambda _seconds: None))
    assert told.endswith("This is about “total_loss”.")


def test_names_of_a_file_cannot_command_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"step": 1, "loss": 2, "\\u001b[2Jacc": 3}\n' * 2)
    assert "?[2Jacc 3" in next(followed(path, lambda _seconds: None))


def test_a_half_written_line_is_no_error_and_is_whole_later(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_text("step,lr,loss\n0,0.1,2\n1,0.1,1\n2,0.")
    assert [line.split("; ")[1:3] for line in watched(path, [added(path, "1,0.5\n")])][-1] == ["step 2", "loss 0.5"]


def test_a_file_that_is_cut_off_replaced_or_gone_is_told(tmp_path: Path) -> None:
    path, other = tmp_path / "run.csv", tmp_path / "other"
    path.write_text("step,lr,loss\n0,0.1,2\n1,0.1,1\n2,0.1,0.5\n")
    other.write_text("step,lr,loss\n0,0.2,9\n1,0.2,8\n")
    cut = lambda: path.write_text("step,lr,loss\n0,0.1,2\n1,0.1,1.5\n")  # noqa: E731
    back = lambda: path.write_text("step,lr,loss\n0,0.1,7\n1,0.1,6\n")  # noqa: E731
    lines = list(watched(path, [cut, lambda: other.replace(path), path.unlink, back]))
    assert [line.split("; ")[2] for line in lines if ";" in line] == ["loss 0.5", "loss 1.5", "loss 8", "loss 6"]
    assert "run.csv: the file is gone" in lines


def test_of_a_folder_the_file_that_changed_last_is_followed(tmp_path: Path) -> None:
    old, new = tmp_path / "old.csv", tmp_path / "sub" / "new.csv"
    assert list(watched(tmp_path, [])) == [f"{tmp_path.name}: there is no file yet"]
    new.parent.mkdir()
    for file, when in ((old, 1_000), (new, 2_000)):
        file.write_text("step,lr,loss\n0,0.1,2\n1,0.1,1\n")
        os.utime(file, (when, when))
    touched = lambda: os.utime(old, (3_000, 3_000))  # noqa: E731
    assert [line.split(";")[0] for line in watched(tmp_path, [touched])] == ["new.csv", "old.csv"]


def test_of_a_folder_of_event_files_the_run_that_changed_last_is_followed(tmp_path: Path) -> None:
    for number, step in ((1, 0), (2, 7)):
        for name in ("old", "new"):
            (tmp_path / name).mkdir(exist_ok=True)
            file = tmp_path / name / f"events.out.tfevents.{number}.host"
            file.write_bytes(record(scalar(step, "loss", 2.0)))
            os.utime(file, (1_000, 1_000 + (name == "new")))
    assert [line.split("; ")[:2] for line in watched(tmp_path, [])] == [["new", "step 7"]]


def test_what_is_no_log_is_told_once_and_it_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_text("")
    grown = lambda: path.write_text("step,lr,loss\n0,0.1,2\n1,0.1,1\n")  # noqa: E731
    lines = list(watched(path, [lambda: None, grown]))
    assert len(lines) == 2 and lines[0].startswith("run.csv: ") and lines[1].startswith("run.csv; step 1")


def test_a_long_log_is_read_as_seldom_as_its_share_of_a_processor_asks(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_text("step,lr,loss\n0,0.1,2\n1,0.1,1\n")
    now = iter([10.0, 13.0])
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        raise KeyboardInterrupt

    lines = followed(path, wait, lambda: next(now))
    next(lines)
    with pytest.raises(KeyboardInterrupt):
        next(lines)
    assert 3 / (3 + waits[0]) <= 0.0501


def test_the_command_prints_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_text("step,lr,loss\n0,0.1,2\n1,0.1,1\n")
    command = [sys.executable, "-m", "lrstudio", "--lang", "en", "follow", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("run.csv; step 1; loss 1; lr 0.1; ")
    process.send_signal(signal.SIGINT)
    assert process.communicate()[1] == "" and process.returncode == 0


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lrstudio", "--lang", "en", "follow", str(tmp_path / "no.csv")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "No such file" in done.stderr and len(done.stderr.splitlines()) == 1
