"""Returns what a teacher would have typed for a step that exists, so that it can be changed."""

from __future__ import annotations

from dataclasses import replace

from lrstudio.core.language import tr
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.lessons.draft import step_of
from lrstudio.engine.lessons.judgement import Prediction, Task
from lrstudio.engine.lessons.lesson import Setup, Step
from lrstudio.engine.lessons.words import experiment_of
from lrstudio.engine.lessons.writer import StepError


def draft_of(step: Step, shown: Experiment) -> tuple[dict[str, str], Experiment]:
    """Returns the draft from which `step_of` makes this step, and its experiment; `shown` for a step without one.

    StepError if a draft has no place for a part of the step.
    """
    experiment = shown if step.setup is None else step.setup.experiment
    draft = {
        "kind": "text",
        "title": step.title,
        "text": step.text,
        "look": ", ".join(step.look),
        "remember": step.remember,
        "table": "" if step.table is None else "\n".join(" | ".join(row) for row in step.table.rows),
        "goes on": "" if step.sets_up else "yes",
        "pace": _pace(step.setup),
    }
    if step.prediction is not None:
        draft |= _of_prediction(step.prediction)
    if step.task is not None:
        draft |= _of_task(step.task)
    try:
        same = _told(step_of(draft, experiment)) == _told(step)
    except StepError:
        same = False
    if not same:
        why = tr("this step has a part for which there is no field here; change its file in an editor of texts")
        raise StepError("lesson", why)
    return draft, experiment


def _pace(setup: Setup | None) -> str:
    pace = Setup.pace if setup is None else setup.pace
    return "fastest" if pace is None else f"{pace:.15g}"


def _of_prediction(prediction: Prediction) -> dict[str, str]:
    draft = {"question": prediction.question, **_of_hints(prediction.hints)}
    if prediction.draws is not None:
        return draft | {"kind": "draw", "run": str(prediction.draws + 1), "because": prediction.because}
    if not prediction.choices:
        within = f"{prediction.percent:.15g}"
        return draft | {
            "kind": "number",
            "value": prediction.value,
            "within": within,
            "because": prediction.because,
        }
    for number, choice in enumerate(prediction.choices, 1):
        draft |= {f"choice {number}": choice.text, f"when {number}": choice.when, f"because {number}": choice.because}
    return draft | {"kind": "choose"}


def _of_task(task: Task) -> dict[str, str]:
    rate = experiment_of(task.solution).runs[0].lr
    reply = task.replies[0].text if task.replies else ""
    texts = {"goal": task.goal, "when": task.when, "done": task.done, "reply": reply, "rate": f"{rate!r}"}
    return {"kind": "task", **texts, **_of_hints(task.hints)}


def _of_hints(hints: tuple[str, ...]) -> dict[str, str]:
    return {f"hint {number}": hint for number, hint in enumerate(hints, 1)}


def _told(step: Step) -> tuple[Step, tuple[Experiment, ...]]:
    """Returns a step without the words of its experiments, of which there are several, and those experiments."""
    task, setup = step.task, step.setup if step.sets_up else None
    words = () if task is None else (experiment_of(task.solution).bare(), experiment_of(task.failure).bare())
    plain = replace(step, setup=None if setup is None else Setup("", setup.experiment.bare(), setup.pace))
    return replace(plain, task=None if task is None else replace(task, solution="", failure="")), words
