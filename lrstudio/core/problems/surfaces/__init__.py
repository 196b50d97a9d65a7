"""The losses of one or two weights that a formula gives."""
