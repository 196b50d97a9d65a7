"""The dialog that asks what a training log leaves open: which run, which loss, which rate."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QProgressBar, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.training.pilot import reason_of
from lrstudio.store.logs.model import COUNTER, RATE, Log
from lrstudio.ui.fields.rows import add_row, choice_combo
from lrstudio.ui.instruments.range_test.log_job import PickRequest, picked, shown_values
from lrstudio.ui.look.help import set_help
from lrstudio.ui.look.plain import Label, without_mnemonic
from lrstudio.ui.look.theme import Theme

_CHARS = 60


class PickDialog(QDialog):
    """Shows the questions and the runs of a log. It does not read the file.

    `import_requested` emits a PickRequest, `answered` the answers with which the files are to be read again.
    """

    import_requested = Signal(object)
    answered = Signal(dict)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_help(self, "tool/range_test")
        self._theme = theme
        self._log: Log | None = None
        self.run, self.loss, self.lr = (
            choice_combo([], lambda _index: self._list_values()),
            choice_combo([], lambda _index: self._describe()),
            choice_combo([], lambda _index: self._describe()),
        )
        self.questions: dict[str, QComboBox] = {}
        self.note, self.progress = Label(), QProgressBar()
        self.note.setWordWrap(True)
        self.note.setAccessibleName(tr("What the file contains"))
        self.progress.setRange(0, 1000)
        self.progress.setAccessibleName(tr("How much of the file is read"))
        self.progress.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self.ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.ok.setText(tr("&Import"))
        self.ok.setToolTip(tr("Show the log in place of the test"))
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        self._form = QFormLayout()
        for name, field, tip in (
            (tr("&run"), self.run, tr("The training to show")),
            (tr("l&oss"), self.loss, tr("The loss of training")),
            (tr("r&ate"), self.lr, tr("The learning rate, of several the one to show")),
        ):
            add_row(self._form, name, field, tip)
            field.setAccessibleName(without_mnemonic(name))
        layout = QVBoxLayout(self)
        layout.addLayout(self._form)
        layout.addWidget(self.note)
        layout.addWidget(self.progress)
        layout.addWidget(buttons)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * _CHARS)

    def show_log(self, log: Log) -> None:
        """Show the questions and the runs of a log."""
        self._log = log
        self.setWindowTitle(tr("Import the log {name}", name=log.title))
        for question in log.questions:
            if question.key not in self.questions:
                combo = choice_combo([], lambda _index: self._answer())
                for key, text in question.readings:
                    combo.addItem(text, key)
                label = Label(question.text)
                label.setWordWrap(True)
                label.setBuddy(combo)
                combo.setAccessibleName(question.text)
                self._form.insertRow(len(self.questions), label, combo)
                self.questions[question.key] = combo
            combo = self.questions[question.key]
            combo.setCurrentIndex(combo.findData(question.chosen))
        self.run.clear()
        for index, run in enumerate(log.runs):
            self.run.addItem(run.title, index)
        first = next((index for index, run in enumerate(log.runs) if run.of(RATE) and shown_values(run)), 0)
        self.run.setCurrentIndex(first)
        self._form.setRowVisible(self.run, len(log.runs) > 1)
        self._list_values()

    def show_error(self, reason: str) -> None:
        """Show why the files cannot be read."""
        self.set_reading(False)
        self.note.setText(reason)
        self.note.setStyleSheet(f"color: {self._theme.warning};")
        self.ok.setEnabled(False)

    def show_import_error(self, error: Exception) -> None:
        """Show why the log cannot be shown."""
        self.show_error(reason_of(error))

    def show_progress(self, fraction: float) -> None:
        self.progress.setValue(int(1000 * fraction))

    def set_reading(self, reading: bool) -> None:
        self.progress.setVisible(reading)
        for widget in (self.run, self.loss, self.lr, self.ok, *self.questions.values()):
            widget.setEnabled(not reading)

    def _answer(self) -> None:
        self.set_reading(True)
        self.answered.emit({key: combo.currentData() for key, combo in self.questions.items()})

    def _list_values(self) -> None:
        """List the losses and the rates of the chosen run."""
        if self._log is None:
            return
        index = max(0, self.run.currentIndex())
        run, guess = self._log.runs[index], picked(self._log, index)
        self.loss.clear()
        self.lr.clear()
        for series in shown_values(run):
            self.loss.addItem(series.name, series.name)
        for series in run.of(RATE):
            self.lr.addItem(series.name, series.name)
        if not self.lr.count():
            self.lr.addItem(tr("(it has none)"), None)
        if guess is not None:
            self.loss.setCurrentIndex(self.loss.findData(guess.loss.name))
        self.lr.setCurrentIndex(0)
        self._form.setRowVisible(self.lr, self.lr.count() > 1)
        self._describe()

    def _describe(self) -> None:
        request = self._request()
        self.set_reading(False)
        self.ok.setEnabled(request is not None)
        self.note.setStyleSheet("")
        if request is None or self._log is None:
            self.note.setText(tr("This run has no loss"))
            return
        run = self._log.runs[request.run]
        others = [each.name for each in run.series if each.role != COUNTER and each not in (request.loss, request.lr)]
        parts = [
            tr("{count:,} losses by {counter}", count=len(request.loss.values), counter=_counter_word(run.counter))
        ]
        parts += [tr("not shown: {names}", names=", ".join(others[:12]))] if others else []
        self.note.setText("\n".join(["; ".join(parts), *self._log.notes]))

    def _request(self) -> PickRequest | None:
        if self._log is None:
            return None
        index = max(0, self.run.currentIndex())
        run = self._log.runs[index]
        loss, lr = (run.named(str(combo.currentData())) for combo in (self.loss, self.lr))
        return None if loss is None else PickRequest(self._log, index, loss, lr)

    def _accept(self) -> None:
        request = self._request()
        if request is not None:
            self.set_reading(True)
            self.import_requested.emit(request)


def _counter_word(counter: str) -> str:
    """Returns what counts the losses of a run; the name of a column is that of the file."""
    words = {
        "step": tr("step"),
        "batch": tr("batch"),
        "epoch": tr("epoch"),
        "samples": tr("samples"),
        "time": tr("time"),
        "row": tr("row"),
    }
    return words.get(counter, counter)
