"""The knowledge graph of large audio models: build, check, query and serve it."""

from importlib.metadata import version

__version__ = version("audiokg")
