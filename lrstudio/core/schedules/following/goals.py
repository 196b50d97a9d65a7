"""When a loss counts as better than the best one so far."""

from __future__ import annotations

GOALS = {
    ("min", "rel"): "(threshold < 1)*(loss < best*(1 - threshold))",
    ("min", "abs"): "loss < best - threshold",
    ("max", "rel"): "loss > best*(1 + threshold)",
    ("max", "abs"): "loss > best + threshold",
}
"""Conditions by mode and threshold_mode."""
FIRST_GOALS = dict.fromkeys(GOALS, "1") | {("min", "rel"): "threshold < 1"}
"""Whether the first loss counts as better than the initial best: in PyTorch that is infinity, and infinity times 0 or
less is not above any loss."""
