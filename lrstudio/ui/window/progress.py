"""What the window tells of a run while it goes on: the step, the runs, the tables and the file task."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer

from lrstudio.ui.docks.data_panel import DataPanel
from lrstudio.ui.docks.status_line import StatusLine
from lrstudio.ui.docks.step_table import StepTable
from lrstudio.ui.docks.transport import Transport
from lrstudio.ui.instruments.compare.dock import Compare
from lrstudio.ui.runs.panel import RunsPanel
from lrstudio.ui.session.cursor import Cursor
from lrstudio.ui.session.open_session import OpenSession

_READABLE_MS = 100
"""The minimum interval between updates of numbers, so that they can be read."""


class Progress:
    """Shows how far the session is, and what it was like at the time cursor."""

    def __init__(
        self,
        session: OpenSession,
        cursor: Cursor,
        transport: Transport,
        runs: RunsPanel,
        data: DataPanel,
        table: StepTable,
        compare: Compare,
        status: StatusLine,
    ) -> None:
        self._session, self._cursor, self._transport, self._runs = session, cursor, transport, runs
        self._data, self._table, self._compare, self._status = data, table, compare, status
        self._shown: tuple[int, int] | None = None
        self._read: tuple[int, int] | None = None
        self._read_time = QElapsedTimer()

    def renew(self) -> None:
        """Shows everything again, also at the same step."""
        self._shown = self._read = None
        self._read_time.invalidate()
        self.show()

    def show(self) -> None:
        """Shows what has changed; called once a frame."""
        session, cursor = self._session, self._cursor
        cursor.extend(session.steps_done)
        step = cursor.position, session.steps_done
        if step != self._shown:
            self._shown = step
            self._transport.show_cursor(cursor, session.experiment.steps)
        if step != self._read and (not self._read_time.isValid() or self._read_time.hasExpired(_READABLE_MS)):
            self._read = step
            self._read_time.start()
            at = cursor.step
            self._runs.show_runs(session.experiment, session.arrangement, session.trace, session.state, at)
            self._data.show_fit(session.experiment, session.trace, at, self._runs.current)
            self._table.refresh(at)
            self._compare.refresh(at)
        self._status.show_task(session.task)
