"""Runs whose verdicts were wrong once; `reference/verdicts` says what is right and why."""

from __future__ import annotations

import csv
import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from lrstudio.core.analysis.verdict import VERDICTS
from lrstudio.engine.judgement import judge_run
from lrstudio.engine.sweep.axis import Axis
from lrstudio.engine.sweep.sweep import Sweep
from lrstudio.store.session import load
from lrstudio.terminal.cli import main

FOLDER = Path(__file__).parent / "reference" / "verdicts"
CASES: list[dict[str, Any]] = json.loads((FOLDER / "verdicts.json").read_text())["cases"]


def of_kind(kind: str) -> list[Any]:
    """Those of a command; that of a target which one batch alone has is about targets."""
    cases = [case for case in CASES if case["command"].startswith(f"{kind} ") and not case.get("not_reached")]
    return [pytest.param(case, id=case["name"]) for case in cases]


@pytest.mark.parametrize("case", of_kind("run"))
def test_a_run_gets_its_verdict_in_every_tool(
    case: dict[str, Any], tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(FOLDER)
    session = tmp_path / "case.lrs"
    _, *arguments = shlex.split(case["command"])
    assert main(["run", *arguments, "--compare", "--save", str(session)]) == 0
    table = [line for line in capsys.readouterr().out.splitlines() if "  sgd  " in line or "  adadelta  " in line]
    simulation = load(session).simulation()
    for run in [case["run"]] if isinstance(case["run"], int) else case["run"]:
        experiment = simulation.experiment
        assert set(table[run].split()) & set(VERDICTS) <= set(case["allowed"]), table[run]
        found = judge_run(experiment, simulation.trace, run, simulation.objective)
        assert found.key in case["allowed"], found.sentence
        swept = Sweep(experiment, [Axis("lr", (experiment.runs[run].lr,))], run).run()  # so does the ruler
        assert VERDICTS[int(swept.verdict[0])] in case["allowed"]


@pytest.mark.parametrize("case", of_kind("sweep"))
def test_a_sweep_gives_each_rate_its_verdict(case: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "sweep.csv"
    assert main([*shlex.split(case["command"]), "--quiet", "--csv", str(file)]) == 0
    with file.open(newline="") as rows:
        told = [row["verdict"] for row in csv.DictReader(rows)]
    for row in range(len(told)) if case["rows"] == "all" else case["rows"]:
        assert told[row] in case.get("allowed", VERDICTS), row
        assert told[row] not in case.get("forbidden", ()), row
