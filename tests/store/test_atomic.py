import errno
import os
import stat
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from lrstudio.store.session import Session, load, save
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
