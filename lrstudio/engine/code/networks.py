"""A network's loss and gradient as Python functions."""

from __future__ import annotations

from collections.abc import Iterator

from lrstudio.core.problems import Problem
from lrstudio.engine.code.spelling import block

_VALUES = {"tanh": "np.tanh(z)", "sigmoid": "sigmoid(z)"}
_SLOPES = {"tanh": "(1 - before*before)", "relu": "(before > 0)", "sigmoid": "(before*(1 - before))"}
"""The activations of torch.nn and their derivatives as functions of their values."""

_LAYERS = '''
def layers(params):
    """The matrices (out, in) and biases of the layers, in the order of torch.nn.Sequential's parameters."""
    parts, start = [], 0
    for inside, outside in itertools.pairwise(SIZES):
        middle = start + outside*inside
        parts.append((params[start:middle].reshape(outside, inside), params[middle:middle + outside]))
        start = middle + outside
    return parts


def values_of(params, x):
    """The inputs (points, in) and the outputs (points, out) of each layer, the last one without an activation."""
    values, parts = [x], layers(params)
    for number, (matrix, bias) in enumerate(parts, 1):
        z = values[-1] @ matrix.T + bias
        values.append(z if number == len(parts) else {value})
    return values
'''
_GRADIENT = '''
def gradient(params, data):
    """The partial derivatives of the loss, from the last layer back to the first."""
    x, labels = data
    *values, z = values_of(params, x)
    delta, parts = output_slope(z, labels), []
    for (matrix, _), before in zip(reversed(layers(params)), reversed(values)):
        parts = [(delta.T @ before).ravel(), delta.sum(axis=0), *parts]
        delta = delta @ matrix*{slope}
    return np.concatenate(parts)
'''
_MEASURED = '''
def measured(params, g, step):
    """The norms of weights and gradient; at some steps the accuracy, and loss and accuracy on the other examples."""
    norms = [float(np.linalg.norm(params)), float(np.linalg.norm(g))]
    if {passed_over}:
        return [*norms, "", "", ""]
    (x, labels), (other_x, other_labels) = other = {data}
    right = (predicted(values_of(params, x)[-1]) == labels).astype(float).mean()
    other_right = (predicted(values_of(params, other_x)[-1]) == other_labels).astype(float).mean()
    return [*norms, float(right), float(loss(params, other[1])), float(other_right)]
'''
_HEADS = {
    "binary": '''
def loss(params, data):
    """The mean cross-entropy of two classes (torch.nn.BCEWithLogitsLoss)."""
    x, labels = data
    z = values_of(params, x)[-1][:, 0]
    return np.mean(softplus(z) - z*labels)


def predicted(z):
    return z[:, 0] > 0
''',
    "softmax": '''
def loss(params, data):
    """The mean cross-entropy (torch.nn.CrossEntropyLoss)."""
    x, labels = data
    z = values_of(params, x)[-1]
    z = z - z.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(labels)), labels])


def predicted(z):
    return z.argmax(axis=1)
''',
}
_OUTPUT_SLOPES = {
    "binary": '''
def output_slope(z, labels):
    """The derivatives of the loss in the outputs."""
    return (sigmoid(z) - labels[:, None])/len(labels)
''',
    "softmax": '''
def output_slope(z, labels):
    """The derivatives of the loss in the outputs."""
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    slope = powers/powers.sum(axis=1, keepdims=True)
    slope[np.arange(len(labels)), labels] -= 1
    return slope/len(labels)
''',
}
HESSIAN = '''
def hessian(params, data):
    """The second derivatives of the loss, from central differences of the gradient."""
    params = params.astype(float)
    widths = 1e-5*np.maximum(1, np.abs(params))
    rows = [
        (gradient(params + nudge, data) - gradient(params - nudge, data))/(2*width)
        for nudge, width in zip(np.diag(widths), widths)
    ]
    return (np.array(rows) + np.array(rows).T)/2
'''


def network_lines(
    problem: Problem, passed_over: str, *, gradient: bool = True, relu: str = "np.maximum(z, 0)"
) -> Iterator[str]:
    """Yields `loss` and `measured` of a problem with a network and, if asked, `gradient`.

    `passed_over` tells at which steps accuracy and the loss on the other examples are not measured.
    """
    assert problem.network is not None
    activation, head = problem.network.activation, problem.head
    value = relu if activation == "relu" else _VALUES[activation]
    data = "DATA, OTHER" if problem.turn is None else "turned(DATA, step), turned(OTHER, step)"
    parts = [_HEADS[head], _LAYERS.format(value=value), _MEASURED.format(data=data, passed_over=passed_over)]
    if gradient:
        parts[2:2] = [_OUTPUT_SLOPES[head], _GRADIENT.format(slope=_SLOPES[activation])]
    for index, part in enumerate(parts):
        yield from (*[""] * (2 * (index > 0)), *block(part))
