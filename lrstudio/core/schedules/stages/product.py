from __future__ import annotations

from lrstudio.core.declaration import text
from lrstudio.core.language import tr
from lrstudio.core.schedules.base import Schedule
from lrstudio.core.schedules.stages.composed import Composed, one_run

_MOST = 8


class Product(Composed):
    """Several schedules at once: the rate times all of their shares (ChainedScheduler).

        lr(t) = lr0*share_1(t)*share_2(t)*...     share_i: what schedule i gives for the rate 1

    schedules: their names with `*`, as warmup*exponential(gamma=0.95). None may follow the loss. A rate that one of
    them names, as eta_min of cosine, is a share, too: PyTorch's chain, which changes the present rate by one after the
    other, gives the same only where there is none.
    Source: torch.optim.lr_scheduler.ChainedScheduler.

    >>> from lrstudio.core.schedules import Product
    >>> schedule = Product(schedules="constant_lr(factor=0.5,total_iters=2)*exponential(gamma=0.5)")
    >>> schedule.rates(steps=4, lr=0.8).tolist()
    [0.4, 0.2, 0.2, 0.1]
    """

    key = "product"
    title = "Product"

    schedules: str = text("constant_lr*exponential(gamma=0.9)", "schedules with * between them", label="schedules")

    def check(self) -> None:
        parts = self.parts
        if not 2 <= len(parts) <= _MOST:
            raise ValueError(tr("schedules: {count} of them; 2 to {most} with * between", count=len(parts), most=_MOST))
        for part in parts:
            if part.follows_loss:
                raise ValueError(tr("schedules: {key} follows the loss and cannot be in a product", key=part.key))
        one_run(self)

    @property
    def parts(self) -> tuple[Schedule, ...]:
        return self.read("schedules", self.schedules, "*")

    @property
    def rule(self) -> str:
        given = {"t": "t", "T": "T", "lr0": "one"}
        texts = [self.text(part, f"p{index}_", given) for index, part in enumerate(self.parts, 1)]
        product = "*".join(f"p{index}_lr" for index in range(1, len(texts) + 1))
        return "\n".join(["one = 1", *texts, f"lr = lr0*{product}"])

    def own_numbers(self, steps: int, lr: float, per_epoch: int) -> dict[str, float]:
        values: dict[str, float] = {}
        for index, part in enumerate(self.parts, 1):
            values |= self.numbers_of(part, f"p{index}_", steps, 1.0, per_epoch)
        return values
