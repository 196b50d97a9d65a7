"""The optimizers of other libraries by the names that they have there, each as an optimizer of the catalogue.

Where no numbers of ours give theirs, a preset is the rule written out. Defaults: Keras 3.15.1, optax 0.2.8,
PyTorch 2.13.0.
"""

from __future__ import annotations

from typing import Any

from lrstudio.core.declaration import find
from lrstudio.core.language import tr
from lrstudio.core.optimizers import OPTIMIZERS, Optimizer
from lrstudio.core.record import dataclass
from lrstudio.core.schedules.presets import PRESETS, Preset

_KERAS_EPS, _LOOKED_AHEAD = 1e-7, "(0.9*m/(1 - 0.9^(t + 1)) + 0.1*g/(1 - 0.9^t))"


@dataclass(frozen=True, kw_only=True)
class OptimizerPreset:
    """An optimizer of a `library` by its `name` there, made by `call` with the rate `lr`, its default there.

    A `lr` of 0 says that there is none.
    """

    library: str
    name: str
    call: str
    optimizer: Optimizer
    lr: float = 0.0

    @property
    def key(self) -> str:
        """The name on the terminal: keras.Adam."""
        return f"{self.library}.{self.name}"


def _ours(key: str, **values: Any) -> Optimizer:
    return find(OPTIMIZERS, key, "optimizer")(**values)


def _keras(name: str, optimizer: Optimizer, lr: float = 1e-3, arguments: str = "") -> OptimizerPreset:
    return OptimizerPreset(library="keras", name=name, call=f"{name}(lr{arguments})", optimizer=optimizer, lr=lr)


def _optax(name: str, optimizer: Optimizer, arguments: str = "") -> OptimizerPreset:
    return OptimizerPreset(library="optax", name=name, call=f"{name}(lr{arguments})", optimizer=optimizer)


_KERAS_ADAMAX = "m = 0.9*m + 0.1*g; u = max(0.999*u, abs(g)); w = w - lr/(1 - 0.9^t)*m/(u + 1e-7)"
_OPTAX_NADAM = f"m = 0.9*m + 0.1*g; v = 0.999*v + 0.001*g^2; w = w - lr*{_LOOKED_AHEAD}/(sqrt(v/(1 - 0.999^t)) + 1e-8)"

OPTIMIZER_PRESETS: tuple[OptimizerPreset, ...] = (
    _keras("SGD", _ours("sgd"), 1e-2),
    _keras("Adam", _ours("adam", eps=_KERAS_EPS, eps_uncorrected=True)),
    _keras("AdamW", _ours("adamw", eps=_KERAS_EPS, eps_uncorrected=True, weight_decay=0.004)),
    _keras("RMSprop", _ours("rmsprop", alpha=0.9, eps=_KERAS_EPS, eps_inside=True)),
    _keras("Adagrad", _ours("adagrad", eps=_KERAS_EPS, eps_inside=True, initial_accumulator_value=0.1)),
    _keras("Adadelta", _ours("adadelta", rho=0.95, eps=_KERAS_EPS)),
    _keras("Nadam", _ours("nadam", eps=_KERAS_EPS, momentum_decay=1.0)),
    _keras("Adamax", _ours("rule", text=_KERAS_ADAMAX)),
    _optax("sgd", _ours("sgd")),
    _optax("adam", _ours("adam")),
    _optax("adamw", _ours("adamw", weight_decay=1e-4)),
    _optax("rmsprop", _ours("rmsprop", alpha=0.9, eps_inside=True)),
    _optax("adagrad", _ours("adagrad", eps=_KERAS_EPS, eps_inside=True, initial_accumulator_value=0.1)),
    _optax("adadelta", _ours("adadelta")),
    _optax("adamax", _ours("adamax")),
    _optax("nadam", _ours("rule", text=_OPTAX_NADAM)),
    _optax("lion", _ours("lion", weight_decay=1e-3, beta1=0.9, beta2=0.99)),
    *(
        OptimizerPreset(
            library="torch",
            name=kind.in_torch.partition("(")[0].rpartition(".")[2],
            call=f"{kind.in_torch.partition('(')[0]}(params)",
            optimizer=kind(),
            lr=kind.default_lr,
        )
        for kind in OPTIMIZERS
        if kind.in_torch.startswith("torch.optim.")
    ),
)
"""All presets of optimizers, those of a library together, in the order of the menu."""
ALL_PRESETS: tuple[Preset | OptimizerPreset, ...] = (*PRESETS, *OPTIMIZER_PRESETS)
"""Those of schedules and of optimizers."""


def find_optimizer_preset(key: str) -> OptimizerPreset | None:
    """Returns the preset with a key as `keras.Adam`; None if it names no library; ValueError tells the names."""
    library, point, name = (part.strip() for part in key.partition("."))
    if not point:
        return None
    named = {preset.name: preset for preset in OPTIMIZER_PRESETS if preset.library == library}
    if name in named:
        return named[name]
    if named:
        names = ", ".join(named)
        raise ValueError(tr("unknown optimizer {key!r}; {library} has {names}", key=key, library=library, names=names))
    libraries = ", ".join(dict.fromkeys(preset.library for preset in OPTIMIZER_PRESETS))
    raise ValueError(tr("unknown optimizer {key!r}; there are presets of {libraries}", key=key, libraries=libraries))
