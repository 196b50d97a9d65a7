"""The grammar, its limits and its messages."""

from __future__ import annotations

import math
import os
import random
import re
from collections.abc import Callable

import numpy as np
import pytest

from lrstudio.core.formula import FormulaError, parse_expression, parse_rule
from lrstudio.core.formula.compile import numpy_function
from lrstudio.core.formula.derivative import gradient
from lrstudio.core.formula.graph import Graph
from lrstudio.core.formula.parse import ARITY, Call, Expression, Name, Number

FUZZ = int(os.environ.get("LRSTUDIO_FUZZ", "30000"))


def spelled(tree: Expression) -> str:
    """The tree with every operation in parentheses."""
    match tree:
        case Number(value):
            return f"{value:g}"
        case Name(name):
            return name
        case Call("neg", (operand,)):
            return f"(-{spelled(operand)})"
        case Call(function, args) if function in ARITY:
            return f"{function}({', '.join(map(spelled, args))})"
        case Call(sign, (left, right)):
            return f"({spelled(left)}{sign}{spelled(right)})"
    raise AssertionError(tree)


def value(text: str) -> float:
    """What a text without names comes to."""
    graph = Graph()
    number = graph.value(graph.lower(parse_expression(text), {}))
    assert number is not None
    return number


def error(text: str) -> FormulaError:
    with pytest.raises(FormulaError) as caught:
        parse_expression(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a + b*c", "(a+(b*c))"),
        ("(a + b)*c", "((a+b)*c)"),
        ("a - b - c", "((a-b)-c)"),
        ("a/b/c", "((a/b)/c)"),
        ("a/b*c", "((a/b)*c)"),
        ("a^b^c", "(a^(b^c))"),
        ("a**b**c", "(a^(b^c))"),
        ("a**b^c", "(a^(b^c))"),
        ("-a^b", "(-(a^b))"),
        ("a^-b", "(a^(-b))"),
        ("a^-b^c", "(a^(-(b^c)))"),
        ("a^+b", "(a^b)"),
        ("(-a)^b", "((-a)^b)"),
        ("a*-b", "(a*(-b))"),
        ("a - -b", "(a-(-b))"),
        ("--a", "(-(-a))"),
        ("+-+a", "(-a)"),
        ("-a*b", "((-a)*b)"),
        ("a*b^c*d", "((a*(b^c))*d)"),
        ("a + b < c*d", "((a+b)<(c*d))"),
        ("a <= b", "(a<=b)"),
        ("a != b", "(a!=b)"),
        ("(a < b) == (c > d)", "((a<b)==(c>d))"),
        ("a*(b < c)", "(a*(b<c))"),
        ("max(a, b + 1)", "max(a, (b+1))"),
        ("where(a >= b, a, -b)", "where((a>=b), a, (-b))"),
        ("sin(a)^2", "(sin(a)^2)"),
        ("a\t+ \tb ", "(a+b)"),
        ("_a1 + A_b", "(_a1+A_b)"),
    ],
)
def test_precedence_and_association_are_those_of_the_books(text: str, meaning: str) -> None:
    assert spelled(parse_expression(text)) == meaning


