"""What the scripts of all libraries have: title, data, mini-batches, the runs, and the table that they print."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar

from lrstudio.core.optimizers import Optimizer
from lrstudio.engine.code.arrays import UNPACK, array_lines
from lrstudio.engine.code.rules import Functions, Generator, rate
from lrstudio.engine.code.spelling import block, variable
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.rows import evaluation_stride
from lrstudio.engine.training.trace import RateChange

_MODULES = ("base64", "contextlib", "csv", "functools", "io", "itertools", "math", "sys", "zlib")
_ORDER = '''
@functools.cache
def order(epoch):
    """The shuffled rows of an epoch, the same for all runs."""
    bits = np.random.PCG64(np.random.SeedSequence(SEED, spawn_key=(epoch,)))
'''
_PERMUTATION = "    return np.random.Generator(bits).permutation(len(DATA[0]))"
_SORTED = '    return np.argsort(bits.random_raw(len(DATA[0])) >> np.uint64(11), kind="stable")'
_MANY = 100_000
"""More rows than that are ordered by random keys (see core.kernel.shuffle)."""
_BATCH = """
    epoch, index = divmod(step, PER_EPOCH)
    rows = order(epoch)[index*BATCH_SIZE:(index + 1)*BATCH_SIZE]
    return [column[rows] for column in data]
