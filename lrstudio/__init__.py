"""LR Studio: see, feel and understand what the learning rate does."""

from lrstudio.recorder import Recorder, record

__all__ = ["Recorder", "record"]
__version__ = "0.1.0"
