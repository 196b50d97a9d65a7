"""The rows of the table about training with a trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from lrstudio.core.problems import NoisyLine, Proportional
from lrstudio.core.problems.network import NetworkProblem
from tests.benchmarks import subject
from tests.benchmarks.measuring import Job, Line, Pace, against
from tests.benchmarks.rivals import c_program, earlier, torch_loops

TITLES = {"sgd": "SGD", "adam": "Adam"}


def torch_line(optimizer: str, x: Sequence[float], y: Sequence[float]) -> Job | str:
    return torch_loops.missing() or Job(partial(torch_loops.line, optimizer, subject.RATES[optimizer], x, y))


def ours(name: str) -> Job:
    units, run = subject.JOBS[name]
    return Job(run, units)


def before(name: str) -> Job | str:
    """The same job at the earlier commit."""
    return earlier.missing() or Job(partial(earlier.train, name), subject.JOBS[name][0])


def one_run(problem: Proportional | NoisyLine, goals: Mapping[str, tuple[float, float]], pace: Pace) -> list[Line]:
    data = problem.data(0)
    x, y = data["x"].tolist(), data["y"].tolist()
    lines = []
    for optimizer, (torch, c) in goals.items():
        program = partial(c_program.train, optimizer, subject.RATES[optimizer], x, y)
        rivals: dict[str, tuple[Job | str, float]] = {
            "torch.optim": (torch_line(optimizer, x, y), torch),
            "C -O2": (c_program.missing() or Job(program), c),
        }
        work = f"1 run, {len(x)} points, {TITLES[optimizer]}"
        lines.append(against(work, ours(f"{problem.key} {optimizer} 1 float64"), rivals, pace))
    return lines


def four_points(pace: Pace) -> list[Line]:
    return one_run(Proportional(), {"sgd": (5000, 0.4), "adam": (3000, 0.4)}, pace)


def hundred_points(pace: Pace) -> list[Line]:
    return one_run(NoisyLine(), {"sgd": (2500, 1), "adam": (2000, 1)}, pace)


def sixteen_runs(pace: Pace) -> list[Line]:
    data = Proportional().data(0)
    x, y = data["x"].tolist(), data["y"].tolist()
    lines = []
    for optimizer, goal in {"sgd": 5000, "adam": 4500}.items():
        rivals = {"torch.optim": (torch_line(optimizer, x, y), goal)}
        work = f"16 runs, 4 points, {TITLES[optimizer]}"
        lines.append(against(work, ours(f"proportional {optimizer} 16 float64"), rivals, pace))
    return lines


def elementary(pace: Pace) -> list[Line]:
    return [
        against(f"{key}, Adam", ours(name), {"today": (before(name), 150)}, pace)
        for key, name in ((key, f"{key} adam 1 float64") for key in ("rastrigin", "ackley", "model"))
    ]


def batches(pace: Pace) -> list[Line]:
    names = {optimizer: f"batches {optimizer} 1 float64" for optimizer in subject.RATES}
    return [
        against(f"mini-batches of 10 of 100, {TITLES[optimizer]}", ours(name), {"today": (before(name), 40)}, pace)
        for optimizer, name in names.items()
    ]


def network(key: str, count: int, precision: str, goal: float, pace: Pace) -> Line:
    """A network beside the same one in torch.nn, where runs are trained one after the other."""
    chosen = subject.experiment(key, "adam", 1, 1)
    problem, batch, lr = chosen.problem, chosen.batch_size, subject.RATES["adam"]
    assert isinstance(problem, NetworkProblem) and batch is not None
    split, sizes, head = problem.split(0), problem.network.sizes, problem.head
    data = split.x, split.labels
    torch = torch_loops.missing() or Job(partial(torch_loops.network, sizes, head, data, batch, precision, lr))
    shape = "-".join(map(str, sizes))
    work = f"network {shape}, batch {batch}, Adam, {precision}, R = {count}"
    return against(work, ours(f"{key} adam {count} {precision}"), {"torch.nn": (torch, goal)}, pace)


def networks(pace: Pace) -> list[Line]:
    both = [("float64", 1, 40), ("float64", 64, 60), ("float32", 1, 40), ("float32", 64, 60)]
    return [network("classification", count, precision, goal, pace) for precision, count, goal in both]


def digits(pace: Pace) -> list[Line]:
    return [network("digits", count, "float32", goal, pace) for count, goal in ((64, 7), (1, 3))]
