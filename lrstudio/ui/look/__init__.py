"""Colours, icons, verdict signs and letter sizes."""
