"""Checks of the graph: syntax, canonical form, shapes, rules and OWL, as one sorted list of problems."""
