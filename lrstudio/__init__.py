"""LR Studio: see, feel and understand what the learning rate does."""

__version__ = "0.1.0"
ARITHMETIC = 1
"""The version of the arithmetic: results of the same version are equal to the last bit."""
