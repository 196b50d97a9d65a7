"""Memory for the blocks of a trace, which the next trace uses again."""

from __future__ import annotations

import ctypes
import weakref
from math import prod
from mmap import PAGESIZE, mmap
from threading import RLock

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.language import tr

MOST_KEPT = 2**28
"""Bytes of freed blocks that are kept: the first number in a fresh page costs ten times as much as the others."""
_ROOM = 2**26
"""Bytes that a trace which grows leaves to others, beside half of what traces have: the window draws them."""
_RESERVE = 2**26
"""Bytes that nobody uses while a trace grows, for the next experiment; they are asked for, and cost no memory."""
_SMALL = 2**16


class Pool:
    """Gives blocks of memory, and takes them back once no array uses them; at most `MOST_KEPT` bytes wait for use."""

    def __init__(self) -> None:
        self._free: list[mmap] = []
        self._given = 0
        self._reserve: mmap | None = None
        self._lock = RLock()  # memory may be given back while it is asked for, by the same thread

    @property
    def kept(self) -> int:
        """The bytes that wait for use."""
        return sum(map(len, self._free))

    def block(self, shape: tuple[int, ...], *, grows: bool = False) -> Array:
        """Returns an array of any values; MemoryError where the system has no more, or `grows` and leaves no room."""
        size = -(-8 * prod(shape) // PAGESIZE) * PAGESIZE
        if size < _SMALL:
            return np.empty(shape)
        with self._lock:
            fitting = next((pages for pages in self._free if len(pages) == size), None)
            if fitting is not None:
                self._free.remove(fitting)
        pages = self._pages(size, grows) if fitting is None else fitting
        owner = (ctypes.c_char * size).from_buffer(pages)  # lives as long as the array and its views
        weakref.finalize(owner, self._take_back, pages).atexit = False
        with self._lock:
            self._given += size
        return np.frombuffer(memoryview(owner), np.float64, prod(shape)).reshape(shape)

    def _pages(self, size: int, grows: bool) -> mmap:
        try:
            return self._new_pages(size, grows)
        except OSError:  # the system has no more beside what waits for use
            self.release()
        try:
            return self._new_pages(size, grows)
        except OSError as error:
            raise MemoryError(tr("no memory for {size} bytes", size=size)) from error

    def _new_pages(self, size: int, grows: bool) -> mmap:
        if grows:
            if self._reserve is None:
                self._reserve = mmap(-1, _RESERVE)
            mmap(-1, size + _ROOM + self._given // 2).close()
        return mmap(-1, size)

    def release(self) -> None:
        """Returns to the system what waits for use."""
        with self._lock:
            self._free.clear()

    def relieve(self) -> None:
        """Returns to the system all that no trace needs, for what must be done after a MemoryError."""
        self.release()
        self._reserve = None

    def _take_back(self, pages: mmap) -> None:
        with self._lock:
            self._given -= len(pages)
            if self.kept + len(pages) <= MOST_KEPT:
                self._free.append(pages)


POOL = Pool()
