"""Runs held side by side."""
