"""SPARQL, its description, and graphs, over HTTP."""
