"""Compiles WebAssembly text and calls it on linear memory.

wasmtime is imported at the first use. Where executable memory is forbidden, Pulley interprets the same modules with the
same bits; where wasmtime cannot be imported there is no kernel, and NumPy computes instead. `LRSTUDIO_KERNEL` (native,
pulley or numpy) selects one of the three.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import math
import os
from collections.abc import Callable
from functools import cache, lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, Protocol, TypeVar

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import mark, tr

if TYPE_CHECKING:
    import wasmtime

Kind = Literal["native", "pulley", "numpy"]

VARIABLE = "LRSTUDIO_KERNEL"
_SELECTED = mark("LRSTUDIO_KERNEL is {cause}")
PAGE = 65536
MOST_KEPT = 2**23
"""Bytes up to which a kernel waits for its next use: memory of WebAssembly never shrinks."""
_MOST_WAITING = 2
"""Kernels of a kind that wait for their next use."""
_ALIGNMENT = 64
_MOST_SPARE = 2**25
_MODULES = 256
"""Number of cached modules: an edit of a rate or a start compiles nothing."""
_FINDING = Lock()
"""`cache` alone would give two threads an engine each, and modules of one do not run on the other."""
_PROBE = '(module (func (export "probe") (result i32) i32.const 7))'


class Backend(NamedTuple):
    """What executes the kernels; `problem` says why it is not native code, with the slot {cause}, empty where it is."""

    kind: Kind
    engine: Any
    problem: str = ""
    cause: str = ""

    @property
    def reason(self) -> str:
        """Why it is not native code, in the language in use."""
        return tr(self.problem, cause=tr(self.cause)) if self.problem else ""

    @property
    def failed(self) -> bool:
        """Whether native code does not work here, as opposed to another backend being selected."""
        return self.problem not in ("", _SELECTED)


def backend() -> Backend:
    """Returns the fastest backend that works in this process."""
    with _FINDING:
        return _backend()


@cache
def _backend() -> Backend:
    chosen = os.environ.get(VARIABLE, "")
    if chosen == "numpy":
        return Backend("numpy", None, _SELECTED, "numpy")
    try:
        import wasmtime
    except Exception as error:  # noqa: BLE001 - a library that does not load raises OSError, AttributeError or others
        return Backend("numpy", None, mark("wasmtime cannot be imported ({cause})"), str(error))
    if chosen != "pulley":
        try:
            return _probed("native", "", "", wasmtime)
        except Exception as error:  # noqa: BLE001 - whatever stops native code does not stop the interpreter
            problem, cause = "{cause}", str(error).partition("\n")[0]
    else:
        problem, cause = _SELECTED, "pulley"
    try:
        return _probed("pulley", problem, cause, wasmtime)
    except Exception as error:  # noqa: BLE001 - as above
        return Backend("numpy", None, "{cause}", str(error).partition("\n")[0])


def available() -> bool:
    """Returns whether kernels can be compiled here."""
    return backend().kind != "numpy"


def _probed(kind: Kind, problem: str, cause: str, wasmtime: Any) -> Backend:
    config = wasmtime.Config()
    config.memory_reservation = 0
    config.memory_reservation_for_growth = 0
    config.memory_guard_size = 0
    config.signals_based_traps = False
    config.cranelift_opt_level = "speed"
    if kind == "pulley":
        config.target = "pulley64"
    engine = wasmtime.Engine(config)
    store = wasmtime.Store(engine)
    function = wasmtime.Instance(store, wasmtime.Module(engine, _PROBE), []).exports(store)["probe"]
    if function(store) != 7:
        raise RuntimeError(mark("the compiled code does not run"))
    atexit.register(_leave_to_the_system, wasmtime.Managed)
    return Backend(kind, engine, problem, cause)


def _leave_to_the_system(managed: type) -> None:
    """Keeps the objects of wasmtime at the end of the process: its finalizers need modules that are gone by then."""
    gc.unfreeze()
    for item in gc.get_objects():
        if issubclass(type(item), managed):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(item))


@lru_cache(_MODULES)
def _compiled(source: str) -> wasmtime.Module:
    import wasmtime

    return wasmtime.Module(backend().engine, source)


class Kernel:
    """An instance of a module of WebAssembly text that exports a `memory`. For one thread at a time."""

    def __init__(self, source: str) -> None:
        import wasmtime

        self._store = wasmtime.Store(backend().engine)
        exports: Any = wasmtime.Instance(self._store, _compiled(source), []).exports(self._store)
        self._memory: Any = exports["memory"]
        self._exports = exports
        self._prepared: dict[str, _Call] = {}
        self._top = _ALIGNMENT  # offset 0 stays unused
        self._bytes = self._all_bytes()

    @property
    def size(self) -> int:
        """The bytes of its memory."""
        return self._bytes.nbytes

    def allocate(self, nbytes: int) -> int:
        """Returns the offset of new memory, aligned to 64 bytes; views made before are invalid afterwards."""
        offset, self._top = self._top, -(-(self._top + nbytes) // _ALIGNMENT) * _ALIGNMENT
        self._grow(self._top, spare=_MOST_SPARE)
        return offset

    def reserve(self, nbytes: int) -> None:
        """Makes room for allocations of so many bytes in all, as growing copies the whole memory."""
        self._grow(self._top + nbytes + PAGE, spare=0)

    def _grow(self, needed: int, spare: int) -> None:
        if needed > self.size:
            more = -(-max(needed - self.size, min(self.size, spare)) // PAGE)
            try:
                self._memory.grow(self._store, more)
            except Exception as error:  # a WasmtimeError, which says nothing else
                raise MemoryError(tr("no memory for {size} bytes", size=more * PAGE)) from error
            self._bytes = self._all_bytes()

    def _all_bytes(self) -> Array:
        """Returns the whole memory: a part of it costs wasmtime-py six times as much as NumPy."""
        return np.frombuffer(self._memory.get_buffer_ptr(self._store), np.uint8)

    def release(self, offset: int) -> None:
        """Gives back the memory from an offset on."""
        self._top = offset

    def view(self, offset: int, shape: tuple[int, ...], dtype: Any = np.float64) -> Array:
        """Returns the memory at an offset as an array, valid until the next allocation."""
        kind = np.dtype(dtype)
        array: Array = self._bytes[offset : offset + math.prod(shape) * kind.itemsize].view(kind).reshape(shape)
        return array

    def put(self, values: Array) -> int:
        """Copies an array into new memory and returns its offset."""
        offset = self.allocate(max(1, values.nbytes))
        self.view(offset, values.shape, values.dtype)[...] = values
        return offset

    def call(self, name: str, *arguments: float) -> int:
        """Calls an exported function, without holding Python's lock; returns its i32 result, 0 without one."""
        if name not in self._prepared:
            self._prepared[name] = _Call(self._store, self._exports[name])
        return self._prepared[name](*arguments)


