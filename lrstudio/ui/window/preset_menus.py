"""The menus of the schedules that other libraries have, by their names there."""

from __future__ import annotations

from functools import partial
from itertools import groupby

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
    menu.addSeparator()
    others = menu.addMenu(tr("As in &other libraries"))
    for library, presets in groupby(OPTIMIZER_PRESETS, key=lambda preset: preset.library):
        names = others.addMenu(_TITLES[library])
        names.setToolTipsVisible(True)
        for preset in presets:
            tip = tr("{call}: with the defaults there; the run keeps its rate", call=preset.call)
            add_action(names, preset.name, partial(dock.choose_optimizer, preset.key), tip=tip)


def fill_presets(menu: QMenu, dock: ExperimentDock) -> None:
    """Adds to the menu of the schedules those of other libraries, and those that differ from PyTorch's."""
    menu.addSeparator()
    others = menu.addMenu(tr("As in &other libraries"))
    for library, presets in groupby(PRESETS, key=lambda preset: preset.library):
        names = others.addMenu(_TITLES[library])
        names.setToolTipsVisible(True)
        for preset in presets:
            add_action(names, preset.name, partial(dock.choose_preset, preset), tip=tr(_TIP, call=preset.call))
    beside = menu.addMenu(tr("&Beside PyTorch's"))
    beside.setToolTipsVisible(True)
    for preset in PRESETS:
        if preset.rival is not None:
            library = _TITLES[preset.library]
            text = tr("{library} {name} and {rival}", library=library, name=preset.name, rival=preset.rival_name)
            tip = tr(_RIVAL_TIP, library=library)
            add_action(beside, text, partial(dock.put_beside_rival, preset), tip=tip)
