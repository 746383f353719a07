"""Lists with facets, and the start page."""
