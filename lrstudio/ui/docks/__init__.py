"""The parameter dock, the transport, the step table and the status line."""
