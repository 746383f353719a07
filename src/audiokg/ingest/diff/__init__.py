"""Comparing a newer text of a list with what was read before, and proposing what its rows mean."""
