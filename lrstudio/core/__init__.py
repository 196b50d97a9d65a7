"""Formulas, problems, optimizers, schedules and their analysis. numpy only, no Qt."""
