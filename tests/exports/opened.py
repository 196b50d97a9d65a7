"""Opens what the program exports with programs that are not ours, and says what is wrong with it."""

from __future__ import annotations

import csv
import io
import math
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

from tests.engine.code.scripts import Table
from tests.reference.record_scripts import distance

MOST_BYTES = 3_000_000
"""Of a moving picture of ten seconds at 800×450."""
_VOID = frozenset("meta img br hr link input".split())
_SAME, _SAME_IN_SINGLE = 1e-9, 2e-6
"""The largest distance of two numbers of a table, relative to them or to 1."""
_NUDGED = """
for run in RUNS:
    run["start"] = [value + 2**-50*(1 + abs(value)) for value in run["start"]]


def train("""
_MAGNIFIED = 100.0
"""How much farther off than by a nudge numbers may be where rounding is magnified."""
_ALIKE = 0.035
"""The largest mean difference of two pictures of a figure that are blurred, from 0 to 1: letters differ a little."""
NEEDED = ("pdftotext", "pdftoppm", "pdfinfo", "pdffonts", "rsvg-convert", "identify", "convert", "montage", "sqlite3")


def missing() -> list[str]:
    """Returns the programs that are not installed."""
    return [name for name in NEEDED if shutil.which(name) is None]


def output(*words: str | Path) -> str:
    """Returns what a program prints; RuntimeError with its message where it fails."""
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{words[0]}: {done.stderr.strip()[-300:]}")
    return done.stdout


