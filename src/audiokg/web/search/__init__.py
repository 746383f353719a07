"""Search, by name and by identifier."""
