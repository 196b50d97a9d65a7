"""Plots exported, copied and printed as figures."""
