"""The explanation of one optimizer step with its numbers."""
