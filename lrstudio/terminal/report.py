"""`lrstudio run … --report FILE.html|.pdf`: a page about the runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lrstudio.core.language import tr
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.training.trace import Trace
from lrstudio.store.atomic import writing
from lrstudio.terminal.output import write_or_keep

_SUFFIXES = (".html", ".pdf")


def check_report(target: str | None) -> None:
    """Raises ValueError unless a report can be written in the format that the name of its file tells."""
    if target is not None and Path(target).suffix.lower() not in _SUFFIXES:
        raise ValueError(tr("--report {target!r}: the name ends in .html or .pdf", target=target))


def write_report(target: str, experiment: Experiment, trace: Trace) -> None:
    """Writes the report of a trace; only PDF needs Qt."""
    from lrstudio.store.documents.report import report  # contours and charts, which no other run waits for

    html = report(experiment, trace)
    content = as_pdf(html) if target.lower().endswith(".pdf") else html.encode()

    def write_to(path: Path) -> None:
        with writing(path) as write:
            write(content)

    write_or_keep(target, write_to)


def as_pdf(html: str) -> bytes:
    """Returns a page as PDF, laid out by Qt without a display."""
    if "PySide6.QtGui" not in sys.modules:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtGui import QGuiApplication

    from lrstudio.ui.figures.paper import ONE_SHEET, pdf

    application = QGuiApplication.instance() or QGuiApplication(["lrstudio"])
    try:
        return pdf(html, ONE_SHEET)
    finally:
        del application
