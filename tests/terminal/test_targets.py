"""Files that a command writes: any name works, what cannot work is said before the first step, nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lrstudio.engine.training.simulation import Simulation
from tests.patience import patience

NAMES = ["two words", "学习率", "-x", "--x", "a;b", "%s"]
if os.name == "posix":  # Windows counts the whole path and takes no quotes
    NAMES += ["ñ" * 120, "a" * 246, "'quoted' \"twice\""]
COMMANDS = {
    "run": ["run", "--steps", "3", "--csv"],
    "session": ["run", "--steps", "3", "--save"],
    "report": ["run", "--steps", "3", "--report"],
    "sweep": ["sweep", "--steps", "3", "--lr", "0.1", "--lr", "0.2", "--csv"],
    "sweep over seeds": ["sweep", *"--problem noisy_line --steps 3 --lr 0.1 --lr 0.2 --seeds 2 --csv".split()],
    "range-test": ["range-test", "--steps", "3", "--csv"],
    "range-test JSON": ["range-test", "--steps", "3", "--json"],
}
needs_full_device = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _never(*_: object) -> None:
    raise AssertionError("a step was made")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_file_may_have_any_name_that_its_folder_takes(run: Any, command: str, name: str) -> None:
    file = name + {"session": ".lrs", "report": ".html"}.get(command, ".csv")
    *arguments, option = COMMANDS[command]
    given = [f"{option}={file}"] if name.startswith("--") else [option, file]
    assert run(*arguments, *given, "--quiet")[0::2] == (0, "")
    assert Path(file).stat().st_size > 0
    if command == "session":
        assert run("run", "--quiet", "--steps", "1", "--", file)[0] == 0


def test_the_csv_of_a_log_and_the_file_of_a_sweep_may_begin_with_a_minus(run: Any) -> None:
    Path("log.csv").write_text("step,loss\n0,2\n1,1\n")
    assert run("log", "log.csv", "--csv", "-x.csv")[0::2] == (0, "")
    assert run("sweep", "--lr", "0.1:1:3", "--steps", "2", "--resume", "-x.blocks", "--quiet")[0::2] == (0, "")
    assert Path("-x.csv").stat().st_size > 0 and Path("-x.blocks").stat().st_size > 0


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("a" * 256, "the name is too long for this folder; most take 255 bytes"),
        pytest.param(
            "学" * 90,
            "the name is too long for this folder",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="Linux counts bytes"),
        ),
        ("no/such/a.csv", "there is no folder 'no/such'"),
        ("file/a.csv", "'file/a.csv'"),
        ("folder", "'folder': is not a file that can be written"),
        ("", "'': is not a file that can be written"),
    ],
)
def test_what_cannot_be_written_is_said_before_the_first_step(
    run: Any, command: str, file: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("folder").mkdir()
    Path("file").write_text("no folder")
    monkeypatch.setattr(Simulation, "advance", _never)
    code, out, err = run(*COMMANDS[command], file)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert says in err
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["file", "folder"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="permissions hold nobody back here")
def test_a_folder_without_permission_is_said_before_the_first_step(run: Any) -> None:
    Path("closed").mkdir(0o500)
    code, _, err = run("run", "--csv", "closed/a.csv")
    assert code == 2
    assert "'closed/a.csv': cannot be written: Permission denied" in err


def test_a_folder_that_takes_no_file_is_said_before_the_first_step(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("lrstudio.terminal.output.tempfile.TemporaryFile", refused)
    monkeypatch.setattr(Simulation, "advance", _never)
    code, _, err = run("run", "--save", "a.lrs")
    assert (code, err) == (2, "lrstudio run: 'a.lrs': cannot be written: Permission denied\n")


@needs_full_device
@pytest.mark.parametrize("command", [each for each in COMMANDS if each != "report"])  # its name ends in .html or .pdf
def test_what_a_full_disk_does_not_take_is_kept_elsewhere(
    run: Any, command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    code, _, err = run(*COMMANDS[command], "/dev/full", "--quiet")
    (kept,) = (state / "LR Studio").iterdir()
    assert (code, err.count("\n")) == (2, 1)
    assert f"'/dev/full': No space left on device; it is kept as {str(kept)!r}" in err
    run(*COMMANDS[command], "direct", "--quiet")
    assert kept.read_bytes() == Path("direct").read_bytes()


@needs_full_device
def test_where_the_state_cannot_be_written_either_it_is_kept_in_the_temporary_folder(
    run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/full")
    monkeypatch.setattr("lrstudio.terminal.output.tempfile.gettempdir", lambda: str(tmp_path))
    for number in (1, 2):
        _, _, err = run("run", "--steps", "3", "--save", "/dev/full")
        assert f"it is kept as '{tmp_path}" in err
        assert len(list(tmp_path.glob("*-full"))) == number


def test_a_lack_of_memory_ends_a_run_with_a_message_and_its_files(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    advance = Simulation.advance

    def short(simulation: Simulation, steps: int) -> int:
        if simulation.step >= 512:
            raise MemoryError
        return advance(simulation, steps)

    with monkeypatch.context() as patch:
        patch.setattr(Simulation, "advance", short)
        code, _, err = run("run", "--steps", "5000", "--csv", "a.csv", "--save", "a.lrs")
    assert (code, err.splitlines()[-1]) == (1, "lrstudio run: not enough memory; fewer steps or runs need less")
    assert len(Path("a.csv").read_text().splitlines()) == 1 + 513
    assert run("run", "a.lrs", "--steps", "1", "--quiet")[0] == 0


@pytest.mark.skipif(sys.platform != "linux", reason="a limit of the address space, as Linux has it")
def test_a_process_with_little_memory_ends_a_long_run_with_a_message() -> None:
    limited = (
        "import resource, sys; from lrstudio.terminal.cli import main; "
        "resource.setrlimit(resource.RLIMIT_AS, (900_000_000,) * 2); sys.exit(main(sys.argv[1:]))"
    )
    runs = [argument for rate in range(1, 31) for argument in ("--lr", f"{rate / 1000}")]
    command = [sys.executable, "-c", limited, "run", "--quiet", "--steps", "1900000", *runs]
    done = subprocess.run(command, capture_output=True, text=True, timeout=patience(120), check=False)
    assert (done.returncode, done.stderr.splitlines()[-1:]) == (
        1,
        ["lrstudio run: not enough memory; fewer steps or runs need less"],
    )


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_that_ends_a_run_keeps_its_steps(run: Any, name: str) -> None:
    start = "import sys; from lrstudio.terminal.cli import main; sys.exit(main(sys.argv[1:]))"
    options = ["run", "--problem", "digits", "--batch-size", "32", "--steps", "1000000", "--save", "a.lrs"]
    with subprocess.Popen([sys.executable, "-c", start, *options], stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert running.stderr.readline().startswith("step ")
        running.send_signal(getattr(signal, name))
        err = running.communicate(timeout=patience(20))[1]
    assert (running.returncode, err.splitlines()[-1]) == (1, "lrstudio run: interrupted")
    assert run("run", "a.lrs", "--steps", "1", "--quiet")[0] == 0


SLOW = """
import select, sys
from lrstudio.store import atomic
from lrstudio.terminal.cli import main
write = atomic._Sink.write
def waiting(sink, data):
    if not hasattr(sink, "begun"):
        sink.begun = print("writing", flush=True)
        while not select.select([sys.stdin], [], [], 0.01)[0] or "again" in sys.argv:
            pass  # Python runs a signal's handler between these short waits, whenever the signal comes
    write(sink, data)
