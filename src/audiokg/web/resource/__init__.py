"""The page and the RDF of each thing that has an IRI."""
