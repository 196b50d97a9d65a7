"""One step with its numbers put in."""
