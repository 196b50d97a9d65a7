"""Computes the blocks of a sweep on a cluster of dask.distributed, which is imported only then."""

from __future__ import annotations

import importlib.util
import logging
import re
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from lrstudio import __version__
from lrstudio.core.elementary import ARITHMETIC
from lrstudio.core.language import mark, tr
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.blocks import Block, Computed, computed_block
from lrstudio.engine.sweep.summary import Summary
from lrstudio.engine.sweep.sweep import Sweep

PATIENCE = 5
"""Seconds to wait for the scheduler, and for a first worker."""
_IN_FLIGHT = 1024
"""Blocks that are with the scheduler at once."""
_MOST_DEATHS = 10
"""A block that loses its worker this often is no longer tried; the scheduler gives up after 4 of them each time."""

_ADDRESS = re.compile(r"(?:(?:tcp|tls|ucx)://)?(?:[\w.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}", re.ASCII)

Recipe = tuple[Experiment, tuple[Axis, ...]]
Identity = tuple[str, int]
"""The version of the program and of its arithmetic."""

_own = threading.local()


class ClusterError(Exception):
    """The cluster cannot compute; the message says why in one sentence."""


def cluster_blocks(address: str, sweep: Sweep, blocks: Sequence[Block]) -> Computed:
    """Computes the blocks on the workers of the scheduler at this address, in the order in which they finish.

    Where the iterator is closed early, the other tasks are cancelled. Raises ClusterError.
    """
    if _ADDRESS.fullmatch(address) is None:
        raise ValueError(
            tr("--dask {address!r}: must be the address of a scheduler, such as tcp://localhost:8786", address=address)
        )
    _check_installed()
    with _quiet(), _connected(address) as client:
        yield from _gathered(client, address, sweep, blocks)


def _check_installed() -> None:
    if importlib.util.find_spec("distributed") is not None:
        return
    if getattr(sys, "frozen", False):
        raise ClusterError(
            tr("--dask: the packaged program has no dask; install LR Studio with pip, as its README says")
        )
    raise ClusterError(
        tr(
            '--dask: dask is not installed; type {executable} -m pip install "lrstudio[dask]"',
            executable=sys.executable,
        )
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps what distributed logs off the terminal: each failure is told in one sentence."""
    import distributed  # noqa: F401 - sets the levels

    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    """Yields a client with at least one worker; closing it cancels what it has submitted."""
    from distributed import Client
    from distributed.versions import VersionMismatchWarning

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VersionMismatchWarning)  # bits depend on Identity alone, which is checked
            client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterError(
            tr(
                "--dask {address}: no scheduler answers there within {patience} s; `dask scheduler` starts one",
                address=address,
                patience=PATIENCE,
            )
        ) from error
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
        yield client
    except TimeoutError:
        raise ClusterError(
            tr("--dask {address}: the scheduler has no workers; `dask worker {address}` starts one", address=address)
        ) from None
    finally:
        client.close()


def _gathered(client: Any, address: str, sweep: Sweep, blocks: Sequence[Block]) -> Computed:
    from distributed import KilledWorker, as_completed

    _check_workers(client, address)
    recipe = client.submit(_recipe, sweep.experiment, sweep.axes, pure=False)
    waiting, started, deaths = iter(blocks), {}, Counter[Block]()
    running = as_completed(loop=client.loop, with_results=True, raise_errors=False)

    def start(block: Block) -> None:
        future = client.submit(_computed, recipe, *block, (__version__, ARITHMETIC), pure=False)
        started[future] = block
        running.add(future)

    for block in islice(waiting, _IN_FLIGHT):
        start(block)
    for future, result in running:
        block = started.pop(future)
        if isinstance(result, Summary):
            yield block, result
            for following in islice(waiting, 1):
                start(following)
        elif future.status == "error":
            error = future.exception()
            deaths[block] += 1
            if not isinstance(error, KilledWorker) or deaths[block] >= _MOST_DEATHS:
                raise ClusterError(f"--dask {address}: {_told(error)}") from error
            start(block)
        else:
            raise ClusterError(tr("--dask {address}: the connection to the scheduler was lost", address=address))


def _check_workers(client: Any, address: str) -> None:
    """Raises ClusterError where a worker lacks this version: a task that it cannot unpickle would end the worker."""
    from importlib.metadata import version

    for worker, found in client.run(version, "lrstudio", on_error="return").items():
        if found != __version__:
            text = mark("--dask {address}: the worker {worker} has lrstudio {found}; every worker needs {version}")
            if not isinstance(found, str):
                text = mark("--dask {address}: the worker {worker} has no lrstudio; every worker needs {version}")
            raise ClusterError(tr(text, address=address, worker=worker, found=found, version=__version__))


def _told(error: Any) -> str:
    return str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"


def _recipe(experiment: Experiment, axes: tuple[Axis, ...]) -> Recipe:
    """Returns what a worker makes the sweep of; a task, so that it is computed anew where its worker is lost."""
    return experiment, axes


def _computed(recipe: Recipe, first: int, end: int, expected: Identity) -> Summary:
    """Computes a block on a worker, where the sweep of a thread stays compiled; ValueError for another version."""
    if (__version__, ARITHMETIC) != expected:
        raise ValueError(
            tr(
                "a worker has lrstudio {version} with arithmetic {arithmetic}, here are lrstudio {own} and arithmetic "
                "{own_arithmetic}; both need the same",
                version=__version__,
                arithmetic=ARITHMETIC,
                own=expected[0],
                own_arithmetic=expected[1],
            )
        )
    if getattr(_own, "recipe", None) is not recipe:
        _own.sweep, _own.recipe = Sweep(*recipe), recipe
    return computed_block(_own.sweep, Block(first, end))
