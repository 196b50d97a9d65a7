"""Plots and their parts: axes, headers, hover boxes and items that paint in pixels."""
