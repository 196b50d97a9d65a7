"""The lessons beside the plots: their list, their steps, and the course that goes through them."""
