"""The rows of the comparison: order, best values, differences to the baseline, what is said and copied."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.qtbot import QtBot

from lrstudio.core.optimizers import SGD, Adam
from lrstudio.core.problems import NoisyLine, Parabola
from lrstudio.engine.compare.comparison import Comparison, Standing
from lrstudio.engine.compare.seeds import over_seeds
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.training.simulation import Simulation
from lrstudio.ui.instruments.compare.columns import Subject, more, times
from lrstudio.ui.instruments.compare.model import HIDDEN, CompareModel, as_text
from lrstudio.ui.look.theme import LIGHT
from lrstudio.ui.session.arrangement import Arrangement

Role = Qt.ItemDataRole

RATES = (0.01, 0.1, 0.3, 1.1)
EXPERIMENT = Experiment(
    problem=Parabola(), runs=tuple(Run(lr=rate) for rate in RATES), steps=60, target_loss=1e-3
)  # 0.01 does not reach the target, 0.3 is the fastest, 1.1 diverges


def standings_of(experiment: Experiment) -> tuple[Standing, ...]:
    simulation = Simulation(experiment)
    simulation.advance(experiment.steps)
    standings = Comparison(experiment, simulation.trace).at(experiment)
    assert standings is not None
    return standings


def subjects_of(experiment: Experiment, *lists: tuple[Standing, ...]) -> list[Subject]:
    lists = lists or (standings_of(experiment),)
    return [Subject(experiment, run, tuple(one[run] for one in lists)) for run in range(len(experiment.runs))]


@pytest.fixture
def model(qtbot: QtBot) -> CompareModel:
    model = CompareModel()
    model.set_theme(LIGHT)
    model.show(subjects_of(EXPERIMENT), Arrangement.of(EXPERIMENT.runs))
    return model


def section_of(model: CompareModel, key: str) -> int:
    return [column.key for column in model.columns].index(key)


def cell(model: CompareModel, run: int, key: str, role: Role = Role.DisplayRole) -> object:
    row = model.row_of(run)
    assert row is not None
    return model.index(row, section_of(model, key)).data(role)


def order(model: CompareModel) -> list[int]:
    return [model.run(row) for row in range(model.rowCount())]


def best(model: CompareModel, key: str) -> set[int]:
    return {run for run in range(model.rowCount()) if cell(model, run, key, Role.FontRole) is not None}


def test_the_numbers_are_those_of_the_runs(model: CompareModel) -> None:
    for run, standing in enumerate(standings_of(EXPERIMENT)):
        assert cell(model, run, "final_loss") == f"{standing.final_loss:.4g}"
        steps = "–" if standing.steps_to_target is None else str(standing.steps_to_target)
        assert cell(model, run, "steps_to_target") == steps
        assert cell(model, run, "lr") == f"{RATES[run]:g}"
    assert [cell(model, run, "verdict") for run in range(4)] == ["converging", "arrived", "arrived", "diverged"]
    assert not cell(model, 3, "verdict", Role.DecorationRole).isNull()  # type: ignore[attr-defined]


def test_the_best_value_is_bold_with_an_icon_and_a_tip(model: CompareModel) -> None:
    assert best(model, "steps_to_target") == best(model, "final_loss") == {2}
    assert best(model, "smoothness") == {0, 1, 2}
    assert best(model, "gradients") == best(model, "lr") == best(model, "verdict") == set()
    assert not cell(model, 2, "final_loss", Role.DecorationRole).isNull()  # type: ignore[attr-defined]
    assert "The best final loss of the runs that are shown" in str(cell(model, 2, "final_loss", Role.ToolTipRole))
    assert "of the runs that are shown" not in str(cell(model, 1, "final_loss", Role.ToolTipRole))


def test_a_hidden_run_wins_nothing_and_stays_in_the_table(model: CompareModel) -> None:
    model.show(subjects_of(EXPERIMENT), Arrangement.of(EXPERIMENT.runs).toggled(2))
    assert best(model, "final_loss") == {1}
    assert cell(model, 2, "label", Role(HIDDEN)) is True
    assert "Hidden" in str(cell(model, 2, "label", Role.ToolTipRole))


def test_equal_runs_and_a_single_run_have_no_best_value(model: CompareModel) -> None:
    alike = replace(EXPERIMENT, runs=(Run(lr=0.1), Run(lr=0.1, label="again")))
    model.show(subjects_of(alike), Arrangement.of(alike.runs))
    assert best(model, "final_loss") == set()
    alone = replace(EXPERIMENT, runs=(Run(lr=0.1),))
    model.show(subjects_of(alone), Arrangement.of(alone.runs))
    assert best(model, "final_loss") == set()


def test_differences_are_to_the_baseline(model: CompareModel) -> None:
    model.show(subjects_of(EXPERIMENT), Arrangement.of(EXPERIMENT.runs).compared_with(1))
    standings = standings_of(EXPERIMENT)
    ratio = standings[2].final_loss / standings[1].final_loss
    assert cell(model, 2, "final_loss") == f"{standings[2].final_loss:.4g} (×{ratio:.3g})"
    assert standings[1].steps_to_target is not None
    assert standings[2].steps_to_target is not None
    fewer = standings[1].steps_to_target - standings[2].steps_to_target
    assert cell(model, 2, "steps_to_target") == f"{standings[2].steps_to_target} (−{fewer})"
    assert cell(model, 0, "steps_to_target") == "–"
    assert cell(model, 1, "final_loss") == f"{standings[1].final_loss:.4g}"
    assert cell(model, 0, "lr") == "0.01 (×0.1)"
    assert "(" not in str(cell(model, 3, "final_loss"))  # what has diverged is no multiple of anything


def test_a_difference_takes_the_place_of_a_ratio_where_losses_may_be_negative() -> None:
    assert times(0.5, 2.0) == "×0.25"
    assert times(-3.0, -1.0) == "−2"
    assert times(1.0, 0.0) == "+1"
    assert (more(3, 15), more(15, 15), more(15.0, 3)) == ("−12", "±0", "+12")


def test_it_is_sorted_best_first_and_missing_values_come_last_both_ways(model: CompareModel) -> None:
    steps = section_of(model, "steps_to_target")
    model.sort_by(steps)
    assert order(model) == [2, 1, 0, 3]
    model.sort_by(steps, reverse=True)
    assert order(model) == [1, 2, 3, 0] or order(model) == [1, 2, 0, 3]
    model.sort_by(section_of(model, "final_loss"))
    assert order(model) == [2, 1, 0, 3]
    model.sort_by(section_of(model, "smoothness"), reverse=True)
    assert order(model)[0] == 3
    model.sort_by(None)
    assert order(model) == [0, 1, 2, 3]


def test_as_listed_is_the_order_of_the_runs(model: CompareModel) -> None:
    model.show(subjects_of(EXPERIMENT), Arrangement.of(EXPERIMENT.runs).moved(3, 0))
    assert order(model) == [3, 0, 1, 2]


def test_the_selection_follows_its_row_in_another_order(model: CompareModel) -> None:
    index = QPersistentModelIndex(model.index(0, 3))
    model.sort_by(section_of(model, "lr"), reverse=True)
    assert index.row() == 3
    assert model.run(index.row()) == 0


def test_over_seeds_cells_show_the_mean_with_its_95_percent_interval(model: CompareModel) -> None:
    experiment = Experiment(
        problem=NoisyLine(),
        runs=(Run(lr=0.05), Run(lr=0.05, optimizer=SGD(momentum=0.9)), Run(lr=0.02, optimizer=Adam())),
        steps=40,
        batch_size=4,
        target_loss=0.5,
    )
    lists = list(over_seeds(experiment, range(5)))
    model.show(subjects_of(experiment, *lists), Arrangement.of(experiment.runs).compared_with(0))
    losses = [one[1].final_loss for one in lists]
    mean = sum(losses) / 5
    deviation = math.sqrt(sum((loss - mean) ** 2 for loss in losses) / 4)
    half = 2.776445 * deviation / math.sqrt(5)  # Student's t with 4 degrees of freedom
    assert str(cell(model, 1, "final_loss")).startswith(f"{mean:.4g} ± {half:.2g} (×")
    reached = [one[2].steps_to_target for one in lists if one[2].steps_to_target is not None]
    if len(reached) < 5:
        assert f"in {len(reached)} of 5" in str(cell(model, 2, "steps_to_target")) or not reached
    tip = str(cell(model, 1, "final_loss", Role.ToolTipRole))
    assert "Seed by seed: " + ", ".join(f"{loss:.4g}" for loss in losses) in tip
    (winner,) = best(model, "final_loss")
    wins = sum(one[winner].final_loss == min(standing.final_loss for standing in one) for one in lists)
    assert f"not beaten with {wins} of 5 seeds" in str(cell(model, winner, "final_loss", Role.ToolTipRole))


def test_a_run_that_reaches_the_target_with_more_seeds_comes_first_whatever_its_mean(model: CompareModel) -> None:
    fast, slow = (
        standings_of(replace(EXPERIMENT, runs=EXPERIMENT.runs[2:3])),
        standings_of(replace(EXPERIMENT, runs=EXPERIMENT.runs[1:2])),
    )
    never = (replace(fast[0], steps_to_target=None),)
    experiment = replace(EXPERIMENT, runs=EXPERIMENT.runs[1:3])
    model.show(subjects_of(experiment, slow + fast, slow + never), Arrangement.of(experiment.runs))
    assert best(model, "steps_to_target") == {0}
    assert str(cell(model, 1, "steps_to_target")).endswith("in 1 of 2")
    model.sort_by(section_of(model, "steps_to_target"))
    assert order(model) == [0, 1]


def test_verdicts_that_differ_by_seed_are_counted(model: CompareModel) -> None:
    first = standings_of(EXPERIMENT)
    other = (first[3], *first[1:])
    model.show(subjects_of(EXPERIMENT, first, other, first), Arrangement.of(EXPERIMENT.runs))
    assert cell(model, 0, "verdict") == "converging in 2 of 3"
    assert "converging, diverged, converging" in str(cell(model, 0, "verdict", Role.ToolTipRole))


def test_headers_have_titles_and_tips(model: CompareModel) -> None:
    for section in range(model.columnCount()):
        title, tip = (
            model.headerData(section, Qt.Orientation.Horizontal, role) for role in (Role.DisplayRole, Role.ToolTipRole)
        )
        assert title
        assert tip
    tip = model.headerData(section_of(model, "smoothness"), Qt.Orientation.Horizontal, Role.ToolTipRole)
    assert "falls / (falls + rises)" in str(tip)


def test_a_tooltip_has_the_proof_of_the_verdict_and_the_falls_and_rises(model: CompareModel) -> None:
    standing = standings_of(EXPERIMENT)[1]
    assert standing.verdict.sentence in str(cell(model, 1, "verdict", Role.ToolTipRole))
    assert f"It fell on {standing.falls:,} steps" in str(cell(model, 1, "smoothness", Role.ToolTipRole))
    assert "momentum = 0" in str(cell(model, 1, "optimizer", Role.ToolTipRole))


def test_it_is_copied_with_its_header_and_all_digits_in_the_order_of_the_rows(model: CompareModel) -> None:
    model.sort_by(section_of(model, "final_loss"))
    lines = [line.split("\t") for line in as_text(model).splitlines()]
    assert lines[0][:4] == ["run", "verdict", "steps to target", "final loss"]
    assert [line[0] for line in lines[1:]] == ["0.3", "0.1", "0.01", "1.1"]
    assert float(lines[1][3]) == standings_of(EXPERIMENT)[2].final_loss
    assert lines[3][2] == ""
    assert len(as_text(model, [0, 1]).splitlines()) == 3


def test_a_copied_label_is_not_computed_by_a_spreadsheet(model: CompareModel) -> None:
    experiment = EXPERIMENT.with_run(0, label="=1+1")
    model.show(subjects_of(experiment), Arrangement.of(experiment.runs))
    assert [line.split("\t")[0] for line in as_text(model).splitlines()].count("'=1+1") == 1


def test_with_a_baseline_the_differences_are_copied_too(model: CompareModel) -> None:
    model.show(subjects_of(EXPERIMENT), Arrangement.of(EXPERIMENT.runs).compared_with(1))
    header, _, _, fast, _ = (line.split("\t") for line in as_text(model).splitlines())
    assert header[2:4] == ["steps to target", "against the baseline"]
    assert fast[3].startswith("−")


def test_runs_without_standings_are_listed_by_name(model: CompareModel) -> None:
    model.show([Subject(EXPERIMENT, run) for run in range(4)], Arrangement.of(EXPERIMENT.runs))
    assert [cell(model, run, "label") for run in range(4)] == ["0.01", "0.1", "0.3", "1.1"]
    assert {cell(model, run, "final_loss") for run in range(4)} == {""}
    assert best(model, "final_loss") == set()
