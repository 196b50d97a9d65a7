"""The keys with which a learner draws a curve, and what they have drawn, in words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.lessons.drawing import COLUMNS, loss_at
from lrstudio.ui.canvases.sketch import Sketch
from lrstudio.ui.lessons.text import MUTED
from lrstudio.ui.look.plain import Label

_LIFT, _LITTLE = 0.25, 0.05
"""Powers of ten of a key, and of one with Shift."""
_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)


class SketchBox(QFrame):
    """Says how a curve is drawn; with the focus, the arrow keys draw it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sketch: Sketch | None = None
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("The curve that you draw"))
        self.setToolTip(tr("Left and Right choose a point, Up and Down move it, with Shift by little"))
        self.how = Label(tr("Draw with the mouse in the plot of the loss. Or here, with the arrow keys: ← → ↑ ↓"))
        self.reading = Label()
        self.reading.setForegroundRole(MUTED)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        for label in (self.how, self.reading):
            label.setWordWrap(True)
            layout.addWidget(label)

    def show_sketch(self, sketch: Sketch | None) -> None:
        """Shows another sketch; hidden without one."""
        if self._sketch is not None:
            self._sketch.changed.disconnect(self._show)
        self._sketch = sketch
        self.setVisible(sketch is not None)
        if sketch is not None:
            sketch.changed.connect(self._show)
            self._show()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _KEYS:
            event.accept()  # the window's shortcuts of the arrows
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        sketch = self._sketch
        if sketch is None or sketch.fixed or event.key() not in _KEYS:
            super().keyPressEvent(event)
            return
        by = _LITTLE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _LIFT
        match event.key():
            case Qt.Key.Key_Left:
                sketch.choose(sketch.chosen - 1)
            case Qt.Key.Key_Right:
                sketch.choose(sketch.chosen + 1)
            case Qt.Key.Key_Up:
                sketch.lift(by)
            case _:
                sketch.lift(-by)

    def _show(self) -> None:
        sketch = self._sketch
        assert sketch is not None
        self.setEnabled(not sketch.fixed)
        text = tr(
            "Point {point} of {points}, step {step:,.0f}: loss {loss:.2g}",
            point=sketch.chosen,
            points=COLUMNS - 1,
            step=sketch.steps[sketch.chosen],
            loss=loss_at(sketch.heights[sketch.chosen]),
        )
        self.reading.setText(text)
        self.setAccessibleDescription(text)
