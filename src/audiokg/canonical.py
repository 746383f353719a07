"""Write triples in the one canonical form of Turtle, by rdflib's writer."""

import re
from collections.abc import Iterable
from io import BytesIO

import pyoxigraph as ox
import rdflib
from rdflib.plugins.serializers.turtle import TurtleSerializer

from audiokg.terms import PREFIXES

_BASE_LINE = re.compile(r"^@base <[^>]*> \.\n")
_DIGITS = re.compile(r"(\d+)")


def to_rdflib(triples: Iterable[ox.Triple]) -> rdflib.Graph:
    """Copy triples into an rdflib graph that knows our prefixes.

    Raises ValueError for a blank node: without a name a line cannot be reviewed or cited.
    """
    graph = rdflib.Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    for triple in triples:
        graph.add((_term(triple.subject), _term(triple.predicate), _term(triple.object)))
    return graph


def canonical(triples: Iterable[ox.Triple], base: str) -> str:
    """Write triples as canonical Turtle: `<>` (that is `base`) first, sorted, one object a line.

    Raises ValueError for a blank node.
    """
    stream = BytesIO()
    _CanonicalSerializer(to_rdflib(triples)).serialize(stream, base=base)
    return _BASE_LINE.sub("", stream.getvalue().decode()).strip("\n") + "\n"


class _CanonicalSerializer(TurtleSerializer):  # type: ignore[no-untyped-call, unused-ignore]
    def orderSubjects(self) -> list[rdflib.term.Node]:  # noqa: N802 (rdflib's name)
        """Sort by IRI with numbers as numbers, so that one new fact is one new line."""
        return sorted(self._subjects, key=self._place)

    def _place(self, subject: rdflib.term.Node) -> tuple[bool, list[tuple[int, str]]]:
        parts = _DIGITS.split(str(subject))
        # re.split puts the numbers at the odd places.
        key = [(int(part), "") if i % 2 else (0, part) for i, part in enumerate(parts)]
        return str(subject) != self.base, key


def _term(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> rdflib.term.Node:
    match term:
        case ox.NamedNode():
            return rdflib.URIRef(term.value)
        case ox.Literal() if term.language:
            return rdflib.Literal(term.value, lang=term.language)
        case ox.Literal():
            plain = term.datatype.value == PREFIXES["xsd"] + "string"
            datatype = None if plain else rdflib.URIRef(term.datatype.value)
            return rdflib.Literal(term.value, datatype=datatype, normalize=False)
    raise ValueError("a blank node has no name to cite; give it an IRI")
