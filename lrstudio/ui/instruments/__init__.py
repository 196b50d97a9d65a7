"""The instruments: comparison, range test, sweep, map and explained step."""
