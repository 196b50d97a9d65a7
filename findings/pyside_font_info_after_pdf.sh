#!/bin/sh
# PySide6 (Qt 6.11): after a letter was drawn into a PDF, QFontInfo tells a wrong point size of the window's own font.
#
# Guess: QFontInfo(font).pointSizeF() of a font of 9 points is about 9, whatever was drawn before.
# Behaviour: where a font given in pixels (here 12) is first used on a QPdfWriter of 1200 dpi, Qt keeps it with a point size
#   for these 1200 dpi. A font of 9 points has 12 pixels on a screen of 96 dpi: QFontInfo finds the kept one and says 0.72.
#   pixelSize() is right. If QFontInfo was asked before the PDF was made, it goes on to say 9.
# Seen with PySide6 6.11.3, offscreen:  pixels 12   points of 9: 0.72
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check PySide6-Essentials==6.11.3
QT_QPA_PLATFORM=offscreen venv/bin/python - <<'PY'
import PySide6
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QFont, QFontInfo, QGuiApplication, QPainter, QPdfWriter

app = QGuiApplication([])
window = QFont(QGuiApplication.font())
window.setPointSizeF(9)
buffer = QBuffer()
buffer.open(QIODevice.OpenModeFlag.ReadWrite)
writer = QPdfWriter(buffer)
painter = QPainter(writer)
letters = QFont(window)
letters.setPixelSize(12)
painter.setFont(letters)
painter.drawText(100, 100, "a")
painter.end()
info = QFontInfo(window)
print(f"PySide6 {PySide6.__version__}  pixels {info.pixelSize()}   points of {window.pointSizeF():g}: {info.pointSizeF():g}")
assert info.pixelSize() == 12 and round(info.pointSizeF(), 2) == 0.72, "the behaviour has changed"
PY
