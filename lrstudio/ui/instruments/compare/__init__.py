"""The comparison of all runs."""
