"""Files of an instrument: where to, and writing them while the window goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from lrstudio.store.atomic import writing
from lrstudio.ui.instruments.bench import Bench

Say = Callable[..., None]


class Saving(QObject):
    """Asks for a file and writes it in a thread of the bench; how that went is said."""

    def __init__(self, window: QWidget, bench: Bench, say: Say) -> None:
        super().__init__(window)
        self._window, self._bench, self._say = window, bench, say

    def ask(self, title: str, name: str, suffix: str, made: Callable[[], Iterator[bytes]]) -> None:
        """Ask where to and write what made() gives, which is called in another thread."""
        kinds = f"{suffix.removeprefix('.').upper()} (*{suffix})"
        found, _ = QFileDialog.getSaveFileName(self._window, title, name, kinds)
        if found:
            path = Path(found)
            self.write(path if path.suffix else path.with_suffix(suffix), made)

    def write(self, path: Path, made: Callable[[], Iterator[bytes]]) -> None:
        """Replace a file."""

        def job(_work: object) -> None:
            try:
                with writing(path) as write:
                    for part in made():
                        write(part)
            except OSError as error:
                raise ValueError(f"{path.name}: {error.strerror or error}") from None

        done = QCoreApplication.translate("Saving", "Exported {name}").format(name=path.name)
        self._bench.start(job, done=lambda _none: self._say(done), failed=lambda why: self._say(why, warning=True))
