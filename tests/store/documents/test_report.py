"""The report: what it tells, in both languages, and that it needs no other file."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from lrstudio.core.language import use
from lrstudio.core.problems import Digits, NoisyLine, Parabola
from lrstudio.core.schedules import Plateau
from lrstudio.engine.examples import EXAMPLES
from lrstudio.engine.experiment import Experiment, Run
from lrstudio.engine.experiment.command import command
from lrstudio.engine.training.simulation import Simulation
from lrstudio.store.documents.report import report

VOID = {"meta", "img", "br"}


class Checked(HTMLParser):
    """Reads a page, fails where its tags do not nest, and keeps its words and what it would load."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    yield
    use("en")


def trained(experiment: Experiment, steps: int | None = None) -> Simulation:
    simulation = Simulation(experiment)
    simulation.advance(experiment.steps if steps is None else steps)
    return simulation


def read(simulation: Simulation) -> Checked:
    return Checked(report(simulation.experiment, simulation.trace))


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_report_has_question_answer_verdicts_numbers_and_command(language: str) -> None:
    use(language)
    example = next(example for example in EXAMPLES if example.key == "proportional")
    simulation = trained(example.experiment)
    seen = read(simulation)
    verdict = {"en": "It left the numbers a computer has at step 128.", "zh_CN": "128"}[language]
    for text in (example.title, example.question, verdict, "0.000347382", command(example.experiment)):
        assert text in seen.text
    assert f'lang="{language.replace("_", "-")}"' in report(simulation.experiment, simulation.trace)
    assert ("arrived" in seen.text) == (language == "en")


def test_a_report_loads_nothing_and_its_pictures_are_svg_with_texts() -> None:
    seen = read(trained(Experiment(problem=Parabola(), runs=(Run(lr=0.1),), steps=5)))
    assert len(seen.loaded) == 4
    for address in seen.loaded:
        kind, _, content = address.partition("base64,")
        root = ElementTree.fromstring(base64.b64decode(content))
        assert kind == "data:image/svg+xml;" and root.tag.endswith("svg") and root.find("{*}text") is not None


def test_the_report_of_an_example_about_curvature_draws_it_with_the_limits() -> None:
    example = next(example for example in EXAMPLES if example.views == ("curvature",))
    simulation = trained(example.experiment, 200)
    charts = [base64.b64decode(address.partition("base64,")[2]).decode() for address in read(simulation).loaded]
    (curvature,) = (chart for chart in charts if "Curvature against step" in chart)
    for label in map(example.experiment.label, range(3)):
        assert f">{label}<" in curvature and f">limit of {label}<" in curvature


def test_what_a_file_may_name_is_no_markup() -> None:
    runs = (Run(lr=0.1, label="<img src=x>"), Run(lr=0.2, label="& co"))
    seen = read(trained(Experiment(problem=Parabola(), runs=runs, steps=5)))
    assert "<img src=x>" in seen.text and all(address.startswith("data:") for address in seen.loaded)


def test_a_report_says_what_the_command_does_not_repeat() -> None:
    experiment = Experiment(problem=Parabola(), runs=(Run(lr=0.1),), steps=20)
    simulation = trained(experiment, 5)
    assert "5 of 20 steps" in read(simulation).text
    simulation.amend(experiment.with_run(0, lr=0.2))
    simulation.advance(15)
    text = read(simulation).text
    assert "At step 5 the rate of 0.2 was changed from 0.1 to 0.2." in text and "without that change" in text


def test_the_settings_and_hyper_parameters_are_those_that_count() -> None:
    experiment = Experiment(problem=NoisyLine(n=50), runs=(Run(lr=0.1),), steps=6, batch_size=10, target_loss=0.5)
    text = read(trained(experiment)).text
    assert "batch size 10" in text and "target loss 0.5" in text and "steps to target" in text
    assert re.search(r"Losses are those on all data", text)


def test_runs_with_batch_sizes_of_their_own_have_a_column_for_them_and_words_are_translated() -> None:
    runs = (Run(lr=0.1, batch_size=10), Run(lr=0.1))
    simulation = trained(Experiment(problem=NoisyLine(n=50), runs=runs, steps=10, equal="epochs"))
    text = read(simulation).text
    assert "schedule start batch size" in text and "Constant −1, 1 10" in text and "Constant −1, 1 all data" in text
    assert "settings steps 10 · gradient exact · precision float64 · runs end at equal epochs · seed 0" in text
    use("zh_CN")
    assert "各运行结束时相同的是 轮数" in read(simulation).text


def test_words_of_settings_are_in_the_language_in_use() -> None:
    runs = (Run(lr=0.1, schedule=Plateau(monitor="val_loss", unit="epoch")), Run(lr=0.1, batch_size=30))
    simulation = trained(Experiment(problem=Digits(), runs=runs, steps=3, batch_size=60, equal="epochs"))
    use("zh_CN")
    try:
        text = read(simulation).text
    finally:
        use("en")
    assert "各运行结束时相同的是 轮数" in text and "= 验证损失" in text
    assert "epochs" not in text.partition("lrstudio run")[0]


def test_of_very_many_runs_the_first_are_told() -> None:
    runs = tuple(Run(lr=0.001 * number) for number in range(1, 71))
    assert "6 more runs are not listed." in read(trained(Experiment(problem=Parabola(), runs=runs, steps=2))).text
