"""The file of licence texts of what is built into a library: each part with its copyright, each text once."""

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

_COPYRIGHT = re.compile(r"^\s*(copyright\b|\(c\) |©|all rights reserved)", re.IGNORECASE)
_TITLE = re.compile(r"^\s*(the )?(mit|isc|bsd|zlib)\b.*licen[cs]e.*$", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    name: str
    version: str
    licence: str
    """Its SPDX expression."""
    copyright: str
    text: str
    use: str = ""


def split(text: str) -> tuple[str, str]:
    """Returns the lines about the copyright with which a licence begins, and the licence itself."""
    lines = text.replace("\r\n", "\n").strip("\n \t\ufeff").split("\n")
    head: list[str] = []
    while lines and (not lines[0].strip() or _COPYRIGHT.match(lines[0]) or _TITLE.match(lines[0])):
        line = lines.pop(0).strip()
        head += [line] if line and not _TITLE.match(line) else []
    return "\n".join(head), "\n".join(line.rstrip() for line in lines)


def write(path: Path, heading: str, parts: list[Part]) -> None:
    """Writes all parts in the order of their names, then the texts they refer to by number."""
    texts: dict[str, tuple[int, str]] = {}
    entries = []
    for part in sorted(parts, key=lambda part: (part.name.lower(), part.version)):
        number, _ = texts.setdefault(" ".join(part.text.split()).lower(), (len(texts) + 1, part.text))
        lines = [f"{part.name} {part.version}".strip(), part.use, *part.copyright.strip().split("\n")]
        lines += [f"Licence: {part.licence} (text {number})"]
        first, *rest = (line.strip() for line in lines if line.strip())
        entries.append(first + "\n" + textwrap.indent("\n".join(rest), "    "))
    rule = "-" * 80
    full = [f"{rule}\nText {number}\n{rule}\n\n{text}" for number, text in texts.values()]
    path.write_text("\n\n".join([heading.strip(), *entries, *full]) + "\n", "utf-8")
