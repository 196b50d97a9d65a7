"""The main window: puts the parts together and tells them of one another."""
