"""The help window: the guide, a page for each part of the window and each entry of the catalogues, and the glossary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QUrl
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lrstudio.core.array import Array
from lrstudio.core.landscape import Landscape
from lrstudio.core.language import language, tr
from lrstudio.engine.help.handbook import GROUPS, GUIDE, sections
from lrstudio.engine.help.reference import Page, effects, ground, pages
from lrstudio.engine.lessons.glossary import terms
from lrstudio.ui.canvases.landscape.relief import Relief
from lrstudio.ui.drawing.formula import rich
from lrstudio.ui.look.font_size import TextView
from lrstudio.ui.look.prose import set_upright
from lrstudio.ui.look.theme import Theme
from lrstudio.ui.session.bench import Bench, LatestJob

TERMS = "glossary"
_GROUND = "its loss"
_KEY = Qt.ItemDataRole.UserRole
_PICTURE = QSize(220, 96)
_MAX_SHARE = 0.9
Curves = Sequence[tuple[str, Array]]


class HelpWindow(QDialog):
    """Pages at the right, their list with a search at the left; it can stay open beside the main window."""

    def __init__(self, bench: Bench, theme: Callable[[], Theme], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Help"))
        self._theme = theme
        self._job = LatestJob[dict[str, Curves]](bench)
        self.destroyed.connect(self._job.cancel)
        self._pages = {page.key: page for page in pages()}
        self._sections = {section.key: section for section in sections(_help_language())}
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search all pages"))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(tr("Search all pages"))
        self.search.textChanged.connect(self._filter)
        self.list = QTreeWidget()
        self.list.setHeaderHidden(True)
        self.list.setAccessibleName(tr("Pages"))
        self.list.currentItemChanged.connect(lambda item, _before: self._show_item(item))
        self.page = TextView()
        self.page.setAccessibleName(tr("Page"))
        self.page.setToolTip(tr("Scroll with the arrow keys"))
        self.page.setOpenLinks(False)
        self.page.anchorClicked.connect(lambda link: self.page.scrollToAnchor(link.fragment()))
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.search)
        column.addWidget(self.list)
        parts = QSplitter()
        parts.addWidget(left)
        parts.addWidget(self.page)
        parts.setStretchFactor(1, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(parts)
        layout.addWidget(buttons)
        letters = self.fontMetrics()
        size = QSize(letters.averageCharWidth() * 128, letters.height() * 38)
        self.resize(size.boundedTo(self.screen().availableSize() * _MAX_SHARE))
        parts.setSizes([letters.averageCharWidth() * 42, letters.averageCharWidth() * 86])
        self._fill()

    def show_page(self, key: str) -> None:
        """Shows the page of a key as optimizer/adam, view/loss or glossary; the guide for one that does not exist."""
        item = self._items.get(key) or self._items[f"{GUIDE}/0"]
        item.setHidden(False)
        self.list.setCurrentItem(item)
        self.list.scrollToItem(item)

    @property
    def keys(self) -> set[str]:
        """The keys of all pages."""
        return set(self._items)

    def _words(self, key: str) -> str:
        """Returns all words of a page, which are searched."""
        if key == TERMS:
            return " ".join(f"{term.title} {term.text}" for term in terms(_help_language()))
        if key in self._pages:
            return self._pages[key].plain
        return self._sections[key].text

    def _fill(self) -> None:
        self._items: dict[str, QTreeWidgetItem] = {}
        written = {name: self._group(tr(title)) for name, title in GROUPS.items()}
        for section in self._sections.values():
            self._add(written[section.group], section.key, section.title)
        names = dict.fromkeys(page.group for page in self._pages.values())
        groups = {name: self._group(tr(name)) for name in names}
        for page in self._pages.values():
            self._add(groups[page.group], page.key, page.title)
        self._add(self.list.invisibleRootItem(), TERMS, tr("Glossary"))
        written[GUIDE].setExpanded(True)
        self._searched: dict[str, str] = {}

    def _group(self, title: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem([title])
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self.list.addTopLevelItem(item)
        return item

    def _add(self, group: QTreeWidgetItem, key: str, title: str) -> None:
        item = self._items[key] = QTreeWidgetItem([title])
        item.setData(0, _KEY, key)
        group.addChild(item)

    def _filter(self, text: str) -> None:
        """Shows only the pages that hold all words of the search."""
        words = text.casefold().split()
        if words and not self._searched:
            self._searched = {key: f"{item.text(0)} {self._words(key)}".casefold() for key, item in self._items.items()}
        for key, item in self._items.items():
            item.setHidden(not all(word in self._searched[key] for word in words))
        for row in range(self.list.topLevelItemCount()):
            group = self.list.topLevelItem(row)
            if group is not None and group.childCount():
                found = any(item.parent() is group and not item.isHidden() for item in self._items.values())
                group.setHidden(not found)
                group.setExpanded((bool(words) and found) or group is self._items[f"{GUIDE}/0"].parent())

    def _show_item(self, item: QTreeWidgetItem | None) -> None:
        key = None if item is None else item.data(0, _KEY)
        if key is None:
            return
        self._job.cancel()
        self.page.setHtml(self._html(key, {}))
        if key in self._pages:
            kind = self._pages[key].kind
            self._job.ask(
                key, lambda _work: (effects(kind), ground(kind)), lambda found: self._show_pictures(key, *found)
            )

    def _show_pictures(self, key: str, found: dict[str, Curves], drawn: Landscape | None) -> None:
        theme, scale = self._theme(), self.devicePixelRatioF()
        images = {name: picture(curves, theme, scale) for name, curves in found.items()}
        if drawn is not None and len(drawn.axes) == 1:
            images[_GROUND] = picture([("", np.nan_to_num(drawn.loss))], theme, scale)
        elif drawn is not None:
            images[_GROUND] = Relief.of(drawn.loss).image(theme)
        for name, image in images.items():
            self.page.document().addResource(QTextDocument.ResourceType.ImageResource, QUrl(f"effect:{name}"), image)
        self.page.setHtml(self._html(key, found, drawn))

    def _html(self, key: str, found: dict[str, Curves], drawn: Landscape | None = None) -> str:
        if key == TERMS:
            return _terms()
        if key in self._sections:
            document = QTextDocument()
            document.setMarkdown(self._sections[key].text)
            set_upright(document)
            return document.toHtml()
        return _entry(self._pages[key], found, drawn, self._theme())


def picture(curves: Curves, theme: Theme, scale: float) -> QImage:
    """Returns a small picture of curves in the colours of the runs, the axis at 0 where it is in sight."""
    size = _PICTURE
    image = QImage(size * scale, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(scale)
    image.fill(QColor(theme.background))
    low = min(0.0, *(float(values.min()) for _, values in curves))
    high = max(float(values.max()) for _, values in curves)
    area = QRectF(6, 6, size.width() - 12, size.height() - 12)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def pixel(index: int, count: int, value: float) -> QPointF:
        across = area.left() + area.width() * index / max(count - 1, 1)
        return QPointF(across, area.bottom() - area.height() * (value - low) / ((high - low) or 1.0))

    painter.setPen(QPen(QColor(theme.faint), 1))
    painter.drawLine(pixel(0, 2, 0.0), pixel(1, 2, 0.0))
    for run, (_, values) in enumerate(curves):
        style = theme.run_style(run)
        pen = QPen(style.color, 2)
        if style.dash:
            pen.setDashPattern([length / 2 for length in style.dash])
        painter.setPen(pen)
        points = [pixel(index, len(values), float(value)) for index, value in enumerate(values)]
        painter.drawPolyline(QPolygonF(points))
    painter.end()
    return image


def _terms() -> str:
    found = terms(_help_language())
    titles = {term.key: escape(term.title) for term in found}
    rows = []
    for term in found:
        see = ", ".join(f'<a href="#{key}">{titles[key]}</a>' for key in term.see)
        more = tr("See also: {terms}", terms=see)
        rows.append(
            f'<p><a name="{term.key}"></a><b>{titles[term.key]}</b><br>{escape(term.text)}<br><small>{more}</small></p>'
        )
    return f"<h2>{escape(tr('Glossary'))}</h2>{''.join(rows)}"


def _help_language() -> str:
    """Returns the language in use, or English while the texts come from elsewhere."""
    return language() or "en"


def _entry(page: Page, found: dict[str, Curves], drawn: Landscape | None, theme: Theme) -> str:
    first, *others = page.paragraphs or [""]
    formulas = "".join(f"&nbsp;&nbsp;{rich(formula)}<br>" for formula in page.formulas)
    parts = [f"<h2>{escape(page.title)}</h2><p>{escape(first)}</p><p>{formulas}</p>"]
    if drawn is not None:
        flat = tr("The loss over {across}.", across=drawn.names[0])
        names = {"across": drawn.names[0], "up": drawn.names[-1]}
        text = (
            flat if len(drawn.axes) == 1 else tr("The loss over {across} → and {up} ↑: the lower, the bluer.", **names)
        )
        parts.append(f'<p><img src="effect:{_GROUND}" width="{_PICTURE.width()}"><br><i>{escape(text)}</i></p>')
    parts += [f"<p>{escape(text)}</p>" for text in others]
    rows = []
    for parameter in page.parameters:
        name = escape(tr(parameter.label) if parameter.label != parameter.name.replace("_", " ") else parameter.name)
        typed = f"{parameter.name}={parameter.plain(parameter.default)}"
        text = f"<b>{name}</b><br>{escape(tr(parameter.help))}"
        text += f"<br><code>{escape(typed)}</code> ({escape(parameter.allowed)})"
        if curves := found.get(parameter.name):
            colors = (
                f'<span style="color:{theme.run_style(run).color.name()}">▬ {escape(label)}</span>'
                for run, (label, _) in enumerate(curves)
            )
            text += f'<br><img src="effect:{parameter.name}" width="{_PICTURE.width()}"><br>{"&nbsp; ".join(colors)}'
        rows.append(f"<p>{text}</p>")
    if rows:
        parts.append(f"<h3>{escape(tr('What can be set'))}</h3>{''.join(rows)}")
        if found:
            parts.append(f"<p><i>{escape(_caption(page))}</i></p>")
    return "".join(parts)


def _caption(page: Page) -> str:
    if page.key.startswith("schedule"):
        return tr("The pictures show the rate over 60 steps, computed now with the values below them.")
    return tr(
        "The pictures show a weight on its way down the bowl w²/2, or (w − 1)⁴/4 where the first shows no difference,"
        " computed now with the values below them."
    )
