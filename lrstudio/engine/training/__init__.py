"""How an experiment is advanced and recorded."""
