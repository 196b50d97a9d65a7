"""The comparison as CSV reads back to what it was."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from lrstudio.core.language import use
from lrstudio.core.problems import NoisyLine
from lrstudio.core.schedules import Cosine
from lrstudio.engine.compare.comparison import Comparison
from lrstudio.engine.compare.seeds import over_seeds
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.csv.cells import harmless, label_of
from lrstudio.store.csv.import_csv import Choices, read, read_preview
from lrstudio.store.csv.table import comparison_csv

EXPERIMENT = Experiment(
    problem=NoisyLine(),
    runs=(Run(lr=0.1, label="学习率, “快”"), Run(lr=1e-3), Run(lr=50.0)),
    steps=300,
    target_loss=0.3,
)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_number_reads_back_to_the_same_float() -> None:
    simulation = Simulation(EXPERIMENT)
    simulation.advance(EXPERIMENT.steps)
    standings = Comparison(EXPERIMENT, simulation.trace).at(EXPERIMENT)
    assert standings is not None
    text = comparison_csv(EXPERIMENT, [standings])
    assert "\r" not in text
    assert text.endswith("\n")
    assert text.splitlines()[0] == (
        "run,label,optimizer,schedule,lr,step,verdict,steps_to_target,final_loss,best_loss,diverged_at,gradients,"
        "smoothness"
    )
    found = rows(text)
    assert [row["run"] for row in found] == ["0", "1", "2"]
    assert found[0]["label"] == "学习率, “快”"
    for row, standing in zip(found, standings, strict=True):
        assert float(row["final_loss"]) == standing.final_loss
        assert float(row["smoothness"]) == standing.smoothness
        assert row["steps_to_target"] == ("" if standing.steps_to_target is None else str(standing.steps_to_target))
        assert row["diverged_at"] == ("" if standing.diverged_at is None else str(standing.diverged_at))
        assert row["verdict"] == standing.verdict.key
    assert found[0]["steps_to_target"]
    assert not found[1]["steps_to_target"]
    assert found[2]["diverged_at"]


def test_over_seeds_there_is_a_row_for_each_run_and_seed() -> None:
    seeds = (3, 4)
    standings = list(over_seeds(EXPERIMENT, seeds))
    found = rows(comparison_csv(EXPERIMENT, standings, seeds))
    assert [(row["run"], row["seed"]) for row in found] == [(str(run), str(seed)) for run in range(3) for seed in seeds]
    assert float(found[1]["final_loss"]) == standings[1][0].final_loss


def test_the_table_is_the_same_in_every_language() -> None:
    experiment = Experiment(problem=NoisyLine(), runs=(Run(lr=0.1, schedule=Cosine()), Run(lr=0.2)), steps=1)
    simulation = Simulation(experiment)
    simulation.advance(1)
    standings = Comparison(experiment, simulation.trace).at(experiment)
    assert standings is not None
    english = comparison_csv(experiment, [standings])
    try:
        use("zh_CN")
        assert experiment.label(0) == "0.1 余弦" and comparison_csv(experiment, [standings]) == english
    finally:
        use("en")


LABELS = (
    *("=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "'=1+1", "''-1", "'quoted'", "it's", "=cmd|' /C calc'!A0", "a=1"),
    *("\u2212 1", ' "=1"', "'", "=;x,y"),
)


def test_no_label_is_computed_by_a_spreadsheet_and_each_reads_back() -> None:
    runs = tuple(Run(lr=0.1, label=label) for label in LABELS)
    experiment = Experiment(problem=NoisyLine(), runs=runs, steps=1)
    simulation = Simulation(experiment)
    simulation.advance(1)
    standings = Comparison(experiment, simulation.trace).at(experiment)
    assert standings is not None
    cells = [row["label"] for row in rows(comparison_csv(experiment, [standings]))]
    assert [label_of(cell) for cell in cells] == list(LABELS)
    assert not any(cell[0] in "=+-@＝" for cell in cells)
    for label in ("\t=1", "\r=1", "\n=1"):  # a run refuses these
        assert harmless(label) == f"'{label}" and label_of(harmless(label)) == label


def test_an_import_reads_names_and_classes_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        table = [("=x", "@y"), (1, "-a"), (2, "+b"), (3, "-a")]
        csv.writer(file).writerows([[harmless(str(cell)) for cell in row] for row in table])
    look = read_preview(path)
    data = read(path, Choices(form=look.form, x=(0,), y=1, classes=True)).dataset
    assert (data.names, data.words) == (("=x", "@y"), ("+b", "-a"))
