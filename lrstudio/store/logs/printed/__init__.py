"""Training logs that programs print: lines of names and numbers, and tables between them."""
