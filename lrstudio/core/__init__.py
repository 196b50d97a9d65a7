"""What is taught: formulas, problems, optimizers, schedules. numpy only, no Qt."""
