"""A batch: runs that are advanced together, their optimizers and schedules compiled in groups of one kind."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.formula.compile import DType
from lrstudio.core.formula.rule import UpdateRule
from lrstudio.core.optimizers import Optimizer
from lrstudio.core.problems import Problem
from lrstudio.core.record import dataclass
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.precision import arithmetic_dtype
from lrstudio.engine.training.rates import Indices, Rates, alike, columns_of, schedule_columns, schedule_group, shortest


@dataclass
class OptimizerGroup:
    """The runs at `indices` have one kind of optimizer: its rule, and its state (G, P) by name, 0 at first.

    They take batches of `batch_size`. `cycled` is the number that a schedule of one of them moves.
    """

    indices: Indices
    rule: UpdateRule
    state: list[Array]
    cycled: str | None = None
    batch_size: int | None = None

    def named_state(self) -> dict[str, Array]:
        return dict(zip(self.rule.state_names, self.state, strict=True))


@dataclass
class Batch:
    """R runs: their optimizers in groups, the rates of their schedules and the weights (R, P) at which they start."""

    groups: list[OptimizerGroup]
    rates: Rates
    starts: Array

    def __post_init__(self) -> None:
        connect(self.groups, self.rates)

    @classmethod
    def of(cls, experiment: Experiment) -> Batch:
        """Returns the runs of an experiment."""
        own = experiment.problem.initial(experiment.seed)
        starts = np.stack([own if run.start is None else np.array(run.start, float) for run in experiment.runs])
        groups, dtype, sizes = [], arithmetic_dtype(experiment.precision), experiment.batch_sizes
        kinds = [_kind(experiment.problem, run) for run in experiment.runs]
        for indices in alike(list(zip(kinds, sizes, strict=True))):
            runs = [experiment.runs[index] for index in indices]
            hyper = columns_of([optimizer_numbers(run.optimizer) for run in runs])
            group = _optimizer_group(experiment.problem, runs, hyper, shortest(indices), starts, dtype)
            groups.append(replace(group, batch_size=sizes[indices[0]]))
        return cls(groups, Rates.of(experiment), starts)

    @classmethod
    def varied(
        cls,
        experiment: Experiment,
        lr: Array,
        starts: Array,
        of_optimizer: Mapping[str, Array],
        of_schedule: Mapping[str, Array],
    ) -> Batch:
        """Returns copies of an experiment's only run with the rates (R,), starts (R, P) and numbers (R,) by name."""
        run, length, everyone = experiment.runs[0], experiment.schedule_length, slice(0, len(lr))
        starts = starts.copy(order="F")  # the values of one parameter are contiguous
        hyper = {name: np.full(len(lr), value) for name, value in optimizer_numbers(run.optimizer).items()}
        hyper = {**hyper, **of_optimizer}
        unset = {name: float(of_optimizer[name][0]) for name in of_optimizer if getattr(run.optimizer, name) is None}
        kind, dtype = replace(run, optimizer=replace(run.optimizer, **unset)), arithmetic_dtype(experiment.precision)
        group = _optimizer_group(experiment.problem, [kind], hyper, everyone, starts, dtype, of_optimizer)
        group = replace(group, batch_size=experiment.batch_size)
        hyper = schedule_columns(run.schedule, length, lr, experiment.per_epoch[0], of_schedule)
        schedules = [schedule_group(everyone, run.schedule, hyper, lr)]
        return cls([group], Rates(schedules, lr, length, experiment.steps), starts)


def _optimizer_group(
    problem: Problem,
    runs: Sequence[Run],
    hyper: Mapping[str, Array],
    indices: Indices,
    starts: Array,
    dtype: DType,
    varying: Collection[str] = (),
) -> OptimizerGroup:
    cycled, tensors = _cycled(runs), problem.tensors_with(runs[0].lr_factors)
    inputs = [name for name in (*varying, cycled) if name is not None]
    compiled = UpdateRule(runs[0].rule, hyper, dtype, list(dict.fromkeys(inputs)), tensors)
    state = [np.zeros_like(starts[indices], dtype) for _ in compiled.state_names]
    return OptimizerGroup(indices, compiled, state, cycled)


def _kind(problem: Problem, run: Run) -> Hashable:
    """Returns what runs have in common that are computed together."""
    return type(run.optimizer), run.rule, problem.tensors_with(run.lr_factors) if run.has_lr_factors else ()


def _cycled(runs: Sequence[Run]) -> str | None:
    """Returns the number of the runs' optimizers that one of their schedules moves."""
    return next((run.optimizer.cycled for run in runs if run.schedule.cycles_momentum), None)


def connect(groups: Sequence[OptimizerGroup], rates: Rates) -> None:
    """Lets the schedules move the momenta of the optimizers."""
    for group in groups:
        if group.cycled is not None:
            group.rule.cycle(group.cycled, partial(_momenta, rates, group.indices))


def _momenta(rates: Rates, indices: Indices, t: Array) -> Array:
    momenta = rates.momenta(t)
    assert momenta is not None
    own: Array = momenta[:, indices]
    return own


def optimizer_numbers(optimizer: Optimizer) -> dict[str, float]:
    """Returns an optimizer's hyper-parameters by name, flags as 0 or 1."""
    return {name: float(value) for name, value in optimizer.values().items() if isinstance(value, (int, float))}
