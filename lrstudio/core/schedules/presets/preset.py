"""A schedule as another library names it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lrstudio.core.language import tr
from lrstudio.core.record import dataclass
from lrstudio.core.schedules.base import Schedule

Make = Callable[[int, float], Schedule]
"""Returns the schedule that a library gives for so many steps and a rate."""


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A schedule of a `library` by its `name` there; `call` is how it is made there, with S steps and the rate lr.

    `rival` is PyTorch's schedule of a like name, called `rival_name`, where it gives other rates.
    """

    library: str
    name: str
    call: str
    make: Make
    rival: Make | None = None
    rival_name: str = ""

    @property
    def key(self) -> str:
        """The name on the terminal: keras.CosineDecay."""
        return f"{self.library}.{self.name}"


def find_preset(presets: Sequence[Preset], key: str) -> Preset | None:
    """Returns the preset with this key; None if it names no library; raises ValueError with the names there are."""
    library, point, name = key.partition(".")
    if not point:
        return None
    named = [preset for preset in presets if preset.library == library.strip()]
    for preset in named:
        if preset.name == name.strip():
            return preset
    if named:
        names = ", ".join(preset.name for preset in named)
        raise ValueError(tr("unknown schedule {key!r}; {library} has {names}", key=key, library=library, names=names))
    libraries = ", ".join(dict.fromkeys(preset.library for preset in presets))
    raise ValueError(tr("unknown schedule {key!r}; there are presets of {libraries}", key=key, libraries=libraries))
