"""Pictures and reports of the whole graph."""
