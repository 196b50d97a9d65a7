"""Files that are damaged, and files that are forged and signed by someone who knows how."""

import hashlib
import json
import random
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrstudio.engine.training.trace import UNENDED
from lrstudio.store.fields import SessionError
from lrstudio.store.session import Session, from_bytes, load, save, to_bytes
from tests.store.conftest import Entries, Forge


def test_any_flipped_bit_is_refused(data: bytes) -> None:
    for place in range(len(data)):
        for bit in range(8):
            damaged = bytearray(data)
            damaged[place] ^= 1 << bit
            with pytest.raises(SessionError):
                from_bytes(bytes(damaged))


def test_a_flipped_bit_in_a_larger_file_is_refused(other: Session) -> None:
    good = bytes(to_bytes(other))
    choose = random.Random(5)
    for _ in range(300):
        damaged = bytearray(good)
        damaged[choose.randrange(len(good))] ^= 1 << choose.randrange(8)
        with pytest.raises(SessionError):
            from_bytes(bytes(damaged))


def test_truncated_and_extended_files_are_refused(data: bytes) -> None:
    for length in range(len(data)):
        with pytest.raises(SessionError):
            from_bytes(data[:length])
    for changed in (data + b"\0", b"\0" + data, data + data):
        with pytest.raises(SessionError):
            from_bytes(changed)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a.lrs: is empty"),
        (b"P", "a.lrs: is not a session file, or its end is missing"),
        (b"dear diary\n" * 100, "a.lrs: is not a session file"),
        (random.Random(1).randbytes(5000), "a.lrs: is not a session file"),
        (b"PK\x03\x04" + bytes(5000), "a.lrs: is not a session file, or its end is missing"),
    ],
)
def test_file_that_is_no_session_is_refused(tmp_path: Path, content: Any, message: str) -> None:
    path = tmp_path / "a.lrs"
    path.write_bytes(content)
    with pytest.raises(SessionError) as caught:
        load(path)
    assert str(caught.value).endswith(message)


def test_folder_and_missing_file_are_refused(tmp_path: Path, small: Session) -> None:
    with pytest.raises(SessionError, match="is a folder, not a session file"):
        load(tmp_path)
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "none.lrs")
    with pytest.raises(OSError, match=r"."):
        save(tmp_path, small)
    with pytest.raises(FileNotFoundError):
        save(tmp_path / "none" / "a.lrs", small)


