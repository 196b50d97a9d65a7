"""The terminal in both languages: what people read changes, what programs read does not."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lrstudio.core.language import language, use
from lrstudio.engine.argument_parser import broken, width_of
from lrstudio.terminal.cli import main

CASES = Path(__file__).parent.parent / "store" / "logs" / "cases"
COMMANDS = ("run", "list", "sweep", "range-test", "log", "benchmark", "selftest")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"\b(?:the|is|are|must|of|with|and|from|there|which|has|steps|loss of|no)\b")
"""Words of English sentences."""
NAMES = re.compile(r"'[^']*'|--[\w-]+|\w+=|默认 \w+|\w+(?:\|\w+)+")
"""What stays English: what was typed, options, parameters."""
LINE = ("--lr", "0.1", "--lr", "1.2", "--steps", "30")
NOISY = ("--problem", "noisy_line", "--batch-size", "10")

TOLD = {
    "a run": (0, ("run", *LINE)),
    "a run of batches": (0, ("run", *NOISY, "--steps", "25", "--lr", "0.1", "--lr", "5")),
    "a comparison": (0, ("run", *LINE, "--compare", "--target-loss", "0.5")),
    "a comparison of batches": (0, ("run", *NOISY, "--steps", "50", "--lr", "0.1", "--lr", "0.001", "--compare")),
    "a target": (0, ("run", *LINE, "--target-loss", "0.5")),
    "a sweep": (0, ("sweep", "--lr", "1e-3:10:20", "--steps", "50")),
    "a sweep of batches": (0, ("sweep", *NOISY, "--lr", "1e-3:1:8", "--steps", "50")),
    "a sweep of two numbers": (0, ("sweep", "--lr", "0.1:1:3", "--over", "start.0=1..2:2", "--steps", "20")),
    "a sweep of Newton's": (0, ("sweep", "--optimizer", "adadelta", "--lr", "0.1:1:3", "--steps", "20")),
    "a range test": (0, ("range-test", *NOISY, "--lr", "0.1", "--steps", "20")),
    "a range test to its end": (0, ("range-test", *NOISY, "--end-lr", "0.01", "--steps", "20")),
    "a range test downwards": (0, ("range-test", *NOISY, "--start-lr", "1", "--end-lr", "0.1", "--steps", "20")),
    "a short range test": (0, ("range-test", "--num", "3", "--steps", "20")),
    "a log": (0, ("log", str(CASES / "lightning-2.6.6-two_groups-metrics.csv"))),
    "a log with notes": (0, ("log", str(CASES / "keras-3.15.1-diverge.tsv"))),
    "the problems": (0, ("list", "problems")),
    "the optimizers": (0, ("list", "optimizers")),
    "the schedules": (0, ("list", "schedules")),
    "no rate": (2, ("run", "--lr", "x")),
    "two ways to say the rate": (2, ("run", "--lr", "1", "--run", "lr=1")),
    "a value out of bounds": (2, ("run", "--steps", "0")),
    "an unknown problem": (2, ("run", "--problem", "nonsense")),
    "an unknown field": (2, ("run", "--run", "speed=1")),
    "too large a batch": (2, ("run", "--problem", "noisy_line", "--batch-size", "1000")),
    "a formula": (2, ("run", "--problem", "formula:loss=(w")),
    "a start": (2, ("run", "--start", "0,05")),
    "no file": (2, ("run", "nowhere.lrs")),
    "no folder": (2, ("run", "--csv", "nowhere/a.csv")),
    "one file twice": (2, ("run", "--csv", "a", "--save", "a")),
    "no CSV file": (2, ("run", "--problem", "data:path=nowhere.csv")),
    "an unknown option": (2, ("run", "--speed")),
    "no value": (2, ("run", "--lr")),
    "no choice": (2, ("list", "nonsense")),
    "nothing to list": (2, ("list",)),
    "no span": (2, ("sweep", "--lr", "1:2")),
    "no rates": (2, ("sweep",)),
    "nothing to sweep": (2, ("sweep", "--lr", "0.1:1:3", "--over", "nonsense=1:2:3")),
    "no command": (2, ("nonsense",)),
    "no log": (2, ("log", str(CASES / "nowhere.csv"))),
}


@pytest.mark.parametrize("named", TOLD, ids=lambda named: named.replace(" ", "_"))
def test_whatever_is_told_is_told_in_both_languages(run: Any, named: str) -> None:
    expected, arguments = TOLD[named]
    code, out, err = run(*arguments, "--lang", "en")
    assert code == expected and out + err and not CHINESE.search(out + err), out + err
    code, out, err = run(*arguments, "--lang", "zh_CN")
    assert code == expected and CHINESE.search(out + err)
    assert [line for line in (out + err).splitlines() if ENGLISH.search(NAMES.sub("", line))] == []


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_in_both_languages_and_fits_into_the_terminal(
    run: Any, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    arguments = [command, "--help"] if command else ["--help"]
    assert run(*arguments)[1].startswith(f"usage: lrstudio{f' {command}' * bool(command)} [-h]")
    code, out, _err = run(*arguments, "--lang", "zh_CN")
    usage, _, rest = out.partition("\n\n")
    assert code == 0 and usage.startswith("用法： lrstudio") and "\n选项:\n" in rest and "显示此帮助后退出" in rest
    assert not ENGLISH.search(NAMES.sub("", rest))
    assert max(map(width_of, rest.splitlines())) <= 80


@pytest.mark.parametrize("place", [0, 1, 3])
def test_the_language_is_named_before_or_after_the_command(run: Any, place: int) -> None:
    words = ["run", "--steps", "2"]
    assert "2 步之后" in run(*words[:place], "--lang", "zh_CN", *words[place:])[1]
    assert "2 步之后" in run(*words[:place], "--lang=zh_CN", *words[place:])[1]


def test_an_unknown_language_is_refused_with_those_that_exist(run: Any) -> None:
    for arguments in (("--lang", "fr"), ("--lang",)):
        code, out, err = run("list", "problems", *arguments)
        assert (code, out) == (2, "")
        assert err == f"lrstudio list: --lang: no language {'fr' * (len(arguments) - 1)!r}; there are en, zh_CN\n"


def test_the_language_is_the_systems_unless_it_is_named(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    assert "2 步之后" in run("run", "--steps", "2")[1]
    assert "after 2 steps" in run("run", "--steps", "2", "--lang", "en")[1]


def test_a_program_that_calls_a_command_keeps_its_language(capsys: pytest.CaptureFixture[str]) -> None:
    use("zh_CN")
    try:
        assert main(["run", "--steps", "2", "--lang", "en"]) == 0
        assert language() == "zh_CN"
    finally:
        use("en")
    assert main(["run", "--steps", "2", "--lang", "zh_CN"]) == 0
    assert language() == "en"
    capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [(["--lang", "zh_CN"], (None, "zh_CN")), ([], (None, None)), (["--lang=en", __file__], (__file__, "en"))],
)
def test_the_window_opens_in_the_named_language_or_else_in_that_of_its_settings(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], expected: tuple[str | None, str | None]
) -> None:
    opened: list[tuple[str | None, str | None]] = []
    window = SimpleNamespace(run_window=lambda path, language: opened.append((path, language)) or 0)
    monkeypatch.setattr("gc.disable", lambda: None)
    monkeypatch.setitem(sys.modules, "lrstudio.ui.window.app", window)
    assert main(arguments) == 0
    assert opened == [expected]


def files_of(run: Any, folder: Path, name: str) -> dict[str, bytes]:
    """Writes every kind of file in a language; returns their contents."""
    folder.mkdir()
    session, table, rates, test, log = (
        str(folder / each) for each in ("a.lrs", "run.csv", "sweep.csv", "range.csv", "log.csv")
    )
    source = str(CASES / "lightning-2.6.6-two_groups-metrics.csv")
    for arguments in (
        ("run", *LINE, "--save", session, "--csv", table),
        ("sweep", "--lr", "1e-3:10:20", "--steps", "20", "--csv", rates),
        ("range-test", *NOISY, "--steps", "20", "--csv", test),
        ("log", source, "--csv", log),
    ):
        assert run(*arguments, "--lang", name)[0] == 0
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_files_are_the_same_in_both_languages(run: Any, tmp_path: Path) -> None:
    english = files_of(run, tmp_path / "en", "en")
    assert len(english) == 5
    assert files_of(run, tmp_path / "zh", "zh_CN") == english


@pytest.mark.parametrize("what", ["problems", "optimizers", "schedules", "lessons"])
def test_json_has_the_same_keys_and_its_titles_in_the_language(run: Any, what: str) -> None:
    english, chinese = (json.loads(run("list", what, "--json", "--lang", name)[1]) for name in ("en", "zh_CN"))
    assert [row.keys() for row in chinese] == [row.keys() for row in english]
    told = {"title", "summary", "parameters", "languages", "minutes", "steps"}
    for one, other in zip(english, chinese, strict=True):
        assert {key: value for key, value in one.items() if key not in told} == {
            key: value for key, value in other.items() if key not in told
        }
        assert CHINESE.search(other.get("summary", "中")), other
        for before, after in zip(one.get("parameters", ()), other.get("parameters", ()), strict=True):
            kept = {"help", "allowed"}
            assert {key: before[key] for key in before.keys() - kept} == {
                key: after[key] for key in after.keys() - kept
            }
            assert CHINESE.search(after["help"]) and CHINESE.search(after["allowed"]), after


def test_chinese_is_utf_8_in_a_pipe_where_the_system_writes_gbk() -> None:
    command = [sys.executable, "-m", "lrstudio", "--lang", "zh_CN", "run", "--lr", "0.1", "--steps", "2", "--compare"]
    done = subprocess.run(command, env={"PYTHONIOENCODING": "gbk"}, capture_output=True, check=True)
    assert "2 步之后：损失" in done.stdout.decode("utf-8")


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def test_a_terminal_of_gbk_shows_what_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal(io.BytesIO(), encoding="gbk")
    monkeypatch.setattr(sys, "stdout", terminal)
    assert main(["run", "--steps", "2", "--run", "lr=0.1;label=最小值²", "--lang", "zh_CN"]) == 0
    terminal.flush()
    assert terminal.buffer.getvalue().decode("gbk").startswith("最小值?: 2 步之后：损失")  # type: ignore[attr-defined]


def test_lines_are_broken_where_no_space_stands() -> None:
    text = "学习率（η）决定步长，learning rate 太大则发散。"
    lines = list(broken(text, 12))
    assert all(width_of(line) <= 12 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not any(line[0] in "，。）" or line[-1] == "（" for line in lines)
    assert "learning" in " ".join(lines)
