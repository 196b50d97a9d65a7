from __future__ import annotations

import pytest

from lrstudio.core.formula.parse import Name, parse_expression
from lrstudio.core.formula.typeset import Piece, Shown, plain_text, power_of_ten, typeset, typeset_name, typeset_number


@pytest.mark.parametrize(
    ("text", "book"),
    [
        ("beta1*m + (1 - beta1)*g", "β₁·m + (1 − β₁)·g"),
        ("(w + 1)^2", "(w + 1)²"),
        ("-x^2", "−x²"),
        ("(-x)^2", "(−x)²"),
        ("a - (b + c)", "a − (b + c)"),
        ("a - (b - c)", "a − (b − c)"),
        ("a + (b + c)", "a + (b + c)"),
        ("a/(b*c)", "a/(b·c)"),
        ("a/b*c", "a/b·c"),
        ("a*-b", "a·(−b)"),
        ("a + -b", "a + (−b)"),
        ("sqrt(v) + sqrt(v/2)", "√v + √(v/2)"),
        ("gamma^floor(t/10)", "γ^(⌊t/10⌋)"),
        ("beta1^t", "β₁ᵗ"),
        ("x^2^3", "x^(2^3)"),
        ("abs(g)", "|g|"),
        ("where(a > 0, b, where(a < 0, c, d))*2", "(b if a > 0, c if a < 0, else d)·2"),
        ("(a >= b) + (a == b)", "(a ≥ b) + (a = b)"),
        ("1e-8 + 2.5e-7", "10⁻⁸ + 2.5·10⁻⁷"),
        ("max(a, b)", "max(a, b)"),
        ("3.14159265*x", "3.1416·x"),
    ],
)
def test_a_formula_is_set_as_in_a_book(text: str, book: str) -> None:
    assert plain_text(typeset(parse_expression(text))) == book


@pytest.mark.parametrize(
    ("name", "book"),
    [
        ("beta1", "β₁"),
        ("lr0", "lr₀"),
        ("T_max", "T_max"),
        ("eta_min", "η_min"),
        ("weight_decay", "weight_decay"),
        ("lambd", "λ"),
        ("rate_3", "rate₃"),
        ("w", "w"),
    ],
)
def test_names_have_their_letters_and_indices(name: str, book: str) -> None:
    assert plain_text(typeset_name(name)) == book


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (36.0, "36"),
        (100_000.0, "100000"),
        (1 / 3, "0.3333"),
        (-1.23456, "−1.235"),
        (1e-8, "10⁻⁸"),
        (-1e-8, "−10⁻⁸"),
        (2.5e30, "2.5·10³⁰"),
        (12345.678, "1.235·10⁴"),
        (float("inf"), "∞"),
    ],
)
def test_numbers_have_four_digits_and_a_true_minus(value: float, text: str) -> None:
    pieces = typeset_number(Shown(value))
    assert plain_text(pieces) == text
    assert {piece.value for piece in pieces} == {value}


def test_numbers_stand_in_parentheses_where_signs_would_meet() -> None:
    values = {"m": -1.2, "g": 3.0, "v": 2.3e-11}

    def put(tree: object) -> Shown | None:
        return Shown(values[tree.name]) if isinstance(tree, Name) and tree.name in values else None

    def numbers(text: str) -> str:
        return plain_text(typeset(parse_expression(text), put))

    assert numbers("0.9*m + 0.1*g") == "0.9·(−1.2) + 0.1·3"
    assert numbers("m^2 - m") == "(−1.2)² − (−1.2)"
    assert numbers("m + g") == "−1.2 + 3"
    assert numbers("0.9*v + v") == "0.9·(2.3·10⁻¹¹) + 2.3·10⁻¹¹"
    assert numbers("v^2") == "(2.3·10⁻¹¹)²"


def test_a_number_says_whose_it_is() -> None:
    pieces = typeset(parse_expression("2*m"), lambda tree: Shown(0.5) if isinstance(tree, Name) else None)
    assert pieces[-1] == Piece("0.5", 0, 0.5, "m")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("7.32e-07", "7.32·10⁻⁷"),
        ("1.1e+04", "1.1·10⁴"),
        ("1e-05", "10⁻⁵"),
        ("−1e+07", "−10⁷"),
        ("0.25", "0.25"),
        ("inf", "inf"),
    ],
)
def test_a_power_of_ten_is_raised(text: str, shown: str) -> None:
    assert power_of_ten(text) == shown
