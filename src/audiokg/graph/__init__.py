"""The graph for Python programs: what `audiokg.open()` gives."""
