"""Asks a ready question about what ran, for teachers who have ten minutes: each is decided by the run."""

from __future__ import annotations

import math
from itertools import combinations

from lrstudio.core.language import tr
from lrstudio.engine.claims import Outcome
from lrstudio.engine.lessons.drawing import ends
from lrstudio.engine.lessons.parts import MOST_CHOICES

_FEW = 100
"""Times by which a loss that falls far falls."""


def question_of(kind: str, outcome: Outcome) -> dict[str, str]:
    """Returns texts of a draft of a kind (see `draft.KINDS`) about the runs that are over; none for a kind without."""
    runs = range(min(len(outcome.experiment.runs), MOST_CHOICES))
    match kind:
        case "choose" if len(runs) > 1 and _winner(outcome, len(runs)) is not None:
            return _which(len(runs), outcome)
        case "choose":
            return _how_far(outcome)
        case "number":
            return {
                "question": tr("What is the loss after the first step?"),
                "value": "run 1: loss at 1",
                "within": "5",
                "because": tr("It was {before} at the start.", before="{run 1: loss at start}"),
            }
        case "draw" if ends(outcome, 0) is not None:
            return {
                "question": tr("Draw the loss from the first step to the last."),
                "run": "1",
                "because": _way(outcome, 0),
            }
        case "task":
            return _smaller(outcome)
    return {}


def printed_table(outcome: Outcome) -> str:
    """Returns a table of the loss at some steps, with an empty column for what somebody has printed."""
    steps = outcome.experiment.steps
    rows = sorted({0, 1, 2, 5, *(10**power for power in range(1, 7)), steps} & set(range(steps + 1)))
    head = (tr("step"), tr("printed"), tr("computed here"))
    return "\n".join(" | ".join(row) for row in (head, *((f"{n}", "", f"{{run 1: loss at {n}}}") for n in rows)))


def _winner(outcome: Outcome, count: int) -> int | None:
    """Returns the run with the smallest last loss; None where several have it."""
    losses = [_last(outcome, run) for run in range(count)]
    return losses.index(min(losses)) if losses.count(min(losses)) == 1 and math.isfinite(min(losses)) else None


def _last(outcome: Outcome, run: int) -> float:
    loss = float(outcome.losses(run)[-1]) if outcome.ended(run) is None else math.inf
    return loss if math.isfinite(loss) else math.inf


def _which(count: int, outcome: Outcome) -> dict[str, str]:
    draft = {"question": tr("Which run has the smallest loss in the end?")}
    for run in range(count):
        others = (other for pair in combinations(range(count), 2) if run in pair for other in pair if other != run)
        conditions = (f"run {run + 1}: loss at end < run {other + 1}: loss at end" for other in others)
        rate = f"{{run {run + 1}: rate}}"
        draft |= {
            f"choice {run + 1}": tr("The run with the rate {rate}", rate=rate),
            f"when {run + 1}": " and ".join(conditions),
            f"because {run + 1}": _way(outcome, run),
        }
    return draft


def _how_far(outcome: Outcome) -> dict[str, str]:
    falls, far = (f"run 1: loss at end < {share}run 1: loss at start" for share in ("", f"{1 / _FEW:g} * "))
    because = _way(outcome, 0)
    return {
        "question": tr("What becomes of the loss?"),
        "choice 1": tr("It falls to less than a hundredth"),
        "when 1": far,
        "because 1": because,
        "choice 2": tr("It falls, but not so far"),
        "when 2": f"{falls} and not {far}",
        "because 2": because,
        "choice 3": tr("It does not fall"),
        "when 3": f"not {falls}",
        "because 3": because,
    }


def _way(outcome: Outcome, run: int) -> str:
    """Returns a sentence about the loss of a run, with slots."""
    before = f"{{run {run + 1}: loss at start}}"
    if math.isfinite(_last(outcome, run)):
        return tr("Its loss goes from {before} to {after}.", before=before, after=f"{{run {run + 1}: loss at end}}")
    return tr("Its loss begins at {before} and grows beyond every number.", before=before)


def _smaller(outcome: Outcome) -> dict[str, str]:
    """Asks for a loss that the run of the experiment does not reach, and leaves the rate to `draft.Rehearsal`."""
    first, last = float(outcome.losses(0)[0]), _last(outcome, 0)
    goal = f"{0.1 * min(first, last):.0e}" if min(first, last) > 0 else ""
    number = f"{float(goal):g}" if goal else ""
    return {
        "goal": tr("Change the rate until the loss ends below {loss}.", loss=number),
        "when": f"run 1: loss at end < {number}",
        "done": tr("With the rate {rate} it ends at {loss}.", rate="{run 1: rate}", loss="{run 1: loss at end}"),
        "reply": tr("With the rate {rate} it does not.", rate="{run 1: rate}"),
        "rate": "",
    }
