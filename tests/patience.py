"""How long tests wait for what must come before they fail; what comes in time is not waited for.

LRSTUDIO_TEST_PATIENCE is a factor on every such timeout, for slow or loaded machines:

    LRSTUDIO_TEST_PATIENCE=5 python3 packaging/dev.py test
"""

from __future__ import annotations

import os

_FACTOR = float(os.environ.get("LRSTUDIO_TEST_PATIENCE", "1"))


def patience(seconds: float) -> float:
    """Returns a timeout in seconds, scaled for this machine."""
    return seconds * _FACTOR


PATIENCE = patience(20)
"""Seconds that anything inside of one process may take."""
PATIENCE_MS = round(1000 * PATIENCE)
