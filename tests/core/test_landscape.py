"""The loss on a grid."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core import landscape as module
from lrstudio.core.landscape import landscape
from lrstudio.core.problems import Formula, NoisyLine, Parabola, Proportional, Rosenbrock


def test_a_line_of_losses_for_one_parameter() -> None:
    drawn = landscape(Parabola().objective(), ((-8.0, 6.0),), 15)
    assert drawn.names == ("w",)
    np.testing.assert_array_equal(drawn.axes[0], np.arange(-8.0, 7.0))
    np.testing.assert_array_equal(drawn.loss, (np.arange(-8.0, 7.0) + 1) ** 2)


def test_rows_are_the_second_parameter_and_columns_the_first() -> None:
    drawn = landscape(Rosenbrock().objective(), ((-2.0, 2.0), (-1.0, 3.0)), 41)
    assert drawn.loss.shape == (41, 41)
    x, y = drawn.axes
    for row, column in ((0, 0), (3, 40), (25, 7)):
        expected = (1 - x[column]) ** 2 + 100 * (y[row] - x[column] ** 2) ** 2
        assert drawn.loss[row, column] == pytest.approx(expected, rel=1e-12)


def test_what_overflows_is_missing() -> None:
    drawn = landscape(Parabola().objective(), ((-1e200, 1e200),), 3)
    np.testing.assert_array_equal(drawn.loss, [np.nan, 1, np.nan])


def test_single_precision_is_drawn_in_double() -> None:
    drawn = landscape(Proportional().objective(dtype=np.dtype(np.float32)), ((-1.0, 6.0), (-6.0, 7.0)), 5)
    assert drawn.loss.dtype == np.float64


def test_much_data_is_taken_in_pieces_that_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    objective = NoisyLine(n=50).objective()
    domain = ((-2.0, 8.0), (-2.0, 7.0))
    whole = landscape(objective, domain, 21)
    sizes = []
    loss = objective.loss
    monkeypatch.setattr(objective, "loss", lambda w, rows: (sizes.append(len(w)), loss(w, rows))[1])
    monkeypatch.setattr(module, "_VALUES", 1000)
    np.testing.assert_array_equal(landscape(objective, domain, 21).loss, whole.loss)
    assert max(sizes) <= 20
    assert sum(sizes) == 21 * 21


def test_of_more_than_two_parameters_a_slice_through_a_point_is_drawn() -> None:
    objective = Formula(loss="a^2 + 10*b^2 + 100*c^2 + d").objective()
    drawn = landscape(objective, ((-1.0, 1.0), (-2.0, 2.0), (0.0, 1.0), (0.0, 1.0)), 5, (9.0, 9.0, 0.5, -3.0))
    assert drawn.names == ("a", "b")
    assert drawn.cut == ("c = 0.5", "d = -3")
    a, b = np.meshgrid(*drawn.axes)
    np.testing.assert_allclose(drawn.loss, a**2 + 10 * b**2 + 22)
    assert drawn.loss_at((2.0, 1.0)) == 36


def test_a_slice_needs_a_point() -> None:
    with pytest.raises(ValueError, match="a slice through a point of as many"):
        landscape(Formula(loss="a^2 + b^2 + c^2").objective(), ((0.0, 1.0),) * 3)


def test_a_landscape_of_all_parameters_is_no_slice() -> None:
    assert landscape(Rosenbrock().objective(), ((-2.0, 2.0), (-1.0, 3.0)), 3, (1.0, 1.0)).cut == ()


def test_of_very_many_data_points_an_even_share_is_drawn() -> None:
    objective = NoisyLine(n=100_000).objective()
    drawn = landscape(objective, ((-2.0, 8.0), (-2.0, 7.0)))
    corners = np.array([[drawn.axes[0][i], drawn.axes[1][j]] for i in (0, 60, 120) for j in (0, 120)])
    shown = [drawn.loss[j, i] for i in (0, 60, 120) for j in (0, 120)]
    np.testing.assert_allclose(shown, objective.loss(corners), rtol=0.05)


def test_what_rounding_leaves_of_a_0_is_told_as_0() -> None:
    problem = Formula(loss="a^2 + b^2 + c^2 + d^2", area="-4..4")
    drawn = landscape(problem.objective(), problem.domain, 5, through=(1.0, 1.0, -9.461e-17, 1.5))
    assert drawn.cut == ("c = 0", "d = 1.5")
