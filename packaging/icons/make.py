"""Draw resources/icons/app.svg at every size that a desktop wants: .venv/bin/python packaging/icons/make.py

Leaves NxN.png for Linux, lrstudio.ico for Windows and lrstudio.icns for macOS beside this file.
"""

import struct
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

HERE = Path(__file__).parent
SOURCE = HERE.parent.parent / "resources" / "icons" / "app.svg"
PNG_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 256)
ICNS_TYPES = {"ic11": 32, "ic12": 64, "ic07": 128, "ic13": 256, "ic08": 256, "ic14": 512, "ic09": 512, "ic10": 1024}


def main() -> None:
    for size in PNG_SIZES:
        (HERE / f"{size}x{size}.png").write_bytes(png(drawn(size)))
    (HERE / "lrstudio.ico").write_bytes(ico([drawn(size) for size in ICO_SIZES]))
    (HERE / "lrstudio.icns").write_bytes(icns({kind: drawn(size) for kind, size in ICNS_TYPES.items()}))


def drawn(size: int) -> QImage:
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(str(SOURCE)).render(painter)
    painter.end()
    return image


def png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def bitmap(image: QImage) -> bytes:
    """As it stands in an .ico: header, colours from the lowest row up, and an empty mask; alpha says what is seen."""
    size = image.width()
    colors = bytes(image.flipped().constBits())
    mask = bytes(((size + 31) // 32) * 4 * size)
    return (
        struct.pack("<IiiHHIIiiII", 40, size, 2 * size, 1, 32, 0, len(colors) + len(mask), 0, 0, 0, 0) + colors + mask
    )


def ico(images: list[QImage]) -> bytes:
    bodies = [png(image) if image.width() == 256 else bitmap(image) for image in images]
    entries, offset = b"", 6 + 16 * len(images)
    for image, body in zip(images, bodies, strict=True):
        side = image.width() % 256  # 0 stands for 256
        entries += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(body), offset)
        offset += len(body)
    return struct.pack("<HHH", 0, 1, len(images)) + entries + b"".join(bodies)


def icns(images: dict[str, QImage]) -> bytes:
    body = b"".join(_chunk(kind, png(image)) for kind, image in images.items())
    return _chunk("icns", body)


def _chunk(kind: str, body: bytes) -> bytes:
    return kind.encode() + struct.pack(">I", 8 + len(body)) + body


if __name__ == "__main__":
    main()
