"""The formats that answers come in: one table each for rows and for triples.

Media types: SPARQL 1.1 Query Results JSON, XML, CSV and TSV (https://www.w3.org/TR/sparql11-results-json/
and its siblings), Turtle, N-Triples, N-Quads, TriG, RDF/XML, JSON-LD.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox


@dataclass(frozen=True)
class Format:
    """A format: its name (suffix and ?format=), media type, other media types that ask for it."""

    name: str
    media_type: str
    aliases: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    charset: bool = False

    @property
    def content_type(self) -> str:
        """Give the value of the Content-Type header."""
        return f"{self.media_type}; charset=utf-8" if self.charset else self.media_type


#: For SELECT and ASK; the first is the answer to a client without a wish.
ROWS: Final = (
    Format("json", "application/sparql-results+json", ("application/json", "text/json")),
    Format("xml", "application/sparql-results+xml", ("application/xml", "text/xml")),
    Format("csv", "text/csv", charset=True),
    Format("tsv", "text/tab-separated-values", charset=True),
)
#: For CONSTRUCT and DESCRIBE, and for the RDF of a resource.
TRIPLES: Final = (
    Format(
        "ttl",
        "text/turtle",
        (
            *("application/x-turtle", "application/turtle", "text/n3", "text/rdf+n3"),
            *("application/n3", "application/rdf+n3"),
        ),
        ("turtle", "n3"),
        charset=True,
    ),
    Format("nt", "application/n-triples", ("text/plain",), ("ntriples", "n-triples")),
    Format("nq", "application/n-quads", ("text/x-nquads",), ("nquads", "n-quads")),
    Format("trig", "application/trig", ("application/x-trig",)),
    Format(
        "rdf", "application/rdf+xml", ("application/xml", "text/xml"), ("rdfxml", "xml", "rdf+xml")
    ),
    Format("jsonld", "application/ld+json", ("application/json", "text/json"), ("json-ld", "json")),
)

ROWS_WRITERS: Final = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
TRIPLES_WRITERS: Final = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}


def find_format(name: str, formats: Sequence[Format]) -> Format | None:
    """Find a format by its name, another name of it, or its media type."""
    wanted = name.strip().lower()
    return next(
        (f for f in formats if wanted in (f.name, f.media_type, *f.other_names, *f.aliases)), None
    )
