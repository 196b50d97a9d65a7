"""Collects the texts of the program for its translations, and says what is missing in them.

    python packaging/catalogue.py          brings resources/i18n up to date: new texts in, unused ones out, .mo compiled
    python packaging/catalogue.py check    prints what is wrong and changes nothing

A text is the literal argument of `tr`, `trn` or `mark`; the title, label or help of a declaration, whose label is by
default its name; a paragraph of the docstring of a catalogue's entry.
"""

import ast
import io
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from inspect import cleandoc
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "resources" / "i18n"
LANGUAGES = ("zh_CN",)
NAMED = {"help", "label", "title", "titles", "summary", "title_template", "question_template", "otherwise"}
"""Keywords and class attributes whose literal is a text."""
FIELDS = {"param": 1, "length": 0, "numbers": 1, "choice": 2, "text": 1, "part": 1, "Claim": 0}
"""What declares a field or a claim, and the place of its help or its sentence among the arguments."""
Text = str | tuple[str, str]
_DATE = datetime(2026, 1, 1, tzinfo=UTC)
_MNEMONIC = re.compile(r"(?<!&)&\w")
_LETTERS = re.compile(r"[^\W\d_]{2}")


class UntranslatableError(ValueError):
    """A text that cannot be translated: pieced together, or not a literal."""


def texts(root: Path = ROOT / "lrstudio") -> dict[Text, list[tuple[str, int]]]:
    """Returns every text of the package with the files and lines that it stands in; raises UntranslatableError."""
    found: dict[Text, list[tuple[str, int]]] = {}
    wrong: list[str] = []
    for file in sorted(root.rglob("*.py")):
        place = file.relative_to(root.parent).as_posix()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for text in _texts(node):
                found.setdefault(text, []).append((place, getattr(node, "lineno", 0)))
            wrong += [f"{place}:{getattr(node, 'lineno', 0)}: {fault}" for fault in _faults(node)]
    found.pop("", None)
    if wrong:
        raise UntranslatableError("\n".join(wrong))
    return found


def paragraphs(doc: str) -> list[str]:
    """Returns the paragraphs of prose of a docstring, each in one line: without formulas and examples."""
    blocks = (block for block in cleandoc(doc).split("\n\n"))
    return [" ".join(block.split()) for block in blocks if not block.startswith((" ", ">>>"))]


def update(language: str) -> Catalog:
    """Brings a language's catalogue up to date and returns it."""
    old, fresh = (
        _read(language),
        Catalog(locale=language, project="LR Studio", version="1", header_comment="# LR Studio", fuzzy=False),
    )
    for text, places in texts().items():
        before = old.get(text if isinstance(text, str) else text[0])
        files = sorted({place for place, _ in places})
        fresh.add(text, before.string if before is not None else None, locations=[(place, 1) for place in files])
    _path(language, "po").write_bytes(_po(fresh))
    _path(language, "mo").write_bytes(_mo(fresh))
    return fresh


def problems(language: str) -> list[str]:
    """Returns what is wrong with a language's catalogue, a line each."""
    known, wanted = _read(language), texts()
    found = [f"stale: {message.id!r}" for message in known if message.id and message.id not in wanted]
    for text, places in wanted.items():
        message = known.get(text if isinstance(text, str) else text[0])
        where = f"{places[0][0]}:{places[0][1]}: {text!r}"
        if message is None or message.id != text:
            found.append(f"not in the catalogue: {where}")
        elif message.fuzzy:
            found.append(f"fuzzy: {where}")
        elif not all(strings := _strings(message.string)):
            found.append(f"not translated: {where}")
        else:
            found += [f"{what}: {where}" for string in strings if (what := _differs(text, string))]
    if _path(language, "mo").read_bytes() != _mo(known):
        found.append("the .mo file is not that of the .po file: run packaging/catalogue.py")
    return found


