"""What PyInstaller finds and the program does not need. Names are places in the program's folder, with slashes."""

import re

MODULES = [
    # Python's own
    "tkinter", "unittest", "ssl", "_ssl", "sqlite3", "readline", "curses", "_curses", "lib2to3",
    "distutils", "ensurepip", "setuptools", "pip", "_distutils_hack", "xmlrpc", "pdb", "doctest",
    # numpy's and pyqtgraph's; pyqtgraph needs its own `multiprocess`, and pydoc
    "numpy.f2py", "numpy.testing", "numpy.distutils", "pyqtgraph.examples", "pyqtgraph.opengl",
    "matplotlib", "scipy", "numba", "cupy", "h5py", "OpenGL", "IPython", "jupyter_rfb", "colorcet",
    # Pillow's; of it the program makes GIF, APNG and WebP
    "PIL._avif", "PIL._imagingft", "PIL._imagingcms", "PIL._imagingtk", "PIL.ImageTk", "PIL.ImageQt", "PIL.ImageShow",
    # Qt's; lrstudio/ui/drawing/pyqtgraph.py keeps pyqtgraph from importing OpenGL
    *(f"PySide6.Qt{name}" for name in ("Network", "Qml", "Quick", "QuickWidgets", "QuickControls2", "QuickTest")),
    *(f"PySide6.Qt{name}" for name in ("Sql", "Pdf", "Designer", "Test", "Help", "UiTools", "Xml", "DBus")),
    "PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets",
]  # fmt: skip

_PLUGINS = {  # the kinds of Qt plugins that are kept, and which of each kind
    "platforms": "qxcb|qwayland|qoffscreen|qwindows|qcocoa",
    "platforminputcontexts": "composeplatforminputcontext|ibusplatforminputcontext",
    "platformthemes": "qxdgdesktopportal",
    "iconengines": "qsvgicon",
    "imageformats": "qsvg",
    "printsupport": ".*",
    "styles": ".*",
    "wayland-shell-integration": "xdg-shell",
    "wayland-decoration-client": ".*",
}
_PLUGIN = re.compile(r"plugins/(?P<kind>[^/]+)/(lib)?(?P<name>[^/]+?)(plugin)?\.(so|dll|dylib)$")

_DROPPED = re.compile(
    r"""
    (^|/)(lib)?Qt6?(Network|Qml\w*|Quick\w*|Sql|Pdf\w*|Designer\w*|Test|EglF[Ss]\w*|VirtualKeyboard\w*|Help|Xml|Labs\w*
        |OpenGL\w*)
        (\.framework|\.so|\.dll|\.dylib|\.abi3|\.pyd|$)
    | opengl32sw\.dll$                       # nothing is drawn with OpenGL
    | translations/(?!qtbase_zh_CN\.qm$)[^/]+\.qm$
    | pyqtgraph/icons/peegee/
    | \.dist-info/(?!licenses/|LICENSE|COPYING|METADATA$)
    | /py\.typed$ | \.pyi$ | \.pxd$ | \.pyx$
    """,
    re.VERBOSE,
)

_DESKTOP = re.compile(r"(/usr(/local)?)?/lib(32|64)?/([^/]+-linux-gnu/)?lib(?!python)[^/]+\.so[.\d]*$")
"""A library of the Linux it is built on: packages ask for it, the portable archive has it where the system has none."""


def needed(name: str, source: str) -> bool:
    """Whether the file that is made from this source stays."""
    name = name.replace("\\", "/")
    if _DROPPED.search(name) or _DESKTOP.match(source):
        return False
    plugin = _PLUGIN.search(name) if name.startswith("PySide6/") else None
    return plugin is None or bool(re.fullmatch(_PLUGINS.get(plugin["kind"], "(?!)"), plugin["name"]))
