"""The page beside the plots: the diagnosis of the selected run, and what was read, asked and left out."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QPushButton, QVBoxLayout, QWidget

from lrstudio.core.language import sentences, tr
from lrstudio.engine.diagnosis.diagnosis import Diagnosis, Said
from lrstudio.engine.diagnosis.words import drop_sentence
from lrstudio.store.logs.model import Log, Question, Run
from lrstudio.ui.fields.rows import choice_combo, heading, narrow
from lrstudio.ui.look.plain import Label, without_mnemonic
from lrstudio.ui.look.theme import Theme

_MOST_NOTES = 12


class DiagnosisPage(QWidget):
    """What was found in a run, how sure that is and what to try, with a button to see rising rates as a range test."""

    range_test_requested = Signal()
    answered = Signal(str, str)
    """The key of a question and the chosen reading."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.title, self.finding, self.sure, self.advice = heading(""), Label(), Label(), Label()
        self.others, self.notes = Label(), Label()
        self.range_test = QPushButton(tr("Open as a &range test"))
        self.range_test.setToolTip(tr("The rates rise: see the loss against the rate, with all suggestions"))
        self.range_test.setAccessibleName(without_mnemonic(self.range_test.text()))
        self.range_test.clicked.connect(lambda _checked=False: self.range_test_requested.emit())
        self.questions = QWidget()
        self._asked = QVBoxLayout(self.questions)
        self._asked.setContentsMargins(0, 0, 0, 0)
        self.combos: dict[str, QComboBox] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 0)
        for widget, name in (
            (self.title, ""),
            (self.finding, tr("Diagnosis")),
            (self.sure, tr("How sure")),
            (self.advice, tr("What to try next")),
            (self.range_test, ""),
            (self.others, tr("Further findings")),
            (self.questions, ""),
            (self.notes, tr("How the file was read")),
        ):
            if isinstance(widget, Label):
                widget.setWordWrap(True)
                widget.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            if name:
                widget.setAccessibleName(name)
            layout.addWidget(widget)
        layout.addStretch()
        font = self.finding.font()
        font.setBold(True)
        self.advice.setFont(font)
        self.set_theme(theme)
        self.show_run(None, None, None, rises=False)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for label in (self.sure, self.notes):
            label.setStyleSheet(f"color: {theme.muted};")

    def show_run(self, log: Log | None, run: Run | None, diagnosis: Diagnosis | None, *, rises: bool) -> None:
        """Show the diagnosis of a run of a log, and how the log was read."""
        self.range_test.setVisible(rises)
        if log is None or run is None or diagnosis is None:
            self.title.setText(tr("No log is open"))
            self.finding.setText(tr("Open the log of a training, or drop its files here."))
            for label in (self.sure, self.advice, self.others, self.notes):
                label.setText("")
            self._ask(())
            return
        main, *others = diagnosis.said
        self.title.setText(run.title)
        self.finding.setText(main.sentence)
        self.sure.setText(diagnosis.certainty)
        self.sure.setVisible(bool(diagnosis.certainty))
        self.advice.setText(main.try_next)
        drops = [drop_sentence(drop, run.counter) for drop in diagnosis.drops[:_MOST_NOTES]]
        self.others.setText("\n\n".join([*map(_also, others), *drops]))
        self.notes.setText("\n".join(self._notes(log)))
        self._ask(log.questions)

    def _notes(self, log: Log) -> list[str]:
        found = [tr("Written by {program}.", program=log.producer)] if log.producer else []
        left = [tr("left out: {name} {why}", name=each.name, why=each.why) for each in log.left_out]
        notes = [*found, *log.notes, *left]
        more = len(notes) - _MOST_NOTES
        return notes[:_MOST_NOTES] + [tr("and {count} more notes", count=more)] * (more > 0)

    def _ask(self, questions: tuple[Question, ...]) -> None:
        while (item := self._asked.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.combos = {}
        for question in questions:
            label = Label(question.text)
            label.setWordWrap(True)
            combo = narrow(choice_combo([], self._answer(question.key)))
            for key, text in question.readings:
                combo.addItem(text, key)
            combo.setCurrentIndex(combo.findData(question.chosen))
            combo.setAccessibleName(question.text)
            label.setBuddy(combo)
            self._asked.addWidget(label)
            self._asked.addWidget(combo)
            self.combos[question.key] = combo

    def _answer(self, key: str) -> Callable[[str], None]:
        return lambda reading: self.answered.emit(key, reading)


def _also(said: Said) -> str:
    return sentences(said.sentence, said.sureness, said.try_next)
