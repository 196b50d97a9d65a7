"""What the frozen program leaves out, and what it must not."""

import runpy
from pathlib import Path

import pytest

needed = runpy.run_path(str(Path(__file__).parents[2] / "packaging" / "pyinstaller" / "trim.py"))["needed"]


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/lib/libQt6Core.so.6",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforminputcontexts/libibusplatforminputcontextplugin.so",
        "PySide6/Qt/translations/qtbase_zh_CN.qm",
        "PySide6\\plugins\\platforms\\qwindows.dll",
        "PySide6/Qt/plugins/platforms/libqcocoa.dylib",
        "numpy.libs/libscipy_openblas64_-32a4b2a6.so",
        "lrstudio/resources/icons/app.svg",
        "lrstudio/resources/help/en/guide.md",
        "licenses/LGPL-3.txt",
    ],
)
def test_what_the_program_needs_stays(name: str) -> None:
    assert needed(name, f"/somewhere/site-packages/{name}")


@pytest.mark.parametrize(
    "name",
    [
        "libQt6Network.so.6",
        "PySide6/Qt6Quick.dll",
        "PySide6/QtOpenGLWidgets.abi3.so",
        "PySide6/Qt/lib/libQt6OpenGL.so.6",
        "PySide6/opengl32sw.dll",
        "PySide6/Qt/lib/QtQml.framework/Versions/A/QtQml",
        "QtNetwork",
        "PySide6/Qt/plugins/tls/libqopensslbackend.so",
        "PySide6\\plugins\\imageformats\\qjpeg.dll",
        "PySide6/translations/qt_de.qm",
    ],
)
def test_what_it_does_not_need_goes(name: str) -> None:
    assert not needed(name, f"/somewhere/site-packages/{name}")


def test_the_libraries_of_the_desktop_stay_with_the_system() -> None:
    assert not needed("libX11.so.6", "/lib/x86_64-linux-gnu/libX11.so.6")
    assert not needed("libcrypto.so.3", "/usr/lib64/libcrypto.so.3")


def test_python_itself_comes_along() -> None:
    assert needed("libpython3.11.so.1.0", "/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0")
    module = "python3.11/lib-dynload/_json.cpython-311-x86_64-linux-gnu.so"
    assert needed(module, f"/usr/lib/{module}")
