"""The experiment dock, the tool bar, the step table and the status line."""
