"""The schedules that are typed or drawn."""
