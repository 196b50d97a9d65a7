"""The open session, its history, its worker thread and the bench. No widgets."""
