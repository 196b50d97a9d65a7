"""Data to learn from: made by a seed, or shipped with the program."""
