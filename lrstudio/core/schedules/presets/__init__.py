"""The schedules of other libraries by the names that they have there, each as a schedule of the catalogue."""

from lrstudio.core.schedules.presets.hugging_face import HUGGING_FACE, TIMM
from lrstudio.core.schedules.presets.keras import KERAS, OPTAX
from lrstudio.core.schedules.presets.preset import Preset as Preset
from lrstudio.core.schedules.presets.preset import find_preset as find_in

PRESETS: tuple[Preset, ...] = (*KERAS, *OPTAX, *HUGGING_FACE, *TIMM)
"""All presets, those of a library together, in the order of the menu."""


def find_preset(key: str) -> Preset | None:
    """Returns the preset with a key as `keras.CosineDecay`; None for the key of a schedule; raises ValueError."""
    return find_in(PRESETS, key)
