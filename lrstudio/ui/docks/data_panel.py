"""The panel of an imported data set: its source, a button to import another, and the fit in its units."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from lrstudio.core.language import tr
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.trace import Trace
from lrstudio.ui.look.plain import Label, plain


class DataPanel(QWidget):
    """Hidden for problems without a data set."""

    import_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source, self.equation = Label(), Label()
        self.button = QPushButton(tr("I&mport…"))
        self.button.setToolTip(tr("Take the data from a CSV file (Ctrl+I)"))
        self.button.setAccessibleName(tr("Import data"))
        self.button.clicked.connect(self.import_requested)
        for label in (self.source, self.equation):
            label.setWordWrap(True)
        self.source.setAccessibleName(tr("Data"))
        self.equation.setAccessibleName(tr("The selected run's fit"))
        self.equation.setToolTip(tr("The selected run's fit at this step, in the units of the file"))
        row = QHBoxLayout()
        row.addWidget(self.source, 1)
        row.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.equation)

    def show_experiment(self, experiment: Experiment) -> None:
        """Shows the source of the data, or hides the panel."""
        data = experiment.problem.dataset
        self.setVisible(data is not None)
        if data is not None:
            names = {"title": data.title, "y": data.target, "x": ", ".join(data.features)}
            self.source.setText(tr("{title}: {rows:,} rows; {y} from {x}", rows=len(data), **names))
            self.source.setToolTip(plain(f"{data.words[0]} = 0, {data.words[1]} = 1") if data.words else "")

    def show_fit(self, experiment: Experiment, trace: Trace | None, step: int | None, run: int) -> None:
        """Shows the fit of a run at a step, or at its newest."""
        problem = experiment.problem
        if trace is None or trace.names != problem.names or run >= trace.runs:
            return
        last = trace.rows(run) - 1
        row = last if step is None else min(last, step)
        self.equation.setText(problem.equation(trace.read("params", row, row + 1)[0, run]) or "")
