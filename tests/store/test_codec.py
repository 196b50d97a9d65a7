import json
from typing import Any

import pytest

from lrstudio.core.optimizers import OPTIMIZERS
from lrstudio.core.problems import PROBLEMS, Parabola
from lrstudio.core.schedules import SCHEDULES
from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.experiment import PRECISIONS, Experiment, Run
from lrstudio.store.codec import decode, encode
from lrstudio.store.datasets import data_arrays
from lrstudio.store.fields import SessionError, dumps, loads
from tests.store.conftest import MakeExperiment


def through_json(experiment: Experiment) -> Any:
    return loads(dumps(encode(experiment)))


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("gradient", ["analytic", "forward", "central"])
def test_experiment_reads_back_as_it_was(mixed_runs: MakeExperiment, precision: str, gradient: str) -> None:
    experiment = mixed_runs(precision, gradient)
    decoded = decode(through_json(experiment))
    assert decoded.experiment == experiment
    assert not decoded.unknown
    assert not decoded.notes


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.key)
def test_every_ready_example_reads_back_as_it_was(example: Any) -> None:
    assert decode(through_json(example.experiment)).experiment == example.experiment


TOGETHER = [
    pytest.param(problem, optimizer, id=f"{problem.key} {optimizer.key}")
    for problem in PROBLEMS
    for optimizer in OPTIMIZERS
    if not optimizer().refusal(problem.key, problem().tensors)
]


@pytest.mark.parametrize(("problem", "optimizer"), TOGETHER)
def test_every_catalogue_entry_is_saved_by_its_key(problem: Any, optimizer: Any) -> None:
    runs = tuple(Run(lr=0.1, optimizer=optimizer(), schedule=schedule()) for schedule in SCHEDULES)
    document = through_json(Experiment(problem=problem(), runs=runs))
    assert document["problem"]["key"] == problem.key
    assert {run["optimizer"]["key"] for run in document["runs"]} == {optimizer.key}
    assert [run["schedule"]["key"] for run in document["runs"]] == [schedule.key for schedule in SCHEDULES]
    assert optimizer.__name__ not in json.dumps(document)
    assert decode(document, data_arrays(problem())).experiment.runs == runs


def test_odd_numbers_read_back_to_the_last_bit() -> None:
    for lr in (0.1 + 0.2, 5e-324, 1.7976931348623157e308, 0.0):
        assert decode(through_json(Experiment(problem=Parabola(), runs=(Run(lr=lr),)))).experiment.runs[0].lr == lr


def test_a_target_loss_is_saved_and_a_file_without_one_has_none() -> None:
    runs = (Run(lr=0.1),)
    for target in (0.5, 0.0, -2.5, None):
        experiment = Experiment(problem=Parabola(), runs=runs, target_loss=target)
        assert decode(through_json(experiment)).experiment == experiment
    assert "target_loss" not in encode(Experiment(problem=Parabola(), runs=runs))
    document = encode(Experiment(problem=Parabola(), runs=runs)) | {"target_loss": None}
    assert decode(document).experiment.target_loss is None


def set_at(document: Any, place: Any, value: Any) -> None:
    *path, last = place
    for name in path:
        document = document[name]
    document[last] = value


WRONG = [
    (("steps",), 0, "experiment: steps = 0: must be a whole number from 1 to 100000000"),
    (("steps",), 2.5, "experiment: steps = 2.5: must be a whole number from 1 to"),
    (("steps",), True, "experiment: steps = True: must be a whole number from 1 to"),
    (("steps",), 10**12, "experiment: steps = 1000000000000: must be a whole number from 1 to 100000000"),
    (("seed",), -1, "experiment: seed = -1: must be a whole number from 0 to 9223372036854775807"),
    (("precision",), "float16", "experiment: precision = 'float16': must be one of float64, float32, mixed"),
    (("gradient", "mode"), ["x"], "experiment.gradient: mode = ['x']: must be one of analytic, forward, central"),
    (("gradient", "mode"), "x", "experiment.gradient: mode = 'x': must be one of analytic, forward, central"),
    (("gradient", "eps"), 0.5, "experiment.gradient: gradient analytic: takes no eps"),
    (("batch_size",), 99, "experiment: batch size = 99: noisy_line has 23 data points"),
    (("problem",), "parabola", 'experiment.problem = "parabola": must be an object'),
    (("target_loss",), "low", "experiment: target_loss = 'low': must be a number"),
    (("target_loss",), True, "experiment: target_loss = True: must be a number"),
    (("problem", "values", "n"), 1, "experiment.problem.values: n = 1: must be a whole number from 2 to 100000"),
    (("runs",), {}, "experiment.runs = {}: must be a list"),
    (("runs",), [], "experiment: number of runs = 0: must be a whole number from 1 to 4096"),
    (("runs", 0, "lr"), -1, "experiment.runs[0]: lr = -1.0: must be a finite number of at least 0"),
    (("runs", 0, "lr"), "fast", 'experiment.runs[0].lr = "fast": must be a finite number'),
    (("runs", 0, "lr"), None, "experiment.runs[0].lr = null: must be a finite number"),
    (("runs", 1, "color"), -1, "experiment.runs[1].color = -1: must be a whole number of at least 0"),
    (("runs", 1, "label"), 7, "experiment.runs[1].label = 7: must be a text"),
    (("runs", 0, "start"), [1, "2"], 'experiment.runs[0].start = [1, "2"]: must be a list of finite numbers'),
    (("runs", 0, "start"), [1], "experiment: start = (1.0,): noisy_line takes 2 (w, b)"),
    (
        ("runs", 0, "optimizer", "values", "beta1"),
        2,
        "experiment.runs[0].optimizer.values: beta1 = 2: must be a number from 0 to 0.9999",
    ),
    (
        ("runs", 0, "optimizer", "values", "amsgrad"),
        1,
        "experiment.runs[0].optimizer.values: amsgrad = 1: must be true or false",
    ),
    (
        ("runs", 1, "optimizer", "values", "momentum"),
        0,
        "experiment.runs[1].optimizer.values: nesterov = true: needs momentum above 0 and dampening = 0",
    ),
    (
        ("runs", 2, "schedule", "key"),
        "sine",
        "experiment.runs[2].schedule: unknown schedule 'sine'; there are constant, exponential, step, multistep",
    ),
]


