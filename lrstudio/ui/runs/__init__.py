"""The list of runs, its actions and its verdicts."""
