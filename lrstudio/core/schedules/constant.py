from lrstudio.core.parameter import Parameter
from lrstudio.core.schedules.base import Schedule


class Constant(Schedule):
    """The same rate at every step.

        lr(t) = lr0

    The run's rate lr0 is all there is to choose: below the stability limit it converges on a quadratic, and limits and
    best rates are those of this schedule. With mini-batches the loss stays in a noise whose size grows with the rate.
    Source: Cauchy 1847; with noise Robbins & Monro 1951 need a rate that falls. In PyTorch: no scheduler.

    >>> from lrstudio.core.schedules import Constant
    >>> Constant().rates(steps=3, lr=0.1).tolist()
    [0.1, 0.1, 0.1]
    """

    key = "constant"
    title = "Constant"
    is_constant = True
    rule = "lr = lr0"

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        return ()  # epochs and steps have the same rate
