"""Elementary functions whose bits are the same on every machine."""

from collections.abc import Iterable


def definitions(called: Iterable[tuple[str, str]]) -> str:
    """Returns the WebAssembly text of functions, given by name and lanes."""
    if list(called):
        raise NotImplementedError(f"no kernel for {sorted(called)}")
    return ""
