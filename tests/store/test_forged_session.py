"""Session files that someone has damaged or forged: refused with a message, in bounds of time and memory."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lrstudio.core.elementary import ARITHMETIC
from lrstudio.store.archive import ArchiveWriter
from lrstudio.store.fields import SessionError
from lrstudio.store.session import from_bytes, load
from tests.soak.sessions import offered, originals, soak
from tests.store.conftest import Forge

FILES = 600
LARGE = {
    "entries": (b"{}", 65_000, "has 65,000 entries; a session file has at most 20,000"),
    "numbers": (b"[" + b"0.1," * 2_000_000 + b"0]", 0, "manifest.json has 2,000,000 “,”; at most 500,000"),
    "names": (b"{" + b'"a":0,' * 400_000 + b'"b":0}', 0, "manifest.json has 400,001 “:”; at most 250,000"),
    "bytes": (b" " * 9_000_000, 0, "manifest.json has 9,000,000 bytes; at most 8,388,608"),
    "nests": (b"[" * 4_000_000, 0, "manifest.json: is not valid JSON: "),
}


def test_hundreds_of_forged_files_are_read_as_they_are_or_refused() -> None:
    found = soak(seed=2026, count=FILES)
    assert found.wrong == []
    assert sum(found.refused.values()) > FILES / 2
    assert set(found.read) == set(found.refused) == {"bytes", "entries", "manifest", "arrays"}


@pytest.mark.parametrize("name", LARGE)
def test_a_file_with_too_much_in_it_is_refused_before_it_is_read(name: str) -> None:
    manifest, count, message = LARGE[name]
    buffer = io.BytesIO()
    archive = ArchiveWriter(buffer.write, 1)
    archive.add("manifest.json", [manifest])
    for number in range(count - 1):
        archive.add(f"state-{number % 10_000}-q{number}.npy", [b""])
    archive.finish()
    seconds, _, error = offered(buffer.getvalue())
    assert str(error).startswith(message)
    assert seconds < 0.25


def test_more_runs_than_an_experiment_has_are_refused_before_they_are_read(forged: Forge) -> None:
    def repeat(manifest: Any) -> None:
        manifest["experiment"]["runs"] *= 4097

    with pytest.raises(SessionError, match=r"experiment.runs has 4,097 items: must have at most 4,096"):
        from_bytes(forged(repeat))


def test_a_file_of_a_later_program_is_refused_and_stays_as_it_is(forged: Forge, tmp_path: Path) -> None:
    path = tmp_path / "later.lrs"
    path.write_bytes(forged(lambda manifest: manifest.update(version=4)))
    before = path.read_bytes(), path.stat().st_mtime_ns
    with pytest.raises(SessionError, match="this program reads version 3; a later program made the file"):
        load(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_of_a_later_arithmetic_opens_with_a_note(forged: Forge) -> None:
    later = from_bytes(forged(lambda manifest: manifest.update(arithmetic=ARITHMETIC + 1)))
    assert ["may differ in their last digits" in note for note in later.notes] == [True]
    assert not from_bytes(forged(lambda manifest: manifest.update(arithmetic=ARITHMETIC))).notes


PROGRAM = """
import sys
from lrstudio.store.session import load

load(sys.argv[1])  # imports what is imported late
KINDS = ("subprocess", "os", "socket", "import", "pickle", "shutil", "marshal")
events = []

def note(event, arguments):
    if event == "open":
        events.append(f"open {arguments[0]}")
    elif event == "compile":
        events.append(f"compile {arguments[1]}")
    elif event.partition(".")[0] in KINDS or event == "ctypes.dlopen":
        events.append(f"{event} {arguments[0] if arguments else ''}")

sys.addaudithook(note)
load(sys.argv[2])
print("|".join(events))
"""


def test_opening_a_file_reads_no_other_and_starts_nothing(tmp_path: Path) -> None:
    paths = tmp_path / "first.lrs", tmp_path / "second.lrs"
    for path in paths:
        path.write_bytes(originals()[1])
    command = [sys.executable, "-c", PROGRAM, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    events = done.stdout.strip().split("|")
    assert events.count(f"open {paths[1]}") == 1
    assert set(events) <= {f"open {paths[1]}", "compile <formula>"}
