"""The schedules whose rate only falls."""
