"""Describe the queries of the library in RDF, as the SPARQL examples of SIB are.

Terms: SHACL-SPARQL (https://www.w3.org/TR/shacl/#sparql-constraints) and schema.org; the pattern is
that of https://github.com/sib-swiss/sparql-examples.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from audiokg.engine.binding import find_form
from audiokg.queries import Query
from audiokg.terms import BASE, RDF_TYPE, expand

#: Form of a query -> its class, and the property that has its text.
_FORMS: Final = {
    "SELECT": ("sh:SPARQLSelectExecutable", "sh:select"),
    "CONSTRUCT": ("sh:SPARQLConstructExecutable", "sh:construct"),
    "ASK": ("sh:SPARQLAskExecutable", "sh:ask"),
}


def query_iri(query: Query) -> str:
    """Give the IRI of a query of the library."""
    return f"{BASE}query/{query.name}"


def describe_queries(queries: Iterable[Query]) -> list[ox.Triple]:
    """Say of each query its form, title, description, topic, endpoint and text."""
    return [triple for query in queries for triple in _describe(query)]


def _describe(query: Query) -> Iterator[ox.Triple]:
    subject = ox.NamedNode(query_iri(query))
    kind, text = _FORMS[find_form(query.text)]
    for class_ in ("sh:SPARQLExecutable", kind):
        yield ox.Triple(subject, ox.NamedNode(RDF_TYPE), ox.NamedNode(expand(class_)))
    facts: dict[str, ox.NamedNode | ox.Literal] = {
        "rdfs:label": ox.Literal(query.title, language="en"),
        "rdfs:comment": ox.Literal(query.description, language="en"),
        "schema:keywords": ox.Literal(query.topic, language="en"),
        "schema:target": ox.NamedNode(BASE + "sparql"),
        text: ox.Literal(query.text),
    }
    for property_, value in facts.items():
        yield ox.Triple(subject, ox.NamedNode(expand(property_)), value)
