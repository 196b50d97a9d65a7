"""How it runs: experiments, the batched simulation, the trace and the pilot. No Qt."""
