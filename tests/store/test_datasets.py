"""Data of one's own travels inside the session."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lrstudio.core.dataset import Dataset
from lrstudio.core.problems import OwnData
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.fields import SessionError
from lrstudio.store.npy import npy_header
from lrstudio.store.session import Session, from_bytes, load, save, to_bytes
from tests.store.conftest import Entries, Forge, Same

X = np.random.default_rng(3).normal(50, 7, 40)
DATA = Dataset("Größen ../☺.csv", ("a/../b", "身高"), (X, (X > 50).astype(float)), words=("no", "yes"))


@pytest.fixture
def own() -> Session:
    """A session on data of one's own, some steps on its way."""
    problem = OwnData(dataset=DATA, kind="logistic")
    simulation = Simulation(Experiment(problem=problem, runs=(Run(lr=0.5), Run(lr=0.1)), steps=50, batch_size=8))
    simulation.advance(20)
    return Session.of(simulation)


@pytest.fixture
def forged_data(own: Session, entries: Entries, zipped: Forge) -> Forge:
    """The session with other entries or another manifest, signed anew."""

    def forge(arrays: Any = None, edit: Any = lambda manifest: None) -> bytes:
        found = entries(bytes(to_bytes(own)))
        manifest = json.loads(found["manifest.json"])
        for name, values in (arrays or {}).items():
            found[name] = npy_header("<f8", values.shape) + values.astype("<f8").tobytes()
            manifest["arrays"][name] = {"shape": list(values.shape), "sha256": hashlib.sha256(found[name]).hexdigest()}
        edit(manifest)
        found["manifest.json"] = json.dumps(manifest).encode()
        return zipped(found.items())

    return forge


def test_opening_brings_the_data_back_and_the_run_goes_on_bit_for_bit(
    own: Session, tmp_path: Path, entries: Entries, same: Same
) -> None:
    save(tmp_path / "a.lrs", own)
    again = load(tmp_path / "a.lrs")
    assert again.experiment == own.experiment
    assert isinstance(again.experiment.problem, OwnData)
    assert again.experiment.problem.dataset.digest == DATA.digest
    assert again.experiment.problem.dataset.words == ("no", "yes")
    names = set(entries((tmp_path / "a.lrs").read_bytes()))
    assert {name for name in names if name.startswith("data")} == {"data-0.npy", "data-1.npy"}
    one, two = own.simulation(), again.simulation()
    one.advance(30)
    two.advance(30)
    same(one.trace, two.trace)


def test_the_same_session_gives_the_same_bytes(own: Session) -> None:
    assert bytes(to_bytes(own)) == bytes(to_bytes(from_bytes(bytes(to_bytes(own)))))


def test_any_flipped_bit_of_the_data_is_refused(own: Session, entries: Entries) -> None:
    good = bytes(to_bytes(own))
    place = good.index(DATA.columns[0].tobytes())
    for offset in range(0, 320, 7):
        damaged = bytearray(good)
        damaged[place + offset] ^= 4
        with pytest.raises(SessionError):
            from_bytes(bytes(damaged))


def change(**values: Any) -> Callable[[Any], Any]:
    return lambda manifest: manifest["experiment"]["problem"]["dataset"].update(values)


@pytest.mark.parametrize(
    ("arrays", "edit", "message"),
    [
        ({"data-1.npy": np.arange(40.0)}, None, "“身高” must have two values"),
        ({"data-0.npy": np.full(40, np.nan)}, None, "must have numbers"),
        ({"data-0.npy": np.ones(40)}, None, "the same value in every row"),
        ({"data-0.npy": np.arange(39.0)}, None, "the same number of rows"),
        ({"data-0.npy": np.arange(80.0).reshape(40, 2)}, None, "the same number of rows"),
        ({"data-2.npy": np.arange(40.0)}, None, "data-2.npy does not belong to this experiment"),
        ({}, change(names=["a"]), "data-1.npy does not belong to this experiment"),
        ({}, change(names=["a", "b", "c"]), "data-2.npy is missing"),
        ({}, change(names=["a", "a"]), "different names"),
        ({}, change(names=["a", 5]), "must be a list of texts"),
        ({}, change(title="a\nb"), "title of 1 to 200 printable"),
        ({}, change(words=["yes"]), "two different words"),
        ({}, lambda manifest: manifest["arrays"].pop("data-0.npy"), "data-0.npy is missing"),
        ({}, lambda manifest: manifest["experiment"]["problem"].pop("dataset"), "dataset is missing"),
    ],
)
def test_data_that_does_not_fit_is_refused_although_it_is_signed(
    forged_data: Forge, arrays: Any, edit: Any, message: str
) -> None:
    with pytest.raises(SessionError, match=message):
        from_bytes(forged_data(arrays, edit or (lambda manifest: None)))


def test_other_problems_have_no_data_in_the_file(forged: Forge, entries: Entries, data: bytes) -> None:
    assert not any(name.startswith("data") for name in entries(data))
    with pytest.raises(SessionError, match=r"data-0\.npy does not belong to this experiment"):
        from_bytes(forged(arrays={"data-0.npy": np.arange(4.0)}))


def test_columns_of_a_later_version_are_kept(forged_data: Forge) -> None:
    session = from_bytes(forged_data({}, change(units="cm")))
    assert "experiment.problem.dataset.units is not known" in session.notes[0]
    manifest = json.loads(bytes(to_bytes(session)).split(b"manifest.json")[1].partition(b"PK")[0])
    assert manifest["experiment"]["problem"]["dataset"]["units"] == "cm"
