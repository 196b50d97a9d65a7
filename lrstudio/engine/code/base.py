"""What the scripts of all libraries have: title, data, mini-batches, the runs, and the table that they print."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar

from lrstudio.core.optimizers import Optimizer
from lrstudio.engine.code.arrays import UNPACK
from lrstudio.engine.code.data import batch_lines, data_lines, with_own_batches
from lrstudio.engine.code.rules import Functions, Generator, Source, momenta, rate, reads_newton
from lrstudio.engine.code.spelling import block
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.rows import evaluation_stride
from lrstudio.engine.training.trace import RateChange

_MODULES = ("base64", "contextlib", "csv", "functools", "io", "itertools", "math", "sys", "zlib")
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
        self.exact = self.mixed or (self.single and experiment.gradient.mode != "analytic")
        """Whether each update is rounded as in the program: a measured gradient magnifies a float32's last digit."""
        self.functions = Functions()
        schedules = [run.schedule for run in experiment.runs]
        self.cycles = any(schedule.cycles_momentum for schedule in schedules)
        self.newton = any(reads_newton(run.optimizer) for run in experiment.runs)
        self.validates = any(schedule.monitors_validation for schedule in schedules)
        self.own_batches = len(set(experiment.batch_sizes)) > 1

    def text(self) -> str:
        """Returns the script."""
        runs = list(self._runs())  # which fill the functions
        data = data_lines(self.experiment), batch_lines(self.experiment)
        parts = [self._constants(), data[0], self.loss_lines(), data[1], self.functions.lines(), runs]
        texts = ["\n".join(part) for part in (*parts, block(self.train()), self._ends(), self._main())]
        helpers = self.helpers | {"unpacked(": UNPACK, "(changed,": _CHANGED}
        texts[:0] = [
            text.strip("\n")
            for calls, text in helpers.items()
            if any(call in each for call in calls.split("|") for each in texts)
        ]
        modules = [f"import {name}" for name in _MODULES if any(f"{name}." in each for each in texts)]
        head = "\n".join([*self._head(), "", *modules, "", *self.imports()])
        text = "\n\n\n".join(text for text in (head, *texts) if text) + "\n"
        return with_own_batches(text) if self.own_batches else text

    @abstractmethod
    def imports(self) -> Iterator[str]:
        """Yields the imports of libraries."""

    @abstractmethod
    def loss_lines(self) -> Iterator[str]:
        """Yields the functions of the loss."""

    @abstractmethod
    def optimizer(self, run: Run) -> str:
        """Returns what makes the optimizer of a run."""

    def lr_factors(self, run: Run) -> Source | None:
        """Returns the factors of the rates of all weights of a run that has some, as an array."""
        if not run.has_lr_factors:
            return None
        tensors, type_ = self.problem.tensors_with(run.lr_factors), ", np.float32" if self.single else ""
        array = f"np.array({[tensor.factor for tensor in tensors]!r}{type_})"
        return Source(array if self.network is None else f"np.repeat({array}, {[each.size for each in tensors]!r})")

    def note(self, optimizer: Optimizer, moved: str | None) -> str:
        """Returns why an optimizer is written out in place of the library's own; a hyper-parameter may be `moved`."""
        difference = optimizer.difference(self.key, moved)
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
        if experiment.has_batches:
            if not self.own_batches:
                yield f"BATCH_SIZE = {experiment.batch_sizes[0]}"
                yield f"PER_EPOCH = {experiment.per_epoch[0]}"
            yield f"SEED = {experiment.seed}"
        elif self.validates:
            yield "PER_EPOCH = 1"
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
        header += ["epoch"] * experiment.has_batches + list(self.problem.metrics)
        yield f"HEADER = {' '.join(header)!r}.split()"

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
            if self.cycles:
                yield f'        "momenta": {self._momenta(index)},'
            if self.validates:
                yield f'        "validates": {run.schedule.monitors_validation},'
            if self.own_batches:
                yield f'        "batch_size": {self.experiment.batch_sizes[index]},'
                ends = self.experiment.steps_each[index], self.experiment.lengths[index]
                yield f'        "ends": {ends},  # the last step, and the one that the schedule was planned to'
            yield "    },"
        yield "]"

    def _stages(self, index: int) -> list[Stage]:
        """Returns from which step on a run has which own rate, with the entry of its schedule."""
        experiment, run = self.experiment, self.experiment.runs[index]
        own = [change for change in self._changes if change.run == index]
        rates = [(0, own[0].before if own else run.lr), *((change.step, change.after) for change in own)]
        length, per_epoch = experiment.lengths[index], experiment.per_epoch[index]
        plans = [(since, lr, rate(run.schedule, length, lr, per_epoch)) for since, lr in rates]
        return [(since, lr, self.entry(run.schedule.key, plan)) for since, lr, plan in plans]

    def _momenta(self, index: int) -> str:
        """Returns what makes the momenta that the schedule of a run gives."""
        run = self.experiment.runs[index]
        if not run.schedule.cycles_momentum:
            return "itertools.repeat(None)"
        plan = momenta(run.schedule, self.experiment.lengths[index], self.experiment.per_epoch[index])
        numbers = ", ".join(f"{name}={value!r}" for name, value in plan.values.items())
        return f"{self.functions.name_of(f'{run.schedule.key}_momenta', plan)}({numbers})"

    def cycled(self, run: Run) -> str | None:
        """Returns the number of a run's optimizer that its schedule moves."""
        return run.optimizer.cycled if run.schedule.cycles_momentum else None

    def given(self, run: Run) -> list[str]:
        """Returns what the update of a run takes beside gradient and rate; those of a script take equally many."""
        return [self.cycled(run) or "_"] * self.cycles + ["newton"] * self.newton

    @property
    def taken(self) -> str:
        """The arguments that `train` takes beside those of all scripts."""
        own = ", batch_size, ends" * self.own_batches
        return ", momenta" * self.cycles + ", validates" * self.validates + own

    def validated(self, weights: str) -> str:
        """Returns the lines of `train` that let a schedule follow the loss on the other examples."""
        if not self.validates:
            return ""
        data = self.converted.format("turned(OTHER, step + 1)" if self.drifts else "OTHER")
        return (
            "if validates and (step + 1) % PER_EPOCH == 0:  # the schedule follows the loss on the other examples\n"
            f"            value = loss({weights}, {data}).item()\n        "
        )

    @property
    def passed_over(self) -> str:
        """At which steps accuracy and the loss on the other examples are not measured."""
        planned, last = self.experiment.schedule_length, self.experiment.steps
        ends = "step != STEPS" if planned == last else f"step not in (STEPS, {planned})"
        ends = "step not in ends" if self.own_batches else ends
        return f"step % STRIDE{' and step % PER_EPOCH' * self.validates} and {ends}"

    def entry(self, key: str, generator: Generator) -> str:
        """Returns a generator and its numbers as a pair."""
        numbers = ", ".join(f"{name!r}: {value!r}" for name, value in generator.values.items())
        return f"({self.functions.name_of(key, generator)}, {{{numbers}}})"

    def _ends(self) -> Iterator[str]:
        if self.experiment.target_loss is None:
            return
        batches = self.experiment.has_batches
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
            columns.insert(0, f"loss({whole}).item()" if experiment.has_batches else "value")
        columns += ["step//PER_EPOCH"] * experiment.has_batches
        columns += [f"*measured({weights}, {gradient}, step)"] * (self.network is not None)
        return ", ".join(columns)
