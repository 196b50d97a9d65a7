"""The schedules of several stages, and those that are made of others."""
