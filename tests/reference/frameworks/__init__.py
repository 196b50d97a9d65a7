"""What the schedules and optimizers of other libraries give, recorded."""
