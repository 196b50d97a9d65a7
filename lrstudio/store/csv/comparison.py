"""The comparison of runs as a table (CSV) for other programs: UTF-8, lines end with a line feed."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence

from lrstudio.engine.compare.comparison import Standing
from lrstudio.engine.experiment import Experiment

_RUN = ("run", "label", "optimizer", "schedule", "lr")
_STANDING = ("step", "verdict", "steps_to_target", "final_loss", "best_loss", "diverged_at", "gradients", "smoothness")


def comparison_csv(
    experiment: Experiment, standings: Sequence[Sequence[Standing]], seeds: Sequence[int] | None = None
) -> str:
    """A row for each run; given seeds, of which `standings` has one entry each, a row for each run and seed.

    Cells are empty where there is no number. Numbers are the shortest text that reads back to the same float64.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_RUN[0], *([] if seeds is None else ["seed"]), *_RUN[1:], *_STANDING])
    for place, run in enumerate(experiment.runs):
        settings = [experiment.label(place), run.optimizer.key, run.schedule.key, repr(run.lr)]
        for number, standing in enumerate(standings):
            seed = [] if seeds is None else [str(seeds[number])]
            writer.writerow([str(place), *seed, *settings, *_cells(standing[place])])
    return text.getvalue()


def _cells(standing: Standing) -> list[str]:
    values = {name: getattr(standing, name) for name in _STANDING if name != "verdict"}
    cells = {name: "" if value is None or math.isnan(value) else repr(value) for name, value in values.items()}
    return [(standing.key or "") if name == "verdict" else cells[name] for name in _STANDING]
