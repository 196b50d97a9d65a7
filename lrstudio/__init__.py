"""LR Studio: see, feel and understand what the learning rate does."""

__version__ = "0.1.0"
