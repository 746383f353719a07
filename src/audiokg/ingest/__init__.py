"""Turning the text of a source into the Turtle of `data/source/`."""
