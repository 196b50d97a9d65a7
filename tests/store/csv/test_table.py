import io
import os
import stat
import threading
from pathlib import Path

import numpy as np
import pytest

from lrstudio.core.problems import NoisyLine, Parabola, Proportional
from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.experiment import Experiment, Gradient, Run
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.engine.training.simulation import Simulation
from lrstudio.engine.training.trace import Trace
from lrstudio.store.csv.table import sweep_rows, write_csv
from tests.patience import PATIENCE

posix = pytest.mark.skipif(os.name != "posix", reason="devices and pipes as POSIX has them")
DECAY = next(example.experiment for example in EXAMPLES if example.key == "parabola")


def table(experiment: Experiment, steps: int) -> tuple[str, Trace]:
    simulation = Simulation(experiment)
    simulation.advance(steps)
    stream = io.StringIO()
    write_csv(stream, simulation.experiment, simulation.trace)
    return stream.getvalue(), simulation.trace


def rows(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.splitlines()]


def test_book_example_has_the_known_first_rows() -> None:
    experiment = Experiment(
        problem=Proportional(), runs=(Run(lr=0.01),), precision="mixed", gradient=Gradient(mode="forward")
    )
    text, _ = table(experiment, 2)
    names, first, second, last = rows(text)
    assert ",".join(names) == "run,step,lr,loss,w,b,grad_w,grad_b,loss_plus_w,loss_plus_b"
    assert first[:6] == ["0", "0", "0.01", "67.5", "0.0", "0.0"]
    assert [round(float(first[6])), round(float(second[4]), 2)] == [-45, 0.45]
    assert last[:3] == ["0", "2", ""]
    assert last[6:] == [""] * 4
    assert all(last[3:6])


def test_article_example_has_the_printed_rows_of_float32() -> None:
    text, _ = table(DECAY, 20)
    body = rows(text)
    assert body[0] == ["run", "step", "lr", "loss", "w", "grad_w"]
    assert [row[1] for row in body if row[0] == "1"] == [str(step) for step in range(21)]
    run = [row for row in body if row[0] == "0"]
    assert [f"{float(row[4]):.6f}" for row in run[1:4]] == ["4.880000", "4.762400", "4.647152"]
    assert [f"{float(row[3]):.6f}" for row in run[:3]] == ["36.000000", "34.574402", "33.205254"]
    assert run[1][4] == repr(float(np.float32(4.88)))


def test_numbers_are_the_shortest_that_read_back_to_the_same_float64() -> None:
    text, trace = table(DECAY, 100)
    body = rows(text)[1:]
    for run in range(3):
        mine = [row for row in body if row[0] == str(run)]
        for place, values in ((3, trace.read("loss")), (4, trace.read("params")[:, :, 0])):
            texts = [row[place] for row in mine]
            assert np.array([float(word) for word in texts]).tobytes() == values[:, run].tobytes()
            assert all(word == repr(float(word)) for word in texts)


def test_numbers_keep_the_form_of_repr() -> None:
    text, _ = table(Experiment(problem=Parabola(), runs=(Run(lr=1e-05),)), 1)
    assert text == "run,step,lr,loss,w,grad_w\n0,0,1e-05,36.0,5.0,12.0\n0,1,,35.998560014399999,4.99988,\n".replace(
        "35.998560014399999", repr((4.99988 + 1) ** 2)
    )


def test_untrained_experiment_has_one_row_for_each_run() -> None:
    text, _ = table(Experiment(problem=Parabola(), runs=(Run(lr=1), Run(lr=2))), 0)
    assert text == "run,step,lr,loss,w,grad_w\n0,0,,36.0,5.0,\n1,0,,36.0,5.0,\n"


