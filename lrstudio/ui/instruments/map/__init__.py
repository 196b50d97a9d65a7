"""The map of two numbers."""
