"""Shuffles the data of each epoch: integer arithmetic only, the same orders on every machine and with every NumPy.

Epoch e of seed s has the order that NumPy 2.4 gives with `SeedSequence(s, spawn_key=(e,))`, PCG64 (O'Neill 2014:
XSL-RR, 128 bits of state, 64 of output, used in halves, the lower one first) and `permutation`: the shuffle of Fisher
and Yates with integers below n from the bits of n - 1, drawn again where they are too large.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.kernel.host import Kernel, SharedKernels, available

_VALUES = 2**17
"""Indices that are computed at once, in about a millisecond."""
_MANY = 100_000
"""More data points are ordered by random keys, which are sorted without holding Python's lock."""
_WORD = 2**32 - 1


class Shuffler:
    """The orders of `size` data points in the epochs of a seed below 2^128."""

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self._seed = seed
        self._first, self._orders = 0, np.empty((0, size), np.intp)

    @property
    def seed_words(self) -> Array:
        """The hash (4,) of the seed, uint32, that `$permutations` reads."""
        return np.array(np.random.SeedSequence(self._seed).pool)

    def order(self, epoch: int) -> Array:
        """Returns the order (size,) of an epoch; its neighbours are computed with it."""
        if not 0 <= epoch - self._first < len(self._orders):
            block = max(1, _VALUES // self.size) if available() and self.size <= _MANY else 1
            self._first = epoch - epoch % block
            self._orders = self.orders(self._first, block).astype(np.intp)  # which indexes fastest
        order: Array = self._orders[epoch - self._first]
        return order

    def orders(self, first: int, count: int) -> Array:
        """Returns the orders (count, size), int32, of the epochs from `first` on."""
        if not available() or self.size > _MANY:
            by_one = self._sorted if self.size > _MANY else self._shuffled
            return np.array([by_one(epoch) for epoch in range(first, first + count)], np.int32)
        kernel = _KERNELS.take("permutations")
        words = kernel.put(self.seed_words)
        out = kernel.allocate(4 * count * self.size)
        kernel.call("permutations", words, first, count, self.size, out)
        orders = kernel.view(out, (count, self.size), np.int32).copy()
        kernel.release(words)
        _KERNELS.give("permutations", kernel)
        return orders

    def rest(self) -> None:
        """Frees the orders that are kept; the next one is computed anew."""
        self._first, self._orders = 0, np.empty((0, self.size), np.intp)

    def _bits(self, epoch: int) -> np.random.PCG64:
        return np.random.PCG64(np.random.SeedSequence(self._seed, spawn_key=(epoch,)))

    def _sorted(self, epoch: int) -> Array:
        bits, keys = self._bits(epoch), np.empty(self.size, np.uint64)
        for start in range(0, self.size, _MANY):
            part = keys[start : start + _MANY]
            part[:] = bits.random_raw(len(part))
        return np.argsort(keys >> np.uint64(11), kind="stable")  # the 53 bits of a double

    def _shuffled(self, epoch: int) -> list[int]:
        """Returns what `$permutations` writes, where there are no kernels."""
        halves, order = self._halves(epoch), list(range(self.size))
        for last in range(self.size - 1, 0, -1):
            mask = (1 << last.bit_length()) - 1
            while (other := next(halves) & mask) > last:
                pass
            order[last], order[other] = order[other], order[last]
        return order

    def _halves(self, epoch: int) -> Iterator[int]:
        bits = self._bits(epoch)
        while True:
            yield from bits.random_raw(min(self.size, 4096)).astype("<u8").view("<u4").tolist()


def definitions() -> str:
    """Returns WebAssembly functions: `$permutations (words, first epoch, count, size, out)` writes int32 orders.

    `words` is the address of `Shuffler.seed_words`; the orders (count, size) are written at `out`. Further definitions
    begin with `$shuffle_`.
    """
    return _FOLD + _seeding() + _NEXT + _PERMUTATIONS


def _kernel(name: str) -> Kernel:
    """Returns a kernel that exports one of the functions of `definitions`."""
    return Kernel(f'(module (memory (export "memory") 1) (export "{name}" (func ${name})) {definitions()})')


_KERNELS = SharedKernels(_kernel)
_INIT_A, _MULT_A, _INIT_B, _MULT_B = 0x43B0D7E5, 0x931E8875, 0x8B51F9DD, 0x58F38DED
_MIX_L, _MIX_R = 0xCA01F9DD, 0x4973F715
"""The constants of SeedSequence's hash."""
_HIGH, _LOW = 0x2360ED051FC65DA4, 0x4385DF649FCCF645
"""The multiplier of PCG64."""

_FOLD = """
(func $shuffle_fold (param $x i32) (result i32)
  (i32.xor (local.get $x) (i32.shr_u (local.get $x) (i32.const 16))))
"""


def _seeding() -> str:
    """Returns `$shuffle_seed (words, epoch)`: hashes the epoch into the words, and fills state and increment."""

    def hashed(value: str, constant: int, factor: int) -> str:
        mixed = f"(i32.xor {value} (i32.const {constant}))"
        return f"(call $shuffle_fold (i32.mul {mixed} (i32.const {constant * factor & _WORD})))"

    lines = []
    for word in range(4):
        own = f"(i32.load offset={4 * word} (local.get $words))"
        epoch = hashed("(local.get $epoch)", _INIT_A * pow(_MULT_A, 16 + word, 2**32) & _WORD, _MULT_A)
        mixed = f"(i32.sub (i32.mul (i32.const {_MIX_L}) {own}) (i32.mul (i32.const {_MIX_R}) {epoch}))"
        lines.append(f"(local.set $p{word} (call $shuffle_fold {mixed}))")
    halves = [
        f"(i64.extend_i32_u {hashed(f'(local.get $p{k % 4})', _INIT_B * pow(_MULT_B, k, 2**32) & _WORD, _MULT_B)})"
        for k in range(8)
    ]
    for name, low, high in zip(
        ("state_high", "state_low", "inc_high", "inc_low"), halves[::2], halves[1::2], strict=True
    ):
        lines.append(f"(global.set $shuffle_{name} (i64.or {low} (i64.shl {high} (i64.const 32))))")
    return f"""
(global $shuffle_state_high (mut i64) (i64.const 0)) (global $shuffle_state_low (mut i64) (i64.const 0))
(global $shuffle_inc_high (mut i64) (i64.const 0)) (global $shuffle_inc_low (mut i64) (i64.const 0))
(func $shuffle_seed (param $words i32) (param $epoch i32) (local $p0 i32) (local $p1 i32)
    (local $p2 i32) (local $p3 i32)
  {" ".join(lines)}
  ;; increment = 2 sequence + 1, state = increment + seed, and a step
  (global.set $shuffle_inc_high (i64.or (i64.shl (global.get $shuffle_inc_high) (i64.const 1))
    (i64.shr_u (global.get $shuffle_inc_low) (i64.const 63))))
  (global.set $shuffle_inc_low (i64.or (i64.shl (global.get $shuffle_inc_low) (i64.const 1)) (i64.const 1)))
  (global.set $shuffle_state_low (i64.add (global.get $shuffle_state_low) (global.get $shuffle_inc_low)))
  (global.set $shuffle_state_high (i64.add (i64.add (global.get $shuffle_state_high) (global.get $shuffle_inc_high))
    (i64.extend_i32_u (i64.lt_u (global.get $shuffle_state_low) (global.get $shuffle_inc_low)))))
  (drop (call $shuffle_next)))
"""


_NEXT = f"""
;; state = multiplier * state + increment modulo 2^128; returns 64 bits of it
(func $shuffle_next (result i64)
  (local $high i64) (local $low i64) (local $a0 i64) (local $a1 i64) (local $t i64) (local $u i64)
  (local.set $low (global.get $shuffle_state_low))
  (local.set $a0 (i64.and (local.get $low) (i64.const {_WORD})))
  (local.set $a1 (i64.shr_u (local.get $low) (i64.const 32)))
  (local.set $t (i64.add (i64.mul (local.get $a1) (i64.const {_LOW & _WORD}))
    (i64.shr_u (i64.mul (local.get $a0) (i64.const {_LOW & _WORD})) (i64.const 32))))
  (local.set $u (i64.add (i64.mul (local.get $a0) (i64.const {_LOW >> 32}))
    (i64.and (local.get $t) (i64.const {_WORD}))))
  (local.set $high (i64.add
    (i64.add (i64.mul (local.get $a1) (i64.const {_LOW >> 32}))
      (i64.add (i64.shr_u (local.get $t) (i64.const 32)) (i64.shr_u (local.get $u) (i64.const 32))))
    (i64.add (i64.mul (local.get $low) (i64.const {_HIGH}))
      (i64.mul (global.get $shuffle_state_high) (i64.const {_LOW})))))
  (local.set $low (i64.add (i64.mul (local.get $low) (i64.const {_LOW})) (global.get $shuffle_inc_low)))
  (local.set $high (i64.add (i64.add (local.get $high) (global.get $shuffle_inc_high))
    (i64.extend_i32_u (i64.lt_u (local.get $low) (global.get $shuffle_inc_low)))))
  (global.set $shuffle_state_high (local.get $high))
  (global.set $shuffle_state_low (local.get $low))
  (i64.rotr (i64.xor (local.get $high) (local.get $low)) (i64.shr_u (local.get $high) (i64.const 58))))
"""

_DRAW = """
      (local.set $other (i32.and (i32.wrap_i64 (local.get $bits))
        (i32.shr_u (i32.const -1) (i32.clz (local.get $last)))))
      (local.set $kept (i32.le_u (local.get $other) (local.get $last)))
      (local.set $other (i32.add (local.get $out)
        (i32.shl (select (local.get $other) (local.get $last) (local.get $kept)) (i32.const 2))))
      (local.set $at (i32.add (local.get $out) (i32.shl (local.get $last) (i32.const 2))))
      (local.set $value (i32.load (local.get $at)))
      (i32.store (local.get $at) (i32.load (local.get $other)))
      (i32.store (local.get $other) (local.get $value))
      (br_if $shuffled (i32.eqz (local.tee $last (i32.sub (local.get $last) (local.get $kept)))))"""
"""Without a branch, which would be guessed wrongly every third time: a number that is too large swaps nothing."""

_PERMUTATIONS = f"""
(func $permutations (param $words i32) (param $first i32) (param $count i32) (param $size i32) (param $out i32)
  (local $last i32) (local $other i32) (local $kept i32) (local $at i32) (local $value i32) (local $bits i64)
  (block $end (loop $epoch
    (br_if $end (i32.eqz (local.get $count)))
    (call $shuffle_seed (local.get $words) (local.get $first))
    (local.set $last (i32.const 0))
    (loop $fill
      (i32.store (i32.add (local.get $out) (i32.shl (local.get $last) (i32.const 2))) (local.get $last))
      (br_if $fill (i32.lt_u (local.tee $last (i32.add (local.get $last) (i32.const 1))) (local.get $size))))
    (local.set $last (i32.sub (local.get $size) (i32.const 1)))
    (block $shuffled (loop $draw
      (br_if $shuffled (i32.eqz (local.get $last)))
      (local.set $bits (call $shuffle_next)){_DRAW}
      (local.set $bits (i64.shr_u (local.get $bits) (i64.const 32))){_DRAW}
      (br $draw)))
    (local.set $out (i32.add (local.get $out) (i32.shl (local.get $size) (i32.const 2))))
    (local.set $first (i32.add (local.get $first) (i32.const 1)))
    (local.set $count (i32.sub (local.get $count) (i32.const 1)))
    (br $epoch))))
"""
