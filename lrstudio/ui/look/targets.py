"""A style whose controls are large enough to be hit with a finger or a trembling hand."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QAbstractSpinBox, QProxyStyle, QStyle, QStyleOption, QWidget

LEAST = 24
"""Minimum width and height in pixels of what can be pressed (WCAG 2.2, success criterion 2.5.8)."""
_Type = QStyle.ContentsType
_PRESSED = frozenset(
    (
        _Type.CT_PushButton,
        _Type.CT_ToolButton,
        _Type.CT_CheckBox,
        _Type.CT_RadioButton,
        _Type.CT_ComboBox,
        _Type.CT_LineEdit,
        _Type.CT_SpinBox,
        _Type.CT_Slider,
    )
)


class LargeTargets(QProxyStyle):
    """Qt's Fusion, with no control below LEAST."""

    def __init__(self) -> None:
        super().__init__("Fusion")

    def sizeFromContents(
        self, kind: QStyle.ContentsType, option: QStyleOption, size: QSize, /, widget: QWidget | None = None
    ) -> QSize:
        found = super().sizeFromContents(kind, option, size, widget)  # type: ignore[arg-type] # it may be None
        if (found.width() >= LEAST and found.height() >= LEAST) or kind not in _PRESSED:
            return found
        inner = widget is not None and isinstance(widget.parentWidget(), QAbstractSpinBox)
        return found if inner else found.expandedTo(QSize(LEAST, LEAST))
