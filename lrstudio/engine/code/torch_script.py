"""The runs of an experiment as a PyTorch script."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from lrstudio.core.formula.parse import parse_expression
from lrstudio.core.language import tr
from lrstudio.core.optimizers import Optimizer
from lrstudio.engine.code.base import Script
from lrstudio.engine.code.losses import arguments, has_branches, loss_lines, slope_lines
from lrstudio.engine.code.rules import OF_ALL, OF_TENSORS, Source, calls, update
from lrstudio.engine.code.spelling import PYTHON, TORCH, block
from lrstudio.engine.code.torch_helpers import HELPERS
from lrstudio.engine.experiment import Run

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
_NETWORK_NEWTON = '''
def newton_direction(model, data, g):
    """The gradient times the pseudo-inverse of the Hessian."""
    shapes = {name: param.shape for name, param in model.named_parameters()}

    def value(params):
        parts = params.split([shape.numel() for shape in shapes.values()])
        named = {name: part.reshape(shapes[name]) for name, part in zip(shapes, parts)}
        return loss(lambda x: torch.func.functional_call(model, named, x), data)

    hessian = torch.autograd.functional.hessian(value, flat(model.parameters()))
    return torch.linalg.pinv(hessian, rtol=len(g)*torch.finfo(g.dtype).eps, hermitian=True) @ g
'''
_TRAIN = '''
def train(start, lr, optimizer, schedule{taken}):
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
        {sent}optimizer.step()
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
    if {passed_over}:
        return [*norms, "", "", ""]
    data, other = [list(map(torch.as_tensor, part)) for part in ({parts})]
    right, other_right = [(predicted(model(x)) == labels).double().mean().item() for x, labels in (data, other)]
    return [*norms, right, loss(model, other).item(), other_right]


def predicted(z):
    return {predicted}
'''
_TRAIN_NETWORK = '''
def train(start, lr, optimizer, schedule{taken}):
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
        {sent}optimizer.step()
        {validated}lr = float(rates.send(np.float64(value)))
    return rows
'''
_RATE = 'optimizer.param_groups[0]["lr"] = lr\n'
_RATES = """for group in optimizer.param_groups:
            group["lr"] = group.get("factor", 1.0)*lr
"""
_UPDATE = "optimizer.step()\n"
_PARTS = """parts = [param for group in optimizer.param_groups for param in group["params"]]
        if len(parts) > 1:
            for part, slope in zip(parts, w.grad.split(1)):
                part.grad = slope
        """
_ACTIVATIONS = {"tanh": "torch.nn.Tanh()", "relu": "torch.nn.ReLU()", "sigmoid": "torch.nn.Sigmoid()"}
_LOSSES = {
    "binary": "binary_cross_entropy_with_logits(model(x)[:, 0], labels.to(x.dtype))",
    "softmax": "cross_entropy(model(x), labels)",
}
_PREDICTED = {"binary": "(z[:, 0] > 0).long()", "softmax": "z.argmax(dim=1)"}


class TorchScript(Script):
    key, title, needs = "torch", "PyTorch", "PyTorch and NumPy"
    helpers = HELPERS
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
            yield from block(self._network())
            yield from ("", "", *block(_NETWORK_NEWTON)) if self.newton else ()
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
        if self.newton:
            yield from ("", "", *block(_NEWTON.format(given=given)))

    def optimizer(self, run: Run) -> str:
        made = self._unclipped(run)
        for kind, most in (("norm_", run.optimizer.clip_norm), ("value_", run.optimizer.clip_value)):
            if most is not None:
                made = f"clipped({made}, torch.nn.utils.clip_grad_{kind}, {most!r})"
        return f"lambda params, lr: {made}"

    def _unclipped(self, run: Run) -> str:
        """Returns what makes the optimizer of a run, without clipping, of `params` and `lr`."""
        optimizer, moved = run.optimizer.unclipped, self.cycled(run)
        call, factors = "" if self.exact else optimizer.call(self.key), self.lr_factors(run)
        if call and factors is None:
            return call
        if call and self._takes_groups(optimizer):
            each = [tensor.factor for tensor in self.problem.tensors_with(run.lr_factors)]
            return call.replace("(params,", f"(grouped(params, {each!r}),", 1)
        if self.network is not None and calls(optimizer, OF_TENSORS):
            raise ValueError(
                tr("a rule that reads matrices, on a network: the scripts for NumPy, optax and Keras have it")
            )
        rounded = ["w = w.to(torch.float32).to(torch.float64)"] if self.mixed else []
        factors = None if factors is None else Source(f"torch.as_tensor({factors})")
        note = self.note(optimizer, moved)
        rule = update(optimizer, TORCH, PYTHON, rounded, self.given(run), note, lr_factors=factors)
        return f"Rule(params, {self.entry(optimizer.key, rule)[1:]}"

    def _takes_groups(self, optimizer: Optimizer) -> bool:
        """Returns whether PyTorch's class gives what it gives for all weights also for groups of them."""
        if calls(optimizer, OF_ALL) or optimizer.call(self.key).startswith("MuonWithAdamW"):
            return False
        return self.network is not None or not calls(optimizer, OF_TENSORS)

    def train(self) -> str:
        text = self._train()
        if any(run.has_lr_factors for run in self.experiment.runs):
            text = text.replace(_RATE, _RATES)
            if self.network is None:
                text = text.replace(_UPDATE, f"{_PARTS}{_UPDATE}")
        return text

    def _train(self) -> str:
        if self.network is not None:
            row = self.row("w", "g", "model, data").replace("measured(w", "measured(model, w")
            return _TRAIN_NETWORK.format(
                row=row,
                taken=self.taken,
                sent=self._sent("newton_direction(model, data, g)"),
                validated=self.validated("model"),
            )
        given = arguments(self.problem).replace("params", "w")
        data = "data = list(map(torch.as_tensor, data_at(step)))\n        " if self.problem.has_data else ""
        return _TRAIN.format(
            type=self._type,
            data=data,
            given=given,
            row=self.row("w", "w.grad", given),
            taken=self.taken,
            sent=self._sent(f"newton_direction({given}, w.grad)"),
        )

    def _sent(self, newton: str) -> str:
        """Returns the lines that tell an optimizer what it is given beside gradient and rate."""
        given = ["next(momenta)"] * self.cycles + [newton] * self.newton
        if not given:
            return ""
        lines = [f"optimizer.given = [{', '.join(given)}]", *["cycle(optimizer, optimizer.given[0])"] * self.cycles]
        return "".join(f"{line}\n        " for line in lines)

    @property
    def _type(self) -> str:
        return "torch.float32" if self.single else "torch.float64"

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
            passed_over=self.passed_over,
            predicted=_PREDICTED[self.problem.head],
        )