@pytest.mark.parametrize(
    ("text", "number"),
    [("-3^2", -9), ("2^-1", 0.5), ("2^3^2", 512), ("2**3", 8), ("1 - 2 - 3", -4), ("8/4/2", 1), ("2*3^2", 18),
     ("(-3)^2", 9), ("-2^-2", -0.25), ("1 < 2", 1), ("2 < 1", 0), ("3*(1 <= 1)", 3), (".5", 0.5), ("5.", 5),
     ("1e3", 1000), ("1.5E-2", 0.015), ("2e+2", 200), ("where(2, 3, 4)", 3), ("where(0, 3, 4)", 4), ("--2", 2),
     ("min(2, -3)", -3), ("floor(-0.5)", -1), ("relu(-2)", 0), ("sign(-2)", -1), ("sigmoid(0)", 0.5),
     ("softplus(0)", math.log(2)), ("log(e)", 1), ("atan(1)*4", math.pi), ("cos(pi)", -1), ("0^0", 1)],
)  # fmt: skip
def test_a_text_without_names_is_its_number(text: str, number: float) -> None:
    assert value(text) == pytest.approx(number, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("", 1, "ends where"),
        ("   ", 4, "ends where"),
        ("w +", 4, "ends where"),
        ("w * / 2", 5, "'/' is not expected"),
        ("(w + 1", 7, "( of column 1 is not closed"),
        ("2*(w + (1)", 11, "( of column 3 is not closed"),
        ("w + 1)", 6, "')' is not expected"),
        ("()", 2, "')' is not expected"),
        ("2w", 2, "operator is missing between '2' and 'w'; for a product write 2*w"),
        ("w 2", 3, "operator is missing between 'w' and '2'; for a product write w*2"),
        ("(w)(w)", 4, "operator is missing between ')' and '('; for a product write )*("),
        ("1.2.3", 4, "1.2.3 is no number"),
        ("w = 3", 3, "'=' is not expected"),
        ("a < b < c", 7, "'<' is not expected"),
        ("ln(w)", 1, "unknown function 'ln'; write log(...); there are"),
        ("w(2)", 1, "unknown function 'w'; for a product write w*(...); there are"),
        ("foo(w)", 1, "sin"),
        ("1 + sin", 5, "write sin(...)"),
        ("1 + sin*2", 5, "write sin(...)"),
        ("sin()", 5, "')' is not expected"),
        ("sin(1, 2)", 1, "takes 1 argument(s), not 2"),
        ("max(1)", 1, "takes 2 argument(s), not 1"),
        ("where(1, 2)", 1, "takes 3 argument(s), not 2"),
        ("max(1,,2)", 7, "',' is not expected"),
        ("max(1 2)", 7, "an operator or a comma is missing between '1' and '2'"),
        ("a, b", 2, "',' is not expected here; it stands between the arguments of a function"),
        ("0,5*w", 2, "a decimal mark is a point: 0.5"),
        ("sin(3x)", 6, "operator is missing between '3' and 'x'; for a product write 3*x"),
        ("2(x + 1)", 2, "operator is missing between '2' and '('"),
        ("(2pi)", 3, "operator is missing between '2' and 'pi'; for a product write 2*pi"),
        ("x y", 3, "operator is missing between 'x' and 'y'"),
        (")(", 1, "there is no ( that it could close"),
        ("(a < b < c)", 8, "put the comparison before it in parentheses"),
        ("sin(w = 3)", 7, "to compare write =="),
        ("|w|", 1, "'|' does not belong in a formula; write abs(...)"),
        ("w $ 2", 3, "'$' does not belong"),
        ("w; w", 2, "';' does not belong"),
        ("w\nw", 2, "does not belong"),
        ("w.real", 2, "'.' does not belong"),
        ("'w'", 1, "does not belong"),
        ("w[0]", 2, "'[' does not belong"),
        ("x²", 2, "'²' does not belong"),
        ("é + 1", 1, "does not belong"),
        ("３ + 1", 1, "does not belong"),
        ("1e999", 1, "too large"),
        ("9" * 400, 1, "too large"),
        ("w and w", 3, "operator is missing between 'w' and 'and'"),
        ("lambda: 1", 7, "':' does not belong"),
        ("*w", 1, "'*' is not expected"),
        ("w ^", 4, "ends where"),
        ("w // 2", 4, "'/' is not expected"),
    ],
)
def test_an_error_says_where_and_what(text: str, column: int, says: str) -> None:
    caught = error(text)
    assert caught.column == column
    assert caught.line is None
    assert says in caught.message
    assert str(caught).startswith(f"column {column}: ")


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("", 1, 1, "empty"),
        ("\n ; \n", 1, 1, "empty"),
        ("w = 1\nv = ", 2, 5, "ends where"),
        ("w = 1; v = *", 2, 6, "'*' is not expected"),
        ("\n\nw = (1", 3, 7, "not closed"),
        ("w = 1\r\nv = ?", 2, 5, "'?' does not belong"),
        ("w + 1", 1, 3, "expected ="),
        ("w == 1", 1, 3, "expected ="),
        ("2 = w", 1, 1, "NAME = expression"),
        ("w = v = 2", 1, 7, "'=' is not expected"),
        ("a = 1; sin = 2", 2, 2, "sin is a function and cannot be assigned"),
        ("a = 1\nb = " + "1" * 500, 2, 501, "504 characters"),
        ("a = 1\nb = a = 1", 2, 7, "'=' is not expected"),
        ("\n".join(f"a{n} = {n}" for n in range(51)), 51, 1, "at most 50"),
        ("\n" * 10**5, 1, 1, "at most 50 lines"),
    ],
)
def test_an_error_in_a_rule_says_line_and_column(text: str, line: int, column: int, says: str) -> None:
    with pytest.raises(FormulaError) as caught:
        parse_rule(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert says in caught.value.message
    assert str(caught.value).startswith(f"line {line}, column {column}: ")


@pytest.mark.parametrize("separator", ["\n", ";", "\r\n", "\r", " ; \n\n"])
def test_lines_of_a_rule_end_with_a_line_end_or_a_semicolon(separator: str) -> None:
    assert [line.name for line in parse_rule(separator.join(["m = g", "w = w - m", ""]))] == ["m", "w"]


def test_a_formula_has_at_most_500_characters() -> None:
    parse_expression("w" + " " * 499)
    assert error("w" + " " * 500).column == 501
    assert error("w" * 10**6).column == 501


def test_a_formula_has_at_most_200_numbers_names_and_operations() -> None:
    parse_expression("-" + "+".join("w" * 100))
    caught = error("+".join("w" * 101))
    assert caught.column == 200
    assert "more than 200" in caught.message


@pytest.mark.parametrize("opening", ["(", "-", "+", "sin(", "1^", "max(1,", "where(1,1,", "-(", "2^-", "(w<"])
def test_nesting_deeper_than_40_is_refused_and_never_a_recursion_error(opening: str) -> None:
    for depth in (41, 60, 300, 10**6):
        caught = error((opening * min(depth, 500))[:500] + "w")
        assert "deeper than 40" in caught.message or "characters" in caught.message
    closing = ")" * opening.count("(")
    parse_expression(opening * 19 + "w" + closing * 19)


def test_a_long_flat_chain_is_not_nesting() -> None:
    for sign in "+-*/":
        parse_expression(sign.join("w" * 100))


CHARACTERS = "wxb019.eE+-*/^()<>=!,; \t\n_sincomaxwhere²π\x00'\"[]{}\\#\ud800"
WORDS = [*ARITY, *"+-*/^<>(),=(),", "**", "<=", ">=", "==", "!=", "w", "x", "pi", "e", "1", "0", "2.5", "1e-3", "1e308",
         ";", "\n", " ", "(", ")", "sin(", "max(", "where(", "mean("]  # fmt: skip


def some_texts(count: int) -> list[str]:
    chance = random.Random(20240501)
    texts = []
    for number in range(count):
        pieces: list[str] | str = CHARACTERS if number % 2 else WORDS
        texts.append("".join(chance.choices(pieces, k=chance.randint(0, 40))))
    return texts


def well_formed(chance: random.Random, size: int) -> str:
    """A text of the grammar; may be refused for its meaning only."""
    if size <= 1:
        return chance.choice(["w", "b", "x", "2", "0.5", "0", "1", "pi", "3"])
    function = chance.choice([*ARITY, *"+-*/^+-*/^", "neg", "<", ">=", "=="])
    args = [well_formed(chance, (size - 1) // max(1, ARITY.get(function, 2))) for _ in range(ARITY.get(function, 2))]
    if function in ARITY:
        return f"{function}({', '.join(args)})"
    return f"(-{args[0]})" if function == "neg" else f"({args[0]} {function} {args[1]})"


def follow(text: str) -> None:
    """From the text to the numbers, as a loss is."""
    tree = parse_expression(text)
    graph = Graph()
    environment = {"w": graph.input("w"), "b": graph.input("b"), "x": graph.input("x", data=True)}
    loss = graph.lower(tree, environment)
    slopes = gradient(graph, loss, [environment["w"], environment["b"]])
    function = numpy_function(graph, list(environment.values()), [loss, *slopes], np.dtype(np.float64))
    with np.errstate(all="ignore"):
        results = function(np.array([[0.5], [-1.0]]), np.array([[2.0], [0.0]]), np.array([1.0, 0.0, -3.0]))
    assert np.shape(results[0]) in ((), (3,), (1,), (2, 1), (2, 3))
    assert all(np.shape(slope) in ((), (1,), (2, 1)) for slope in results[1:])


def refusal(read: Callable[[str], object], text: str) -> FormulaError | None:
    try:
        read(text)
    except FormulaError as caught:
        return caught
    return None


def test_any_text_is_read_or_refused_with_a_formula_error() -> None:
    accepted = 0
    for text in some_texts(FUZZ):
        for read in (parse_expression, parse_rule):
            caught = refusal(read, text)
            accepted += caught is None
            if caught is not None:
                assert 1 <= caught.column <= 501
                assert caught.message
                assert (caught.line is None) == (read is parse_expression)
    assert accepted > FUZZ / 300


def test_what_a_refusal_says_is_true_of_the_text() -> None:
    """Which ( is open, which ) is not, and where an operator is missing are seen from the text alone."""
    chance, seen = random.Random(11), dict.fromkeys(("closed", "could close", "missing"), 0)
    for _ in range(FUZZ // 3):
        text = "".join(
            chance.choices(["(", ")", "sin(", "max(", ",", "2", "x", " ", "+", "*", "<", "="], k=chance.randint(3, 8))
        )
        caught = refusal(parse_expression, text)
        if caught is None:
            continue
        before, after = text[: caught.column - 1], text[caught.column - 1 :]
        if (opening := re.search(r"the \( of column (\d+) is not closed", caught.message)) is not None:
            seen["closed"] += 1
            inside = text[int(opening[1]) - 1 :]
            assert after == ""
            assert all(inside[:end].count("(") > inside[:end].count(")") for end in range(1, len(inside) + 1))
        elif "there is no ( that it could close" in caught.message:
            seen["could close"] += 1
            assert after[0] == ")"
            assert before.count("(") == before.count(")")
        elif (gap := re.search("missing between '(.*?)' and '(.*?)'", caught.message)) is not None:
            seen["missing"] += 1
            assert before.rstrip().endswith(gap[1])
            assert after.startswith(gap[2])
            mended = refusal(parse_expression, f"{before}*{after}")
            assert mended is None or mended.column > caught.column or "argument(s)" in mended.message
    assert min(seen.values()) > FUZZ // 1000


def test_any_formula_of_the_grammar_is_followed_to_its_gradient_or_refused() -> None:
    chance = random.Random(7)
    followed = 0
    for _ in range(FUZZ // 20):
        text = well_formed(chance, chance.randint(1, 60))
        followed += refusal(follow, text) is None
    assert followed > FUZZ // 100
