"""Count a graph by class, property, and class or datatype of the value, in VoID.

A class partition (https://www.w3.org/TR/void/#class-property-partitions) holds the partitions of
the properties of its things, and each of those the classes of its values, or their datatypes by
http://ldf.fi/void-ext#, as https://github.com/JervenBolleman/void-generator writes them; editors
complete by it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox

from audiokg.terms import BASE, RDF_TYPE, XSD, expand, shorten

_INTEGER: Final = ox.NamedNode(XSD + "integer")
#: Depth of a partition -> the properties that hold it, that say what of, and how many.
_CLASS: Final = ("void:classPartition", "void:class", "void:entities")
_PROPERTY: Final = ("void:propertyPartition", "void:property", "void:triples")
_VALUES: Final = ("void:classPartition", "void:class", "void:triples")
_DATATYPE: Final = ("void-ext:datatypePartition", "void-ext:datatype", "void:triples")
#: The classes of each thing.
_Classes = Mapping[object, list[ox.NamedNode]]


def describe_partitions(dataset: str, triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """Yield the partitions of a dataset that has these triples, which are read several times."""
    classes = _classes(triples)
    for (property_,), size in Counter((triple.predicate,) for triple in triples).items():
        yield from _part(ox.NamedNode(dataset), "property", (property_,), size, _PROPERTY)
    for (class_,), size in Counter((one,) for found in classes.values() for one in found).items():
        yield from _part(ox.NamedNode(dataset), "class", (class_,), size, _CLASS)
    of_class = Counter(
        (class_, triple.predicate)
        for triple in triples
        for class_ in classes.get(triple.subject, ())
    )
    for (class_, property_), size in of_class.items():
        whole = _node("class", (class_,))
        yield from _part(whole, "class", (class_, property_), size, _PROPERTY)
    for words, of_values in ((_VALUES, _by_class), (_DATATYPE, _by_datatype)):
        for path, size in Counter(of_values(triples, classes)).items():
            yield from _part(_node("class", path[:-1]), "class", path, size, words)


def _classes(triples: Iterable[ox.Triple]) -> _Classes:
    found: dict[object, list[ox.NamedNode]] = defaultdict(list)
    for triple in triples:
        if triple.predicate.value == RDF_TYPE and isinstance(triple.object, ox.NamedNode):
            found[triple.subject].append(triple.object)
    return dict(found)


def _by_class(
    triples: Iterable[ox.Triple], classes: _Classes
) -> Iterator[tuple[ox.NamedNode, ...]]:
    for triple in triples:
        for other in classes.get(triple.object, ()):
            for class_ in classes.get(triple.subject, ()):
                yield class_, triple.predicate, other


def _by_datatype(
    triples: Iterable[ox.Triple], classes: _Classes
) -> Iterator[tuple[ox.NamedNode, ...]]:
    for triple in triples:
        if isinstance(triple.object, ox.Literal):
            for class_ in classes.get(triple.subject, ()):
                yield class_, triple.predicate, triple.object.datatype


def _part(
    whole: ox.NamedNode,
    kind: str,
    path: tuple[ox.NamedNode, ...],
    size: int,
    words: tuple[str, str, str],
) -> Iterator[ox.Triple]:
    part = _node(kind, path)
    holds, of, count = (ox.NamedNode(expand(word)) for word in words)
    yield ox.Triple(whole, holds, part)
    yield ox.Triple(part, of, path[-1])
    yield ox.Triple(part, count, ox.Literal(str(size), datatype=_INTEGER))


def _node(kind: str, path: tuple[ox.NamedNode, ...]) -> ox.NamedNode:
    """Name a partition by what it is of, so that it has that name in the next snapshot too."""
    return ox.NamedNode(f"{BASE}void#{'-'.join((kind, *map(_name, path)))}")


def _name(term: ox.NamedNode) -> str:
    return quote(shorten(term.value).strip("<>").replace(":", ".", 1), safe="")
