"""Training logs of other programs: reading them as runs with rates, losses and metrics."""
