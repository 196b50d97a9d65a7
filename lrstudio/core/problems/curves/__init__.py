"""The losses of one weight that a formula gives."""
