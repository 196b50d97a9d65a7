"""Weight decay within the gradient (coupled) and apart from it (decoupled), side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lrstudio.core.declaration import find
from lrstudio.core.language import tr
from lrstudio.core.optimizers import OPTIMIZERS, Optimizer
from lrstudio.engine.experiment import Experiment
from lrstudio.engine.family import free_color

_OTHER = {"adam": "adamw", "adamw": "adam"}
USUAL_DECAY = 0.01
"""The decay that both runs get where the run has none: the default of AdamW in PyTorch."""


def decoupled_sgd(optimizer: Optimizer) -> Optimizer:
    """Returns SGD with momentum whose decay is apart from the momentum (SGDW, Loshchilov & Hutter 2019, algorithm 1).

    w ← w - lr*weight_decay*w - lr*b, as Keras' SGD(weight_decay=...) and optax.add_decayed_weights after optax.trace.
    """
    values = optimizer.values()
    beta, decay = values["momentum"], values["weight_decay"]
    gradient = f"where(t == 1, 1, {1 - values['dampening']!r})*g" if values["dampening"] else "g"  # type: ignore[operator]
    step = f"(g + {beta!r}*b)" if values["nesterov"] else "b"
    text = f"b = {beta!r}*b + {gradient}; w = w*(1 - lr*{decay!r}) - lr*{step}"
    return _made(find(OPTIMIZERS, "rule", "optimizer"), {"text": text})


def beside_other_decay(experiment: Experiment, run_index: int, palette: int) -> Experiment:
    """Returns the experiment with another run that decays the weights the other way, by as much.

    Adam becomes AdamW and the reverse, SGD with momentum its decoupled form. A run without decay gets 0.01, too.
    ValueError for other optimizers, and for SGD without momentum, where both are the same.
    """
    run = experiment.runs[run_index]
    values = run.optimizer.values()
    values["weight_decay"] = values.get("weight_decay") or USUAL_DECAY
    if run.optimizer.key in _OTHER:
        other = _made(find(OPTIMIZERS, _OTHER[run.optimizer.key], "optimizer"), values)
    elif run.optimizer.key != "sgd":
        text = tr("{title}: only Adam, AdamW and SGD with momentum have a form with the other weight decay")
        raise ValueError(text.format(title=tr(run.optimizer.title)))
    elif not values["momentum"]:
        raise ValueError(tr("SGD without momentum: its decay is the same within the gradient and apart from it"))
    else:
        other = decoupled_sgd(_made(type(run.optimizer), values))
    label = "SGDW" if run.optimizer.key == "sgd" else ""
    added = replace(run, optimizer=other, label=label, color=free_color(experiment.runs, palette))
    changed = experiment.with_run(run_index, optimizer=_made(type(run.optimizer), values))
    return replace(changed, runs=(*changed.runs, added))


def _made(kind: type[Optimizer], values: Mapping[str, Any]) -> Optimizer:
    return kind(**values)