class Sized(Protocol):
    """A kernel, or what calls one."""

    @property
    def size(self) -> int:
        """The bytes of its memory."""


Key = TypeVar("Key")
Item = TypeVar("Item", bound=Sized)


class SharedKernels(Generic[Key, Item]):
    """Lends kernels to any thread and makes one where all of a kind are in use; each thread's own would add up."""

    def __init__(self, make: Callable[[Key], Item]) -> None:
        self._make = make
        self._waiting: dict[Key, list[Item]] = {}

    def __contains__(self, key: Key) -> bool:
        """Returns whether one was made."""
        return key in self._waiting

    def take(self, key: Key) -> Item:
        """Returns a kernel for the calling thread alone; one that is not given back, as after an error, is lost."""
        try:
            return self._waiting[key].pop()
        except (KeyError, IndexError):
            return self._make(key)

    def give(self, key: Key, item: Item) -> None:
        """Takes a kernel back, unless it has become large."""
        waiting = self._waiting.setdefault(key, [])
        if item.size <= MOST_KEPT and len(waiting) < _MOST_WAITING:
            waiting.append(item)


class _Call:
    """A function with a place for its arguments: wasmtime-py's own call takes ten times as long to convert them."""

    def __init__(self, store: Any, function: Any) -> None:
        from wasmtime import Trap, WasmtimeError, _ffi

        kind = function.type(store)
        self._kinds = [str(parameter) for parameter in kind.params]
        self._has_result = bool(kind.results)
        self._words = (_ffi.wasmtime_val_raw_t * max(1, len(self._kinds)))()
        self._call = _ffi.wasmtime_func_call_unchecked
        self._store, self._function = store, function
        self._no_trap, self._error, self._trap = ctypes.POINTER(_ffi.wasm_trap_t), WasmtimeError, Trap

    def __call__(self, *arguments: float) -> int:
        words = self._words
        for index, (kind, value) in enumerate(zip(self._kinds, arguments, strict=True)):
            setattr(words[index], kind, value)
        trap: Any = self._no_trap()
        target = ctypes.byref(self._function._func)
        error: Any = self._call(self._store._context(), target, words, len(words), ctypes.byref(trap))
        if error:
            raise self._error._from_ptr(error)
        if trap:
            raise self._trap._from_ptr(trap)
        return int(words[0].i32) if self._has_result else 0
