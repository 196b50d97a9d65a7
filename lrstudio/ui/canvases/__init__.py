"""Plots of traces; they know neither threads nor the main window."""
