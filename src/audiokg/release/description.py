"""Describe a release in VoID and DCAT: what is in it, counted, and each of its files.

https://www.w3.org/TR/void/, https://www.w3.org/TR/vocab-dcat-3/; checksums are SPDX's.
"""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

import pyoxigraph as ox

from audiokg.metadata import DATASET, describe, to_turtle
from audiokg.release.archive import sha256
from audiokg.release.dumps import GZIP, ZIP, Item
from audiokg.terms import BASE, DUMP, MEDIA_TYPES, SPDX, expand
from audiokg.triples import say, term, typed

_VOID: Final = BASE + "void#"
_PUBLISHER: Final = _VOID + "publisher"
_Term = TypeVar("_Term")
#: What holds of the service and of the newest data, not of a release.
_OF_THE_SERVICE: Final = tuple(map(expand, ("void:sparqlEndpoint", "void:feature", "rdfs:comment")))
#: A zip holds several files, gzip one (DCAT 3, sections 6.8.19 and 6.8.18).
_PACKING: Final = {ZIP: "dcat:packageFormat", GZIP: "dcat:compressFormat"}


def describe_release(
    store: ox.Store, version: str, previous: str, modified: str, items: Sequence[Item]
) -> bytes:
    """Describe a release whose default graph `store` has, with the files that hold it."""
    release = f"{DUMP}{version}/"
    counted = [
        _move(triple, release)
        for triple in describe(store, version, modified)
        if _is_of_data(triple)
    ]
    return to_turtle([*counted, *_versions(release, version, previous), *_files(release, items)])


def _is_of_data(triple: ox.Triple) -> bool:
    of_service = str(triple.subject) == f"<{_VOID}sparql>"
    return not of_service and triple.predicate.value not in _OF_THE_SERVICE


def _move(triple: ox.Triple, release: str) -> ox.Triple:
    """Say of the release what is said of the dataset, and name its partitions after it."""
    subject, value = (_rename(old, release) for old in (triple.subject, triple.object))
    assert isinstance(subject, ox.NamedNode)  # noqa: S101
    return ox.Triple(subject, triple.predicate, value)


def _rename(old: _Term, release: str) -> _Term | ox.NamedNode:
    if not isinstance(old, ox.NamedNode) or old.value == _PUBLISHER:
        return old
    if old.value == DATASET:
        return ox.NamedNode(release)
    name = old.value.removeprefix(_VOID)
    return old if name == old.value else ox.NamedNode(f"{release}void.ttl#{name}")


def _versions(release: str, version: str, previous: str) -> Iterator[ox.Triple]:
    yield from say(release, "dcterms:isVersionOf", ox.NamedNode(DATASET))
    yield from say(release, "dcterms:conformsTo", ox.NamedNode(f"{BASE}ontology/{version}"))
    if previous:
        yield from say(release, "dcat:previousVersion", ox.NamedNode(f"{DUMP}{previous}/"))


def _files(release: str, items: Sequence[Item]) -> Iterator[ox.Triple]:
    for item in items:
        node, url = f"{release}#{item.name}", ox.NamedNode(release + item.name)
        yield from say(release, "dcat:distribution", ox.NamedNode(node))
        yield from say(node, "rdf:type", term("dcat:Distribution"))
        yield from say(node, "dcterms:title", ox.Literal(item.what, language="en"))
        yield from say(node, "dcat:downloadURL", url)
        yield from say(node, "dcat:mediaType", _media_type(item.media_type))
        yield from say(node, "dcat:byteSize", typed(str(len(item.content)), "nonNegativeInteger"))
        if item.packed:
            yield from say(node, _PACKING[item.packed], _media_type(item.packed))
        if item.is_rdf:
            yield from say(release, "void:dataDump", url)
        yield from _checksum(node, item)


def _checksum(node: str, item: Item) -> Iterator[ox.Triple]:
    checksum = f"{node}-sha256"
    algorithm = ox.NamedNode(SPDX + "checksumAlgorithm_sha256")
    yield from say(node, SPDX + "checksum", ox.NamedNode(checksum))
    yield from say(checksum, "rdf:type", ox.NamedNode(SPDX + "Checksum"))
    yield from say(checksum, SPDX + "algorithm", algorithm)
    yield from say(checksum, SPDX + "checksumValue", typed(sha256(item.content), "hexBinary"))


def _media_type(name: str) -> ox.NamedNode:
    return ox.NamedNode(MEDIA_TYPES + name)
