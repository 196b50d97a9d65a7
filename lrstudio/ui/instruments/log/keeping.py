"""What the window of logs keeps in the session, and shows of a session that was opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from lrstudio.core.language import tr
from lrstudio.store.saved_logs import SavedLog, fitting
from lrstudio.ui.instruments.log.choices import ChoiceForm
from lrstudio.ui.instruments.log.reading import Read, of_session
from lrstudio.ui.instruments.log.run_list import RunList
from lrstudio.ui.look.plain import Label
from lrstudio.ui.session.bench import Bench
from lrstudio.ui.session.open_session import OpenSession


class LogView(Protocol):
    """The window of logs."""

    session: OpenSession
    reads: list[Read]
    form: ChoiceForm
    runs_list: RunList
    unsaved: Label

    def isVisible(self) -> bool: ...
    def show_reads(self, reads: list[Read]) -> None: ...
    def add(self, read: Read) -> None: ...
    def rebuild(self) -> None: ...


class LogKeeper:
    """Tells the session which logs are open and how they are shown, and shows its own. Opens no file."""

    def __init__(self, window: LogView, bench: Bench) -> None:
        self._window, self._bench = window, bench
        self._logs = window.session.logs
        self._restoring = False
        window.unsaved.setWordWrap(True)
        window.unsaved.hide()

    def show_session(self) -> None:
        """Show the logs of the session in place of those that are open."""
        logs = self._logs.state.logs
        self._restoring = bool(logs)
        self._window.show_reads([])
        if logs:
            self._bench.start(lambda _work: of_session(logs), done=lambda reads: self._restore(logs, reads))
        self._window.rebuild()

    def keep(self) -> None:
        """Tell the session what is open, and the user what of it is too much for a session's file."""
        if self._restoring:
            return
        window, reads = self._window, self._window.reads
        saved = fitting([each.saved for each in reads if each.saved is not None])
        self._logs.edit(saved, window.form.to_save() | {"hidden": window.runs_list.hidden()})
        self._logs.place = {"shown": window.isVisible(), "selected": window.runs_list.currentRow()}
        left = [each for each in reads if each.saved not in saved]
        names = ", ".join(each.log.title for each in left)[:200]
        why = next((f" ({each.problem})" for each in left if each.problem), "")
        window.unsaved.setText(tr("Too large to be saved with the session: {logs}", logs=names) + why)
        window.unsaved.setVisible(bool(left))

    def _restore(self, logs: Sequence[SavedLog], reads: list[Read]) -> None:
        state, window = self._logs.state, self._window
        if not self._restoring or state.logs != tuple(logs):
            return
        opened, self._restoring = window.reads, False
        window.show_reads(reads)
        window.form.show_saved(state.choices)
        window.runs_list.show_saved(state.choices.get("hidden"), self._logs.place.get("selected"))
        for read in opened:
            window.add(read)
        window.rebuild()