def test_diverged_run_ends_with_its_last_finite_row() -> None:
    text, trace = table(Experiment(problem=Parabola(), runs=(Run(lr=1e30), Run(lr=0.1)), steps=20), 20)
    body = rows(text)[1:]
    broken = [row for row in body if row[0] == "0"]
    assert trace.ends[0] == len(broken) < 20
    assert broken[-1][2] == broken[-1][5] == ""
    assert np.isfinite([float(word) for word in broken[-1][3:5]]).all()
    assert all(all(row) for row in broken[:-1])
    assert len([row for row in body if row[0] == "1"]) == 21


def test_epoch_is_the_last_column_where_there_are_batches() -> None:
    experiment = Experiment(
        problem=NoisyLine(n=10), runs=(Run(lr=0.1),), batch_size=4, gradient=Gradient(mode="forward")
    )
    text, _ = table(experiment, 7)
    names, *body = rows(text)
    assert names[-2:] == ["loss_plus_b", "epoch"]
    assert [row[-1] for row in body] == ["0", "0", "0", "1", "1", "1", "2", "2"]


def test_long_table_is_the_same_in_pieces() -> None:
    text, trace = table(Experiment(problem=Parabola(), runs=(Run(lr=0.001), Run(lr=0.002)), steps=9000), 9000)
    body = rows(text)[1:]
    assert [(row[0], row[1]) for row in body] == [(str(run), str(step)) for run in range(2) for step in range(9001)]
    assert [row[2] for row in body].count("") == 2
    assert np.array_equal([float(row[3]) for row in body], trace.read("loss").T.ravel())


@pytest.fixture
def simulation() -> Simulation:
    simulation = Simulation(Experiment(problem=Parabola(), runs=(Run(lr=0.1),), steps=20_000))
    simulation.advance(20_000)
    return simulation


def test_a_sweep_comes_in_pieces_of_thousands_of_lines() -> None:
    rates, momenta = tuple(np.linspace(0.001, 0.1, 20_000).tolist()), (0.0, 0.5)
    experiment = Experiment(problem=Parabola(), runs=(Run(lr=0.1),), steps=2)
    axes = [Axis("lr", rates), Axis("optimizer.momentum", momenta)]
    for count in (1, 2):
        sweep = Sweep(experiment, axes[:count])
        header, *pieces = sweep_rows(sweep, sweep.run())
        assert header.count("\n") == 1 and max(piece.count("\n") for piece in pieces) == 4096
        cells = [[float(cell) for cell in row[:count]] for row in rows("".join(pieces))]
        assert cells == [[rate, momentum][:count] for momentum in momenta[:count] for rate in rates]


def test_file_is_replaced_whole_and_has_unix_line_ends(tmp_path: Path, simulation: Simulation) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    shares: list[float] = []
    write_csv(path, simulation.experiment, simulation.trace, shares.append)
    stream = io.StringIO()
    write_csv(stream, simulation.experiment, simulation.trace)
    assert path.read_bytes() == stream.getvalue().encode()
    assert b"\r" not in path.read_bytes()
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert list(tmp_path.iterdir()) == [path]


def test_cancelling_leaves_the_old_file(tmp_path: Path, simulation: Simulation) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")

    def cancel(share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_csv(path, simulation.experiment, simulation.trace, cancel)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_device_is_written_to_and_not_replaced(simulation: Simulation) -> None:
    write_csv("/dev/null", simulation.experiment, simulation.trace)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)  # noqa: PTH116


@posix
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device that Linux has")  # noqa: PTH110
def test_full_device_is_an_error(simulation: Simulation) -> None:
    with pytest.raises(OSError, match="/dev/full"):
        write_csv("/dev/full", simulation.experiment, simulation.trace)


@posix
def test_pipe_is_written_to_and_not_replaced(tmp_path: Path, simulation: Simulation) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    received = []
    reader = threading.Thread(target=lambda: received.append(path.read_bytes()))
    reader.start()
    write_csv(path, simulation.experiment, simulation.trace)
    reader.join(PATIENCE)
    assert received[0].count(b"\n") == 20_002
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert list(tmp_path.iterdir()) == [path]