def slots(text: str) -> set[str]:
    """Returns the {named} slots of a text, those without a name as ""."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _strings(string: object) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, (tuple, list)) else (str(string or ""),)


def _differs(text: Text, string: str) -> str:
    """Returns in what a translation differs from its text though it must not; "" if in nothing."""
    last = text if isinstance(text, str) else text[-1]
    try:
        if slots(last) != slots(string):
            return "other slots"
    except ValueError:
        if "{" in last:
            return "" if last.count("{") == string.count("{") else "other braces"
    if bool(_MNEMONIC.search(last)) != bool(_MNEMONIC.search(string)):
        return "a mnemonic (&) in one language only"
    if last.strip() == last and string.strip() != string:
        return "a space at an end"
    return "other lines" if last.count("\n") != string.count("\n") else ""


def _read(language: str) -> Catalog:
    path = _path(language, "po")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        return Catalog(locale=language)
    with path.open("rb") as stream:
        return read_po(stream, locale=language)


def _path(language: str, suffix: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / f"lrstudio.{suffix}"


def _po(catalog: Catalog) -> bytes:
    stream = io.BytesIO()
    write_po(stream, catalog, width=120, sort_output=True, omit_header=False, include_lineno=False)
    lines = stream.getvalue().decode().splitlines(keepends=True)
    unknown = ("-Date:", "Generated-By", "EMAIL@", "LL@", "PROJECT VERSION", "#, fuzzy\nmsgid")
    return "".join(line for line in lines if not any(word in line for word in unknown)).encode()


def _mo(catalog: Catalog) -> bytes:
    stream = io.BytesIO()
    catalog.creation_date = catalog.revision_date = _DATE  # the same bytes at any time
    write_mo(stream, catalog)
    return stream.getvalue()


def _texts(node: ast.AST) -> Sequence[Text]:
    """Returns the texts that a piece of the syntax declares, without those of its parts."""
    if isinstance(node, ast.ClassDef):
        assigned = [
            item for item in node.body if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name)
        ]
        values = {item.targets[0].id: item.value for item in assigned if isinstance(item.targets[0], ast.Name)}
        named = [text for name in NAMED & values.keys() for text in _literals(values[name])]
        is_entry = {"key", "title"} <= values.keys()
        return [*named, *_labels(node), *(paragraphs(ast.get_docstring(node) or "") if is_entry else ())]
    if not isinstance(node, ast.Call):
        return []
    name = _name(node)
    if name == "trn":
        return [(_literal(node.args[0]), _literal(node.args[1]))]
    if name in ("tr", "mark"):
        return [_literal(node.args[0])]
    helps = [_literal(node.args[FIELDS[name]])] if len(node.args) > FIELDS.get(name, len(node.args)) else []
    return [*helps, *(text for word in node.keywords if word.arg in NAMED for text in _literals(word.value))]


def _labels(node: ast.ClassDef) -> Iterator[str]:
    """Yields the names with spaces of fields without a label: they are their labels."""
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and isinstance(item.value, ast.Call):
            labelled = "label" in {word.arg for word in item.value.keywords}
            if _name(item.value) in FIELDS and not labelled:
                yield item.target.id.replace("_", " ")


def _faults(node: ast.AST) -> Iterator[str]:
    """Yields what keeps a call or an f-string from being translated as a whole sentence."""
    if isinstance(node, ast.Call) and _name(node) in ("tr", "mark", "trn"):
        for argument in node.args[: 2 if _name(node) == "trn" else 1]:
            if isinstance(argument, (ast.JoinedStr, ast.BinOp)):
                yield "the text is not one literal with named slots"
            elif text := _literal(argument):
                yield from (f"{text!r}: {fault}" for fault in _text_faults(text))
    pieces: list[ast.expr] = []
    if isinstance(node, ast.JoinedStr):
        pieces = [part.value if isinstance(part, ast.FormattedValue) else part for part in node.values]
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        pieces = [node.left, node.right]
    translated = sum(isinstance(part, ast.Call) and _name(part) in ("tr", "trn") for part in pieces)
    english = _LETTERS.search("".join(map(_literal, pieces)))
    if translated and (english or (isinstance(node, ast.BinOp) and translated > 1)):
        yield "a piece of a sentence: make it one text"


def _text_faults(text: str) -> Iterator[str]:
    try:
        if any(not name or name.isdigit() for name in slots(text)):
            yield "a slot without a name"
    except ValueError:
        pass  # a brace that is no slot, in a text without any
    if text.strip(" ") != text:
        yield "begins or ends with a space: it is a piece of a sentence"


def _name(call: ast.Call) -> str:
    """Returns the name of a called function; "" for a method."""
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        return call.func.attr if call.func.value.id == "declaration" else ""
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _literal(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _literals(node: ast.expr) -> list[str]:
    return [_literal(item) for item in node.elts] if isinstance(node, (ast.Tuple, ast.List)) else [_literal(node)]


if __name__ == "__main__":
    wrong = [line for language in LANGUAGES for line in problems(language)] if sys.argv[1:] == ["check"] else []
    if sys.argv[1:] != ["check"]:
        for each in LANGUAGES:
            messages = [message for message in update(each) if message.id]
            missing = sum(not all(_strings(message.string)) for message in messages)
            print(f"{each}: {len(messages)} texts, {missing} not translated")
    print("\n".join(wrong), end="\n" * bool(wrong))
    sys.exit(1 if wrong else 0)
