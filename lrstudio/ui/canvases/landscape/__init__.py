"""The loss over its parameters, with the paths of the runs."""
