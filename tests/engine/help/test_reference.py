"""The pages about optimizers, schedules and problems, which are made of their declarations."""

from __future__ import annotations

import numpy as np
import pytest

from lrstudio.core.formula.typeset import plain_text
from lrstudio.core.language import use
from lrstudio.core.optimizers import OPTIMIZERS, SGD
from lrstudio.core.parameter import Text
from lrstudio.core.problems import PROBLEMS
from lrstudio.core.schedules import SCHEDULES, Cosine, Step
from lrstudio.engine.help.reference import Page, effects, ground, pages

WITHOUT = {
    "rmsprop centered",
    "adadelta eps_outside",
    "nadam momentum_decay",
    "rprop step_max",
    "asgd lambd",
    "asgd alpha",
    "adagrad eps_inside",
    "adam eps_uncorrected",
    "adamw eps_uncorrected",
    "rmsprop eps_inside",
    "newton clip_norm",
    "newton clip_value",
    "rprop clip_norm",
    "rprop clip_value",
    "rule clip_norm",
    "rule clip_value",
    "adafactor beta2_decay",
    "adafactor eps1",
    "adafactor eps2",
    "adafactor d",
    "prodigy beta3",
    "prodigy safeguard_warmup",
    "muon momentum",
    "muon nesterov",
    "muon weight_decay",
    "muon ns_steps",
    "muon ns_a",
    "muon ns_b",
    "muon ns_c",
    "muon eps",
    "muon adjust_lr_fn",
    "muon last_layer",
    "schedule_free_adamw weight_lr_power",
    "schedule_free_sgd momentum",
    "schedule_free_sgd r",
    "schedule_free_sgd weight_lr_power",
    "cyclic cycle_momentum",
    "cyclic base_momentum",
    "cyclic max_momentum",
    "one_cycle final_div_factor",
    "one_cycle cycle_momentum",
    "one_cycle base_momentum",
    "one_cycle max_momentum",
    "plateau threshold",
    "plateau threshold_mode",
    "plateau mode",
    "plateau monitor",
    "greedy mode",
    "greedy threshold",
    "greedy threshold_mode",
    "greedy min_lr",
    "greedy max_lr",
    "greedy warmup",
    "greedy reset_start",
    "sequence milestones",
    *(f"{kind.key} unit" for kind in SCHEDULES if any(each.name == "unit" for each in kind.parameters())),
}
"""What makes no visible difference in 60 steps down a bowl, or to a rate."""


@pytest.fixture
def page() -> dict[str, Page]:
    return {page.key: page for page in pages()}


def test_every_entry_has_a_page_in_the_order_of_the_menus(page: dict[str, Page]) -> None:
    assert [each.kind for each in page.values()] == [*OPTIMIZERS, *SCHEDULES, *PROBLEMS]
    assert len(page) == len(pages())


def test_a_page_has_the_words_of_the_declaration_and_its_rule(page: dict[str, Page]) -> None:
    step = page["schedule/step"]
    assert step.title == "Step decay"
    assert step.paragraphs[0].startswith("Falls by the factor gamma")
    assert [plain_text(formula) for formula in step.formulas] == ["lr = lr₀·γ^(⌊t/step_size⌋)"]
    assert [each.name for each in step.parameters] == ["step_size", "gamma", "unit"]
    assert not any(">>>" in text for text in step.paragraphs)


def test_every_paragraph_and_the_source_is_translated(page: dict[str, Page]) -> None:
    english = {key: each.paragraphs for key, each in page.items()}
    use("zh_CN")
    try:
        chinese = {key: each.paragraphs for key, each in page.items()}
    finally:
        use("en")
    same = {key for key, texts in chinese.items() if set(texts) & set(english[key])}
    assert same == set()


def test_what_a_schedule_is_drawn_with_are_its_own_rates() -> None:
    found = effects(Step)
    assert [label for label, _ in found["step_size"]] == ["5", "10", "20"]
    for label, values in found["step_size"]:
        np.testing.assert_array_equal(values, Step(step_size=int(label)).rates(60, 1.0))


def test_what_an_optimizer_is_drawn_with_is_a_weight_on_its_way_down_a_bowl() -> None:
    momentum = dict(effects(SGD)["momentum"])
    np.testing.assert_allclose(momentum["0"], 0.9 ** np.arange(61), rtol=1e-12)
    assert (momentum["0.9"] < 0).any() and not (momentum["0.5"] < -0.01).any()


def test_a_parameter_without_a_visible_effect_has_no_picture() -> None:
    drawn = {kind: effects(kind) for kind in (*OPTIMIZERS, *SCHEDULES)}
    without = {
        f"{kind.key} {parameter.name}"
        for kind, pictures in drawn.items()
        for parameter in kind.parameters()
        if parameter.name not in pictures and not isinstance(parameter, Text)
    }
    assert without == WITHOUT
    for pictures in drawn.values():
        for curves in pictures.values():
            values = np.array([each for _, each in curves])
            assert np.isfinite(values).all() and np.ptp(values, axis=0).max() > 0.02 * np.ptp(values)


def test_a_flag_is_drawn_off_and_on() -> None:
    assert [label for label, _ in effects(Cosine)["doubled"]] == ["false", "true"]


def test_what_needs_another_parameter_is_drawn_with_it_and_says_so() -> None:
    assert [label for label, _ in effects(SGD)["nesterov"]] == ["false (momentum=0.9)", "true (momentum=0.9)"]


def test_every_problem_of_one_or_two_weights_has_a_picture_of_its_loss() -> None:
    for kind in PROBLEMS:
        problem, drawn = kind(), ground(kind)
        assert (drawn is not None) == (len(problem.names) <= 2 and problem.has_landscape), kind.key
        if drawn is not None:
            assert np.isfinite(drawn.loss).any() and drawn.names == problem.names
    assert ground(SGD) is None
