"""The notebooks of the help hold what comes out of their cells."""

from __future__ import annotations

import copy
import importlib.util
import json
from pathlib import Path

import pytest

from lrstudio.core.language import use
from lrstudio.engine.help.handbook import notebook

_PATH = Path(__file__).parents[2] / "packaging" / "notebook.py"


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_outputs_are_those_of_the_cells(language: str) -> None:
    spec = importlib.util.spec_from_file_location("notebook", _PATH)
    assert spec is not None and spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    stored = json.loads(notebook(language))
    try:
        again = maker.executed(copy.deepcopy(stored))
    finally:
        use("en")
    assert again == stored
    outputs = [output["data"] for cell in stored["cells"] for output in cell.get("outputs", ())]
    assert len(outputs) == 8 and sum("image/svg+xml" in data for data in outputs) == 3


def test_both_languages_have_the_same_cells() -> None:
    cells = [json.loads(notebook(language))["cells"] for language in ("en", "zh_CN")]
    kinds = [[cell["cell_type"] for cell in own] for own in cells]
    assert kinds[0] == kinds[1]
    sources = [["".join(cell["source"]) for cell in own if cell["cell_type"] == "code"] for own in cells]
    assert sources[0][1:] == sources[1][1:] and sources[1][0].endswith(sources[0][0].partition("\n")[2])