class _Tags(HTMLParser):
    """Follows the tags of a page: each is closed, no picture comes from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name in ("src", "href") and not (value or "").startswith("data:"):
                self.wrong.append(f"<{tag}> needs {value}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def page(path: Path, words: Sequence[str]) -> list[str]:
    """Returns what is wrong with an HTML page that must have these words."""
    tags = _Tags()
    tags.feed(path.read_text(encoding="utf-8"))
    tags.close()
    return [*tags.wrong, *(f"<{tag}> is not closed" for tag in tags.open), *_absent(words, "".join(tags.words))]


def document(path: Path, words: Sequence[str], picture: Path | None = None) -> list[str]:
    """Returns what is wrong with a PDF that must have these words; `picture` becomes its sheets as PNG."""
    wrong = _absent(words, output("pdftotext", "-layout", path, "-"))
    fonts = [line.split() for line in output("pdffonts", path).splitlines()[2:]]
    wrong += [f"font {font[0]} is not embedded" for font in fonts if "yes" not in font]
    if not fonts:
        wrong.append("has no letters")
    if picture is not None:
        output("pdftoppm", "-r", "96", "-png", path, picture.with_suffix(""))
    return wrong


def headings(path: Path) -> list[str]:
    """Returns the headings of an HTML page."""
    found = re.findall(r"<h[12]>(.*?)</h[12]>", path.read_text(encoding="utf-8"))
    return [unescape(text) for text in found]


def headings_alone(path: Path, texts: Sequence[str]) -> list[str]:
    """Returns the headings that stand at the foot of a sheet of a PDF."""
    feet = [sheet.strip().split("\n")[-1].strip() for sheet in output("pdftotext", path, "-").split("\f")[:-2]]
    return [f"“{foot}” stands alone" for foot in feet if foot in texts]


def sheets(path: Path) -> int:
    """Returns the number of sheets of a PDF."""
    found = re.search(r"Pages:\s+(\d+)", output("pdfinfo", path))
    return int(found[1]) if found else 0


def figure(png: Path, svg: Path, pdf: Path, size: tuple[int, int], words: Sequence[str]) -> list[str]:
    """Returns what is wrong with the three forms of a figure: size, words, and whether they look alike."""
    wrong = [] if pixels(png) == [size] else [f"{png.name}: {pixels(png)}"]
    vectors = {svg: svg.with_suffix(".svg.png"), pdf: pdf.with_suffix(".pdf.png")}
    output("rsvg-convert", "-w", str(size[0]), svg, "-o", vectors[svg])
    output("pdftoppm", "-png", "-singlefile", "-scale-to-x", str(size[0]), "-scale-to-y", str(size[1]), pdf,
           vectors[pdf].with_suffix(""))  # fmt: skip
    for path, picture in vectors.items():
        away = difference(png, picture)
        wrong += [f"{path.name}: differs by {away:.3f} from the PNG"] if away > _ALIKE else []
    wrong += document(pdf, words)
    return wrong + _absent(words, "".join(re.findall(r">([^<]*)<", svg.read_text(encoding="utf-8"))))


def difference(one: Path, other: Path) -> float:
    """Returns the root mean square difference of two blurred pictures, from 0 to 1."""
    words = ("-blur", "0x3", "-metric", "RMSE", "-compare", "-format", "%[distortion]", "info:")
    return float(output("convert", one, other, *words))


def pixels(path: Path) -> list[tuple[int, int]]:
    """Returns the sizes of the pictures in a file, by ImageMagick."""
    lines = output("identify", "-format", "%W %H\n", path).split("\n")
    return [(int(width), int(height)) for width, height in (line.split() for line in lines if line)]


def movie(path: Path, seconds: float, size: tuple[int, int], places: Sequence[Path], ffmpeg: str | None) -> list[str]:
    """Returns what is wrong with a moving picture; frames of its middle and its end go to `places`.

    Only ffmpeg reads the later frames of an animated PNG.
    """
    wrong = [] if set(pixels(path)) == {size} else [f"{path.name}: {sorted(set(pixels(path)))}"]
    if path.stat().st_size > MOST_BYTES:
        wrong.append(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")
    if path.suffix == ".png":
        return wrong + (_animated(path, seconds, places, ffmpeg) if ffmpeg is not None else [])
    ticks = [int(line) for line in output("identify", "-format", "%T\n", path).split()]
    if abs(sum(ticks) - 100 * seconds) > 10:
        wrong.append(f"{path.name}: plays {sum(ticks) / 100} s")
    with tempfile.TemporaryDirectory() as folder:
        output("convert", path, "-coalesce", f"{folder}/%04d.png")
        frames = sorted(Path(folder).iterdir())
        for frame, place in zip((frames[len(frames) // 2], frames[-1]), places, strict=True):
            shutil.copy(frame, place)
    return wrong


def _animated(path: Path, seconds: float, places: Sequence[Path], ffmpeg: str) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        output(ffmpeg, "-hide_banner", "-i", path, "-vf", "fps=10", f"{folder}/%04d.png")
        frames = sorted(Path(folder).iterdir())
        for frame, place in zip((frames[len(frames) // 2], frames[-1]), places, strict=True):
            shutil.copy(frame, place)
        return [] if abs(len(frames) - 10 * seconds) <= 12 else [f"{path.name}: plays {len(frames) / 10} s"]


def script(python: str, path: Path, expected: Table, *, single: bool) -> list[str]:
    """Returns how far the table that a script prints is from another one; the Python has no program of ours.

    A run that never settles magnifies rounding without end. There the numbers may be as far off as those of the same
    script whose starts are off by a few units in the last place.
    """
    found = _printed(python, path)
    if isinstance(found, str):
        return [f"{path.name}: {found}"]
    away, most = distance(expected, found), _SAME_IN_SINGLE if single else _SAME
    text = path.read_text(encoding="utf-8")
    if away is None:
        return [f"{path.name}: has other rows or cells"]
    if away <= most:
        return []
    nudged = path.with_suffix(".nudged.py")
    nudged.write_text(text.replace("\n\n\ndef train(", _NUDGED), encoding="utf-8")
    moved = _printed(python, nudged)
    step = None if isinstance(moved, str) else _first_off(expected, found, moved, most)
    return [] if step is None and not isinstance(moved, str) else [f"{path.name}: {away:.1e} off, from {step or moved}"]


def _printed(python: str, path: Path) -> Table | str:
    """Returns the table that a script prints, or its error."""
    words = [python, "-I", "-W", "error", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=path.parent)
    return done.stderr.strip()[-300:] if done.returncode else list(csv.reader(io.StringIO(done.stdout)))


def _first_off(expected: Table, found: Table, moved: Table, most: float) -> str | None:
    """Returns the first row that is farther off than `most` and than a nudge has moved it or a row before."""
    reach: dict[str, float] = {}
    for rows in zip(expected[1:], found[1:], moved[1:], strict=False):
        run, step = rows[0][:2]
        away, nudge = (distance([expected[0], rows[1]], [expected[0], other]) for other in (rows[0], rows[2]))
        reach[run] = max(reach.get(run, 0.0), math.inf if nudge is None else _MAGNIFIED * nudge)
        if away is None or away > max(most, reach[run]):
            return f"run {run}, step {step}"
    return None


def table(path: Path, expected: Table) -> list[str]:
    """Returns what is wrong with a CSV file, which SQLite reads."""
    said = output("sqlite3", ":memory:", "-cmd", ".mode csv", "-cmd", f'.import "{path}" runs', "select * from runs;")
    rows = list(csv.reader(io.StringIO(said)))
    return [] if rows == expected[1:] else [f"{path.name}: SQLite reads other cells"]


def _absent(words: Sequence[str], text: str) -> list[str]:
    """Returns the words that a text has not; how it is broken into lines does not count."""
    flat = re.sub(r"\s+", "", text)
    return [f"lacks “{each}”" for each in words if re.sub(r"\s+", "", each) not in flat]
