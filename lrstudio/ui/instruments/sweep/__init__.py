"""The sweep over hundreds of rates."""
