"""Whether a window can open: Qt aborts where it reaches no display, so that displays are asked before it."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from threading import Thread

from PySide6.QtCore import QLibraryInfo

from lrstudio.core.language import sentences, tr

_PLATFORMS = {"wayland": "WAYLAND_DISPLAY", "xcb": "DISPLAY"}
"""Qt's platforms that open windows on Linux, each with the variable that names its display."""
_TIMEOUT_S = 5
"""Time in which the display of another machine must answer."""


def hindrance() -> str:
    """Returns why no window can open; "" where one can.

    Where one of two displays cannot be used, QT_QPA_PLATFORM is set to the other.
    """
    chosen = os.environ.get("QT_QPA_PLATFORM", "").partition(";")[0].partition(":")[0].removesuffix("-egl")
    if not sys.platform.startswith("linux") or chosen not in ("", *_PLATFORMS):
        return ""
    named = {platform: os.environ.get(name, "") for platform, name in _PLATFORMS.items() if chosen in ("", platform)}
    reasons = {platform: _reason(platform, name) for platform, name in named.items() if name}
    if not reasons:
        return tr("there is no display (DISPLAY and WAYLAND_DISPLAY are not set): no window can open.")
    usable = [platform for platform, reason in reasons.items() if not reason]
    if not usable:
        return sentences(*reasons.values())
    if len(usable) < len(reasons):
        os.environ["QT_QPA_PLATFORM"] = usable[0]
    return ""


def _reason(platform: str, name: str) -> str:
    """Returns why Qt cannot use a display; "" where it can."""
    plugin = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath), "platforms", f"libq{platform}.so")
    try:
        if plugin.exists():  # a distribution's own Qt names some otherwise
            ctypes.CDLL(str(plugin))
    except OSError as error:  # a library of the system that it needs is missing; the error names it
        return tr("Qt cannot use the display {name} ({error}): no window can open.", name=name, error=error)
    answered: list[bool] = []
    ask = x_answers if platform == "xcb" else _wayland_answers
    asking = Thread(target=lambda: answered.append(ask()), daemon=True)  # ends with the program
    asking.start()
    asking.join(_TIMEOUT_S)
    if answered == [True]:
        return ""
    return tr("The display {name} cannot be reached: no window can open.", name=name)


def x_answers() -> bool:
    """Whether the X server that DISPLAY names accepts this user."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))  # never null
    refused: int = xcb.xcb_connection_has_error(connection)
    if refused:
        xcb.xcb_disconnect(connection)
    return not refused  # a server starts anew when its last client leaves, and meanwhile would refuse Qt: this stays


def _wayland_answers() -> bool:
    """Whether somebody listens at the socket that WAYLAND_DISPLAY names."""
    from socket import AF_UNIX, socket  # most starts do without

    with socket(AF_UNIX) as wayland:
        path = Path(os.environ.get("XDG_RUNTIME_DIR", ""), os.environ["WAYLAND_DISPLAY"])
        return wayland.connect_ex(os.fsencode(path)) == 0
