"""What can be said about a problem, a rate and a run: curvature, limits of stability, verdicts, suggestions."""
