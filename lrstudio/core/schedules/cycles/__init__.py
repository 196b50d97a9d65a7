"""The schedules whose rate rises and falls."""
