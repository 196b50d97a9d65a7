#!/bin/sh
# QTextDocument.rootFrame() of PySide leaves an object behind for every text that the document ever had.
#
# Guess: a wrapper that a loop over rootFrame().childFrames() makes is gone when the loop ends, at the latest when the
#   document gets its next text, which deletes the frames.
# Behaviour: the wrapper of each text's root frame stays, without its frame, until the document itself is deleted.
#   Tables that are reached by QTextCursor.currentTable() leave nothing behind.
# Seen with PySide6 6.11.3 (frames and tables that Python still has after 100 texts in one document):
#   by rootFrame().childFrames(): 100    by QTextCursor(block).currentTable(): 0
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check PySide6-Essentials==6.11.3
QT_QPA_PLATFORM=offscreen venv/bin/python - <<'PY'
import gc

import PySide6
from PySide6.QtGui import QGuiApplication, QTextCursor, QTextDocument, QTextFrame

print("PySide6", PySide6.__version__)
application = QGuiApplication([])


def by_root_frame(document):
    return list(document.rootFrame().childFrames())


def by_cursor(document):
    block, tables = document.begin(), []
    while block.isValid():
        tables.append(QTextCursor(block).currentTable())
        block = block.next()
    return tables


def kept(look):
    document = QTextDocument()
    for _ in range(100):
        document.setMarkdown("a\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
        assert any(frame is not None for frame in look(document))
    gc.collect()
    return sum(isinstance(each, QTextFrame) for each in gc.get_objects())


left = {"by the cursor": kept(by_cursor), "by the root frame": kept(by_root_frame)}
print(left)
assert left["by the cursor"] == 0
assert left["by the root frame"] >= 100, "the wrappers are gone: the behaviour has changed"
print("as described")
PY
