"""Compiles operation graphs to WebAssembly: the same bits on every machine, and no lock held while it runs."""
