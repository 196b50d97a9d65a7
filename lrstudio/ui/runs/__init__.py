"""The list of runs and what is done with its rows."""
