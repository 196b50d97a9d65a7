"""HTML pages that need no other file, written in what both browsers and Qt's QTextDocument understand."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

from lrstudio import __version__
from lrstudio.core.formula.typeset import Pieces
from lrstudio.core.language import language

_STYLE = """
body { font-family: "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans", "Noto Sans CJK SC", "Microsoft YaHei",
  "PingFang SC", sans-serif; font-size: 10pt; color: #1C2024; background-color: #FFFFFF;
  max-width: 190mm; margin: 8mm auto; padding: 0 4mm; }
h1 { font-size: 16pt; margin-top: 0px; margin-bottom: 6px; }
h2 { font-size: 12pt; margin-top: 10px; margin-bottom: 4px; }
p { margin-top: 3pt; margin-bottom: 3pt; line-height: 130%; }
table { border-collapse: collapse; margin-top: 4px; margin-bottom: 8px; }
td, th { padding-top: 2px; padding-bottom: 2px; padding-left: 6px; padding-right: 6px; vertical-align: top; }
th { text-align: left; }
table.grid td, table.grid th { border: 1px solid #B9C0C8; }
table.plain td { padding-left: 0px; padding-right: 10px; }
table.pictures td { padding-left: 0px; padding-right: 0px; }
td.number, th.number { text-align: right; }
.quiet { color: #5C646E; }
.command { font-family: "DejaVu Sans Mono", Consolas, Menlo, monospace; font-size: 9pt; background-color: #F3F4F6; }
img { max-width: 100%; height: auto; }
@media print { body { margin: 0; padding: 0; } h2 { break-after: avoid; } tr, img { break-inside: avoid; } }
@page { size: A4; margin: 12mm; }
"""
IMAGE = "data:image/svg+xml;base64,"
"""What the address of a picture begins with."""


def page(title: str, parts: Iterable[str]) -> str:
    """Returns a whole page in the language in use, with the parts of its body."""
    body = "\n".join(parts)
    return (
        f'<!DOCTYPE html>\n<html lang="{language().replace("_", "-")}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n'
        f'<meta name="generator" content="LR Studio {__version__}">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def paragraph(text: str, style: str = "") -> str:
    """Returns a paragraph of plain text."""
    return f'<p class="{style}">{escape(text)}</p>' if style else f"<p>{escape(text)}</p>"


def heading(text: str, level: int = 2) -> str:
    return f"<h{level}>{escape(text)}</h{level}>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[int] = (), *, empty: int = 0) -> str:
    """Returns a table of HTML cells with lines; `numbers` are the columns to align right, `empty` rows follow."""
    cells = [*rows, *[("&nbsp;",) * len(head)] * empty]
    lines = ["".join(f"<th{_aligned(index in numbers)}>{text}</th>" for index, text in enumerate(head))]
    lines += ["".join(f"<td{_aligned(i in numbers)}>{text}</td>" for i, text in enumerate(row)) for row in cells]
    return _table("grid", lines, border=1)


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    """Returns names with what belongs to them, in HTML."""
    return _table("plain", [f'<td class="quiet">{name}</td><td>{value}</td>' for name, value in rows])


def gallery(svgs: Sequence[tuple[str, str]], width: int = 330) -> str:
    """Returns pictures (title, SVG) in two columns of so many pixels each."""
    cells = [f"<td>{picture(title, svg, width)}</td>" for title, svg in svgs]
    return _table("pictures", ["".join(cells[start : start + 2]) for start in range(0, len(cells), 2)])


def picture(title: str, svg: str, width: int) -> str:
    """Returns an image that holds an SVG, in the shape of a chart."""
    address = IMAGE + base64.b64encode(svg.encode()).decode()
    return f'<img alt="{escape(title)}" width="{width}" height="{width * 5 // 8}" src="{address}">'


def formula(pieces: Pieces) -> str:
    """Returns a typeset formula as HTML."""
    tags = {1: "sup", -1: "sub"}
    parts = ((tags.get(piece.shift, ""), escape(piece.text)) for piece in pieces)
    return "".join(f"<{tag}>{text}</{tag}>" if tag else text for tag, text in parts)


def _table(kind: str, rows: Iterable[str], border: int = 0) -> str:
    lines = "\n".join(f"<tr>{row}</tr>" for row in rows)
    return f'<table class="{kind}" border="{border}" cellspacing="0">\n{lines}\n</table>'


def _aligned(right: bool) -> str:
    return ' class="number" align="right"' if right else ""
