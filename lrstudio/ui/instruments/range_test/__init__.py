"""Smith's range test, and training logs beside it."""
