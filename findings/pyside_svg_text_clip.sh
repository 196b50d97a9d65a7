#!/bin/sh
# PySide6 (Qt 6.11): in an SVG a text that does not fit its box clips all that is drawn after it.
#
# Guess: QPainter.drawText(box, flags, text) clips the text alone; after it, and after restore(), the clip is what it was.
# Behaviour: with QSvgGenerator, once a clip was set, everything that follows is clipped to the box of such a text. Viewers
#   then show a plot without its curves. Qt.TextDontClip avoids it; pixels and PDF are right without.
# Seen with PySide6-Essentials 6.11.3, offscreen:  10,10 to 90,14 in place of 0,0 to 100,100
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check PySide6-Essentials==6.11.3
QT_QPA_PLATFORM=offscreen venv/bin/python - <<'PY'
import re

from PySide6.QtCore import QBuffer, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtSvg import QSvgGenerator

application = QGuiApplication([])


def clip_of_the_line(height: float, flags: int) -> str:
    """The clip path in force where a line is drawn after a text in a box of this height."""
    buffer, generator = QBuffer(), QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(100, 100))
    painter = QPainter(generator)
    painter.setClipRect(QRectF(0, 0, 100, 100))
    painter.save()
    painter.drawText(QRectF(10, 10, 80, height), flags, "text")
    painter.restore()
    painter.drawLine(20, 60, 80, 90)
    painter.end()
    svg = bytes(buffer.data().data()).decode()
    open_groups: list[str] = []
    for tag in re.finditer(r'<g(?: clip-path="url\(#(\w+)\)")?|</g>', svg[: svg.rindex("<polyline")]):
        if tag[0] == "</g>":
            open_groups.pop()
        else:
            open_groups.append(tag[1] or "")
    name = next(filter(None, reversed(open_groups)))
    return re.search(rf'id="{name}">\s*<path[^>]*d="([^"]*)"', svg)[1].strip()


roomy, low = clip_of_the_line(40, 0), clip_of_the_line(4, 0)
unclipped = clip_of_the_line(4, Qt.TextFlag.TextDontClip.value)
print("a line after a text that fits is clipped to        ", roomy)
print("after one that does not fit                        ", low)
print("after the same with TextDontClip                   ", unclipped)
assert roomy == unclipped != low, "the behaviour has changed"
PY
