"""The window: Qt and pyqtgraph live here and nowhere else."""

import PySide6.QtCore  # noqa: F401 - loads what follows
from shibokensupport import feature  # type: ignore[import-not-found] # made by PySide6

# PySide6 reads the source of every module that is imported, to know whether it mentions PySide6 and its features
# (snake_case names and properties) might be switched there. Nobody here uses them, and it is a tenth of the start.
vars(feature).update(_mod_uses_pyside=lambda module: False)
