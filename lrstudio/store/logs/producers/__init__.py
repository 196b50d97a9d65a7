"""What the numbers of each program mean."""
