"""The window of training logs: runs and files in one view, with a diagnosis of each."""
