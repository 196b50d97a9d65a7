"""The menus of the optimizers and schedules that other libraries have, by their names there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from PySide6.QtWidgets import QMenu

from lrstudio.core.language import mark, tr
from lrstudio.core.schedules.presets import PRESETS
from lrstudio.engine.experiment.optimizer_presets import OPTIMIZER_PRESETS
from lrstudio.ui.docks.experiment import ExperimentDock
from lrstudio.ui.fields.actions import add_action

_TITLES = {"keras": "Keras", "optax": "Optax", "transformers": "Hugging Face", "timm": "timm", "torch": "PyTorch"}
_TIP = mark("{call}: S stands for the number of steps, lr for the run's rate")
_RIVAL_TIP = mark("The run gets the schedule of {library}, and another run that of PyTorch; where they differ shows")


def fill_optimizer_presets(menu: QMenu, dock: ExperimentDock) -> None:
    """Adds to the menu of the optimizers those of other libraries."""
    tip = mark("{call}: with the defaults there; the run keeps its rate")
    _by_library(menu, OPTIMIZER_PRESETS, lambda preset: partial(dock.choose_optimizer, preset.key), tip)


def fill_presets(menu: QMenu, dock: ExperimentDock) -> None:
    """Adds to the menu of the schedules those of other libraries, and those that differ from PyTorch's."""
    _by_library(menu, PRESETS, lambda preset: partial(dock.choose_preset, preset), _TIP)
    beside = menu.addMenu(tr("&Beside PyTorch's"))
    beside.setToolTipsVisible(True)
    for preset in PRESETS:
        if preset.rival is not None:
            library = _TITLES[preset.library]
            text = tr("{library} {name} and {rival}", library=library, name=preset.name, rival=preset.rival_name)
            tip = tr(_RIVAL_TIP, library=library)
            add_action(beside, text, partial(dock.put_beside_rival, preset), tip=tip)


def _by_library(menu: QMenu, presets: Sequence[Any], choose: Callable[[Any], Callable[[], object]], tip: str) -> None:
    """Adds a menu for each library with its presets, whose tips name their calls."""
    menu.addSeparator()
    others = menu.addMenu(tr("As in &other libraries"))
    for library, entries in groupby(presets, key=lambda preset: str(preset.library)):
        names = others.addMenu(_TITLES[library])
        names.setToolTipsVisible(True)
        for preset in entries:
            add_action(names, preset.name, choose(preset), tip=tr(tip, call=preset.call))