@pytest.mark.parametrize(("place", "value", "message"), WRONG, ids=lambda part: str(part)[:40])
def test_wrong_value_is_refused_with_what_where_and_what_is_allowed(
    mixed_runs: MakeExperiment, place: Any, value: Any, message: str
) -> None:
    document = through_json(mixed_runs())
    set_at(document, place, value)
    with pytest.raises(SessionError) as caught:
        decode(document)
    assert str(caught.value).startswith(message)
    assert len(str(caught.value).splitlines()) == 1


def test_huge_whole_number_is_refused_and_does_not_overflow(mixed_runs: MakeExperiment) -> None:
    document = through_json(mixed_runs())
    set_at(document, ("problem", "values", "n"), 10**400)
    with pytest.raises(SessionError, match=r"^experiment\.problem\.values: "):
        decode(document)


@pytest.mark.parametrize("name", ["problem", "runs", "steps", "precision", "gradient", "batch_size", "seed"])
def test_missing_field_is_named(mixed_runs: MakeExperiment, name: str) -> None:
    document = through_json(mixed_runs())
    del document[name]
    with pytest.raises(SessionError, match=rf"^experiment\.{name} is missing$"):
        decode(document)


def test_parameter_that_is_missing_has_its_default(mixed_runs: MakeExperiment) -> None:
    document = through_json(mixed_runs())
    del document["runs"][0]["optimizer"]["values"]["beta2"]
    assert decode(document).experiment == mixed_runs()


def test_unknown_fields_are_kept_and_reported(mixed_runs: MakeExperiment) -> None:
    document = through_json(mixed_runs())
    document["goal"] = {"loss": 0.5}
    document["gradient"]["order"] = 4
    document["runs"][1]["clip"] = [1, None]
    document["runs"][2]["optimizer"]["values"]["beta3"] = 0.5
    decoded = decode(document)
    assert decoded.experiment == mixed_runs()
    assert [note.split()[0] for note in decoded.notes] == [
        "experiment.goal",
        "experiment.runs[1].clip",
        "experiment.runs[2].optimizer.values.beta3",
        "experiment.gradient.order",
    ]
    assert encode(decoded.experiment, decoded.unknown) == document


def test_unknown_fields_do_not_move_to_another_optimizer_or_a_run_that_is_gone(
    mixed_runs: MakeExperiment,
) -> None:
    document = through_json(mixed_runs())
    document["runs"][2]["optimizer"]["values"]["beta3"] = 0.5
    document["runs"][5]["clip"] = 1
    decoded = decode(document)
    changed = mixed_runs().with_run(2, optimizer=mixed_runs().runs[1].optimizer)
    fewer = Experiment(problem=changed.problem, runs=changed.runs[:5], batch_size=5)
    assert encode(fewer, decoded.unknown) == encode(fewer)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": NaN}', "NaN is not a number in JSON"),
        ('{"a": [-Infinity]}', "-Infinity is not a number in JSON"),
        ('{"a": 1e999}', "the number 1e999 is too large"),
        ('{"a": ' + "9" * 5000 + "}", "is too long"),
        ('{"a": 1, "b": 2, "a": 3}', '"a" is given twice'),
        ("[" * 200_000, "is not valid JSON"),
        ('{"a": 1', "is not valid JSON"),
        ("", "is not valid JSON"),
    ],
)
def test_anything_but_plain_json_is_refused(text: str, message: str) -> None:
    with pytest.raises(SessionError) as caught:
        loads(text.encode())
    assert message in str(caught.value)
    assert len(str(caught.value)) < 200


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(SessionError, match="is not valid JSON"):
        loads(b'{"a": "\xff"}')


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1: 2, "a": 3}])
def test_what_json_cannot_say_is_not_written(value: Any) -> None:
    with pytest.raises(SessionError, match="cannot be written as JSON"):
        dumps({"view": value})
