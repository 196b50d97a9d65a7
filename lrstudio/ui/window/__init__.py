"""The main window, its menus and the application."""
