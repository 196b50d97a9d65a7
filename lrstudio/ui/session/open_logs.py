"""The training logs that are open with the session, and what their window shows of them. No widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from lrstudio.core.record import dataclass

if TYPE_CHECKING:
    from lrstudio.store.saved_logs import SavedLog


@dataclass(frozen=True)
class LogState:
    """Logs that fit into the session's file, and the choices of their window, as JSON values."""

    logs: tuple[SavedLog, ...] = ()
    choices: dict[str, Any] = field(default_factory=dict)


class OpenLogs(QObject):
    """What a session has of training logs: the window of logs changes it, and shows what was `opened`."""

    changed = Signal()
    opened = Signal()
    """Another session is shown, with its logs or without any."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.state = LogState()
        self.place: dict[str, Any] = {}
        """Whether the window is open and which run is selected, as JSON values: no change of the session."""

    def edit(self, logs: Sequence[SavedLog], choices: dict[str, Any]) -> None:
        """Keeps what the window shows."""
        state = LogState(tuple(logs), choices if logs else {})
        if state != self.state:
            self.state = state
            self.changed.emit()

    def begin(self, logs: Sequence[SavedLog] = (), view: object = None) -> None:
        """Keeps the logs of another session and the unchecked `view` of its file; `opened` is the caller's to emit."""
        known = view if logs and isinstance(view, dict) else {}
        self.place = {name: known[name] for name in ("shown", "selected") if name in known}
        self.state = LogState(tuple(logs), {name: value for name, value in known.items() if name not in self.place})

    def view(self) -> dict[str, Any]:
        """Returns the part of the session's view, empty without logs."""
        return {"logs": self.state.choices | self.place} if self.state.logs else {}
