"""Colours, icons, styles of verdicts, font size and saved settings."""
