"""The data of a problem and its mini-batches as source."""

from __future__ import annotations

from collections.abc import Iterator

from lrstudio.engine.code.arrays import array_lines
from lrstudio.engine.code.spelling import block, variable
from lrstudio.engine.experiment import Experiment

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
_OWN = (
    ("def data_at(step):", "def data_at(step, batch_size):"),
    ("the same for all runs.", "the same for all runs of this size; None are all data."),
    ("data_at(step))", "data_at(step, batch_size))"),
    ("= data_at(step)\n", "= data_at(step, batch_size)\n"),
    ("range(STEPS + 1)", "range(ends[0] + 1)"),
    ("g, step):", "g, step, batch_size, ends):"),
    (", step)]", ", step, batch_size, ends)]"),
    ("step % PER_EPOCH and", "step % per_epoch(batch_size) and"),
    ("(step + 1) % PER_EPOCH", "(step + 1) % per_epoch(batch_size)"),
    ("step//PER_EPOCH", "step//per_epoch(batch_size)"),
    ("def reached(rows):", "def reached(run, rows):"),
    ("PER_EPOCH == 0 or step == STEPS", 'per_epoch(run["batch_size"]) == 0 or step == run["ends"][0]'),
    ("min(len(rows), STEPS)", 'min(len(rows), run["ends"][0])'),
    ("max(map(reached, tables))", "max(map(reached, RUNS, tables))"),
    ("divmod(step, PER_EPOCH)", "divmod(step, per_epoch(batch_size))"),
    ("BATCH_SIZE", "batch_size"),
)
"""What is told otherwise in a script whose runs have batch sizes and numbers of steps of their own."""
_PER_EPOCH = '''
def per_epoch(batch_size):
    """The steps of one pass through the data."""
    return 1 if batch_size is None else -(-len(DATA[0])//batch_size)
'''


def data_lines(experiment: Experiment) -> Iterator[str]:
    """Yields the training data `DATA`; where there is a network also `OTHER` and the initial weights `START`."""
    problem = experiment.problem
    if not problem.has_data:
        return
    seed, type_ = experiment.seed, ", np.float32" if experiment.precision == "float32" else ""
    if problem.network is None:
        columns = {variable(name): values for name, values in problem.data(seed).items()}
        for name, values in columns.items():
            yield from array_lines(name, values)
        yield f"DATA = [{', '.join(f'np.asarray({name}{type_})' for name in columns)}]"
        return
    split = problem.split(seed)
    for name, values in split._asdict().items():
        yield from array_lines(name, values)
    yield f"DATA, OTHER = [np.asarray(x{type_}), labels], [np.asarray(other_x{type_}), other_labels]"
    yield from array_lines("START", problem.initial(seed))


def batch_lines(experiment: Experiment) -> Iterator[str]:
    """Yields `data_at(step)`."""
    problem = experiment.problem
    if not problem.has_data:
        return
    if problem.turn is not None:
        yield from (*block(_TURNED), "", "")
    data = "turned(DATA, step)" if problem.turn is not None else "DATA"
    if not experiment.has_batches:
        yield from ("def data_at(step):", f"    return {data}")
        return
    yield from block(_ORDER)
    yield _PERMUTATION if experiment.data_size <= _MANY else _SORTED
    if len(set(experiment.batch_sizes)) > 1:
        yield from ("", "", *block(_PER_EPOCH))
    yield from ("", "", "def data_at(step):", '    """The mini-batch of a step, the same for all runs."""')
    yield f"    data = {data}"
    if None in experiment.batch_sizes:
        yield from ("    if batch_size is None:", "        return data")
    yield from _BATCH.strip("\n").split("\n")


def with_own_batches(text: str) -> str:
    """Returns a script in which each run has a batch size and a number of steps."""
    for shared, own in _OWN:
        text = text.replace(shared, own)
    return text
