"""The losses of two weights that a formula gives."""
