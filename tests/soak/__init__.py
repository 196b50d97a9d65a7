"""Long runs with random input, each a command: python -m tests.soak.NAME --count N --seed S."""