def test_enormous_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.lrs"
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(2**40)
    tracemalloc.start()
    with pytest.raises(SessionError, match=r"has 1099\.5 GB; a session file has at most 4"):
        load(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000


def test_compressed_entry_is_refused_and_never_inflated(data: bytes, entries: Entries, zipped: Forge) -> None:
    def squeeze(info: zipfile.ZipInfo) -> None:
        info.compress_type = zipfile.ZIP_DEFLATED

    bomb = [("manifest.json", b" " * 2**24)]
    for pairs in (list(entries(data).items()), bomb):
        with pytest.raises(SessionError, match="is compressed; a session file stores its entries as they are"):
            from_bytes(zipped(pairs, squeeze))


def test_entry_given_twice_is_refused(data: bytes, entries: Entries, zipped: Forge) -> None:
    pairs = list(entries(data).items())
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = zipped([*pairs, pairs[0]])
    with pytest.raises(SessionError, match=r"loss\.npy is in the file twice"):
        from_bytes(twice)


@pytest.mark.parametrize("name", ["../loss.npy", "/etc/passwd", "x/", "loss.npy.exe", "é.npy", "state-0-../m.npy"])
def test_entry_with_another_name_is_refused(data: bytes, entries: Entries, zipped: Forge, name: str) -> None:
    with pytest.raises(SessionError, match="does not belong in a session file"):
        from_bytes(zipped([*entries(data).items(), (name, b"x")]))


def test_entry_that_the_manifest_does_not_have_is_refused(data: bytes, entries: Entries, zipped: Forge) -> None:
    with pytest.raises(SessionError, match=r"^state-7-q\.npy is not in the manifest$"):
        from_bytes(zipped([*entries(data).items(), ("state-7-q.npy", b"x")]))


def test_missing_entry_is_named(data: bytes, entries: Entries, zipped: Forge) -> None:
    for name in entries(data):
        pairs = [pair for pair in entries(data).items() if pair[0] != name]
        with pytest.raises(SessionError, match=f"^{name} is missing$"):
            from_bytes(zipped(pairs))


CENTRAL = [
    (8, "<H", 1, "uses ZIP features"),
    (8, "<H", 8, "uses ZIP features"),
    (20, "<L", 7, "is compressed"),
    (24, "<L", 0xFFFFFFFF, "is compressed"),
    (28, "<H", 0xFFFF, "does not belong"),
    (30, "<H", 4, "uses ZIP features"),
    (42, "<L", 1, "does not lie where it should"),
    (16, "<L", 0, "has two headers that do not agree"),
]


@pytest.mark.parametrize(("field", "form", "value", "message"), CENTRAL)
def test_forged_directory_is_refused_although_it_is_signed(
    data: bytes, sign: Callable[[Any], bytes], field: Any, form: Any, value: Any, message: str
) -> None:
    raw = bytearray(data)
    struct.pack_into(form, raw, raw.index(b"PK\x01\x02") + field, value)
    with pytest.raises(SessionError, match=message):
        from_bytes(sign(raw))


def test_sizes_beyond_the_file_are_refused_although_they_are_signed(data: bytes, sign: Callable[[Any], bytes]) -> None:
    raw = bytearray(data)
    place = raw.index(b"PK\x01\x02")
    struct.pack_into("<LL", raw, place + 20, 0xFFFFFFF0, 0xFFFFFFF0)
    struct.pack_into("<LL", raw, 18, 0xFFFFFFF0, 0xFFFFFFF0)
    with pytest.raises(SessionError, match="does not lie where it should"):
        from_bytes(sign(raw))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"'<f8'", b"'|O8'", "loss.npy: has a .npy header that sessions do not use"),
        (b"False", b"True ", "loss.npy: has a .npy header that sessions do not use"),
        (b"'<f8'", b"'<i8'", "loss.npy: holds <i8: must be <f8"),
        (b"(4, 1), }     ", b"(99999999, 1)}", "loss.npy: has a .npy header that sessions do not use"),
        (
            b"(4, 1), }       ",
            b"(999999, 1), }  ",
            "loss.npy: has 32 bytes of values: the shape (999999, 1) takes 7999992",
        ),
        (b"NUMPY\x01", b"NUMPY\x03", "loss.npy: is not a .npy array of format 1.0"),
    ],
)
def test_forged_array_header_is_refused_although_it_is_signed(
    data: bytes,
    entries: Entries,
    zipped: Forge,
    old: Any,
    new: Any,
    message: str,
) -> None:
    found = entries(data)
    assert old in found["loss.npy"]
    found["loss.npy"] = found["loss.npy"].replace(old, new)
    manifest = json.loads(found["manifest.json"])
    manifest["arrays"]["loss.npy"]["sha256"] = hashlib.sha256(found["loss.npy"]).hexdigest()
    found["manifest.json"] = json.dumps(manifest).encode()
    with pytest.raises(SessionError) as caught:
        from_bytes(zipped(found.items()))
    assert str(caught.value) == message


def put(*place: Any, value: Any) -> Callable[[Any], None]:
    def edit(manifest: Any) -> None:
        for name in place[:-1]:
            manifest = manifest[name]
        manifest[place[-1]] = value

    return edit


