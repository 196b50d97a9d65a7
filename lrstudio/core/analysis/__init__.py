"""The analysis of problems, rates and runs: curvature, stability limits, verdicts, suggestions."""
