"""`lrstudio sweep --dask`: the same table as alone, whatever becomes of a worker or of the program."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lrstudio import __version__
from tests.patience import PATIENCE

pytest.importorskip("distributed", reason="the extra lrstudio[dask] is not installed")

import dask
import distributed

SWEEP = ["sweep", "--problem", "rosenbrock", "--lr", "1e-4:0.1:32", "--over", "optimizer.momentum=0..0.9:40"]
SWEEP += ["--steps", "100"]
BLOCKS = 20
"""Of 64 cells each."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two worker processes; the scheduler itself tries no task again whose worker died."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
        ) as cluster,
    ):
        yield cluster


@pytest.fixture
def client(cluster: Any) -> Iterator[Any]:
    with distributed.Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2)
        yield client


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrstudio.engine.sweep.blocks.MOST", 64)
    monkeypatch.setattr("lrstudio.terminal.cluster.PATIENCE", 5 * PATIENCE)


@pytest.fixture
def after_blocks(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, Callable[[], None]], list[float]]:
    """Calls an action after so many blocks; returns the reported shares, a list that grows."""

    def install(count: int, action: Callable[[], None]) -> list[float]:
        shares: list[float] = []

        def report(share: float) -> None:
            shares.append(share)
            if len(shares) == count:
                action()

        monkeypatch.setattr("lrstudio.terminal.sweep.progress", lambda: report)
        return shares

    return install


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    from lrstudio.terminal.cli import main

    path = tmp_path_factory.mktemp("alone") / "alone.csv"
    assert main([*SWEEP, "--csv", str(path), "--quiet"]) == 0
    return path.read_bytes()


def nothing() -> None:
    pass


def interrupt() -> None:
    raise KeyboardInterrupt


def qt_modules() -> list[str]:
    return [name for name in sys.modules if name.startswith(("PySide6", "shiboken6", "lrstudio.ui"))]


def loaded_modules() -> bool:
    return "lrstudio.engine.sweep.sweep" in sys.modules


def test_the_table_has_the_bytes_of_a_sweep_alone(
    run: Any, client: Any, alone: bytes, tmp_path: Path, after_blocks: Any
) -> None:
    shares, table = after_blocks(1, nothing), tmp_path / "table.csv"
    code, _, err = run(*SWEEP, "--dask", client.scheduler.address, "--csv", str(table))
    assert (code, err) == (0, "")
    assert table.read_bytes() == alone
    assert len(shares) == BLOCKS and shares == sorted(shares) and shares[-1] == 1
    assert list(tmp_path.iterdir()) == [table]
    assert any(client.run(loaded_modules).values())
    assert set(map(tuple, client.run(qt_modules).values())) == {()}


def test_a_worker_killed_in_the_middle_loses_nothing(
    run: Any, client: Any, alone: bytes, tmp_path: Path, after_blocks: Any
) -> None:
    victim, table = min(client.run(os.getpid).values()), tmp_path / "table.csv"
    shares = after_blocks(3, lambda: os.kill(victim, getattr(signal, "SIGKILL", signal.SIGTERM)))
    code, _, err = run(*SWEEP, "--dask", client.scheduler.address, "--csv", str(table))
    assert (code, err) == (0, "")
    assert table.read_bytes() == alone and len(shares) == BLOCKS
    assert victim not in client.run(os.getpid).values()


def test_an_interrupt_cancels_the_rest_and_a_second_start_computes_it(
    run: Any, client: Any, alone: bytes, tmp_path: Path, after_blocks: Any
) -> None:
    table = tmp_path / "table.csv"
    asked = [*SWEEP, "--dask", client.scheduler.address, "--csv", str(table)]
    after_blocks(5, interrupt)
    code, _, err = run(*asked)
    blocks = tmp_path / "table.csv.blocks"
    assert (code, err) == (1, f"lrstudio sweep: interrupted; the same command goes on from {str(blocks)!r}\n")
    assert not table.exists()
    assert not any(state == "processing" for state in task_states(client))
    shares = after_blocks(0, nothing)
    assert run(*asked)[0] == 0
    assert table.read_bytes() == alone and not blocks.exists()
    assert len(shares) == BLOCKS - 5


def task_states(client: Any) -> list[str]:
    def states(dask_scheduler: Any) -> list[str]:
        return [task.state for task in dask_scheduler.tasks.values()]

    found: list[str] = client.run_on_scheduler(states)
    return found


def test_workers_of_another_version_are_refused(run: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrstudio.terminal.cluster.__version__", "9.9")
    code, out, err = run(*SWEEP, "--dask", client.scheduler.address)
    assert (code, out) == (1, "") and err.count("\n") == 1
    assert f"has lrstudio {__version__}; every worker needs 9.9" in err


def test_workers_of_another_arithmetic_are_refused(run: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrstudio.terminal.cluster.ARITHMETIC", 0)
    code, out, err = run(*SWEEP, "--dask", client.scheduler.address)
    assert (code, out) == (1, "") and err.count("\n") == 1
    assert "a worker has lrstudio" in err and "arithmetic 0; both need the same" in err


def test_a_scheduler_without_workers_says_how_to_start_one(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrstudio.terminal.cluster.PATIENCE", 0.2)
    with distributed.LocalCluster(
        n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
    ) as cluster:
        monkeypatch.setattr("lrstudio.terminal.cluster.PATIENCE", 1)
        code, out, err = run(*SWEEP, "--dask", cluster.scheduler_address)
    assert (code, out) == (1, "") and err.count("\n") == 1
    assert f"has no workers; `dask worker {cluster.scheduler_address}` starts one" in err


def test_an_unreachable_scheduler_is_told_in_one_sentence(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrstudio.terminal.cluster.PATIENCE", 0.2)
    code, out, err = run(*SWEEP, "--dask", "tcp://127.0.0.1:9")
    assert (code, out) == (1, "") and err.count("\n") == 1
    assert "--dask tcp://127.0.0.1:9: no scheduler answers" in err


def test_without_dask_the_command_that_installs_it_is_told(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "distributed" else find_spec(name))
    code, out, err = run(*SWEEP, "--dask", "tcp://127.0.0.1:9")
    assert (code, out) == (1, "") and err.count("\n") == 1
    assert err.endswith('-m pip install "lrstudio[dask]"\n')


def test_what_is_no_address_is_refused(run: Any) -> None:
    assert run(*SWEEP, "--dask", "the cluster")[0] == 2
