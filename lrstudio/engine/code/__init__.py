"""The runs of an experiment as scripts for other libraries."""

from __future__ import annotations

from lrstudio.engine.code.numpy_script import NumpyScript as NumpyScript
from lrstudio.engine.code.script import Script as Script
from lrstudio.engine.code.torch_script import TorchScript as TorchScript

SCRIPTS: dict[str, type[Script]] = {"numpy": NumpyScript, "torch": TorchScript}
"""The scripts by the library's name."""
