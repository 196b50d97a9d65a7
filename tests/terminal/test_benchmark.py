"""`lrstudio benchmark`: machine, versions, backend and speeds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lrstudio import __version__
from lrstudio.core.kernel.host import backend
from lrstudio.terminal import benchmark


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "SECONDS", 1e-3)


def test_it_prints_the_machine_the_versions_and_the_backend(run: Any) -> None:
    code, out, err = run("benchmark")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert f"{benchmark.machine().cores} cores" in lines[0]
    assert f"lrstudio {__version__}, Python 3." in lines[1]
    assert lines[2].split()[:2] == ["arithmetic", backend().kind]
    assert len(lines) == 5 + len(benchmark.works())


def test_the_json_has_the_same(run: Any) -> None:
    code, out, _ = run("benchmark", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["arithmetic"]["backend"] == backend().kind
    assert {"lrstudio", "Python", "numpy", "wasmtime"} <= set(found["versions"])
    assert [row["work"] for row in found["speeds"]] == [name for name, _, _ in benchmark.works()]
    assert all(row["steps_per_second"] > 0 for row in found["speeds"])


def test_a_package_that_is_missing_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "_PACKAGES", ("no-such-package",))
    assert benchmark.versions()["no-such-package"] == "-"
