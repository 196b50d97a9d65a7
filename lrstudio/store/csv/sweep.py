"""A sweep as CSV: one row per run, as `lrstudio sweep --csv` writes it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lrstudio.core.analysis.verdict import PLATEAU, VERDICTS
from lrstudio.engine.sweep.rate_keys import TOO_LARGE, cell_codes
from lrstudio.engine.sweep.summary import UNKNOWN, Summary
from lrstudio.engine.sweep.sweep import Sweep


def sweep_rows(sweep: Sweep, result: Summary) -> Iterator[str]:
    """The heading and, for every value of the second name, the lines of the first one's values.

    Cells that were not computed have empty columns. A run that stands far above those of smaller rates is not too slow,
    though its verdict alone would say so: its rate is too large, and the column says `plateau`, the verdict of runs
    that large steps keep from coming down.
    """
    codes = cell_codes(sweep.axes, result.verdict, result.best_loss, result.height)
    codes = np.where(codes == TOO_LARGE, PLATEAU, codes)
    first = list(map(repr, sweep.axes[0].values))
    over = sweep.axes[1] if len(sweep.axes) > 1 else None
    heads = [axis.name for axis in sweep.axes]
    yield ",".join([*heads, "verdict", "final_loss", "best_loss", "steps_to_target", "diverged_at"]) + "\n"
    for place, value in enumerate(over.values if over else (None,)):
        at = (place,) if over else (slice(None),)
        row = result.at(at)
        columns = [first, *([[repr(value)] * len(first)] if value is not None else []), _verdicts(codes[at])]
        columns += [_losses(row.final_loss), _losses(row.best_loss)]
        columns += [_steps(row.steps_to_target), _steps(row.diverged_at)]
        yield "\n".join(map(",".join, zip(*columns, strict=True))) + "\n"


def _verdicts(codes: np.ndarray) -> list[str]:
    return [VERDICTS[code] if code != UNKNOWN else "" for code in codes.tolist()]


def _losses(values: np.ndarray) -> list[str]:
    return [repr(value) if value == value else "" for value in values.tolist()]


def _steps(values: np.ndarray) -> list[str]:
    return [str(value) if value >= 0 else "" for value in values.tolist()]
