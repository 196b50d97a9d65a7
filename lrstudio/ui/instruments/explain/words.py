"""What is said around the formulas of a step."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from lrstudio.core.formula.typeset import Shown, plain_text, typeset_number
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.explain.explanation import MOST_SHOWN, Explanation
from lrstudio.engine.explain.line import apart
from lrstudio.ui.canvases.landscape.vectors import Kind


def title(explanation: Explanation, experiment: Experiment) -> str:
    """Which step of which run it is."""
    made = explanation.recorded or explanation.ended
    text = _tr("Step {0} → {1} of {2}") if made else _tr("Step {0} → {1} of {2}: still to be made")
    step = explanation.step
    return text.format(f"{step:,}", f"{step + 1:,}", experiment.label(explanation.run))


def headings(explanation: Explanation, experiment: Experiment) -> dict[str, str]:
    """What stands above the lines of each section."""
    run, step = experiment.runs[explanation.run], explanation.step
    rate = _tr("2. The learning rate: {0}, t = {1}").format(run.schedule.title, f"{step:,}")
    if run.schedule.follows_loss and step:
        rate = _tr("2. The learning rate: {0}, after the loss of step {1}").format(run.schedule.title, f"{step - 1:,}")
    return {
        "loss": _tr("1. Where it stands"),
        "rate": rate,
        "update": _tr("3. The update: {0}, t = {1}").format(run.optimizer.title, f"{step + 1:,}"),
    }


def outcome(explanation: Explanation) -> tuple[str, bool | None]:
    """What became of the loss in words, and whether it fell; None where that is not known or it is the same."""
    before, after = explanation.loss, explanation.loss_after
    if not math.isfinite(after):
        if not (explanation.recorded or explanation.ended) and math.isnan(after):
            return _tr("loss {0} → ?  (the next step will tell)").format(_text(before)), None
        return _tr("loss {0} → no finite number: the run has diverged").format(_text(before)), False
    digits = apart(before, after)
    change = abs(after - before)
    share = f"{100 * change / abs(before):.3g} %" if before else ""
    amount = _text(change) + (f", {share}" if share else "")
    texts = {
        True: _tr("loss {0} → {1}   ▼ it falls by {2}"),
        False: _tr("loss {0} → {1}   ▲ it rises by {2}"),
        None: _tr("loss {0} → {1}: the same"),
    }
    fell = None if after == before else after < before
    return texts[fell].format(_text(before, digits), _text(after, digits), amount), fell


def remarks(explanation: Explanation, experiment: Experiment) -> list[str]:
    """What else there is to know about this step."""
    found = []
    names = explanation.names
    if len(names) > 1 and any(line.key == "newton" for line in explanation.lines):
        found.append(_tr("H is the table of the loss's second derivatives here: its curvatures."))
    if explanation.unmoved and experiment.precision != "float64":
        found.append(
            _tr("{0} does not move: the step is smaller than the distance to the next number that float32 has.").format(
                ", ".join(explanation.unmoved)
            )
        )
    if not math.isclose(explanation.lr, explanation.scheduled, rel_tol=1e-9, abs_tol=1e-300):
        text = _tr("This step used lr = {0}: the schedule or the number of steps was changed since.")
        found.append(text.format(_text(explanation.lr)))
    if experiment.batch_size is not None:
        text = _tr("Loss and slope are those of this step's batch of {0}; the loss after it is that of the next batch.")
        found.append(text.format(experiment.batch_size))
    if not experiment.problem.records_all_parameters:
        text = _tr(
            "One of {0:,} weights is written out; the rule does the same with each. ‖…‖ is the length of them all."
        )
        found.append(text.format(experiment.problem.size))
    elif len(names) > MOST_SHOWN:
        found.append(
            _tr("The rule does the same with each of the {0} parameters; one is written out.").format(len(names))
        )
    return found


def tips() -> dict[Kind, str]:
    """What is drawn of a line."""
    compared = _tr("Directions have lengths that can be compared with one another, not with the step.")
    points = _tr("Where its negative points is drawn in the landscape. {0}").format(compared)
    down = _tr("Which way is down is drawn in the landscape: against the gradient. {0}").format(compared)
    return {
        "gradient": down,
        "direction": points,
        "other": points,
        "scale": _tr("The bars in the landscape: how far one unit of the direction is taken along either axis."),
        "step": _tr("The step is drawn in the landscape in its real length."),
        "tangent": _tr("The slope is drawn in the landscape as the tangent."),
    }


def _text(value: float, digits: int = 4) -> str:
    return plain_text(typeset_number(Shown(value, digits)))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explain", text)
