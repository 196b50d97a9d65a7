"""What a run's measures say of its rate: findings, each with how sure it is and its numbers.

| finding | condition |
|---|---|
| `cannot_tell` | fewer than 6 losses; no loss tells (`Recorded.untold`); or the loss never left its noise |
| `range_test` | the rate rises to the end, by a factor from row to row, or in even steps to the tenfold |
| `diverged` | a loss is not finite, or the last level is a fifth above the first loss, by more than its error |
| `overfitting` | the loss on validation data rose from its least by more than its noise, that of training fell |
| `warmup_short` | the loss leaps above its start in the first quarter, comes back, and the rate is not constant |
| `oscillating` | so at a constant rate; or the loss goes up and down at every step or in waves, as no noise does |
| `plateau_ended` | the loss was level before a drop of the rate, and fell after it |
| `warmup_long` | the loss was falling when the log ended, and the warm-up took a third of it |
| `ended_early` | the loss was falling per unit of rate, and nine tenths of the rate were spent in the first half |
| `too_slow` | at its pace more than a sixth of the descent is left |
| `noise_floor` | the loss is level, and its noise is what keeps it there |
| `plateau` | the loss is level, and neither noise nor a drop of the rate explains it |
| `good` | none of these: the loss falls until the end |

The first that holds is the main one.
"""

from __future__ import annotations

from collections.abc import Callable

from lrstudio.engine.diagnosis import endings, events
from lrstudio.engine.diagnosis.finding import Finding, Key, sure
from lrstudio.engine.diagnosis.measures import Measures
from lrstudio.engine.diagnosis.recorded import Recorded

FEWEST = 6
"""Fewer losses tell nothing of a rate."""
_SLOW = 0.16
_Rule = Callable[[Recorded, Measures], Finding | None]
RULES: tuple[_Rule, ...] = (
    events.range_test, events.diverged, events.overfitting, events.warmup_short, endings.still, events.oscillating,
    endings.ended_early, endings.plateau_ended, endings.warmup_long, endings.too_slow, endings.noise_floor,
    endings.plateau,
)  # fmt: skip
_ALONE: tuple[Key, ...] = ("cannot_tell", "range_test", "diverged")
_EVENTS: tuple[Key, ...] = ("overfitting", "warmup_short", "oscillating", "plateau_ended")
"""Findings that can stand beside others; of the rest a run has one."""


def findings(run: Recorded, m: Measures) -> tuple[Finding, ...]:
    """Returns what holds, the main one first; `good` where nothing else does."""
    found = list[Finding]()
    for rule in RULES:
        finding = rule(run, m)
        if finding is not None and finding.key == "too_slow" and any(each.key == "plateau_ended" for each in found):
            continue  # the loss falls late because of the drop
        if finding is not None and (finding.key in _EVENTS or all(other.key in _EVENTS for other in found)):
            if finding.key in _ALONE:
                return (finding, *found)
            found.append(finding)
    if not found:
        numbers = {"fall": m.fall, "left": m.left_by_step, "begin": m.begin, "end": m.end, "rate": m.last_rate}
        found.append(Finding("good", sure(_SLOW / max(m.left_by_step, 1e-3) / 2), "good", numbers))
    return tuple(found)
