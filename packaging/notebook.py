"""Run the notebooks of the help and write what comes out into them: .venv/bin/python packaging/notebook.py

A cell's last expression is its output: the picture of what draws itself, otherwise its text. Opens in Jupyter,
VS Code, Colab and GitHub as it is.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

NOTEBOOKS = tuple(sorted((Path(__file__).parent.parent / "resources" / "help").glob("*/notebook.ipynb")))


def outputs(cells: Sequence[str]) -> list[list[dict[str, Any]]]:
    """Returns the outputs of the cells, which are run one after the other in one namespace."""
    space: dict[str, Any] = {}
    return [_output(cell, space, count) for count, cell in enumerate(cells, 1)]


def executed(notebook: dict[str, Any]) -> dict[str, Any]:
    """Returns a notebook (nbformat 4) with the outputs of its cells."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    found = outputs(["".join(cell["source"]) for cell in code])
    for count, (cell, output) in enumerate(zip(code, found, strict=True), 1):
        cell |= {"execution_count": count, "outputs": output}
    return notebook


def _output(cell: str, space: dict[str, Any], count: int) -> list[dict[str, Any]]:
    tree = ast.parse(cell)
    last = tree.body[-1] if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    tree.body = tree.body[: len(tree.body) - (last is not None)]
    exec(compile(tree, "cell", "exec"), space)  # noqa: S102 - our own notebooks
    value = eval(compile(ast.Expression(last.value), "cell", "eval"), space) if last is not None else None  # noqa: S307
    if value is None:
        return []
    drawn = getattr(value, "_repr_svg_", None)
    data = {"image/svg+xml": _lines(drawn())} if drawn is not None else {}
    text = f"<{type(value).__name__}>" if drawn is not None else repr(value)
    return [
        {
            "data": {**data, "text/plain": _lines(text)},
            "execution_count": count,
            "metadata": {},
            "output_type": "execute_result",
        }
    ]


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def main() -> None:
    for path in NOTEBOOKS:
        notebook = executed(json.loads(path.read_text("utf-8")))
        path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", "utf-8")
        print(path.parent.name)


if __name__ == "__main__":
    main()
