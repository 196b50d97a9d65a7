"""The schedules of other libraries in the menu: one click gives a run theirs, or lays PyTorch's over it."""

from __future__ import annotations

from PySide6.QtGui import QAction

from lrstudio.core.optimizers import Adam
from lrstudio.core.schedules import CosineRestarts, MultiStep
from lrstudio.core.schedules.presets import PRESETS
from tests.e2e.conftest import Driver


def test_a_name_of_another_library_is_the_schedule_of_the_run(driver: Driver) -> None:
    experiment = driver.session.experiment
    driver.menu("Schedule", "As in other libraries", "Keras", "CosineDecayRestarts")
    schedule = driver.session.experiment.runs[0].schedule
    assert schedule == CosineRestarts(T_0=max(1, experiment.steps // 7), T_mult=2)


def test_a_name_of_another_library_is_the_optimizer_of_the_run(driver: Driver) -> None:
    driver.menu("Optimizer", "As in other libraries", "Keras", "Adam")
    assert driver.session.experiment.runs[0].optimizer == Adam(eps=1e-7, eps_uncorrected=True)
    driver.menu("Optimizer", "As in other libraries", "PyTorch", "Adam")
    assert driver.session.experiment.runs[0].optimizer == Adam()


def test_one_click_lays_two_of_a_like_name_over_one_another(driver: Driver) -> None:
    before = driver.session.experiment
    driver.menu("Schedule", "Beside PyTorch's", "Keras PiecewiseConstantDecay and MultiStepLR")
    runs = driver.session.experiment.runs
    assert len(runs) == len(before.runs) + 1
    own, rival = runs[0].schedule, runs[-1].schedule
    assert isinstance(own, MultiStep) and isinstance(rival, MultiStep)
    assert own.milestones == tuple(step + 1 for step in rival.milestones)
    assert (runs[0].label, runs[-1].label) == ("keras.PiecewiseConstantDecay", "torch.MultiStepLR")


def test_every_preset_has_an_entry_that_tells_the_call(driver: Driver) -> None:
    texts = [action for action in driver.window.findChildren(QAction) if "S stands for" in action.toolTip()]
    assert [action.text() for action in texts] == [preset.name for preset in PRESETS]
