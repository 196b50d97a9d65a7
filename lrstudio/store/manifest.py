"""`manifest.json`: the experiment and the list of arrays of a session file, validated field by field."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from lrstudio.core.array import Array
from lrstudio.core.elementary import ARITHMETIC
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.trace import RateChange
from lrstudio.store.codec import notes, read_experiment
from lrstudio.store.columns import INTEGERS
from lrstudio.store.datasets import PREFIX
from lrstudio.store.fields import Fields, Json, SessionError, at, loads, short_json
from lrstudio.store.npy import Shape, read_npy

MANIFEST = "manifest.json"
LOGS = "logs.npy"
"""Entry with the numbers of the training logs."""
FORMAT = "lrstudio session"
FIRST_VERSION, KEPT_VERSION, VERSION = 1, 2, 3
"""Files of long traces, of which only some rows are kept, have the second one, files with training logs the third;
earlier programs cannot read them."""
FIRST_ARITHMETIC = 1
"""The version of the arithmetic of files that do not say one."""

_MAX_BYTES = 2**23
_MOST = {b",": 500_000, b":": 250_000}
"""Limits that no experiment reaches: what is beyond them would be read for seconds before it is refused."""
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Manifest:
    """The validated fields. `expected` has the shape of each array except those of the data set, and its sha256, which
    only files of earlier versions have.

    `data` has the names of the data set's entries, whose arrays belong to the experiment. `arithmetic` is the
    version of what computed the first row.
    """

    experiment: Experiment
    view: dict[str, Json]
    rate_changes: tuple[RateChange, ...]
    arithmetic: int
    expected: dict[str, tuple[Shape, str | None]]
    data: tuple[str, ...]
    unknown: dict[str, Json]
    notes: list[str]
    logs: Json = None
    """The training logs, not yet validated; None without any."""

    def arrays(self, entries: Mapping[str, memoryview]) -> dict[str, Array]:
        """Returns the arrays as views of the entries' bytes; SessionError if they are not the expected ones."""
        for name in entries:
            if name not in (*self.expected, *self.data, MANIFEST):
                raise SessionError(tr("{name} is not in the manifest", name=name))
        return {name: _array(name, entries, shape, digest) for name, (shape, digest) in self.expected.items()}


def read_manifest(entries: Mapping[str, memoryview]) -> Manifest:
    """Returns the manifest of a file's entries; SessionError names the field and what is allowed."""
    if MANIFEST not in entries:
        raise SessionError(tr("{manifest} is missing", manifest=MANIFEST))
    if len(entries[MANIFEST]) > _MAX_BYTES:
        raise SessionError(
            tr(
                "{manifest} has {count:,} bytes; at most {most:,}",
                manifest=MANIFEST,
                count=len(entries[MANIFEST]),
                most=_MAX_BYTES,
            )
        )
    content = bytes(entries[MANIFEST])
    for sign, most in _MOST.items():
        if content.count(sign) > most:
            raise SessionError(
                tr(
                    "{manifest} has {count:,} “{sign}”; at most {most:,}",
                    manifest=MANIFEST,
                    count=content.count(sign),
                    sign=sign.decode(),
                    most=most,
                )
            )
    with at(MANIFEST):
        return _manifest(Fields(loads(content), ""), entries)


def _manifest(fields: Fields, entries: Mapping[str, memoryview]) -> Manifest:
    if fields.text("format") != FORMAT:
        raise SessionError(tr("format: must be {format!r}", format=FORMAT))
    version = fields.integer("version", 1)
    if version > VERSION:
        raise SessionError(
            tr(
                "version = {version}: this program reads version {known}; a later program made the file",
                version=version,
                known=VERSION,
            )
        )
    arrays = fields.part("arrays")
    expected = {name: _expected(arrays.part(name)) for name in arrays.names()}
    names = tuple(name for name in expected if name.startswith(PREFIX))
    data = {name: _array(name, entries, *expected.pop(name)) for name in names}
    experiment = read_experiment(fields.part("experiment"), data)
    view = fields.take("view")
    if not isinstance(view, dict):
        raise SessionError(tr("view = {short_json}: must be an object", short_json=short_json(view)))
    rate_changes = _rate_changes(fields.take("rate_changes")) if "rate_changes" in fields else ()
    arithmetic = fields.integer("arithmetic", 1) if "arithmetic" in fields else FIRST_ARITHMETIC
    logs = fields.take("logs") if "logs" in fields else None
    said = notes(fields)
    if arithmetic > ARITHMETIC:
        said.append(
            tr("a later program made the file: steps that are added here may differ in their last digits from its own")
        )
    return Manifest(experiment, view, rate_changes, arithmetic, expected, names, fields.unknown(), said, logs)


def _rate_changes(value: Json) -> tuple[RateChange, ...]:
    """Returns the changes from lists of step, run, rate before and rate after."""
    changes = value if isinstance(value, list) else [value]
    for index, change in enumerate(changes):
        valid = isinstance(change, list) and len(change) == 4 and all(type(number) is int for number in change[:2])
        if not valid or not all(type(number) in (int, float) for number in change[2:]):
            raise SessionError(
                tr(
                    "rate_changes[{index}] = {short_json}: must be a list of step, run and two rates",
                    index=index,
                    short_json=short_json(change),
                )
            )
    return tuple(RateChange(step, run, float(before), float(after)) for step, run, before, after in changes)


def _expected(fields: Fields) -> tuple[Shape, str | None]:
    shape, digest = fields.numbers("shape"), fields.text("sha256") if "sha256" in fields else None
    if not all(number.is_integer() and number >= 0 for number in shape):
        raise SessionError(tr("{where}.shape: must be whole numbers of at least 0", where=fields.where))
    if digest is not None and _SHA256.fullmatch(digest) is None:
        raise SessionError(
            tr(
                "{where}.sha256 = {short_json}: must be 64 digits 0-9a-f",
                where=fields.where,
                short_json=short_json(digest),
            )
        )
    return tuple(int(number) for number in shape), digest


def _array(name: str, entries: Mapping[str, memoryview], shape: Shape, digest: str | None) -> Array:
    if name not in entries:
        raise SessionError(tr("{name} is missing", name=name))
    if digest is not None and hashlib.sha256(entries[name]).hexdigest() != digest:
        raise SessionError(tr("{name} is damaged: it is not what the manifest says", name=name))
    with at(name):
        array = read_npy(entries[name], "<i8" if name in INTEGERS else "<f8")
    if array.shape != shape:
        raise SessionError(
            tr(
                "{name} has the shape {shape}: the manifest says {expected}",
                name=name,
                shape=array.shape,
                expected=shape,
            )
        )
    return array
