"""What a learner answers before the run: one of several choices, a number, or a drawn curve."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.lessons import Guess, Step
from lrstudio.engine.lessons.drawing import COLUMNS, loss_at
from lrstudio.ui.canvases.sketch import Sketch
from lrstudio.ui.fields.number_edit import ambiguity_text, decimal_mark, is_ambiguous, read_number
from lrstudio.ui.lessons.text import MUTED, ProseView, WrappedButton
from lrstudio.ui.look.plain import Label

_MARKS = "○ {text}", "● {text}"
"""Of a choice that is not chosen, and of one that is: colour is not the only cue."""
_LIFT, _LITTLE = 0.25, 0.05
"""Powers of ten by which a key moves a point of a curve, and one with Shift."""
_KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)


class NumberLine(QLineEdit):
    """A line for a number, in which Space runs and pauses as everywhere."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.text() == " ":
            event.ignore()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # the window would press the control that has the focus by now


class PredictionBox(QWidget):
    """Asks for a prediction; `made` emits the index of the choice, the number, or the drawing."""

    made = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.question = ProseView(tr("Question"))
        self.choices: list[WrappedButton] = []
        self._texts: list[str] = []
        self._group = QButtonGroup(self)
        self._group.idToggled.connect(lambda _index, _on: self._show_choice())
        self.number = NumberLine()
        self.number.setAccessibleName(tr("Your number"))
        self.number.setToolTip(tr("Type a number and press Return"))
        self.number.setPlaceholderText(tr("a number"))
        self.number.textChanged.connect(lambda _text: self._show_choice())
        self.number.returnPressed.connect(self._make)
        self.sketch_box = SketchBox()
        self._sketch: Sketch | None = None
        self.note = Label()
        self.note.setWordWrap(True)
        self.button = QPushButton(tr("This is my prediction"))
        self.button.setToolTip(tr("Makes the prediction; then the run may begin"))
        self.button.clicked.connect(lambda _checked=False: self._make())
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        row = QHBoxLayout()
        row.addWidget(self.button)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.question)
        layout.addLayout(self._list)
        layout.addWidget(self.number)
        layout.addWidget(self.sketch_box)
        layout.addWidget(self.note)
        layout.addLayout(row)

    def show_step(self, step: Step, guess: Guess | None, sketch: Sketch | None = None) -> None:
        """Shows the question of a step and the guess that was made; hidden without a question."""
        prediction = step.prediction
        if prediction is None:
            self.forget()
            return
        self._show_sketch(sketch)
        self.setVisible(True)
        self.question.show_prose(step.filled(f"**{prediction.question}**"))
        self._fill([step.filled(choice.text).plain for choice in prediction.choices])
        self.number.setVisible(not prediction.choices and prediction.draws is None)
        number = guess if isinstance(guess, float) else None
        self.number.setText("" if number is None or prediction.choices else f"{number:g}")
        if number is not None and prediction.choices:
            self.choices[int(number)].setChecked(True)
        for field in (*self.choices, self.number):
            field.setEnabled(guess is None)
        self.button.setVisible(guess is None)
        self._show_choice()
        self.note.setVisible(False)

    def forget(self) -> None:
        """Hides the question, and lets go of its choices and its drawing."""
        self.setVisible(False)
        self._show_sketch(None)
        self._fill([])

    def _show_sketch(self, sketch: Sketch | None) -> None:
        if self._sketch is not None:
            self._sketch.changed.disconnect(self._show_choice)
        self._sketch = sketch
        self.sketch_box.show_sketch(sketch)
        if sketch is not None:
            sketch.changed.connect(self._show_choice)

    def _fill(self, texts: list[str]) -> None:
        for button in self.choices:
            self._group.removeButton(button)
            self._list.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.choices, self._texts = [], texts
        for index, text in enumerate(texts):
            button = WrappedButton(text)
            button.setCheckable(True)
            self._group.addButton(button, index)
            self._list.addWidget(button)
            self.choices.append(button)

    def _show_choice(self) -> None:
        for button, text in zip(self.choices, self._texts, strict=True):
            button.set_texts(_MARKS[button.isChecked()].format(text=text))
        typed = bool(self.number.text().strip()) if self._sketch is None else self._sketch.touched
        self.button.setEnabled(self._group.checkedId() >= 0 if self.choices else typed)

    def _make(self) -> None:
        if self._sketch is not None:
            self.made.emit(self._sketch.drawing)
            return
        if self.choices:
            self.made.emit(float(self._group.checkedId()))
            return
        text, mark = self.number.text().strip().replace("−", "-"), decimal_mark(self)
        try:
            value = read_number(text, mark)
            if not math.isfinite(value):
                raise ValueError(text)
        except ValueError:
            wrong = tr("“{text}” is no number; type one such as 2.5", text=self.number.text())
            self.note.setText(ambiguity_text(text, mark) if is_ambiguous(text, mark) else wrong)
            self.note.setVisible(True)
        else:
            self.made.emit(value)


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
