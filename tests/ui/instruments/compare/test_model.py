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
)  # 0.01 does not get there, 0.3 is the fastest, 1.1 diverges


def standings_of(experiment: Experiment) -> tuple[Standing, ...]:
    simulation = Simulation(experiment)
    simulation.advance(experiment.steps)
    found = Comparison(experiment, simulation.trace).at(experiment)
    assert found is not None
    return found


def subjects_of(experiment: Experiment, *lists: tuple[Standing, ...]) -> list[Subject]:
    lists = lists or (standings_of(experiment),)
    return [Subject(experiment, run, tuple(one[run] for one in lists)) for run in range(len(experiment.runs))]


@pytest.fixture
def model(qtbot: QtBot) -> CompareModel:
    made = CompareModel()
    made.set_theme(LIGHT)
    made.show(subjects_of(EXPERIMENT), Arrangement.of(EXPERIMENT.runs))
    return made


def place(model: CompareModel, key: str) -> int:
    return [column.key for column in model.columns].index(key)


def cell(model: CompareModel, run: int, key: str, role: Role = Role.DisplayRole) -> object:
    row = model.row_of(run)
    assert row is not None
    return model.index(row, place(model, key)).data(role)


def order(model: CompareModel) -> list[int]:
    return [model.run(row) for row in range(model.rowCount())]


def best(model: CompareModel, key: str) -> set[int]:
    return {run for run in range(model.rowCount()) if cell(model, run, key, Role.FontRole) is not None}


def test_the_numbers_are_those_of_the_runs(model: CompareModel) -> None:
    for run, found in enumerate(standings_of(EXPERIMENT)):
        assert cell(model, run, "final_loss") == f"{found.final_loss:.4g}"
        steps = "–" if found.steps_to_target is None else str(found.steps_to_target)
        assert cell(model, run, "steps_to_target") == steps
        assert cell(model, run, "lr") == f"{RATES[run]:g}"
    assert [cell(model, run, "verdict") for run in range(4)] == ["converging", "arrived", "arrived", "diverged"]
    assert not cell(model, 3, "verdict", Role.DecorationRole).isNull()  # type: ignore[attr-defined]


def test_the_best_is_bold_and_has_a_picture_and_says_so(model: CompareModel) -> None:
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


def test_where_all_are_alike_or_alone_there_is_no_best(model: CompareModel) -> None:
    alike = replace(EXPERIMENT, runs=(Run(lr=0.1), Run(lr=0.1, label="again")))
    model.show(subjects_of(alike), Arrangement.of(alike.runs))
    assert best(model, "final_loss") == set()
    alone = replace(EXPERIMENT, runs=(Run(lr=0.1),))
    model.show(subjects_of(alone), Arrangement.of(alone.runs))
    assert best(model, "final_loss") == set()


def test_differences_are_to_the_baseline(model: CompareModel) -> None:
    model.show(subjects_of(EXPERIMENT), Arrangement.of(EXPERIMENT.runs).compared_with(1))
    found = standings_of(EXPERIMENT)
    ratio = found[2].final_loss / found[1].final_loss
    assert cell(model, 2, "final_loss") == f"{found[2].final_loss:.4g} (×{ratio:.3g})"
    assert found[1].steps_to_target is not None
    assert found[2].steps_to_target is not None
    fewer = found[1].steps_to_target - found[2].steps_to_target
    assert cell(model, 2, "steps_to_target") == f"{found[2].steps_to_target} (−{fewer})"
    assert cell(model, 0, "steps_to_target") == "–"
    assert cell(model, 1, "final_loss") == f"{found[1].final_loss:.4g}"
    assert cell(model, 0, "lr") == "0.01 (×0.1)"
    assert "(" not in str(cell(model, 3, "final_loss"))  # what has diverged is no multiple of anything


def test_a_difference_takes_the_place_of_a_ratio_where_losses_may_be_negative() -> None:
    assert times(0.5, 2.0) == "×0.25"
    assert times(-3.0, -1.0) == "−2"
    assert times(1.0, 0.0) == "+1"
    assert (more(3, 15), more(15, 15), more(15.0, 3)) == ("−12", "±0", "+12")


def test_it_is_sorted_best_first_and_what_is_not_known_comes_last_both_ways(model: CompareModel) -> None:
    steps = place(model, "steps_to_target")
    model.sort_by(steps)
    assert order(model) == [2, 1, 0, 3]
    model.sort_by(steps, reverse=True)
    assert order(model) == [1, 2, 3, 0] or order(model) == [1, 2, 0, 3]
    model.sort_by(place(model, "final_loss"))
    assert order(model) == [2, 1, 0, 3]
    model.sort_by(place(model, "smoothness"), reverse=True)
    assert order(model)[0] == 3
    model.sort_by(None)
    assert order(model) == [0, 1, 2, 3]


def test_as_listed_is_the_order_of_the_list_of_runs(model: CompareModel) -> None:
    model.show(subjects_of(EXPERIMENT), Arrangement.of(EXPERIMENT.runs).moved(3, 0))
    assert order(model) == [3, 0, 1, 2]


def test_what_is_selected_stays_so_in_another_order(model: CompareModel) -> None:
    kept = QPersistentModelIndex(model.index(0, 3))
    model.sort_by(place(model, "lr"), reverse=True)
    assert kept.row() == 3
    assert model.run(kept.row()) == 0


