"""How values are spelled in WebAssembly: one number, or a vector of two float64 or four float32."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Lanes:
    """`count` numbers of the type `scalar` (f64 or f32), computed by one instruction."""

    scalar: str
    count: int = 1

    @cached_property
    def name(self) -> str:
        """The prefix of the instructions."""
        return self.scalar if self.count == 1 else f"{self.scalar}x{self.count}"

    @property
    def type(self) -> str:
        """The type of a local variable."""
        return self.scalar if self.count == 1 else "v128"

    @property
    def truth(self) -> str:
        """The type of the result of a comparison: one number, or a mask of all bits in each lane."""
        return "i32" if self.count == 1 else "v128"

    @property
    def width(self) -> int:
        """The bytes of one number."""
        return 8 if self.scalar == "f64" else 4

    @property
    def wide(self) -> Lanes:
        """The vector of such numbers."""
        return Lanes(self.scalar, 16 // self.width)

    @property
    def single(self) -> Lanes:
        """One such number."""
        return Lanes(self.scalar)

    def op(self, name: str, *args: str) -> str:
        """Returns an instruction of these lanes on expressions."""
        return f"({self.name}.{name} {' '.join(args)})"

    def const(self, value: float) -> str:
        """Returns a number, rounded to the type, in every lane."""
        text = _number(value if self.scalar == "f64" else float(np.float32(value)))
        if self.count == 1:
            return f"({self.scalar}.const {text})"
        return f"(v128.const {self.name} {' '.join([text] * self.count)})"

    def truth_const(self, value: bool) -> str:
        """Returns a constant condition."""
        if self.count == 1:
            return f"(i32.const {int(value)})"
        return f"(v128.const i64x2 {' '.join([str(-int(value))] * 2)})"

    def select(self, condition: str, yes: str, no: str) -> str:
        """Returns `yes` where the condition holds, else `no`."""
        if self.count == 1:
            return f"(select {yes} {no} {condition})"
        return f"(v128.bitselect {yes} {no} {condition})"

    def either(self, first: str, second: str) -> str:
        """Returns the condition that one of two conditions holds."""
        return f"({self.truth}.or {first} {second})"

    def both(self, first: str, second: str) -> str:
        """Returns the condition that both of two conditions hold."""
        return f"({self.truth}.and {first} {second})"

    def load(self, address: str, offset: int = 0) -> str:
        """Returns the numbers at an address, one after the other."""
        return f"({self.type}.load offset={offset} {address})"

    def load_one(self, address: str, offset: int = 0) -> str:
        """Returns the number at an address in every lane."""
        if self.count == 1:
            return self.load(address, offset)
        return f"(v128.load{8 * self.width}_splat offset={offset} {address})"

    def store(self, address: str, value: str, offset: int = 0) -> str:
        """Stores the numbers at an address, one after the other."""
        return f"({self.type}.store offset={offset} {address} {value})"

    def splat(self, value: str) -> str:
        """Returns one number in every lane."""
        return value if self.count == 1 else self.op("splat", value)

    def lane(self, value: str, index: int) -> str:
        """Returns the number in one lane."""
        return value if self.count == 1 else f"({self.name}.extract_lane {index} {value})"

    def as_double(self, value: str) -> str:
        """Returns one number as an f64."""
        return value if self.scalar == "f64" else f"(f64.promote_f32 {value})"

    def as_single(self, value: str) -> str:
        """Returns numbers rounded to f32 in the type of these lanes."""
        if self.count == 1:
            return f"(f64.promote_f32 (f32.demote_f64 {value}))" if self.scalar == "f64" else value
        return f"(f64x2.promote_low_f32x4 (f32x4.demote_f64x2_zero {value}))" if self.scalar == "f64" else value

    def as_doubles(self, value: str) -> list[str]:
        """Returns the numbers of a vector as vectors of f64."""
        if self.scalar == "f64":
            return [value]
        upper = f"(i8x16.shuffle {' '.join(map(str, [*range(8, 16), *range(8)]))} {value} {value})"
        return [f"(f64x2.promote_low_f32x4 {half})" for half in (value, upper)]

    def of_doubles(self, parts: list[str]) -> str:
        """Returns the numbers of vectors of f64, rounded, as one vector."""
        if self.scalar == "f64":
            return parts[0]
        low, high = (f"(f32x4.demote_f64x2_zero {part})" for part in parts)
        return f"(i8x16.shuffle {' '.join(map(str, [*range(8), *range(16, 24)]))} {low} {high})"

    def from_double(self, value: str) -> str:
        """Returns an f64 rounded to one number."""
        return value if self.scalar == "f64" else f"(f32.demote_f64 {value})"


def _number(value: float) -> str:
    return str(value) if math.isinf(value) else "nan" if math.isnan(value) else float(value).hex()
