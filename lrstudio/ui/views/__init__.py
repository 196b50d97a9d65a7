"""Where the canvases stand, and which of them are drawn in a frame."""
