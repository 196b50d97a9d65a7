import errno
import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from lrstudio.store.atomic import FileChangedError, sweep, writing
from lrstudio.store.session import Session, load, save, to_bytes
from tests.patience import patience

posix = pytest.mark.skipif(os.name != "posix", reason="permission bits, links and pipes as POSIX has them")


@pytest.fixture
def path(tmp_path: Path, small: Session) -> Path:
    save(tmp_path / "a.lrs", small)
    return tmp_path / "a.lrs"


def silent(descriptor: int, view: memoryview) -> int:
    real(descriptor, view[:100])
    return len(view)


def full(descriptor: int, view: memoryview) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def stuck(descriptor: int, view: memoryview) -> int:
    return real(descriptor, view[:100]) if os.fstat(descriptor).st_size < 100 else 0


def slow(descriptor: int, view: memoryview) -> int:
    return real(descriptor, view[:100])


real = os.write


@pytest.mark.parametrize("write", [silent, full, stuck])
def test_full_disk_leaves_the_old_file(monkeypatch: pytest.MonkeyPatch, path: Path, other: Session, write: Any) -> None:
    old = path.read_bytes()
    monkeypatch.setattr(os, "write", write)
    with pytest.raises(OSError, match=r"a\.lrs") as caught:
        save(path, other)
    assert caught.value.errno == errno.ENOSPC
    assert path.read_bytes() == old
    assert list(path.parent.iterdir()) == [path]


def test_disk_that_fails_at_the_end_leaves_the_old_file(
    monkeypatch: pytest.MonkeyPatch, path: Path, other: Session
) -> None:
    old = path.read_bytes()

    def fail(descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match=r"a\.lrs") as caught:
        save(path, other)
    assert caught.value.errno == errno.EIO
    assert path.read_bytes() == old
    assert list(path.parent.iterdir()) == [path]


def test_writes_that_take_a_part_are_continued(monkeypatch: pytest.MonkeyPatch, path: Path, other: Session) -> None:
    monkeypatch.setattr(os, "write", slow)
    save(path, other)
    assert load(path).experiment == other.experiment


@posix
def test_link_stays_and_its_target_is_replaced(path: Path, tmp_path: Path, other: Session) -> None:
    (tmp_path / "folder").mkdir()
    link = tmp_path / "folder" / "link.lrs"
    link.symlink_to("../a.lrs")
    save(link, other)
    assert link.is_symlink()
    assert not path.is_symlink()
    assert load(path).experiment == other.experiment
    link.unlink()
    link.symlink_to("new.lrs")
    save(link, other)
    assert link.is_symlink()
    assert (tmp_path / "folder" / "new.lrs").is_file()


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666])
def test_permission_bits_stay(path: Path, other: Session, mode: Any) -> None:
    path.chmod(mode)
    save(path, other)
    assert stat.S_IMODE(path.stat().st_mode) == mode


