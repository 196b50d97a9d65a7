"""What PyInstaller finds and the program does not need. Names are places in the program's folder, with slashes."""

import re

MODULES = [
    # Python's own
    "tkinter", "unittest", "ssl", "_ssl", "sqlite3", "readline", "curses", "_curses", "lib2to3",
    "distutils", "ensurepip", "setuptools", "pip", "_distutils_hack", "xmlrpc", "pdb", "doctest",
    # numpy's and pyqtgraph's; pyqtgraph needs its own `multiprocess`, and pydoc
    "numpy.f2py", "numpy.testing", "numpy.distutils", "pyqtgraph.examples", "pyqtgraph.opengl",
    "matplotlib", "scipy", "numba", "cupy", "h5py", "OpenGL", "IPython", "jupyter_rfb", "colorcet",
    # Qt's; pyqtgraph needs QtOpenGL and QtOpenGLWidgets
    *(f"PySide6.Qt{name}" for name in ("Network", "Qml", "Quick", "QuickWidgets", "QuickControls2", "QuickTest")),
    *(f"PySide6.Qt{name}" for name in ("Sql", "Pdf", "Designer", "Test", "Help", "UiTools", "Xml", "DBus")),
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
    (^|/)(lib)?Qt6?(Network|Qml\w*|Quick\w*|Sql|Pdf\w*|Designer\w*|Test|EglF[Ss]\w*|VirtualKeyboard\w*|Help|Xml|Labs\w*)
        (\.framework|\.so|\.dll|\.dylib|\.abi3|\.pyd|$)
    | opengl32sw\.dll$                       # nothing is drawn with OpenGL
    | translations/(?!qtbase_zh_CN\.qm$)[^/]+\.qm$
    | pyqtgraph/icons/peegee/
    | \.dist-info/(?!licenses/|LICENSE|COPYING|METADATA$)
    | /py\.typed$ | \.pyi$ | \.pxd$ | \.pyx$
    """,
    re.VERBOSE,
)

_SYSTEM = re.compile(  # the base of every desktop, and tied to its drivers and settings
    r"lib(stdc\+\+|gcc_s|systemd|udev|drm|gbm|cups|avahi-(client|common)|gssapi_krb5|krb5|krb5support|k5crypto|com_err"
    r"|keyutils|gnutls|p11-kit|tasn1|nettle|hogweed|gmp|unistring|idn2|gcrypt|gpg-error|lz4|cap|mount|blkid|selinux"
    r"|gtk-3|gdk-3|gdk_pixbuf-2\.0|gio-2\.0|gobject-2\.0|gmodule-2\.0|atk-1\.0|cairo|cairo-gobject|pango\w*-1\.0|pixman-1"
    r"|harfbuzz|graphite2|fribidi|thai|datrie|jpeg|GLdispatch)\.so[.\d]*$"
)
_PACKAGED = re.compile(  # what a package can ask its distribution for
    r"lib(X11|X11-xcb|Xau|Xdmcp|Xext|Xrender|xcb|xcb-[\w-]+|xkbcommon|xkbcommon-x11|wayland-\w+|GL|EGL|GLX|OpenGL|dbus-1"
    r"|fontconfig|freetype|glib-2\.0|gthread-2\.0|pcre2-8|png16|brotlidec|brotlicommon|bsd|md|zstd|z|bz2|lzma|expat|ffi"
    r"|uuid|tinfo|crypto)\.so[.\d]*$"
)


def needed(name: str, *, packaged: bool) -> bool:
    """Whether a file stays; `packaged` when a package manager will see to the libraries of the desktop."""
    name = name.replace("\\", "/")
    if _DROPPED.search(name):
        return False
    plugin = _PLUGIN.search(name)
    if plugin and "PySide6" in name:
        return bool(re.fullmatch(_PLUGINS.get(plugin["kind"], "(?!)"), plugin["name"]))
    if "/" in name:
        return True
    return not (_SYSTEM.match(name) or (packaged and _PACKAGED.match(name)))
