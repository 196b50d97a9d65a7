"""The keyboard shortcuts in a window of their own; the text of About."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl, qVersion
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QMenu, QMenuBar, QVBoxLayout, QWidget

from lrstudio import __version__
from lrstudio.core.kernel.host import backend
from lrstudio.core.language import tr
from lrstudio.ui.look.font_size import TextView
from lrstudio.ui.look.plain import without_mnemonic
from lrstudio.ui.window.errors import LOG_NAME, state_folder

_LGPL = "https://www.gnu.org/licenses/lgpl-3.0.html"
_MAX_SHARE = 0.9
"""Maximum fraction of the screen for a page; the window's frame needs the rest."""


class HelpPage(QDialog):
    """A dialog of scrolling text in the application's theme and font."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.page = TextView()
        self.page.setAccessibleName(title)
        self.page.setToolTip(tr("Scroll with the arrow keys"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.page)
        layout.addWidget(buttons)
        letters = self.fontMetrics()
        size = QSize(letters.averageCharWidth() * 80, letters.height() * 36)
        self.resize(size.boundedTo(self.screen().availableSize() * _MAX_SHARE))
        self.page.setFocus()


Rows = list[tuple[str, str]]


class ShortcutsDialog(HelpPage):
    """All shortcuts and mouse gestures; the shortcuts are read from the menus."""

    def __init__(self, bar: QMenuBar, parent: QWidget | None = None) -> None:
        super().__init__(tr("Keyboard shortcuts"), parent)
        self.page.setHtml("".join(_section(title, rows) for title, rows in [*_of_menus(bar), *_gestures()]))


def keys_of(entry: QAction) -> str:
    """Returns the shortcuts of an action in native notation."""
    form = QKeySequence.SequenceFormat.NativeText
    return ", ".join(keys.toString(form) for keys in entry.shortcuts())


def entries(actions: Sequence[QAction], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], QAction]]:
    """Yields the actions of a menu and its submenus, each with the path of menu texts to it."""
    for entry in actions:
        name = (*path, without_mnemonic(entry.text()))
        menu = entry.menu()
        if isinstance(menu, QMenu):
            yield from entries(menu.actions(), name)
        elif not entry.isSeparator():
            yield name, entry


def _of_menus(bar: QMenuBar) -> Iterator[tuple[str, Rows]]:
    sections: dict[str, Rows] = {}
    for (top, *path), entry in entries(bar.actions()):
        if entry.shortcuts():
            sections.setdefault(top, []).append((": ".join(path), keys_of(entry)))
    yield from sections.items()


def _gestures() -> list[tuple[str, Rows]]:
    plots = [
        (tr("Read exact values"), tr("hold the mouse over a curve")),
        (tr("Look at a step"), tr("click in a plot against the step")),
        (tr("Zoom"), tr("wheel")),
        (tr("Move the picture"), tr("drag")),
        (tr("Show everything again"), tr("double click")),
        (tr("Move a view"), tr("drag its grip onto another view")),
    ]
    fields = [
        (tr("Next and last 1-2-5 of a rate"), tr("Up, Down")),
        (tr("A rate by 1 % on the ruler"), tr("Ctrl with arrows")),
        (tr("Drag a rate slowly"), tr("Shift while dragging")),
        (tr("Enter a rule of several lines"), tr("Ctrl+Return")),
        (tr("A family of runs"), tr("drag the name of a number onto Vary")),
    ]
    window = [
        (tr("Run or pause, whatever has the focus but a text that is typed"), tr("Space")),
        (tr("Press the button, tick the box or open the list that has the focus"), tr("Return")),
    ]
    return [(tr("In the main window"), window), (tr("In plots"), plots), (tr("In fields"), fields)]


def _section(title: str, rows: Rows) -> str:
    lines = "".join(
        f'<tr><td width="60%">{escape(name)}</td><td><b>{escape(keys)}</b></td></tr>' for name, keys in rows
    )
    return f'<h3>{escape(title)}</h3><table width="100%" cellpadding="2">{lines}</table>'


def about_text() -> str:
    """Returns version, licences, what computes and where newer versions are, as HTML."""
    arithmetic = {
        "native": tr("Arithmetic: WebAssembly as native code."),
        "pulley": tr("Arithmetic: WebAssembly, interpreted and slower: {reason}."),
        "numpy": tr("Arithmetic: NumPy, slower: {reason}."),
    }
    computes = backend()
    qt = tr(
        "Qt {qt} and Qt for Python: copyright The Qt Company Ltd. and other contributors, used unchanged under the GNU"
        " LGPL 3; you may replace them.",
        qt=qVersion(),
    )
    own = tr(
        "LR Studio: copyright The LR Studio authors, MIT licence. NumPy, wasmtime and others have their own licences."
    )
    parts = (
        f"<b>LR Studio {__version__}</b>",
        tr("See, feel and understand what the learning rate does."),
        own,
        f"{qt} {_link(licences(), tr('Read the licences'))}",
        f"{_link(f'{home}/releases', tr('Is there a newer version?'))}" if (home := homepage()) else "",
        tr("Errors are written to {path}", path=escape(str(state_folder() / LOG_NAME))),
        arithmetic[computes.kind].format(reason=escape(computes.reason)),
    )
    return "<p>".join(filter(None, parts))


def _link(address: str, text: str) -> str:
    return f'<a href="{escape(address)}">{escape(text)}</a>'


def licences() -> str:
    """Returns the address of the licence texts: beside the frozen program, else those of the LGPL's authors."""
    bundle = getattr(sys, "_MEIPASS", None)  # PyInstaller's
    texts = None if bundle is None else Path(bundle, "licenses", "README.txt")
    return _LGPL if texts is None or not texts.exists() else QUrl.fromLocalFile(str(texts)).toString()


def homepage() -> str:
    """Returns the project's address of the installed package; "" while that is a placeholder or unknown."""
    from importlib import metadata  # only About asks

    try:
        urls = metadata.metadata("lrstudio").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return ""
    homes = [url.partition(", ")[2] for url in urls if url.startswith("Homepage, ")]
    return homes[0] if homes and not homes[0].endswith("#placeholder") else ""
