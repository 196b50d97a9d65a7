"""The terminal: every command but the window. No Qt."""
