"""A number to type or to step through: 0.001, 1e-3 and, where the locale has it, 0,001."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QWidget

from lrstudio.ui.fields.typed_edit import TypedEdit
from lrstudio.ui.fields.typed_number import is_ambiguous, meanings, number_text, read_number

_SERIES = (1.0, 2.0, 5.0)


class NumberEdit(TypedEdit):
    """Arrows go through 1-2-5 on a logarithmic scale and through the last printed digit on a linear one.

    Numbers are printed with the locale's decimal mark. While a text is wrong the tooltip says why.
    """

    widest, least = "-0.000000000", "-0.0000"

    def __init__(
        self, low: float = -math.inf, high: float = math.inf, *, log: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(low, high, parent)
        self._log = log
        self._value = 0.0
        self._tip = ""
        self.lineEdit().textEdited.connect(self._judge)

    def number(self, text: str) -> float | None:
        """What a text means, or None where it is no allowed number."""
        try:
            value = read_number(text, self._mark)
        except ValueError:
            return None
        return value if math.isfinite(value) and self._low <= value <= self._high else None

    def complaint(self, text: str) -> str:
        if is_ambiguous(text, self._mark):
            one, other = meanings(text, self._mark)
            return self.tr("“{text}” can mean {one} or {other}: please type which").format(
                text=text.strip(), one=one, other=other
            )
        return self.tr("“{text}”: must be a number from {low:g} to {high:g}").format(
            text=text.strip(), low=self._low, high=self._high
        )

    def shown_text(self, value: float) -> str:
        return number_text(value, self._mark)

    def show_value(self) -> None:
        super().show_value()
        self._judge(self.text())

    def stepBy(self, steps: int) -> None:
        self.go_to(stepped_1_2_5(self._value, steps) if self._log else self._stepped_linear(steps))

    def _stepped_linear(self, steps: int) -> float:
        small = self._high - self._low <= 1
        width = 0.01 if small else 10.0 ** (math.floor(math.log10(max(abs(self._value), 1.0))) - 1)
        stepped: float = round(round(self._value / width + steps) * width, 12)
        return stepped

    def _judge(self, text: str) -> None:
        wrong = self.number(text) is None
        if wrong and not self.property("wrong"):
            self._tip = self.toolTip()
        if wrong or self.property("wrong"):
            self.setToolTip(self.complaint(text) if wrong else self._tip)
        self.setProperty("wrong", wrong)

    @property
    def _mark(self) -> str:
        return "," if self.locale().decimalPoint() == "," else "."


def stepped_1_2_5(value: float, steps: int) -> float:
    """The number that many places further among 1, 2, 5 × 10ⁿ; above 0 they begin at 1e-6."""
    if value <= 0:
        return 1e-6 if steps > 0 else value
    exponent = math.floor(math.log10(value) + 1e-9)
    mantissa = value / 10**exponent
    place = sum(mantissa > known * (1 + 1e-9) for known in _SERIES)
    between = not any(math.isclose(mantissa, known) for known in _SERIES)
    if between and steps > 0:
        steps -= 1
    decades, place = divmod(place + steps, 3)
    return float(f"{_SERIES[place]:g}e{exponent + decades}")
