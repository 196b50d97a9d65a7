"""Smith's range test, and the log of somebody's own training."""
