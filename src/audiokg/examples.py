"""Describe the queries of the library in RDF, as the SPARQL examples of SIB are.

Terms: SHACL-SPARQL (https://www.w3.org/TR/shacl/#sparql-constraints) and schema.org; the pattern is
that of https://github.com/sib-swiss/sparql-examples. The same description stands in the snapshot
and in the answers of /query/.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import pyoxigraph as ox

from audiokg.binding import bind_terms, find_form
from audiokg.queries import Query
from audiokg.terms import BASE, PREFIXES, Term
from audiokg.triples import say, term, typed
from audiokg.turtle import read_term

#: What declares our prefixes.
DECLARATIONS: Final = BASE + "void#prefixes"
#: Form of a query -> its class, and the property that has its text.
_FORMS: Final = {
    "SELECT": ("sh:SPARQLSelectExecutable", "sh:select"),
    "CONSTRUCT": ("sh:SPARQLConstructExecutable", "sh:construct"),
    "ASK": ("sh:SPARQLAskExecutable", "sh:ask"),
}
#: The lines of a .rq file that tell of its parameters.
_HEADER: Final = re.compile(r"^#\+ (?:params|choices): .*\n(?:#\+   .*\n)*", re.MULTILINE)


def query_iri(query: Query) -> str:
    """Give the IRI of a query of the library."""
    return f"{BASE}query/{query.name}"


def read_defaults(query: Query) -> dict[str, Term]:
    """Give the default of each parameter of a query."""
    return {name: read_term(term) for name, term in query.parameters.items()}


def bind_query(query: Query, terms: Mapping[str, Term]) -> str:
    """Write the text of a query with terms for its parameters, which it then has no more."""
    return bind_terms(_HEADER.sub("", query.text), terms)


def describe_queries(queries: Iterable[Query]) -> list[ox.Triple]:
    """Say of each query its form, title, description, topic, endpoint and text.

    The text has the defaults of its parameters in their place: without a term for them many a query
    would find nothing, or everything.
    """
    return [triple for query in queries for triple in _describe(query)]


def declare_prefixes() -> Iterator[ox.Triple]:
    """Declare our prefixes (https://www.w3.org/TR/shacl/#sparql-prefixes)."""
    for prefix, namespace in PREFIXES.items():
        declaration = f"{BASE}void#prefix-{prefix}"
        yield from say(DECLARATIONS, "sh:declare", ox.NamedNode(declaration))
        yield from say(declaration, "sh:prefix", ox.Literal(prefix))
        yield from say(declaration, "sh:namespace", typed(namespace, "anyURI"))


def _describe(query: Query) -> Iterator[ox.Triple]:
    subject = query_iri(query)
    kind, text = _FORMS[find_form(query.text)]
    yield from say(subject, "rdf:type", term("sh:SPARQLExecutable"), term(kind))
    facts: dict[str, ox.NamedNode | ox.Literal] = {
        "rdfs:label": ox.Literal(query.title, language="en"),
        "rdfs:comment": ox.Literal(query.description, language="en"),
        "schema:keywords": ox.Literal(query.topic, language="en"),
        "schema:target": ox.NamedNode(BASE + "sparql"),
        "sh:prefixes": ox.NamedNode(DECLARATIONS),
        text: ox.Literal(bind_query(query, read_defaults(query))),
    }
    for property_, value in facts.items():
        yield from say(subject, property_, value)
