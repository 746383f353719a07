"""Things side by side, and results in order."""
