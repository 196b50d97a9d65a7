"""What the dialog says of a file."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QLocale

from lrstudio.core.language import use
from lrstudio.ui.files.csv_dialog import size_text


@pytest.mark.parametrize(
    ("count", "language", "shown"),
    [
        (1, "en", "1 byte"),
        (27, "en", "27 bytes"),
        (27, "zh_CN", "27 字节"),
        (999, "zh_CN", "999 字节"),
        (1000, "zh_CN", "1 kB"),
        (1_234_567, "en", "1.23 MB"),
    ],
)
def test_the_size_of_a_file_is_in_the_language_in_use_whatever_the_systems_is(
    count: int, language: str, shown: str
) -> None:
    use(language)
    try:
        assert size_text(count, QLocale("en_US")) == shown
    finally:
        use("en")
