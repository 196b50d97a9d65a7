"""The runs of an experiment as a PyTorch script."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from lrstudio.core.formula.parse import parse_expression
from lrstudio.core.language import tr
from lrstudio.core.optimizers import Optimizer
from lrstudio.engine.code.base import Script
from lrstudio.engine.code.losses import arguments, has_branches, loss_lines, slope_lines
from lrstudio.engine.code.rules import joins, reads_newton, update
from lrstudio.engine.code.spelling import PYTHON, TORCH, block
from lrstudio.engine.experiment import Run

_HELPERS = {
    "clipped(": '''
def clipped(optimizer, clip, most):
    """The optimizer, which clips the gradient of all parameters before each step."""
    params = [param for group in optimizer.param_groups for param in group["params"]]

    def before(*_):
        clip(params, most)

    optimizer.register_step_pre_hook(before)
    return optimizer
''',
    "maximum(": """
def maximum(a, b):
    return torch.where(torch.as_tensor(a >= b), a, b)
""",
    "minimum(": """
def minimum(a, b):
    return torch.where(torch.as_tensor(a <= b), a, b)
""",
    "quiet(": '''
def quiet(make):
    """What is made, without what is printed meanwhile."""
    with contextlib.redirect_stdout(io.StringIO()):
        return make()
''',
    "MuonWithAdamW(": '''
# PyTorch multiplies Muon's matrices in bfloat16. This line keeps their own type, as the program does.
torch.Tensor.bfloat16 = torch.Tensor.clone


class MuonWithAdamW(torch.optim.Optimizer):
    """Muon for the matrices of the hidden layers or, with `last_layer`, of all, and AdamW for the other weights."""

    def __init__(self, params, lr, last_layer, adamw_lr, muon, adamw):
        params = list(params)
        super().__init__(params, {"lr": lr})
        matrices = [param for param in params if param.ndim == 2]
        own = matrices if last_layer else matrices[:-1]
        rest = [param for param in params if all(param is not one for one in own)]
        self.adamw_lr = adamw_lr
        self.muon, self.adamw = torch.optim.Muon(own, lr, **muon), torch.optim.AdamW(rest, lr, **adamw)

    @torch.no_grad()
    def step(self):
        lr = self.param_groups[0]["lr"]
        self.muon.param_groups[0]["lr"], self.adamw.param_groups[0]["lr"] = lr, self.adamw_lr*lr
        self.muon.step()
        self.adamw.step()
''',
    "Rule(": '''
class Rule(torch.optim.Optimizer):
    """An update that is written out below, for every parameter on its own."""

    def __init__(self, params, update, numbers):
        super().__init__(params, {"lr": 0.0})
        self.updates = {}
        for group in self.param_groups:
            for param in group["params"]:
                self.updates[param] = update(param.detach().clone(), **numbers)
                next(self.updates[param])

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for param in group["params"]:
                sent = (param.grad, group["lr"], *getattr(param, "newton", ()))
                param.copy_(self.updates[param].send(sent))
''',
}
_AUTOMATIC = """
def gradient({given}):
    return torch.autograd.grad(loss({given}), params)[0]
