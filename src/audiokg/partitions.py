"""Count a graph by class, property, and class or datatype of the value, in VoID.

A class partition (https://www.w3.org/TR/void/#class-property-partitions) holds the partitions of
the properties of its things, and each of those the classes of its values, or their datatypes by
http://ldf.fi/void-ext#, as https://github.com/JervenBolleman/void-generator writes them; editors
complete by it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox

from audiokg.terms import BASE, expand, shorten


@dataclass(frozen=True)
class _Kind:
    """A kind of partition: its name; what holds it, says what it is of, and how large it is.

    The query gives what the partitions around it are of, what it is of, and its size.
    """

    name: str
    holds: str
    of: str
    size: str
    query: str


_KINDS: Final = (
    _Kind(
        *("property", "void:propertyPartition", "void:property", "void:triples"),
        "SELECT ?p (COUNT(*) AS ?size) { ?s ?p ?o } GROUP BY ?p",
    ),
    _Kind(
        *("class", "void:classPartition", "void:class", "void:entities"),
        "SELECT ?c (COUNT(*) AS ?size) { ?s a ?c } GROUP BY ?c",
    ),
    _Kind(
        *("class", "void:propertyPartition", "void:property", "void:triples"),
        "SELECT ?c ?p (COUNT(*) AS ?size) { ?s a ?c ; ?p ?o } GROUP BY ?c ?p",
    ),
    _Kind(
        *("class", "void:classPartition", "void:class", "void:triples"),
        "SELECT ?c ?p ?d (COUNT(*) AS ?size) { ?s a ?c ; ?p ?o . ?o a ?d } GROUP BY ?c ?p ?d",
    ),
    _Kind(
        *("class", "void-ext:datatypePartition", "void-ext:datatype", "void:triples"),
        "SELECT ?c ?p ?d (COUNT(*) AS ?size) { ?s a ?c ; ?p ?o FILTER isLiteral(?o) } "
        "GROUP BY ?c ?p (DATATYPE(?o) AS ?d)",
    ),
)


def describe_partitions(dataset: str, store: ox.Store) -> Iterator[ox.Triple]:
    """Yield the partitions of a dataset, which is the default graph of a store."""
    for kind in _KINDS:
        rows = store.query(kind.query)
        assert isinstance(rows, ox.QuerySolutions)  # noqa: S101
        for *path, size in rows:
            whole = _node("class", path[:-1]) if len(path) > 1 else ox.NamedNode(dataset)
            yield from _part(whole, kind, path, size)


def _part(
    whole: ox.NamedNode, kind: _Kind, path: list[ox.NamedNode], size: ox.Literal
) -> Iterator[ox.Triple]:
    part = _node(kind.name, path)
    holds, of, count = (ox.NamedNode(expand(word)) for word in (kind.holds, kind.of, kind.size))
    yield ox.Triple(whole, holds, part)
    yield ox.Triple(part, of, path[-1])
    yield ox.Triple(part, count, size)


def _node(name: str, path: list[ox.NamedNode]) -> ox.NamedNode:
    """Name a partition by what it is of, so that it has that name in the next snapshot too."""
    return ox.NamedNode(f"{BASE}void#{'-'.join((name, *map(name_in_path, path)))}")


def name_in_path(term: ox.NamedNode) -> str:
    """Give a name for a term that can be part of a name: its short one, as `schema.sameAs`."""
    return quote(shorten(term.value).strip("<>").replace(":", ".", 1), safe="")
