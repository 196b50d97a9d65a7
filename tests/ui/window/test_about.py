"""What About says of the arithmetic."""

from __future__ import annotations

import pytest

from lrstudio.core.kernel.host import Backend, Kind
from lrstudio.ui.window import help as help_pages


@pytest.mark.parametrize(
    ("kind", "reason", "says"),
    [
        ("native", "", "Arithmetic: WebAssembly as native code."),
        ("pulley", "no executable memory", "Arithmetic: WebAssembly, interpreted and slower: no executable memory."),
        ("numpy", "<lib> is missing", "Arithmetic: NumPy, slower: &lt;lib&gt; is missing."),
    ],
)
def test_about_says_what_computes_and_why(kind: Kind, reason: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(help_pages, "backend", lambda: Backend(kind, None, reason))
    assert help_pages.about_text().endswith(f"<p>{says}")
