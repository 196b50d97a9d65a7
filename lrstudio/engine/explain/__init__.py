"""One recorded step, explained line by line."""