"""
_MEASURED = '''
def gradient({given}):
    """The slope measured by losses at a distance of EPS."""
    return ({difference}).detach()


def losses_beside({given}, distance):
    """The losses at this distance along each axis."""
    points = params{narrow} + distance*torch.eye(len(params), dtype={type})
    return torch.stack([loss({point}) for point in points])
'''
_NEWTON = '''
def newton_direction({given}, g):
    """The gradient times the pseudo-inverse of the Hessian."""
    hessian = torch.autograd.functional.hessian(lambda params: loss({given}), params)
    least = len(params)*torch.finfo(params.dtype).eps
    return torch.linalg.pinv(hessian, rtol=least, hermitian=True) @ g
'''
_TRAIN = '''
def train(start, lr, optimizer, schedule):
    """Returns the rows of a run up to its last finite step."""
    rates_of, plan = schedule
    w, rows = torch.tensor(start, dtype={type}, requires_grad=True), []
    optimizer, rates = optimizer([w], lr), rates_of(np.float64(lr), **plan)
    lr = float(next(rates))
    for step in range(STEPS + 1):
        {data}value, w.grad = loss({given}).item(), gradient({given})
        if not (math.isfinite(value) and torch.isfinite(w).all()):
            break
        rows.append([step, lr, value, {row}])
        optimizer.param_groups[0]["lr"] = lr
        {newton}optimizer.step()
        lr = float(rates.send(np.float64(value)))
    return rows
'''
_NETWORK = '''
def network(start):
    """The network with its initial weights."""
    model = torch.nn.Sequential({layers}).to({type})
    torch.nn.utils.vector_to_parameters(torch.tensor(start, dtype={type}), model.parameters())
    return model


def loss(model, data):
    x, labels = data
    return torch.nn.functional.{loss}


def flat(tensors):
    return torch.nn.utils.parameters_to_vector(tensors).detach()


@torch.no_grad()
def measured(model, w, g, step):
    """The norms of weights and gradient; at some steps the accuracy, and loss and accuracy on the other examples."""
    norms = [w.norm().item(), g.norm().item()]
    if step % STRIDE and step != STEPS:
        return [*norms, "", "", ""]
    data, other = [list(map(torch.as_tensor, part)) for part in ({parts})]
    right, other_right = [(predicted(model(x)) == labels).double().mean().item() for x, labels in (data, other)]
    return [*norms, right, loss(model, other).item(), other_right]


def predicted(z):
    return {predicted}
'''
_TRAIN_NETWORK = '''
def train(start, lr, optimizer, schedule):
    """Returns the rows of a run up to its last finite step."""
    rates_of, plan = schedule
    model, rows = network(start), []
    optimizer, rates = optimizer(model.parameters(), lr), rates_of(np.float64(lr), **plan)
    lr = float(next(rates))
    for step in range(STEPS + 1):
        data = list(map(torch.as_tensor, data_at(step)))
        optimizer.zero_grad()
        value = loss(model, data)
        value.backward()
        w, g, value = flat(model.parameters()), flat(param.grad for param in model.parameters()), value.item()
        if not (math.isfinite(value) and torch.isfinite(w).all()):
            break
        rows.append([step, lr, value, {row}])
        optimizer.param_groups[0]["lr"] = lr
        optimizer.step()
        lr = float(rates.send(np.float64(value)))
    return rows
'''
_ACTIVATIONS = {"tanh": "torch.nn.Tanh()", "relu": "torch.nn.ReLU()", "sigmoid": "torch.nn.Sigmoid()"}
_LOSSES = {
    "binary": "binary_cross_entropy_with_logits(model(x)[:, 0], labels.to(x.dtype))",
    "softmax": "cross_entropy(model(x), labels)",
}
_PREDICTED = {"binary": "(z[:, 0] > 0).long()", "softmax": "z.argmax(dim=1)"}


class TorchScript(Script):
    key, title, needs = "torch", "PyTorch", "PyTorch and NumPy"
    helpers = _HELPERS
    converted = "list(map(torch.as_tensor, {}))"

    def imports(self) -> Iterator[str]:
        yield from ["import numpy as np"]
        yield from ["import prodigyopt"] * any("prodigyopt." in self.optimizer(run) for run in self.experiment.runs)
        yield from ["import torch"]
        if not self.single:  # the rate of ASGD and the momentum of NAdam are kept in it
            yield from ("", "torch.set_default_dtype(torch.float64)")

    def loss_lines(self) -> Iterator[str]:
        problem = self.problem
        if self.network is not None:
            if self._newton:
                raise ValueError(tr("Newton's method on a network: the scripts for NumPy, optax and Keras have it"))
            yield from block(self._network())
            return
        yield from (*loss_lines(problem, TORCH), "", "")
        given = arguments(problem)
        if self.experiment.gradient.mode != "analytic":
            yield from block(self._measured())
        elif has_branches(parse_expression(problem.loss)):
            yield "# Automatic differentiation gives NaN where the branch that is not taken is infinite."
            yield from slope_lines(problem, "torch.stack(list(map(torch.as_tensor, [{}]))).detach()", TORCH)
        else:
            yield from block(_AUTOMATIC.format(given=given))
        if self._newton:
            yield from ("", "", *block(_NEWTON.format(given=given)))

    def optimizer(self, run: Run) -> str:
        made = self._unclipped(run.optimizer.unclipped)
        for kind, most in (("norm_", run.optimizer.clip_norm), ("value_", run.optimizer.clip_value)):
            if most is not None:
                made = f"clipped({made}, torch.nn.utils.clip_grad_{kind}, {most!r})"
        return f"lambda params, lr: {made}"

    def _unclipped(self, optimizer: Optimizer) -> str:
        """Returns what makes an optimizer of `params` and `lr`."""
        call = "" if self.mixed else optimizer.call(self.key)
        if call:
            return call
        if self.network is not None and joins(optimizer):
            raise ValueError(
                tr("a rule that joins all weights, on a network: the scripts for NumPy, optax and Keras have it")
            )
        rounded = ["w = w.to(torch.float32).to(torch.float64)"] if self.mixed else []
        rule = update(optimizer, TORCH, PYTHON, rounded, newton=self._newton, note=self.note(optimizer))
        return f"Rule(params, {self.entry(optimizer.key, rule)[1:]}"

    def train(self) -> str:
        if self.network is not None:
            return _TRAIN_NETWORK.format(
                row=self.row("w", "g", "model, data").replace("measured(w", "measured(model, w")
            )
        given = arguments(self.problem).replace("params", "w")
        data = "data = list(map(torch.as_tensor, data_at(step)))\n        " if self.problem.has_data else ""
        newton = f"w.newton = [newton_direction({given}, w.grad)]\n        " if self._newton else ""
        return _TRAIN.format(type=self._type, data=data, given=given, row=self.row("w", "w.grad", given), newton=newton)

    @property
    def _type(self) -> str:
        return "torch.float32" if self.single else "torch.float64"

    @property
    def _newton(self) -> bool:
        return any(reads_newton(run.optimizer) for run in self.experiment.runs)

    def _measured(self) -> str:
        given, central = arguments(self.problem), self.experiment.gradient.mode == "central"
        plus = f"losses_beside({given}, EPS)"
        one, two = f"({plus} - loss({given}))/EPS", f"({plus} - losses_beside({given}, -EPS))/(2*EPS)"
        point = given.replace("params", "point.to(torch.float64)" if self.mixed else "point")
        narrow = ".to(torch.float32)" if self.mixed else ""
        type_ = "torch.float32" if self.mixed or self.single else "torch.float64"
        return _MEASURED.format(given=given, difference=two if central else one, point=point, narrow=narrow, type=type_)

    def _network(self) -> str:
        assert self.network is not None
        sizes = list(pairwise(self.network.sizes))
        activation = f", {_ACTIVATIONS[self.network.activation]}, "
        layers = activation.join(f"torch.nn.Linear({inside}, {outside})" for inside, outside in sizes)
        parts = "turned(DATA, step), turned(OTHER, step)" if self.drifts else "DATA, OTHER"
        return _NETWORK.format(
            layers=layers,
            type=self._type,
            loss=_LOSSES[self.problem.head],
            parts=parts,
            predicted=_PREDICTED[self.problem.head],
        )
