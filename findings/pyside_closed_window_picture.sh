#!/bin/sh
# A window that was closed by QWidget.close() has no native window any more, but keeps its picture until destroy().
#
# Guess: close() and hide() leave the same behind; what has no native window (WA_WState_Created is False) has no picture.
# Behaviour: after close() WA_WState_Created is False and internalWinId() is 0, but the backing store, 4 bytes a pixel,
#   stays until the widget is deleted, shown and resized, or destroy() is called, also where nothing seems to be created.
#   Whoever frees the pictures of hidden windows must not look at WA_WState_Created but at windowHandle().
# Seen with PySide6 6.11.3 (20 dialogs of 800×500, 1.6 MB each; MB more in use than before they were shown):
#   hide: 32 kept, 0 after destroy(), created True     close: 32 kept, 0 after destroy(), created False
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check PySide6-Essentials==6.11.3
QT_QPA_PLATFORM=offscreen venv/bin/python - <<'PY' 2>/dev/null
import ctypes

import PySide6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow

FIELDS = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
CREATED = Qt.WidgetAttribute.WA_WState_Created


class InUse(ctypes.Structure):
    """What glibc's mallinfo2 returns."""

    _fields_ = [(name, ctypes.c_size_t) for name in FIELDS.split()]


libc = ctypes.CDLL(None)
libc.mallinfo2.restype = InUse


def megabytes():
    now = libc.mallinfo2()
    return (now.uordblks + now.hblkhd) / 1e6


def settle():
    for _ in range(5):
        application.processEvents()


print("PySide6", PySide6.__version__)
application = QApplication([])
window = QMainWindow()
window.show()
settle()
for way in (QDialog.hide, QDialog.close):
    dialogs = [QDialog(window) for _ in range(20)]
    before = megabytes()
    for dialog in dialogs:
        dialog.resize(800, 500)
        dialog.show()
        settle()
    for dialog in dialogs:
        way(dialog)
        settle()
    kept, created = megabytes() - before, {dialog.testAttribute(CREATED) for dialog in dialogs}
    for dialog in dialogs:
        dialog.destroy()
    left = megabytes() - before
    print(f"{way.__name__}: {kept:.0f} MB kept, {left:.0f} MB after destroy(), created {created}")
    assert created == {way is QDialog.hide}, "the attribute has changed"
    assert kept > 25, "the picture is freed: the behaviour has changed"
    assert left < 3, "destroy() keeps it: the behaviour has changed"
print("as described")
PY
