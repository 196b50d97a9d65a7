"""The lessons in Chinese are those in English, in other words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrstudio.engine.experiment import Experiment
from lrstudio.engine.lessons import Lesson, Step, catalogue, lesson_file, lessons, read_lesson, translated
from lrstudio.engine.lessons.words import experiment_of

ENGLISH = lessons("en")
CHINESE = {lesson.key: lesson for lesson in lessons("zh_CN")}
PAIRS = [pytest.param(lesson, CHINESE[lesson.key], id=lesson.key) for lesson in ENGLISH if lesson.key in CHINESE]
SLOT, FORMULA = re.compile(r"\{[^{}]*\}"), re.compile(r"\$[^$]*\$")
HAN, WIDE = "\u4e00-\u9fff", "\u3000-\u303f\u4e00-\u9fff\uff00-\uffef"
SLIPS = {
    "a part of a sentence in English": re.compile(r"\b[a-z]{2,}(?: [a-z]{2,}){2}\b"),
    "a space, or the end of a line, between Chinese letters": re.compile(f"[{WIDE}]\\s[{WIDE}]"),
    "no space between Chinese and Latin letters": re.compile(f"[{HAN}][A-Za-z0-9{{$]|[A-Za-z0-9}}$][{HAN}]"),
    "a narrow punctuation mark": re.compile(f"[{HAN}] ?[,;:?!]|[{HAN}]\\.(?!\\w)"),
}


def texts(lesson: Lesson) -> Iterator[str]:
    yield lesson.title
    for step in lesson.steps:
        yield from step.texts
        yield from (text for text, _ in step.later)
        yield from () if step.table is None else (cell for row in step.table.rows for cell in row)


def bare(words: str) -> Experiment:
    return experiment_of(words).bare()


def outline(step: Step) -> tuple[object, ...]:
    """All of a step but its texts and the names of its runs."""
    setup, asked, task, table = step.setup, step.prediction, step.task, step.table
    return (
        None if setup is None else (setup.experiment.bare(), setup.pace),
        step.sets_up,
        step.look,
        [condition for _, condition in step.later],
        asked and (len(asked.choices), asked.value, asked.percent, len(asked.hints), asked.draws),
        task and (task.free, len(task.hints), bare(task.solution), bare(task.failure)),
        table and (len(table.rows), len(table.rows[0])),
        bool(step.remember),
        step.text.count("\n\n"),
    )


def test_every_lesson_is_there_in_chinese() -> None:
    assert {lesson.key for lesson in ENGLISH} == CHINESE.keys()


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
def test_a_lesson_does_the_same_in_chinese(english: Lesson, chinese: Lesson) -> None:
    assert (chinese.path, chinese.order, chinese.minutes) == (english.path, english.order, english.minutes)
    assert [outline(step) for step in chinese.steps] == [outline(step) for step in english.steps]


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
def test_a_text_has_the_same_numbers_and_formulas_in_chinese(english: Lesson, chinese: Lesson) -> None:
    for before, after in zip(texts(english), texts(chinese), strict=True):
        assert Counter(SLOT.findall(after)) == Counter(SLOT.findall(before)), after
        assert set(FORMULA.findall(after)) == set(FORMULA.findall(before)), after


@pytest.mark.parametrize("lesson", CHINESE.values(), ids=CHINESE)
def test_a_chinese_text_is_written_as_chinese_is(lesson: Lesson) -> None:
    for text in texts(lesson):
        plain = FORMULA.sub("$x$", SLOT.sub("{x}", text))
        assert not (found := [slip for slip, pattern in SLIPS.items() if pattern.search(plain)]), (found, text)
    sentences = [text for step in lesson.steps for text in (step.title, step.text, step.remember) if text]
    assert all(re.search(f"[{HAN}]", text) for text in sentences if re.search(r"[A-Za-z]{4}", SLOT.sub("", text)))


def test_a_lesson_that_is_not_translated_is_there_in_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"en": ("gradient", "momentum", "limit"), "zh_CN": ("limit",)}
    for language, keys in kept.items():
        (tmp_path / "lessons" / language).mkdir(parents=True)
        for key in keys:
            (tmp_path / "lessons" / language / f"{key}.md").write_bytes(lesson_file(language, key).read_bytes())
    monkeypatch.setattr(catalogue, "files", lambda _package: tmp_path)
    found = [(lesson.key, lesson.language) for lesson in translated("zh_CN")]
    assert found == [("gradient", "en"), ("limit", "zh_CN"), ("momentum", "en")]
    assert (
        {lesson.language for lesson in translated("en")} == {lesson.language for lesson in translated("xx")} == {"en"}
    )


def test_what_is_no_translation_is_noticed() -> None:
    text = lesson_file("zh_CN", "limit").read_text("utf-8")
    changed = {
        "steps": text.replace("--lr 1.05 --steps 30", "--lr 1.05 --steps 31"),
        "pace": text.replace("pace: 3\n", "pace: 4\n"),
        "predicate": text.replace("when: run 1: rate = run 1: limit within 5 %", "when: run 1: rate < 0.265"),
    }
    steps = [outline(step) for step in CHINESE["limit"].steps]
    for name, other in changed.items():
        assert [outline(step) for step in read_lesson(other, "limit").steps] != steps, name
    assert SLIPS["a narrow punctuation mark"].search("是的, 好")
    assert SLIPS["a space, or the end of a line, between Chinese letters"].search("一\n二")
