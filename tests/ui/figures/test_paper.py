"""Pages as PDF."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from lrstudio.store.documents.chart import Axis, Line, chart
from lrstudio.store.documents.page import gallery, heading, page, paragraph, table
from lrstudio.ui.figures.paper import pdf
from lrstudio.ui.look.theme import LIGHT, named_theme


def html(paragraphs: int = 1) -> str:
    svg = chart("Loss", Axis("step", 0, 1), Axis("loss", 0, 1), [Line(np.arange(2), np.arange(2), "0.1", 0)])
    return page("Report 报告", [heading("Report 报告", 1), *[paragraph("words " * 60)] * paragraphs,
                              gallery([("Loss", svg)]), table(("a", "b"), [("1", "2")])])  # fmt: skip


def contents(data: bytes) -> bytes:
    """Returns the operators of all pages."""
    parts = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL)
    found = b""
    for part in parts:
        try:
            found += zlib.decompress(part)
        except zlib.error:
            continue
    return found


def test_a_page_is_a_pdf_with_fonts_and_without_pixels(qtbot: QtBot) -> None:
    data = pdf(html())
    assert data.startswith(b"%PDF") and data.count(b"/Type /Page\n") == 1
    assert b"/FontFile2" in data or b"/FontFile3" in data
    assert b"/Subtype /Image" not in data
    assert b" Tf" in contents(data)


def test_letters_have_the_systems_size_also_after_a_page() -> None:
    program = (
        "from lrstudio.ui.window.app import application; app = application(); size = app.font().pointSizeF(); "
        "from tests.ui.figures.test_paper import html, pdf; pdf(html()); "
        "from lrstudio.ui.look.font_size import FontSize; from lrstudio.ui.look.settings import Settings; "
        "print(FontSize(Settings()).points == size > 0)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "True\n"


def test_what_nearly_fits_on_a_sheet_is_made_smaller_and_a_long_page_has_several(qtbot: QtBot) -> None:
    pages = [pdf(html(count)).count(b"/Type /Page\n") for count in (10, 12, 60)]
    assert pages[0] == 1 and pages[-1] > 1 and pages == sorted(pages)


def test_a_heading_stands_on_the_sheet_of_what_follows(qtbot: QtBot, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    before = [f"line {number}" for number in range(220)]
    for follower in (paragraph("follower"), table(("follower", "b"), [("1", "2")])):
        parts = [part for line in before for part in (heading(f"head of {line}"), paragraph(line), follower)]
        (tmp_path / "a.pdf").write_bytes(pdf(page("Sheets", parts)))
        told = subprocess.run(["pdftotext", str(tmp_path / "a.pdf"), "-"], capture_output=True, check=True)
        sheets = told.stdout.decode().strip("\f").split("\f")
        assert len(sheets) > 5
        assert [sheet for sheet in sheets if sheet.strip().split("\n")[-1].startswith("head of")] == []


def test_a_table_and_a_line_stand_on_one_sheet_and_no_sheet_is_empty(qtbot: QtBot, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    rows = [("1", "2"), ("3", "last")]
    for lines in range(40, 52):
        parts = [
            *(paragraph(f"line {number}") for number in range(lines)),
            table(("begin", "b"), rows),
            heading("head"),
        ]
        (tmp_path / "a.pdf").write_bytes(pdf(page("Sheets", [*parts, *(paragraph("line") for _ in range(20))])))
        told = subprocess.run(["pdftotext", str(tmp_path / "a.pdf"), "-"], capture_output=True, check=True)
        sheets = told.stdout.decode().removesuffix("\f").split("\f")
        assert len(sheets) > 1 and all(sheet.strip() for sheet in sheets)
        assert sum("begin" in sheet and "last" in sheet for sheet in sheets) == 1
        assert sum(sheet.count("line") for sheet in sheets) == lines + 20


def test_figures_for_print_are_white_with_black_letters() -> None:
    theme = named_theme("print")
    assert {theme.background, theme.surface, theme.raised} == {"#FFFFFF"} and theme.foreground == "#000000"
    assert theme.runs == LIGHT.runs


def test_another_program_reads_its_words_in_both_languages(qtbot: QtBot, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    (tmp_path / "a.pdf").write_bytes(pdf(html() + paragraph("float64 is 手写 to 见")))
    text = subprocess.run(["pdftotext", str(tmp_path / "a.pdf"), "-"], capture_output=True, check=True).stdout.decode()
    assert "Report" in text and "报告" in text and "step" in text
    assert "float64 is 手写 to 见" in text and "\t" not in text
