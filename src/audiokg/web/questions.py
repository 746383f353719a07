"""What pages ask: the queries of queries/page/, with terms bound, answered by the engine."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from audiokg.engine.protocol import Engine, QueryRequest
from audiokg.export.solutions import Row as Row
from audiokg.export.solutions import value as value
from audiokg.queries import Query
from audiokg.terms import Term


@dataclass(frozen=True)
class Questions:
    """The queries of one folder of queries/, by name."""

    engine: Engine
    queries: Mapping[str, Query] = field(default_factory=dict)

    def rows(self, name: str, **terms: str | Term) -> list[Row]:
        """Answer a SELECT; a `str` stands for an IRI. Raises QueryError."""
        return self.rows_of(self.queries[name].text, **terms)

    def rows_of(self, text: str, **terms: str | Term) -> list[Row]:
        """Answer a SELECT that is not in the folder. Raises QueryError."""
        asked = QueryRequest(text, bindings=_bind(terms))
        found: list[Row] = json.loads(self.engine.answer(asked).body)["results"]["bindings"]
        return found

    def holds(self, name: str, **terms: str | Term) -> bool:
        """Answer an ASK. Raises QueryError."""
        asked = QueryRequest(self.queries[name].text, bindings=_bind(terms))
        return bool(json.loads(self.engine.answer(asked).body)["boolean"])

    def triples(self, name: str, form: str, **terms: str | Term) -> bytes:
        """Answer a CONSTRUCT in the format of that name (formats.TRIPLES). Raises QueryError."""
        text = self.queries[name].text
        asked = QueryRequest(text, triples_format=form, bindings=_bind(terms))
        return self.engine.answer(asked).body

    def describe(self, iri: str, form: str) -> bytes:
        """Say what is known of a resource, which JSON-LD has at its top. Raises QueryError."""
        text, bindings = self.queries["resource-framed"].text, _bind({"resource": iri})
        asked = QueryRequest(text, triples_format=form, bindings=bindings, root=iri)
        return self.engine.answer(asked).body


def is_iri(text: str) -> bool:
    """Tell whether a text can stand as an IRI in a query."""
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


def _bind(terms: Mapping[str, str | Term]) -> dict[str, Term]:
    return {k: ox.NamedNode(t) if isinstance(t, str) else t for k, t in terms.items()}
