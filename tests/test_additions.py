"""An optimizer, a schedule, a problem and a lesson are one file and at most one line, as CONTRIBUTING says."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.DOTALL)
LESSON = """---
title: Too fast
path: practice
order: 1
minutes: 5
---
## Above the limit
What a rate above the limit does.
"""
FORM_AND_FILE = """
from PySide6.QtWidgets import QApplication, QWidget
from lrstudio.core.optimizers import OPTIMIZERS, Signum
from lrstudio.core.problems import Sextic
from lrstudio.core.schedules import Halving
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.store.codec import decode, encode
from lrstudio.ui.fields.rows import catalogue_combo
from lrstudio.ui.fields.form import DeclarationForm

app = QApplication([])
page = QWidget()
form = DeclarationForm(parent=page)
form.show_entry(Signum(beta=0.5))
assert form.editor("beta").text() == "0.5", form.editor("beta").text()
assert catalogue_combo(OPTIMIZERS, print).findData("signum") >= 0
run = Run(lr=0.5, optimizer=Signum(beta=0.5), schedule=Halving(every=7))
experiment = Experiment(problem=Sextic(), runs=(run,))
assert decode(encode(experiment)).experiment == experiment
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program with what CONTRIBUTING adds, and nothing else."""
    folder = tmp_path_factory.mktemp("copy")
    unwanted = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "lrstudio", folder / "lrstudio", ignore=unwanted)
    shutil.copytree(ROOT / "resources", folder / "lrstudio" / "resources", ignore=unwanted)
    for block in BLOCKS:
        if block.startswith("# lrstudio/"):
            name, text = block.removeprefix("# ").split("\n", 1)
            assert not (folder / name).exists()
            (folder / name).write_text(text, "utf-8")
        else:
            for line in block.splitlines():
                catalogue = folder / "lrstudio" / "core" / line.split(".")[2] / "__init__.py"
                before = catalogue.read_text("utf-8")
                catalogue.write_text(before.replace("# isort: on\n", f"{line}\n# isort: on\n", 1), "utf-8")
    lesson = folder / "lrstudio" / "resources" / "lessons" / "en" / "too_fast.md"
    lesson.parent.mkdir(parents=True, exist_ok=True)
    lesson.write_text(LESSON, "utf-8")
    return folder


def python(copy: Path, *arguments: str) -> str:
    result = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=copy, timeout=60)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


@pytest.mark.parametrize(
    ("what", "key", "names"),
    [
        ("optimizers", "signum", ["beta", "clip_norm", "clip_value"]),
        ("schedules", "halving", ["every", "unit"]),
        ("problems", "sextic", []),
    ],
)
def test_an_addition_is_listed_with_what_it_declares(copy: Path, what: str, key: str, names: list[str]) -> None:
    rows = {row["key"]: row for row in json.loads(python(copy, "-m", "lrstudio", "list", what, "--json"))}
    assert [parameter["name"] for parameter in rows[key]["parameters"]] == names and rows[key]["summary"].endswith(".")


def test_a_lesson_is_a_file(copy: Path) -> None:
    assert "Too fast" in python(copy, "-m", "lrstudio", "list", "lessons")


def test_additions_run_with_their_options(copy: Path) -> None:
    given = ["--optimizer", "signum:beta=0.5", "--problem", "sextic", "--schedule", "halving:every=2", "--lr", "0.1"]
    rows = list(
        csv.DictReader(io.StringIO(python(copy, "-m", "lrstudio", "run", *given, "--steps", "6", "--csv", "-")))
    )
    assert [float(row["lr"]) for row in rows[:6]] == [0.1, 0.1, 0.05, 0.05, 0.025, 0.025]
    assert [round(float(row["w"]), 6) for row in rows] == [1.2, 1.1, 1.0, 0.95, 0.9, 0.875, 0.85]


def test_an_optimizer_without_a_theory_of_its_own_says_so(copy: Path) -> None:
    given = ["--optimizer", "signum", "--problem", "sextic", "--lr", "0.001:1:8", "--steps", "20"]
    assert "limit: no theory known for signum" in python(copy, "-m", "lrstudio", "sweep", *given)


def test_additions_have_forms_and_can_be_saved(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    python(copy, "-c", FORM_AND_FILE)
