"""Experiments to save, and the tools of someone who forges a session file and knows how to sign it."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lrstudio.core.optimizers import SGD, Adadelta, Adam, RMSprop
from lrstudio.core.problems import NoisyLine, Parabola, Rosenbrock
from lrstudio.core.schedules import CosineRestarts, Exponential
from lrstudio.engine.experiment import Experiment, Gradient, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import Trace
from lrstudio.store.archive import checksum
from lrstudio.store.npy import npy_header
from lrstudio.store.session import Session, to_bytes

Entries = Callable[[bytes], dict[str, bytes]]
Forge = Callable[..., bytes]
Same = Callable[[Trace, Trace], None]
MakeExperiment = Callable[..., Experiment]


@pytest.fixture
def small() -> Session:
    """A parabola after three steps: the smallest file worth damaging."""
    simulation = Simulation(Experiment(problem=Parabola(), runs=(Run(lr=0.1, optimizer=Adam()),), steps=10))
    simulation.advance(3)
    return Session.of(simulation)


@pytest.fixture
def other() -> Session:
    """A session that differs from `small` in size and content."""
    simulation = Simulation(Experiment(problem=Parabola(), runs=(Run(lr=0.3), Run(lr=0.4)), steps=50))
    simulation.advance(50)
    return Session.of(simulation)


@pytest.fixture
def mixed_runs() -> MakeExperiment:
    """An experiment with several groups of optimizers that do not stand side by side; one run diverges."""

    def make(precision: Any = "float64", gradient: Any = "analytic", *, data: bool = True) -> Experiment:
        adam = Adam(beta1=0.8, amsgrad=True)
        runs = (
            Run(lr=0.01, optimizer=adam, start=(0.5, -0.25), label="größer, 更大", color=3),
            Run(lr=0.02, optimizer=SGD(momentum=0.9, nesterov=True), schedule=Exponential(gamma=0.97)),
            Run(lr=0.013, optimizer=Adam(), schedule=CosineRestarts(T_0=7, T_mult=2)),
            Run(lr=50.0 if data else 0.5),
            Run(lr=1.0, optimizer=Adadelta()),
            Run(lr=0.004, optimizer=RMSprop(centered=True, momentum=0.5)),
        )
        return Experiment(
            problem=NoisyLine(n=23) if data else Rosenbrock(),
            runs=runs,
            steps=120,
            precision=precision,
            gradient=Gradient(mode=gradient),
            batch_size=5 if data else None,
            seed=11,
        )

    return make


@pytest.fixture
def data(small: Session) -> bytes:
    return bytes(to_bytes(small))


@pytest.fixture
def sign() -> Callable[[Any], bytes]:
    """Give bytes that end with a comment of 64 bytes the checksum that belongs to them."""
    return lambda raw: bytes(raw[:-64]) + checksum(memoryview(raw))


@pytest.fixture
def entries() -> Entries:
    """The entries of a file by name."""

    def read(raw: bytes) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    return read


@pytest.fixture
def zipped(sign: Callable[[Any], bytes]) -> Forge:
    """A signed file of these (name, content) pairs; `change` may alter each entry's ZipInfo."""

    def pack(pairs: Any, change: Any = lambda info: None) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, content in pairs:
                info = zipfile.ZipInfo(name)
                change(info)
                archive.writestr(info, content)
            archive.comment = b"0" * 64
        return sign(buffer.getvalue())

    return pack


@pytest.fixture
def forged(data: bytes, entries: Entries, zipped: Forge) -> Forge:
    """The small session, with a changed manifest or changed arrays whose sha256 is put right, signed."""

    def forge(edit: Any = lambda manifest: None, arrays: Any = None) -> bytes:
        found = entries(data)
        manifest = json.loads(found["manifest.json"])
        for name, values in (arrays or {}).items():
            kind = "<i8" if name == "ends.npy" else "<f8"
            found[name] = npy_header(kind, values.shape) + values.astype(kind).tobytes()
            manifest["arrays"][name] = {"shape": list(values.shape), "sha256": hashlib.sha256(found[name]).hexdigest()}
        edit(manifest)
        found["manifest.json"] = json.dumps(manifest).encode()
        return zipped(found.items())

    return forge


@pytest.fixture
def same() -> Same:
    """Assert that two traces are equal to the last bit, NaNs included."""

    def compare(one: Trace, two: Trace) -> None:
        assert (one.length, one.names, one.columns) == (two.length, two.names, two.columns)
        assert np.array_equal(one.ends, two.ends)
        for column in one.columns:
            assert one.read(column).tobytes() == two.read(column).tobytes(), column

    return compare
