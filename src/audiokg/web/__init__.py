"""The HTTP face: SPARQL protocol, and a page and RDF for every resource."""
