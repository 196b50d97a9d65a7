"""Base class of the optimizers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import ClassVar, Self

import numpy as np

from lrstudio.core.array import Array
from lrstudio.core.declaration import Declared, param
from lrstudio.core.formula.rule import FLOAT64, UpdateRule
from lrstudio.core.formula.tensors import Tensors, number_of
from lrstudio.core.language import mark, tr
from lrstudio.core.optimizers.clipping import clipped_by_norm, clipped_by_value, reads_gradient, reads_tensors
from lrstudio.core.optimizers.recurrence import Recurrence
from lrstudio.core.parameter import Parameter, Value


class Optimizer(Declared):
    """An update rule as text (see formula.rule.UpdateRule), and its theory on a quadratic.

    The gradient may be clipped before the update, either by its norm over all parameters of the run, as by
    torch.nn.utils.clip_grad_norm_, g*min(1, clip_norm/(norm(g) + 1e-6)), or each part by its size, as by
    clip_grad_value_. The theory is that of small gradients, which are not clipped.
    """

    rule: ClassVar[str]
    default_lr: ClassVar[float]
    """PyTorch's default rate."""
    most_parameters: ClassVar[int | None] = None
    """The largest number of parameters that it supports; None for any number."""

    average: ClassVar[str] = ""
    """The weights for evaluation as a formula of `w` and the states after an update; "" where they are w."""

    in_torch: ClassVar[str] = ""
    """How PyTorch makes this optimizer of `params` and `lr`, with slots for hyper-parameters; "" if no class agrees."""
    in_optax: ClassVar[str] = ""
    """How optax makes it of `learning_rate`."""
    in_keras: ClassVar[str] = ""
    """How Keras makes it; its rate is set later."""
    agrees_with: ClassVar[Mapping[str, Mapping[str, Value]]] = {}
    """By library the values, other than the defaults, with which its class agrees."""
    unlike_optax: ClassVar[str] = ""
    """What the class of this name does otherwise in optax, after its name."""
    unlike_keras: ClassVar[str] = ""
    """What the class of this name does otherwise in Keras 3, after its name."""

    clip_norm: float | None = param(
        None,
        "longest gradient, as a vector of all parameters; a longer one is shortened before the update",
        above=0,
        high=1e300,
        scale="log",
        whole=False,
        auto=mark("none"),
        label="clip by norm",
    )
    clip_value: float | None = param(
        None,
        "largest slope of each parameter; a larger one is cut off before the update",
        above=0,
        high=1e300,
        scale="log",
        whole=False,
        auto=mark("none"),
        label="clip by value",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.clip_norm is not None and self.clip_value is not None:
            raise ValueError(tr("clip_norm and clip_value: set only one of them"))

    def refusal(self, problem: str, tensors: Tensors) -> str:
        """Returns why it cannot train the parameters of a problem with this key; "" if it can."""
        most, size = self.most_parameters, number_of(tensors)
        if most is None or size <= most:
            return ""
        numbers = {"most": most, "problem": problem, "size": size}
        return tr("{key}: takes at most {most} parameters; {problem} has {size}", key=self.key, **numbers)

    def refusal_of_lr_factors(self, problem: str, tensors: Tensors) -> str:
        """Returns why the rates of such parameters cannot have factors; "" if they can."""
        if not reads_tensors(self.rule) or any(tensor.matrix for tensor in tensors):
            return ""
        where = {"key": self.key, "problem": problem}
        return tr(
            "lr_factors: {key} measures whole tensors, and the parameters of {problem} are one; take another optimizer "
            "or a network",
            **where,
        )

    @property
    def clips(self) -> bool:
        """Whether large gradients are clipped."""
        return self.clip_norm is not None or self.clip_value is not None

    @property
    def whole_rule(self) -> str:
        """The text of the update with the clipping before it; runs with equal texts are computed together."""
        if self.clip_norm is not None:
            return clipped_by_norm(self.rule)
        return self.rule if self.clip_value is None else clipped_by_value(self.rule)

    def idle(self) -> frozenset[str]:
        return frozenset() if reads_gradient(self.rule) else frozenset({"clip_norm", "clip_value"})

    @property
    def unclipped(self) -> Self:
        """The optimizer without clipping."""
        return replace(self, clip_norm=None, clip_value=None)

    def changed(self, name: str, value: Value) -> Self:
        """Returns a copy with another value of a parameter; the other kind of clipping ends."""
        other = {"clip_norm": "clip_value", "clip_value": "clip_norm"}.get(name)
        return replace(self, **{name: value}, **({other: None} if other and value is not None else {}))  # type: ignore[arg-type]

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        """Returns the declared parameters, those of all optimizers last."""
        shared = {entry.name for entry in fields(Optimizer)}
        return tuple(sorted(super().parameters(), key=lambda parameter: parameter.name in shared))

    def recurrence(self, step: int | None = None) -> Recurrence | None:
        """Returns the recurrence of the update number `step` (from 1) on a quadratic; None means "no theory known".

        Coefficients that change with the step (bias correction) are those of this step, or for None their limits.
        There is no theory if a step does not depend on the gradient's norm, or if the divisor depends on past steps.
        """
        return None

    def preconditioner(self, state: Mapping[str, Array], step: int) -> Array | None:
        """Returns the gradient's divisor after `step` updates, shaped as the state (G, P) by name; None without one."""
        return None

    @property
    def state_decay(self) -> float | None:
        """The share of the divisor's state that a step keeps; None if the state depends on more than gradients."""
        return None

    def state_of(self, gradients: Array, decays: Array) -> dict[str, Array]:
        """Returns the divisor's state (P,) by name after gradients (n, P).

        `decays` (n, 1) are powers of `state_decay`: how much of each gradient is left, 1 for the newest.
        """
        assert self.state_decay is not None
        share = 1 - self.state_decay
        return {"v": share * (decays * gradients**2).sum(axis=0), "m": share * (decays * gradients).sum(axis=0)}

    @property
    def cycled(self) -> str | None:
        """The number that a schedule with `cycle_momentum` moves: momentum or beta1; None without either."""
        return next((name for name in ("momentum", "beta1") if name in self.numbers()), None)

    def numbers(self) -> dict[str, float]:
        """Returns the numbers and flags that the rule reads, by name."""
        return {name: float(value) for name, value in self.values().items() if isinstance(value, (int, float))}

    def call(self, library: str, moved: str | None = None) -> str:
        """Returns how a library makes this optimizer; "" where none of its classes agrees.

        A hyper-parameter without a slot must have its default. One that is `moved` is given by its name.
        """
        call = str(getattr(self, f"in_{library}", ""))
        if self._missing(call, library, moved):
            return ""
        return call.format(**{name: name if name == moved else repr(value) for name, value in self.values().items()})

    def difference(self, library: str, moved: str | None = None) -> str:
        """Returns what a library's class of this name does otherwise, after its name; "" where it is unknown."""
        call, unlike = (str(getattr(self, f"{prefix}_{library}", "")) for prefix in ("in", "unlike"))
        missing = self._missing(call, library, moved) if call else []
        return unlike or (f"has no {', '.join(missing)}" if missing else "")

    def _missing(self, call: str, library: str, moved: str | None) -> list[str]:
        """Returns the names of the hyper-parameters that a library's call cannot give their values."""
        others = [each for each in self.parameters() if f"{{{each.name}}}" not in call]
        needed = self.agrees_with.get(library, {})
        return [
            each.name
            for each in others
            if each.name == moved or getattr(self, each.name) != needed.get(each.name, each.default)
        ]

    @classmethod
    def variants(cls) -> tuple[Self, ...]:
        """Returns the entries that a comparison of optimizers offers."""
        return (cls(),)

    def path(self, gradient: Callable[[float], float], w: float, lr: float, steps: int) -> Array:
        """Returns the values (steps + 1,) of one parameter from `w` on; `gradient` is a function of the parameter."""
        numbers = {name: np.array([value]) for name, value in self.numbers().items()}
        rule = UpdateRule(self.whole_rule, numbers, FLOAT64)
        points, state = [np.array([[w]])], [np.zeros((1, 1)) for _ in rule.state_names]
        for coefficients in rule.ahead(0, np.full((steps, 1), lr)):
            slope = np.array([[gradient(float(points[-1][0, 0]))]])
            lengths = {"norm(w)": np.abs(points[-1]), "norm(g)": np.abs(slope)}
            given = [lengths[name] for name in rule.program.given]
            with np.errstate(all="ignore"):
                point, *state = rule.step(points[-1], slope, *given, *state, *coefficients)
            points.append(point)
        return np.concatenate(points)[:, 0]
