"""The part of pyqtgraph that plots need: `import pyqtgraph` alone takes longer than importing Qt.

It imports every widget it has, and copies each of the thousand classes of Qt, which PySide6 makes when they are first
asked for. Here its unused modules are empty while it is imported, and its copies of Qt's modules look classes up.
"""

from __future__ import annotations

import sys
from functools import partial
from types import ModuleType
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

_UNUSED = tuple(
    f"pyqtgraph.{name}"
    for name in (
        "colormap imageview util.cprint Qt.OpenGLHelpers SRTTransform3D ThreadsafeTimer Transform3D Vector"
        " WidgetGroup graphicsItems.ViewBox.ViewBoxMenu graphicsItems.ButtonItem graphicsItems.InfiniteLine"
        " graphicsItems.LabelItem graphicsItems.LegendItem graphicsItems.PlotCurveItem graphicsItems.PlotDataItem"
        " graphicsItems.PlotItem graphicsItems.TextItem widgets.FileDialog widgets.PlotWidget"
        " graphicsItems.ArrowItem graphicsItems.BarGraphItem graphicsItems.BoxplotItem graphicsItems.ColorBarItem"
        " graphicsItems.CurvePoint graphicsItems.DateAxisItem graphicsItems.ErrorBarItem graphicsItems.FillBetweenItem"
        " graphicsItems.GradientEditorItem graphicsItems.GradientLegend graphicsItems.GraphicsLayout"
        " graphicsItems.GraphItem graphicsItems.GridItem graphicsItems.HistogramLUTItem graphicsItems.ImageItem"
        " graphicsItems.IsocurveItem graphicsItems.LinearRegionItem graphicsItems.PColorMeshItem graphicsItems.ROI"
        " graphicsItems.ScaleBar graphicsItems.TargetItem graphicsItems.UIGraphicsItem graphicsItems.VTickGroup"
        " widgets.BusyCursor widgets.CheckTable widgets.ColorButton widgets.ColorMapMenu widgets.ColorMapWidget"
        " widgets.ComboBox widgets.DataFilterWidget widgets.DataTreeWidget widgets.DiffTreeWidget"
        " widgets.FeedbackButton widgets.GradientWidget widgets.GraphicsLayoutWidget widgets.GroupBox"
        " widgets.HistogramLUTWidget widgets.JoystickButton widgets.LayoutWidget widgets.PathButton"
        " widgets.ProgressDialog widgets.RawImageWidget widgets.RemoteGraphicsView widgets.ScatterPlotWidget"
        " widgets.SpinBox widgets.TableWidget widgets.TreeWidget widgets.ValueLabel widgets.VerticalLabel"
    ).split()
)
_UNUSED_OF_QT = ("PySide6.QtOpenGLWidgets", "PySide6.QtTest")


class _Empty(ModuleType):
    """Has every public name, each of them None."""

    def __getattr__(self, name: str) -> None:
        if name.startswith("__"):
            raise AttributeError(name)


class _Copy(ModuleType):
    """Looks up in another module what it has not itself."""

    def __init__(self, name: str, original: ModuleType) -> None:
        super().__init__(name)
        self.__dict__["__getattr__"] = partial(getattr, original)


def _imported() -> Any:
    """Returns the package pyqtgraph; a complete one if it is imported already."""
    if "pyqtgraph" in sys.modules:
        return sys.modules["pyqtgraph"]
    missing: dict[str, Any] = {name: _Empty(name) for name in _UNUSED}
    missing |= dict.fromkeys(set(_UNUSED_OF_QT) - set(sys.modules))
    originals = QtCore, QtGui, QtWidgets
    sys.modules |= missing
    for original in originals:
        name = f"pyqtgraph.Qt.{original.__name__.rpartition('.')[2]}"
        sys.modules[name] = _Copy(name, original)
        original.__dict__["__dir__"] = list  # nothing to copy
    import pyqtgraph

    for original in originals:
        del original.__dict__["__dir__"]
    for name in missing:
        del sys.modules[name]
    return pyqtgraph


pg = _imported()
