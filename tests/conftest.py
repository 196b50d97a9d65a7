"""Every test runs without a screen, as on one of 1920 x 1080."""

import os
from pathlib import Path

if os.environ.get("QT_QPA_PLATFORM", "offscreen") == "offscreen":
    without = "" if os.name == "nt" else f":configfile={Path(__file__).with_name('screen.json')}"  # C: would end it
    os.environ["QT_QPA_PLATFORM"] = f"offscreen{without}"
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the products are small, waiting threads cost time
