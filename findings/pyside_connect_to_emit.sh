#!/bin/sh
# PySide6 (Qt 6.11): a connection to another signal's `emit` keeps Python objects for ever, also when both objects are gone.
#
# Guess: after the sender and the receiver are deleted, nothing of `sender.toggled.connect(receiver.entered.emit)` is left.
# Behaviour: each such connection leaves one or more blocks of some 54 bytes behind. A connection to the signal itself, to a
#   method or to a lambda leaves none. Forms that are built again and again grow by this.
# Seen with PySide6 6.11.3, offscreen, blocks left by 1000 connections:  signal 3   method 6   lambda 3   emit 1184
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check PySide6-Essentials==6.11.3
QT_QPA_PLATFORM=offscreen venv/bin/python - <<'PY'
import gc
import sys

import PySide6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal


class Sender(QObject):
    toggled = Signal(bool)


class Receiver(QObject):
    entered = Signal(bool)

    def slot(self, on):
        pass


app = QCoreApplication([])
ways = {
    "signal": lambda sender, receiver: sender.toggled.connect(receiver.entered),
    "method": lambda sender, receiver: sender.toggled.connect(receiver.slot),
    "lambda": lambda sender, receiver: sender.toggled.connect(lambda on: receiver.entered.emit(on)),
    "emit": lambda sender, receiver: sender.toggled.connect(receiver.entered.emit),
}


def left(way, count):
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(count):
        sender, receiver = Sender(), Receiver()
        way(sender, receiver)
        sender.deleteLater()
        receiver.deleteLater()
        del sender, receiver
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    return sys.getallocatedblocks() - before


found = {}
for name, way in ways.items():
    left(way, 200)
    found[name] = left(way, 1000)
print(f"PySide6 {PySide6.__version__} ", "   ".join(f"{name} {count}" for name, count in found.items()))
kept = found.pop("emit")
assert kept >= 900 and max(found.values()) < 100, "the behaviour has changed"
PY
