"""Many runs that keep summaries: sweeps, maps, range tests, the zones of a ruler."""
