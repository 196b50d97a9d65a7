"""Optimizers whose update of a parameter reads others: of its tensor, or all."""