@posix
def test_new_file_has_the_usual_permission_bits(path: Path, tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    usual.touch()
    assert path.stat().st_mode == usual.stat().st_mode


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write everywhere")
def test_write_protected_file_is_not_replaced(path: Path, other: Session) -> None:
    path.chmod(0o444)
    with pytest.raises(PermissionError, match=r"a\.lrs"):
        save(path, other)


KILLS = """
import os, random, signal, sys, time
from pathlib import Path
from lrstudio.store.session import from_bytes, load, save

path = Path(sys.argv[1])
sessions = [load(path), load(sys.argv[2])]
allowed = [session.experiment for session in sessions]
choose = random.Random(1)
for kill in range(20):
    saved, report = os.pipe()
    child = os.fork()
    if child == 0:
        while True:
            for session in sessions:
                save(path, session)
                os.write(report, b".")
    os.close(report)
    assert os.read(saved, 1) == b"."  # the kill comes somewhere in a later save, on a machine of any speed
    os.close(saved)
    time.sleep(choose.uniform(0, 0.05))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert load(path).experiment in allowed
"""


@posix
def test_killing_the_program_while_it_saves_leaves_the_old_or_the_new_file(
    path: Path, tmp_path: Path, other: Session
) -> None:
    save(tmp_path / "b.lrs", other)
    script = textwrap.dedent(KILLS)
    subprocess.run([sys.executable, "-c", script, path, tmp_path / "b.lrs"], check=True, timeout=patience(60))


@posix
def test_open_descriptor_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    script = (
        "from lrstudio.store.atomic import writing\n"
        "print('before', flush=True)\n"
        "with writing('/dev/stdout') as write: write(b'table\\n')\n"
        "print('after', flush=True)\n"
    )
    with target.open("wb") as file:
        subprocess.run([sys.executable, "-c", script], stdout=file, check=True)
        assert os.fstat(file.fileno()).st_ino == target.stat().st_ino
    assert target.read_text() == "before\ntable\nafter\n"


@pytest.mark.skipif(sys.platform != "linux", reason="/proc names the file of a descriptor")
def test_the_content_is_on_the_disk_before_the_rename_and_the_rename_before_save_returns(
    monkeypatch: pytest.MonkeyPatch, path: Path, other: Session
) -> None:
    calls: list[tuple[str, str]] = []
    names = {name: getattr(os, name) for name in ("write", "fsync", "replace")}

    def traced(name: str) -> Any:
        def call(target: Any, *args: Any) -> Any:
            shown = target if name == "replace" else Path(f"/proc/self/fd/{target}").readlink()
            calls.append((name, Path(shown).name))
            return names[name](target, *args)

        return call

    for name in names:
        monkeypatch.setattr(os, name, traced(name))
    save(path, other)
    temporary = calls[0][1]
    assert temporary.startswith(".lrstudio-")
    while len(calls) > 1 and calls[1] == ("write", temporary):
        del calls[1]
    assert calls == [("write", temporary), ("fsync", temporary), ("replace", temporary), ("fsync", path.parent.name)]


LIMITED = """
import resource, signal, sys
from lrstudio.store.session import load, save
path, source, limit = sys.argv[1], sys.argv[2], int(sys.argv[3])
session = load(source)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    save(path, session)
except OSError as error:
    print(error.strerror, error.filename)
"""


@posix
@pytest.mark.parametrize("share", [0, 1, 0.5, -1], ids=["nothing", "one byte", "half", "all but one byte"])
def test_a_disk_with_room_for_a_part_leaves_the_old_file_and_nothing_else(
    path: Path, tmp_path: Path, other: Session, share: float
) -> None:
    source = tmp_path / "source" / "b.lrs"
    source.parent.mkdir()
    save(source, other)
    size, old = source.stat().st_size, path.read_bytes()
    limit = size - 1 if share < 0 else int(share * size) if share < 1 else int(share)
    command = [sys.executable, "-c", LIMITED, str(path), str(source), str(limit)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=patience(60)).stdout
    assert said == f"{os.strerror(errno.EFBIG)} {path}\n"
    assert path.read_bytes() == old
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.lrs", "source"]


@posix
def test_what_a_killed_save_has_left_is_swept_and_what_a_running_one_writes_is_not(
    path: Path, tmp_path: Path, other: Session
) -> None:
    left = tmp_path / f".lrstudio-{'0' * 16}.tmp"
    left.write_bytes(b"half of a session")
    unrelated = tmp_path / ".lrstudio-notes.tmp"
    unrelated.touch()
    with writing(tmp_path / "c.lrs") as write:
        write(to_bytes(other))
        assert not left.exists()
        assert sweep(tmp_path) == 0
    assert load(tmp_path / "c.lrs").experiment == other.experiment
    assert sorted(tmp_path.iterdir()) == [unrelated, path, tmp_path / "c.lrs"]


def test_a_file_that_is_not_the_expected_one_is_not_replaced(path: Path, tmp_path: Path, other: Session) -> None:
    known = load(path).fingerprint
    assert save(path, other, expected=known) == load(path).fingerprint
    with pytest.raises(FileChangedError):
        save(path, other, expected=known)
    path.unlink()
    with pytest.raises(FileChangedError) as caught:
        save(path, other, expected=known)
    assert caught.value.found is None and not path.exists()
    save(path, other, expected=None)


@pytest.mark.parametrize("expected", ["known", "any"])
def test_a_file_that_is_replaced_during_a_save_is_not_overwritten(path: Path, other: Session, expected: str) -> None:
    """The new file has the size and the time of the old one."""
    known, status, content = load(path), path.stat(), bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1

    def replaced(fraction: float) -> None:
        if fraction == 1:
            path.write_bytes(content)
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    arguments = {"expected": known.fingerprint} if expected == "known" else {}
    with pytest.raises(FileChangedError):
        save(path, other, replaced, **arguments)
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


@posix
def test_a_pipe_that_nobody_reads_blocks_no_save(path: Path, other: Session) -> None:
    known = load(path).fingerprint
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(FileExistsError, match="is not a regular file"):
        save(path, other, expected=known)
    os.mkfifo(path.with_name(f".lrstudio-{'0' * 16}.tmp"))
    save(path.with_name("b.lrs"), other)
    assert load(path.with_name("b.lrs")).experiment == other.experiment
