"""Checks of the graph: syntax, canonical form, shapes, rules, OWL; one sorted list of problems."""