def test_over_seeds_there_are_means_with_their_spread(model: CompareModel) -> None:
    described = Experiment(
        problem=NoisyLine(),
        runs=(Run(lr=0.05), Run(lr=0.05, optimizer=SGD(momentum=0.9)), Run(lr=0.02, optimizer=Adam())),
        steps=40,
        batch_size=4,
        target_loss=0.5,
    )
    lists = list(over_seeds(described, range(5)))
    model.show(subjects_of(described, *lists), Arrangement.of(described.runs).compared_with(0))
    losses = [one[1].final_loss for one in lists]
    mean = sum(losses) / 5
    deviation = math.sqrt(sum((loss - mean) ** 2 for loss in losses) / 4)
    assert str(cell(model, 1, "final_loss")).startswith(f"{mean:.4g} ± {deviation:.2g} (×")
    reached = [one[2].steps_to_target for one in lists if one[2].steps_to_target is not None]
    if len(reached) < 5:
        assert f"in {len(reached)} of 5" in str(cell(model, 2, "steps_to_target")) or not reached
    told = str(cell(model, 1, "final_loss", Role.ToolTipRole))
    assert "Seed by seed: " + ", ".join(f"{loss:.4g}" for loss in losses) in told
    (winner,) = best(model, "final_loss")
    wins = sum(one[winner].final_loss == min(standing.final_loss for standing in one) for one in lists)
    assert f"not beaten with {wins} of 5 seeds" in str(cell(model, winner, "final_loss", Role.ToolTipRole))


def test_a_run_that_gets_there_with_more_seeds_comes_first_whatever_its_mean(model: CompareModel) -> None:
    fast, slow = (
        standings_of(replace(EXPERIMENT, runs=EXPERIMENT.runs[2:3])),
        standings_of(replace(EXPERIMENT, runs=EXPERIMENT.runs[1:2])),
    )
    never = (replace(fast[0], steps_to_target=None),)
    described = replace(EXPERIMENT, runs=EXPERIMENT.runs[1:3])
    model.show(subjects_of(described, slow + fast, slow + never), Arrangement.of(described.runs))
    assert best(model, "steps_to_target") == {0}
    assert str(cell(model, 1, "steps_to_target")).endswith("in 1 of 2")
    model.sort_by(place(model, "steps_to_target"))
    assert order(model) == [0, 1]


def test_verdicts_that_differ_by_seed_are_counted(model: CompareModel) -> None:
    first = standings_of(EXPERIMENT)
    other = (first[3], *first[1:])
    model.show(subjects_of(EXPERIMENT, first, other, first), Arrangement.of(EXPERIMENT.runs))
    assert cell(model, 0, "verdict") == "converging in 2 of 3"
    assert "converging, diverged, converging" in str(cell(model, 0, "verdict", Role.ToolTipRole))


def test_headers_explain_themselves(model: CompareModel) -> None:
    for section in range(model.columnCount()):
        title, told = (
            model.headerData(section, Qt.Orientation.Horizontal, role) for role in (Role.DisplayRole, Role.ToolTipRole)
        )
        assert title
        assert told
    told = model.headerData(place(model, "smoothness"), Qt.Orientation.Horizontal, Role.ToolTipRole)
    assert "falls / (falls + rises)" in str(told)


def test_a_tooltip_has_the_proof_of_the_verdict_and_the_ups_and_downs(model: CompareModel) -> None:
    found = standings_of(EXPERIMENT)[1]
    assert found.verdict.sentence in str(cell(model, 1, "verdict", Role.ToolTipRole))
    assert f"It fell on {found.falls:,} steps" in str(cell(model, 1, "smoothness", Role.ToolTipRole))
    assert "momentum = 0" in str(cell(model, 1, "optimizer", Role.ToolTipRole))


def test_it_is_copied_with_its_header_and_all_digits_in_the_order_that_is_seen(model: CompareModel) -> None:
    model.sort_by(place(model, "final_loss"))
    lines = [line.split("\t") for line in as_text(model).splitlines()]
    assert lines[0][:4] == ["run", "verdict", "steps to target", "final loss"]
    assert [line[0] for line in lines[1:]] == ["0.3", "0.1", "0.01", "1.1"]
    assert float(lines[1][3]) == standings_of(EXPERIMENT)[2].final_loss
    assert lines[3][2] == ""
    assert len(as_text(model, [0, 1]).splitlines()) == 3


def test_with_a_baseline_the_differences_are_copied_too(model: CompareModel) -> None:
    model.show(subjects_of(EXPERIMENT), Arrangement.of(EXPERIMENT.runs).compared_with(1))
    header, _, _, fast, _ = (line.split("\t") for line in as_text(model).splitlines())
    assert header[2:4] == ["steps to target", "against the baseline"]
    assert fast[3].startswith("−")


def test_runs_of_which_nothing_is_known_yet_are_listed_by_name(model: CompareModel) -> None:
    model.show([Subject(EXPERIMENT, run) for run in range(4)], Arrangement.of(EXPERIMENT.runs))
    assert [cell(model, run, "label") for run in range(4)] == ["0.01", "0.1", "0.3", "1.1"]
    assert {cell(model, run, "final_loss") for run in range(4)} == {""}
    assert best(model, "final_loss") == set()
