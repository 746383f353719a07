"""Make triples, with names for IRIs: `say(iri, "rdf:type", term("akg:Model"))`."""

from collections.abc import Iterator

import pyoxigraph as ox

from audiokg.terms import XSD, expand


def term(name: str) -> ox.NamedNode:
    """Give the node of a name with one of our prefixes, or of an IRI.

    Raises ValueError for an unknown prefix.
    """
    return ox.NamedNode(expand(name))


def typed(value: str, datatype: str) -> ox.Literal:
    """Give a literal of a datatype of XML Schema, by its local name."""
    return ox.Literal(value, datatype=ox.NamedNode(XSD + datatype))


def say(subject: str, name: str, *objects: ox.NamedNode | ox.Literal) -> Iterator[ox.Triple]:
    """Say of an IRI, by the name of a property, its values: a triple each."""
    for value in objects:
        yield ox.Triple(ox.NamedNode(subject), term(name), value)
