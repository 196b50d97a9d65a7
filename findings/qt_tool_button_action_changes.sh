#!/bin/sh
# PySide6 (Qt 6.11): each change of an action connects it once more to every tool button that shows it.
#
# Guess: an action that is enabled and disabled 20,000 times has as many receivers of `changed` as before.
# Behaviour: QToolButton sets its default action anew at each change and connects to `changed` again, without disconnecting.
#   A connection takes 144 bytes, and each later change calls all of them, so that the time of a change grows, too. A tool
#   bar has such a button for each action: Run and Stop of a program that trains for hours change often.
# Seen with PySide6 6.11.3, offscreen, after 20,000 changes:  button 20001   tool bar 20001   menu 0
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check PySide6-Essentials==6.11.3
QT_QPA_PLATFORM=offscreen venv/bin/python - <<'PY'
import PySide6
from PySide6.QtCore import SIGNAL
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu, QToolBar, QToolButton

app = QApplication([])
button, bar, menu = QToolButton(), QToolBar(), QMenu()


def receivers(show, times):
    action = QAction("Run")
    show(action)
    for count in range(times):
        action.setEnabled(count % 2 == 1)
    return action.receivers(SIGNAL("changed()"))


found = {
    "button": receivers(button.setDefaultAction, 20_000),
    "tool bar": receivers(bar.addAction, 20_000),
    "menu": receivers(menu.addAction, 20_000),
}
print(f"PySide6 {PySide6.__version__} ", "   ".join(f"{name} {count}" for name, count in found.items()))
assert min(found["button"], found["tool bar"]) >= 20_000 and not found["menu"], "the behaviour has changed"
PY