atomic._Sink.write = waiting
sys.exit(main([each for each in sys.argv[1:] if each != "again"]))
"""
"""The program, which waits for a line, or for the second signal, in the middle of writing a file."""


def named(command: str, name: str) -> str:
    """Returns the name of a file that a command writes."""
    return f"{name}.html" if command == "report" else name


def interrupted(command: str, name: str, *more: str) -> tuple[int | None, list[str]]:
    """Sends a signal while the results are written, and once more with `again`; returns the exit code and stderr."""
    arguments = [sys.executable, "-c", SLOW, *COMMANDS[command], named(command, "a"), "--quiet", *more]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(arguments, text=True, **pipes) as running:  # type: ignore[call-overload]
        assert running.stdout.readline() == "writing\n"
        running.send_signal(getattr(signal, name))
        told = running.stderr.readline()
        if more:
            running.send_signal(getattr(signal, name))
        err = running.communicate("\n", timeout=patience(20))[1]
    return running.returncode, [told.strip(), *err.splitlines()]


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize(
    ("command", "name"),
    [("session", "SIGINT"), ("session", "SIGTERM"), ("run", "SIGHUP"), *((each, "SIGTERM") for each in COMMANDS)],
)
def test_a_signal_does_not_stop_the_writing_of_results_that_are_complete(command: str, name: str, run: Any) -> None:
    code, err = interrupted(command, name)
    assert (code, err) == (0, ["ending; once more ends at once, without what is still to be written"])
    assert run(*COMMANDS[command], named(command, "b"), "--quiet")[0] == 0
    assert Path(named(command, "a")).read_bytes() == Path(named(command, "b")).read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_second_signal_ends_the_writing_and_leaves_the_old_file(command: str) -> None:
    file = Path(named(command, "a"))
    file.write_text("old")
    code, err = interrupted(command, "SIGINT", "again")
    assert (code, err[1:]) == (1, [f"lrstudio {COMMANDS[command][0]}: interrupted"])
    assert [(path.name, path.read_text()) for path in Path.cwd().iterdir() if path.is_file()] == [(file.name, "old")]


@needs_full_device
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("run", "--steps", "3", "--csv", "-", "--compare"), 0),
        (("range-test", "--steps", "3", "--csv", "-"), 0),
        (("run", "absent.lrs"), 2),
        (("run", "--nonsense"), 2),
        (("log", "absent.csv"), 2),
        (("--nonsense",), 2),
    ],
)
def test_where_messages_cannot_be_written_a_command_does_its_work_and_ends_as_it_would(
    arguments: tuple[str, ...], code: int
) -> None:
    command = [sys.executable, "-m", "lrstudio", *arguments]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=full, timeout=patience(30), check=False)
    assert (done.returncode, bool(done.stdout)) == (code, code == 0)
