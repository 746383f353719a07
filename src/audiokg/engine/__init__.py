"""Answering SPARQL under limits, by local worker processes or a remote endpoint."""
