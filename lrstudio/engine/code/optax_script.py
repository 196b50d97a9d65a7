"""The runs of an experiment as a script for JAX and optax."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from lrstudio.core.formula.parse import parse_expression
from lrstudio.core.optimizers import Optimizer
from lrstudio.engine.code.base import Script
from lrstudio.engine.code.losses import arguments, gradient_lines, has_branches, loss_lines, slope_lines
from lrstudio.engine.code.networks import network_lines
from lrstudio.engine.code.rules import Source, update
from lrstudio.engine.code.spelling import HELPERS, JAX, PYTHON, block
from lrstudio.engine.experiment import Run

_BY_OPTAX = '''
def by_optax(make, *moved):
    """Begins an update by an optimizer of optax; its rate, and what is moved, are set at each step."""
    names = ["learning_rate", *moved]

    def begin(w):
        optimizer = optax.inject_hyperparams(make)(**dict.fromkeys(names, 0.0))
        state = optimizer.init(w)

        def step(w, g, *given):
            nonlocal state
            state.hyperparams.update({name: jnp.asarray(value, w.dtype) for name, value in zip(names, given)})
            updates, state = optimizer.update(g, state, w)
            return optax.apply_updates(w, updates)

        return step
    return begin
'''
_BY_RULE = '''
def by_rule(update, numbers):
    """Returns a function that begins an update that is written out below."""
    def begin(w):
        updates = update(w, **numbers)
        next(updates)
        return lambda _, *sent: updates.send(sent)
    return begin
'''
_NEWTON = '''
@jax.jit
def newton_direction({given}, g):
    """The gradient times the pseudo-inverse of the Hessian."""
    least = len(params)*jnp.finfo(params.dtype).eps
    return jnp.linalg.pinv(jax.hessian(loss)({given}), rtol=least, hermitian=True) @ g
'''
_TRAIN = '''
def train(start, lr, optimizer, schedule{taken}):
    """Returns the rows of a run up to its last finite step."""
    rates_of, plan = schedule
    w, rows = {start}, []
    update, rates = optimizer(w), rates_of(np.float64(lr), **plan)
    lr = float(next(rates))
    for step in range(STEPS + 1):
        {data}value, g = loss({given}).item(), gradient({given})
        if not (math.isfinite(value) and jnp.isfinite(w).all()):
            break
        rows.append([step, lr, value, {row}])
        w = update(w, g, lr{sent})
        {validated}lr = float(rates.send(np.float64(value)))
    return rows
'''


class OptaxScript(Script):
    key, title, needs = "optax", "optax", "JAX, optax and NumPy"
    helpers = {call: text.replace("np.", "jnp.") for call, text in HELPERS.items()} | {
        "by_optax(": _BY_OPTAX,
        "by_rule(": _BY_RULE,
    }
    converted = "list(map(jnp.asarray, {}))"
    scaled: ClassVar[str] = "optax.chain({call}, optax.stateless(lambda updates, _: updates*{factors}))"
    """How an optimizer of the library gets a factor of the rate for each weight; "" where it cannot."""

    def imports(self) -> Iterator[str]:
        yield from ("import jax", "import jax.numpy as jnp", "import numpy as np", "import optax")
        if not self.single:
            yield from ("", 'jax.config.update("jax_enable_x64", True)')

    def loss_lines(self) -> Iterator[str]:
        given, problem = arguments(self.problem), self.problem
        eager = self.single and self.network is None
        yield "# Not compiled: XLA would round a product and a sum at once." if eager else "@jax.jit"
        if self.network is not None:
            yield from (
                line.replace("np.", "jnp.")
                for line in network_lines(problem, self.passed_over, gradient=False, relu="jax.nn.relu(z)")
            )
        else:
            yield from loss_lines(problem, JAX)
        yield from ("", "")
        if self.experiment.gradient.mode != "analytic":
            measured = gradient_lines(problem, self.experiment.gradient, self.weights)
            yield from (line.replace("np.", "jnp.") for line in measured)
        elif eager:
            yield from slope_lines(problem, "jnp.array([{}], params.dtype)", JAX)
        elif self.network is None and has_branches(parse_expression(problem.loss)):
            yield "# Automatic differentiation gives NaN where the branch that is not taken is infinite."
            yield from slope_lines(problem, "jnp.array([{}], params.dtype)", JAX)
        else:
            yield "gradient = jax.jit(jax.grad(loss))"
        if self.newton:
            yield from ("", "", *block(_NEWTON.format(given=given)))

    def optimizer(self, run: Run) -> str:
        moved, factors = self.cycled(run), self.lr_factors(run)
        known = not self.exact and run.optimizer.call(self.key, moved)
        if known and (factors is None or self.scaled):
            return self.by_class(run.optimizer, moved, factors)
        rounded = ["w = w.astype(jnp.float32).astype(jnp.float64)"] if self.mixed else []
        note, network = self.note(run.optimizer, moved), self.network is not None
        note = f"Written out: {self.title} has one rate for all weights of an optimizer." if known else note
        given = self.given(run)
        rule = update(run.optimizer, JAX, PYTHON, rounded, given, note, network=network, lr_factors=factors)
        pair = self.entry(run.optimizer.key, rule)
        return f"by_rule{pair}"

    def by_class(self, optimizer: Optimizer, moved: str | None, factors: Source | None) -> str:
        """Returns what makes an optimizer of the library, of which a hyper-parameter may be `moved`."""
        call = optimizer.call(self.key, moved)
        call = call if factors is None else self.scaled.format(call=call, factors=factors)
        if moved is None:
            return f"by_optax(lambda learning_rate: {call})"
        return f'by_optax(lambda learning_rate, {moved}: {call}, "{moved}")'

    def train(self) -> str:
        given = arguments(self.problem).replace("params", "w")
        data = "data = list(map(jnp.asarray, data_at(step)))\n        " if self.problem.has_data else ""
        start = f"jnp.array(start, j{self.weights})" + (".astype(jnp.float64)" if self.mixed else "")
        sent = ", next(momenta)" * self.cycles + f", newton_direction({given}, g)" * self.newton
        return _TRAIN.format(
            start=start,
            data=data,
            given=given,
            row=self.row("np.asarray(w)", "np.asarray(g)", given),
            sent=sent,
            taken=self.taken,
            validated=self.validated("w"),
        )
