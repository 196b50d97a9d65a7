"""The schedules that follow the loss."""