"""
_TURNED = '''
def turned(data, step):
    """The examples at a step: their inputs turn."""
    (x, labels), angle = data, math.radians(DRIFT*step/1000)
    across, up = x[:, 0], x[:, 1]/SCALE
    along, beside = math.cos(angle), math.sin(angle)
    return [np.stack([along*across - beside*up, (beside*across + along*up)*SCALE], axis=1), labels]
'''
_CHANGED = '''
def changed(lr, stages):
    """Yields the rate of each step, with another own rate from a step on; all go on, the last begun counts."""
    streams = [rates_of(type(lr)(own), **plan) for _, own, (rates_of, plan) in stages]
    rates = [next(stream) for stream in streams]
    for step in itertools.count():
        value = yield rates[sum(step >= since for since, *_ in stages) - 1]
        rates = [stream.send(value) for stream in streams]
'''
_REACHED = '''
def reached(rows):
    """The step at which a run has the target loss{where} or has diverged, otherwise the last one."""
    for step, row in enumerate(rows):
        if row[3] <= TARGET_LOSS{due}:
            return step
    return min(len(rows), STEPS)
'''
_MAIN = '''
def main():
    """Prints a row for each run and step; the last one of a run has neither rate nor gradient."""
    writer = csv.writer(sys.stdout, lineterminator="\\n")
    writer.writerow(HEADER)
    with np.errstate(all="ignore"):
        tables = [train(**run) for run in RUNS]
    {cut}for number, rows in enumerate(tables):
        for step, lr, value, {judged}params, slopes, *more in rows:
            known = step < rows[-1][0]
            measured = [lr, *slopes] if known else [""]*(1 + len(slopes))
            writer.writerow([number, step, measured[0], value, *params, *measured[1:], *more])


if __name__ == "__main__":
    main()
'''
_CUT = """end = max(map(reached, tables))
    tables = [rows[:end + 1] for rows in tables]
    """


Stage = tuple[int, float, str]
"""A step, the own rate from it on, and the entry of the schedule."""


def _stage(stage: Stage) -> str:
    since, lr, entry = stage
    return f"({since}, {lr!r}, {entry})"


class Script(ABC):
    """A script that prints the table of an experiment's runs, as `lrstudio run --csv -` does."""

    key: ClassVar[str]
    title: ClassVar[str]
    needs: ClassVar[str]
    helpers: ClassVar[dict[str, str]] = {}
    """Functions that stand in a script that calls them, by the text of a call, several with | between them."""
    converted: ClassVar[str] = "{}"
    """How a list of arrays of NumPy becomes one of the library's."""

    def __init__(self, experiment: Experiment, command: str, changes: Sequence[RateChange] = ()) -> None:
        self.experiment, self.problem, self._command = experiment, experiment.problem, command
        self._changes = changes
        self.network, self.drifts = self.problem.network, self.problem.turn is not None
        self.mixed, self.single = experiment.precision == "mixed", experiment.precision == "float32"
        self.weights = "np.float64" if experiment.precision == "float64" else "np.float32"
        self.arithmetic = "np.float32" if self.single else "np.float64"
        self.functions = Functions()

    def text(self) -> str:
        """Returns the script."""
        runs = list(self._runs())  # which fill the functions
        parts = [self._constants(), self._data(), self.loss_lines(), self._batches(), self.functions.lines(), runs]
        texts = ["\n".join(part) for part in (*parts, block(self.train()), self._ends(), self._main())]
        helpers = self.helpers | {"unpacked(": UNPACK, "(changed,": _CHANGED}
        texts[:0] = [
            text.strip("\n")
            for calls, text in helpers.items()
            if any(call in each for call in calls.split("|") for each in texts)
        ]
        modules = [f"import {name}" for name in _MODULES if any(f"{name}." in each for each in texts)]
        head = "\n".join([*self._head(), "", *modules, "", *self.imports()])
        return "\n\n\n".join(text for text in (head, *texts) if text) + "\n"

    @abstractmethod
    def imports(self) -> Iterator[str]:
        """Yields the imports of libraries."""

    @abstractmethod
    def loss_lines(self) -> Iterator[str]:
        """Yields the functions of the loss."""

    @abstractmethod
    def optimizer(self, run: Run) -> str:
        """Returns what makes the optimizer of a run."""

    def note(self, optimizer: Optimizer) -> str:
        """Returns why an optimizer is written out in place of the library's own."""
        difference = optimizer.difference(self.key)
        return f"Written out: {optimizer.title} of {self.title} {difference}." if difference else ""

    @abstractmethod
    def train(self) -> str:
        """Returns the function that trains a run."""

    def _head(self) -> Iterator[str]:
        experiment = self.experiment
        count = len(experiment.runs)
        runs = "1 run" if count == 1 else f"{count} runs"
        yield f'"""{self.problem.title} in {self.title}: {runs} of {experiment.steps} steps.'
        yield ""
        yield f"Prints the table of: {self._command} --csv -"
        for change in self._changes:
            number, rates = change.run, f"from {change.before!r} to {change.after!r}"
            yield f"but for run {number}, whose rate was changed at step {change.step} {rates}."
        yield f"Needs {self.needs}. To write it to a file: python SCRIPT.py > runs.csv"
        yield "In a table every row has the values before an update and the rate of that update."
        yield '"""'

    def _constants(self) -> Iterator[str]:
        experiment = self.experiment
        yield f"STEPS = {experiment.steps}"
        if experiment.target_loss is not None:
            yield f"TARGET_LOSS = {experiment.target_loss!r}"
        if experiment.batch_size is not None:
            yield f"BATCH_SIZE = {experiment.batch_size}"
            yield f"PER_EPOCH = {-(-experiment.data_size // experiment.batch_size)}"
            yield f"SEED = {experiment.seed}"
        if experiment.gradient.mode != "analytic":
            yield f"EPS = {experiment.gradient.eps!r}"
        if self.network is not None:
            yield f"SIZES = {self.network.sizes!r}"
            yield f"RECORDED = {self.problem.recorded.tolist()!r}"
            yield f"STRIDE = {evaluation_stride(experiment)}"
        if self.problem.turn is not None:
            yield f"DRIFT, SCALE = {self.problem.turn!r}"
        header = ["run", "step", "lr", "loss", *self.problem.names, *(f"grad_{name}" for name in self.problem.names)]
        header += [f"loss_plus_{name}" for name in self.problem.names] * (experiment.gradient.mode == "forward")
        header += ["epoch"] * (experiment.batch_size is not None) + list(self.problem.metrics)
        yield f"HEADER = {' '.join(header)!r}.split()"

    def _data(self) -> Iterator[str]:
        if not self.problem.has_data:
            return
        seed, type_ = self.experiment.seed, ", np.float32" if self.single else ""
        if self.network is None:
            columns = {variable(name): values for name, values in self.problem.data(seed).items()}
            for name, values in columns.items():
                yield from array_lines(name, values)
            yield f"DATA = [{', '.join(f'np.asarray({name}{type_})' for name in columns)}]"
            return
        split = self.problem.split(seed)
        for name, values in split._asdict().items():
            yield from array_lines(name, values)
        yield f"DATA, OTHER = [np.asarray(x{type_}), labels], [np.asarray(other_x{type_}), other_labels]"
        yield from array_lines("START", self.problem.initial(seed))

    def _batches(self) -> Iterator[str]:
        """Yields `data_at(step)`."""
        if not self.problem.has_data:
            return
        if self.drifts:
            yield from (*block(_TURNED), "", "")
        data = "turned(DATA, step)" if self.drifts else "DATA"
        if self.experiment.batch_size is None:
            yield from ("def data_at(step):", f"    return {data}")
            return
        yield from block(_ORDER)
        yield _PERMUTATION if self.experiment.data_size <= _MANY else _SORTED
        yield from ("", "", "def data_at(step):", '    """The mini-batch of a step, the same for all runs."""')
        yield f"    data = {data}"
        yield from _BATCH.strip("\n").split("\n")

    def _runs(self) -> Iterator[str]:
        yield "RUNS = ["
        for index, start in enumerate(self.experiment.starts()):
            run, stages = self.experiment.runs[index], self._stages(index)
            listed = ", ".join(map(_stage, stages))
            entry = stages[0][2] if len(stages) == 1 else f'(changed, {{"stages": [{listed}]}})'
            yield "    {"
            yield f'        "start": {"START" if self.network is not None else list(start)},'
            yield f'        "lr": {stages[0][1]!r},'
            yield f'        "optimizer": {self.optimizer(run)},'
            yield f'        "schedule": {entry},'
            yield "    },"
        yield "]"

    def _stages(self, index: int) -> list[Stage]:
        """Returns from which step on a run has which own rate, with the entry of its schedule."""
        experiment, run = self.experiment, self.experiment.runs[index]
        own = [change for change in self._changes if change.run == index]
        rates = [(0, own[0].before if own else run.lr), *((change.step, change.after) for change in own)]
        length, per_epoch = experiment.schedule_length, experiment.steps_per_epoch
        plans = [(since, lr, rate(run.schedule, length, lr, per_epoch)) for since, lr in rates]
        return [(since, lr, self.entry(run.schedule.key, plan)) for since, lr, plan in plans]

    def entry(self, key: str, generator: Generator) -> str:
        """Returns a generator and its numbers as a pair."""
        numbers = ", ".join(f"{name!r}: {value!r}" for name, value in generator.values.items())
        return f"({self.functions.name_of(key, generator)}, {{{numbers}}})"

    def _ends(self) -> Iterator[str]:
        if self.experiment.target_loss is None:
            return
        batches = self.experiment.batch_size is not None
        words = {
            "where": " on all data at the end of an epoch" if batches else "",
            "due": " and (step % PER_EPOCH == 0 or step == STEPS)" if batches else "",
        }
        yield from block(_REACHED.format(**words))

    def _main(self) -> Iterator[str]:
        judged = self.experiment.target_loss is not None
        yield from block(_MAIN.format(cut=_CUT if judged else "", judged="_, " * judged))

    def row(self, weights: str, gradient: str, given: str) -> str:
        """Returns what a row of the table has after step, rate and loss; `given` are the arguments of the loss."""
        experiment, some = self.experiment, "" if self.network is None else "[RECORDED]"
        measured = f"{gradient}{some}.tolist()"
        if experiment.gradient.mode == "forward":
            measured += f" + losses_beside({given}, EPS).tolist()"
        columns = [f"{weights}{some}.tolist()", measured]
        if experiment.target_loss is not None:
            whole = given.replace("data", self.converted.format("turned(DATA, step)" if self.drifts else "DATA"))
            columns.insert(0, f"loss({whole}).item()" if experiment.batch_size is not None else "value")
        columns += ["step//PER_EPOCH"] * (experiment.batch_size is not None)
        columns += [f"*measured({weights}, {gradient}, step)"] * (self.network is not None)
        return ", ".join(columns)