MANIFESTS = [
    (
        put("version", value=4),
        "manifest.json: version = 4: this program reads version 3; a later program made the file",
    ),
    (put("format", value="zip"), "manifest.json: format: must be 'lrstudio session'"),
    (put("view", value=3), "manifest.json: view = 3: must be an object"),
    (put("experiment", "steps", value=0), "manifest.json: experiment: steps = 0: must be a whole number from 1 to"),
    (
        put("experiment", "runs", 0, "optimizer", "key", value="tiger"),
        "manifest.json: experiment.runs[0].optimizer: unknown optimizer 'tiger'; there are ",
    ),
    (put("experiment", "runs", 0, "optimizer", "key", value="sgd"), "state-0-m.npy does not belong to this experiment"),
    (put("experiment", "problem", "key", value="rosenbrock"), "params.npy has the shape (4, 1, 1): must be (4, 1, 2)"),
    (put("experiment", "gradient", value={"mode": "forward", "eps": None}), "loss_plus.npy is missing"),
    (put("arrays", "lr.npy", "shape", value=[5, 1]), "lr.npy has the shape (4, 1): the manifest says (5, 1)"),
    (
        put("arrays", "lr.npy", "shape", value=[0.5]),
        "manifest.json: arrays.lr.npy.shape: must be whole numbers of at least 0",
    ),
    (put("arrays", "lr.npy", "sha256", value="0" * 64), "lr.npy is damaged: it is not what the manifest says"),
    (put("arrays", "lr.npy", "sha256", value="x"), 'manifest.json: arrays.lr.npy.sha256 = "x": must be 64 digits'),
    (put("arrays", value={}), ".npy is not in the manifest"),
    (lambda manifest: manifest.pop("view"), "manifest.json: view is missing"),
    (put("rate_changes", value=3), "manifest.json: rate_changes[0] = 3: must be a list of step, run and two rates"),
    (put("rate_changes", value=[[1, 0, 0.1, "2"]]), "must be a list of step, run and two rates"),
    (put("rate_changes", value=[[4, 0, 0.1, 0.2]]), "rate_changes[0] = [4, 0, 0.1, 0.2]: must be a step from 1 to 3"),
    (put("rate_changes", value=[[1, 0, 0.1, 0.2], [1, 1, 0.1, 0.2]]), "rate_changes[1] = "),
    (put("rate_changes", value=[[1, 0, -0.1, 0.2]]), "two rates of at least 0"),
]


@pytest.mark.parametrize(("edit", "message"), MANIFESTS, ids=lambda part: part[:50] if isinstance(part, str) else "")
def test_wrong_manifest_is_refused_with_what_where_and_what_is_allowed(forged: Forge, edit: Any, message: str) -> None:
    with pytest.raises(SessionError) as caught:
        from_bytes(forged(edit))
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


ARRAYS = [
    ({"loss.npy": np.zeros((3, 1))}, "has the shape"),
    ({"grad.npy": np.zeros((4, 2, 1))}, "grad.npy has the shape (4, 2, 1): must be (4, 1, 1)"),
    ({"loss.npy": np.zeros((0, 1))}, "loss.npy has no rows; a trace has at least 1"),
    ({"loss.npy": np.zeros(())}, "loss.npy has the shape (): must be"),
    ({"ends.npy": np.array([0])}, f"ends.npy has 0 for run 0: must be from 1 to 4, or {UNENDED}"),
    ({"ends.npy": np.array([9])}, f"ends.npy has 9 for run 0: must be from 1 to 4, or {UNENDED}"),
    ({"ends.npy": np.array([2])}, "ends.npy ends every run at or before row 2: the trace has 4 rows"),
    ({"ends.npy": np.array([4, 4])}, "ends.npy has the shape (2,): must be (1,)"),
    ({"state-0-m.npy": np.zeros((2, 1))}, "state-0-m.npy has the shape (2, 1): must be (1, 1)"),
    ({"state-0-q.npy": np.zeros((1, 1))}, "state-0-q.npy does not belong to this experiment"),
    ({"loss_plus.npy": np.zeros((4, 1, 1))}, "loss_plus.npy does not belong to this experiment"),
]


@pytest.mark.parametrize(("arrays", "message"), ARRAYS, ids=lambda part: part[:50] if isinstance(part, str) else "")
def test_arrays_that_do_not_fit_the_experiment_are_refused(forged: Forge, arrays: Any, message: str) -> None:
    with pytest.raises(SessionError) as caught:
        from_bytes(forged(arrays=arrays))
    assert message in str(caught.value)
