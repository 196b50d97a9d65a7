"""Functions and classes that a PyTorch script needs where it calls them, by the text of a call."""

HELPERS = {
    "clipped(": '''
def clipped(optimizer, clip, most):
    """The optimizer, which clips the gradient of all parameters before each step."""
    params = [param for group in optimizer.param_groups for param in group["params"]]

    def before(*_):
        clip(params, most)

    optimizer.register_step_pre_hook(before)
    return optimizer
''',
    "cycle(": '''
def cycle(optimizer, momentum):
    """Sets the momentum or Adam's beta1, as OneCycleLR and CyclicLR do."""
    for group in optimizer.param_groups:
        if momentum is not None and "betas" in group:
            group["betas"] = (momentum, *group["betas"][1:])
        elif momentum is not None and "momentum" in group:
            group["momentum"] = momentum
''',
    "maximum(": """
def maximum(a, b):
    return torch.where(torch.as_tensor(a >= b), a, b)
""",
    "minimum(": """
def minimum(a, b):
    return torch.where(torch.as_tensor(a <= b), a, b)
""",
    "grouped(": '''
def grouped(params, factors):
    """A parameter group for each tensor, or for each number of a vector; the rate of a group is multiplied."""
    tensors = list(params)
    if len(tensors) < len(factors):
        tensors = tensors[0].detach().split(1)
    return [{"params": [tensor], "factor": factor} for tensor, factor in zip(tensors, factors)]
''',
    "quiet(": '''
def quiet(make):
    """What is made, without what is printed meanwhile."""
    with contextlib.redirect_stdout(io.StringIO()):
        return make()
''',
    "MuonWithAdamW(": '''
# PyTorch multiplies Muon's matrices in bfloat16. These lines keep their own type, as the program does.
torch.Tensor.bfloat16 = torch.Tensor.clone
torch.bfloat16 = torch.get_default_dtype()  # which PyTorch reads from version 2.15 on


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
    """An update that is written out below, for the vector of all parameters."""

    given = ()

    def __init__(self, params, update, numbers):
        super().__init__(params, {"lr": 0.0})
        self.params = self.param_groups[0]["params"]
        self.updates = update(torch.nn.utils.parameters_to_vector(self.params).detach(), **numbers)
        next(self.updates)

    @torch.no_grad()
    def step(self):
        g = torch.cat([param.grad.ravel() for param in self.params])
        w = self.updates.send((g, self.param_groups[0]["lr"], *self.given))
        torch.nn.utils.vector_to_parameters(w, self.params)
''',
}
