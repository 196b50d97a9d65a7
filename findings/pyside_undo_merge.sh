#!/bin/sh
# PySide: a QUndoCommand that is merged into the one before is never freed, nor is a stack that a QUndoGroup once had.
#
# Guess: after QUndoStack.clear() the commands are gone, merged or not; after QUndoGroup.removeStack() so is the stack
#   that nothing else refers to.
# Behaviour: Qt deletes a command for which mergeWith() returned True, but its Python object stays with all that it
#   refers to: a drag that merges a thousand moves leaves a thousand states. The group keeps each stack that was added.
# Seen with PySide6-Essentials 6.11.3: 50 pushes, one command in the stack, 49 alive after clear(); pushed without
#   merging 0; 10 stacks removed, 10 alive.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check PySide6-Essentials==6.11.3
QT_QPA_PLATFORM=offscreen venv/bin/python - 2>log <<'PY' || { cat log; exit 1; }
import gc
import weakref

import PySide6
from PySide6.QtGui import QGuiApplication, QUndoCommand, QUndoGroup, QUndoStack

app = QGuiApplication([])


class Change(QUndoCommand):
    def __init__(self, merges):
        super().__init__("change")
        self.merges = merges

    def id(self):
        return 1

    def mergeWith(self, other):
        return self.merges


def alive(things):
    gc.collect()
    return sum(thing() is not None for thing in things)


def pushed(merges):
    stack, changes = QUndoStack(), []
    for _ in range(50):
        change = Change(merges)
        changes.append(weakref.ref(change))
        stack.push(change)
    del change
    stack.clear()
    return alive(changes)


group, stacks = QUndoGroup(), []
for _ in range(10):
    stack = QUndoStack()
    stacks.append(weakref.ref(stack))
    group.addStack(stack)
    group.removeStack(stack)
del stack
print("PySide", PySide6.__version__)
merged, single, removed = pushed(True), pushed(False), alive(stacks)
print(f"merged {merged} of 49 alive, without merging {single}; stacks {removed} of 10 alive")
assert (merged, single, removed) == (49, 0, 10), "the behaviour has changed"
PY
