"""Arrangement of the canvases in the window, and their drawing frame by frame."""
