"""Session files and CSV. No Qt."""
