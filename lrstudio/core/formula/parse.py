"""Parses a formula into a tree. Typed text is never passed to Python's own parser.

Grammar (lines are separated by a line end or `;`):

    rule       = assignment { newline assignment }
    assignment = NAME "=" comparison
    comparison = sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum ]
    sum        = product { ("+" | "-") product }
    product    = unary { ("*" | "/") unary }
    unary      = ("-" | "+") unary | power
    power      = atom [ ("^" | "**") unary ]
    atom       = NUMBER | NAME | NAME "(" comparison { "," comparison } ")" | "(" comparison ")"
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import NoReturn

from lrstudio.core.formula.remedies import misplaced_comma, missing, unknown_function
from lrstudio.core.formula.tokens import FormulaError, Token, tokens_of
from lrstudio.core.language import tr
from lrstudio.core.record import dataclass

NORM = "norm"
JOINED = dict.fromkeys("norm tensor_mean row_mean column_mean rows columns matrix hidden lr_factor".split(), 1)
JOINED |= {"orthogonal": 6}
"""The functions of all parameters or of a tensor, in the rule of an optimizer, by arity; they are names as well."""
MAX_LINE = 500
MAX_LINES = 50
MAX_NODES = 200
MAX_RULE_NODES = 400
MAX_DEPTH = 40
_CACHE_SIZE = 256
"""Number of cached texts: the same rules are parsed again at every change of a rate or a start."""

ARITY = dict.fromkeys(
    "sin cos tan atan exp log log1p sqrt abs sign tanh sinh cosh sigmoid softplus relu floor mean sum".split(), 1
) | {"min": 2, "max": 2, "where": 3}


@dataclass(frozen=True, slots=True)
class Number:
    value: float
    column: int

    def names(self) -> set[str]:
        return set()


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    column: int

    def names(self) -> set[str]:
        return {self.name}


@dataclass(frozen=True, slots=True)
class Call:
    """An operator (`+ - * / ^ neg < <= > >= == !=`) or a function, applied to its arguments."""

    function: str
    args: tuple[Expression, ...]
    column: int

    def names(self) -> set[str]:
        return set().union(*(arg.names() for arg in self.args))


Expression = Number | Name | Call


@dataclass(frozen=True, slots=True)
class Assignment:
    """One line of a rule: `name = expression`."""

    name: str
    expression: Expression
    line: int
    column: int


@lru_cache(_CACHE_SIZE)
def parse_expression(text: str) -> Expression:
    """Returns the tree of one expression; raises FormulaError."""
    return _Parser(text).whole_expression()


@lru_cache(_CACHE_SIZE)
def parse_rule(text: str) -> tuple[Assignment, ...]:
    """Returns the assignments of a rule, line by line; raises FormulaError."""
    if len(text) > MAX_LINES * (MAX_LINE + 1):
        sizes = {"count": len(text), "lines": MAX_LINES, "most": MAX_LINE}
        raise FormulaError(tr("{count} characters; at most {lines} lines of {most}", **sizes), 1, 1)
    lines = [(number, line) for number, line in enumerate(re.split(r"\r\n|[\r\n;]", text), 1) if line.strip()]
    if not lines:
        raise FormulaError(tr("the rule is empty; write for example w = w - lr*g"), 1, 1)
    if len(lines) > MAX_LINES:
        message = tr("{count} lines; at most {most}", count=len(lines), most=MAX_LINES)
        raise FormulaError(message, 1, lines[MAX_LINES][0])
    assignments: list[Assignment] = []
    nodes = 0
    for number, line in lines:
        try:
            parser = _Parser(line)
            assignments.append(parser.assignment(number))
            nodes += parser.nodes
            if nodes > MAX_RULE_NODES:
                most = MAX_RULE_NODES
                raise FormulaError(tr("more than {most} numbers, names and operations in the rule", most=most), 1)
        except FormulaError as error:
            raise FormulaError(error.message, error.column, number) from None
    return tuple(assignments)


class _Parser:
    def __init__(self, text: str) -> None:
        if len(text) > MAX_LINE:
            message = tr("{count} characters; at most {most}", count=len(text), most=MAX_LINE)
            raise FormulaError(message, MAX_LINE + 1)
        self._tokens = tokens_of(text)
        self._position = 0
        self.nodes = 0
        self._depth = 0

    def assignment(self, line: int) -> Assignment:
        name = self._take()
        if name.kind != "name":
            self._fail(tr("a line of a rule is NAME = expression"), name)
        if name.text in ARITY:
            self._fail(tr("{name} is a function and cannot be assigned", name=name.text), name)
        equals = self._take()
        if equals.text != "=":
            self._fail(tr("expected = after the name"), equals)
        return Assignment(name.text, self.whole_expression(), line, name.column)

    def whole_expression(self) -> Expression:
        tree = self._comparison()
        if self._peek().kind != "end":
            self._misplaced(self._take())
        return tree

    def _comparison(self) -> Expression:
        tree = self._sum()
        sign = self._peek()
        if sign.text in ("<", "<=", ">", ">=", "==", "!="):
            self._take()
            tree = self._node(Call(sign.text, (tree, self._sum()), sign.column))
        return tree

    def _sum(self) -> Expression:
        return self._chain(("+", "-"), self._product)

    def _product(self) -> Expression:
        return self._chain(("*", "/"), self._unary)

    def _chain(self, signs: tuple[str, ...], operand: Callable[[], Expression]) -> Expression:
        tree = operand()
        while (sign := self._peek()).text in signs:
            self._take()
            tree = self._node(Call(sign.text, (tree, operand()), sign.column))
        return tree

    def _unary(self) -> Expression:
        sign = self._peek()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._fail(tr("nested deeper than {most}", most=MAX_DEPTH), sign)
        if sign.text in ("-", "+"):
            self._take()
            operand = self._unary()
            tree = operand if sign.text == "+" else self._node(Call("neg", (operand,), sign.column))
        else:
            tree = self._power()
        self._depth -= 1
        return tree

    def _power(self) -> Expression:
        base = self._atom()
        sign = self._peek()
        if sign.text not in ("^", "**"):
            return base
        self._take()
        return self._node(Call("^", (base, self._unary()), sign.column))

    def _atom(self) -> Expression:
        token = self._take()
        if token.kind == "number":
            value = float(token.text)
            if not math.isfinite(value):
                self._fail(tr("{number} is too large", number=token.text), token)
            return self._node(Number(value, token.column))
        if token.kind == "name":
            return self._call(token) if self._peek().text == "(" else self._name(token)
        if token.text == "(":
            tree = self._comparison()
            self._close(token)
            return tree
        if token.kind == "end":
            self._fail(tr("the formula ends where a number, a name or ( should follow"), token)
        if token.text == ")" and not self._opened():
            self._misplaced(token)
        message = tr("{sign!r} is not expected here; a number, a name or ( should stand here", sign=token.text)
        self._fail(message, token)

    def _name(self, token: Token) -> Expression:
        if token.text in ARITY:
            self._fail(tr("{name} is a function; write {name}(...)", name=token.text), token)
        return self._node(Name(token.text, token.column))

    def _call(self, token: Token) -> Expression:
        arity = ARITY.get(token.text) or JOINED.get(token.text)
        if arity is None:
            self._fail(unknown_function(token.text, ARITY), token)
        opening = self._take()
        args = [self._comparison()]
        while self._peek().text == ",":
            self._take()
            args.append(self._comparison())
        self._close(opening, several=arity > 1)
        if len(args) != arity:
            counts = {"function": token.text, "count": arity, "given": len(args)}
            self._fail(tr("{function} takes {count} argument(s), not {given}", **counts), token)
        return self._node(Call(token.text, tuple(args), token.column))

    def _close(self, opening: Token, *, several: bool = False) -> None:
        """Takes the ) of a (, which holds `several` arguments or one expression."""
        token = self._take()
        if token.kind == "end":
            self._fail(tr("the ( of column {column} is not closed", column=opening.column), token)
        if token.text != ")":
            self._misplaced(token, several=several)

    def _opened(self) -> int:
        """Returns the number of unclosed ( before the last token taken."""
        signs = [token.text for token in self._tokens[: self._position - 1]]
        return signs.count("(") - signs.count(")")

    def _misplaced(self, token: Token, *, several: bool = False) -> NoReturn:
        """Raises a FormulaError that explains why the last token cannot follow the expression before it."""
        before, after = self._tokens[self._position - 2], self._tokens[self._position]
        touches = before.kind == "number" and before.column + len(before.text) == token.column
        if token.kind == "number" and touches and token.text.startswith("."):
            self._fail(tr("{number} is no number", number=f"{before.text}{token.text}"), token)
        if token.kind in ("number", "name") or token.text == "(":
            self._fail(missing(before.text, token.text, several=several), token)
        if token.text == ")":
            self._fail(tr("')' is not expected here; there is no ( that it could close"), token)
        if token.text == ",":
            decimal = touches and (before.text + after.text).isdigit() and after.column == token.column + 1
            self._fail(misplaced_comma(f"{before.text}.{after.text}" if decimal else ""), token)
        if token.text == "=":
            self._fail(tr("'=' is not expected here; to compare write =="), token)
        message = tr("{sign!r} is not expected here; put the comparison before it in parentheses", sign=token.text)
        self._fail(message, token)

    def _node(self, node: Expression) -> Expression:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise FormulaError(tr("more than {most} numbers, names and operations", most=MAX_NODES), node.column)
        return node

    def _peek(self) -> Token:
        return self._tokens[self._position]

    def _take(self) -> Token:
        token = self._tokens[self._position]
        self._position = min(self._position + 1, len(self._tokens) - 1)
        return token

    def _fail(self, message: str, token: Token) -> NoReturn:
        raise FormulaError(message, token.column)
