"""Describe a release in VoID and DCAT: what is in it, counted, and each of its files.

https://www.w3.org/TR/void/, https://www.w3.org/TR/vocab-dcat-3/; checksums are SPDX's.
"""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

import pyoxigraph as ox

from audiokg.metadata import DATASET, describe, to_turtle
from audiokg.release.archive import sha256
from audiokg.release.dumps import GZIP, ZIP, Item
from audiokg.terms import BASE, DUMP, MEDIA_TYPES, SPDX, XSD, expand

_VOID: Final = BASE + "void#"
_PUBLISHER: Final = _VOID + "publisher"
_Term = TypeVar("_Term")
#: What holds of the service and of the newest data, not of a release.
_OF_THE_SERVICE: Final = tuple(map(expand, ("void:sparqlEndpoint", "void:feature", "rdfs:comment")))
#: A zip holds several files, gzip one (DCAT 3, sections 6.8.14 and 6.8.15).
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
    subject, value = (_rename(term, release) for term in (triple.subject, triple.object))
    assert isinstance(subject, ox.NamedNode)  # noqa: S101
    return ox.Triple(subject, triple.predicate, value)


def _rename(term: _Term, release: str) -> _Term | ox.NamedNode:
    if not isinstance(term, ox.NamedNode) or term.value == _PUBLISHER:
        return term
    if term.value == DATASET:
        return ox.NamedNode(release)
    name = term.value.removeprefix(_VOID)
    return term if name == term.value else ox.NamedNode(f"{release}void.ttl#{name}")


def _versions(release: str, version: str, previous: str) -> Iterator[ox.Triple]:
    yield _say(release, "dcterms:isVersionOf", ox.NamedNode(DATASET))
    yield _say(release, "dcterms:conformsTo", ox.NamedNode(f"{BASE}ontology/{version}"))
    if previous:
        yield _say(release, "dcat:previousVersion", ox.NamedNode(f"{DUMP}{previous}/"))


def _files(release: str, items: Sequence[Item]) -> Iterator[ox.Triple]:
    for item in items:
        node, url = f"{release}#{item.name}", ox.NamedNode(release + item.name)
        yield _say(release, "dcat:distribution", ox.NamedNode(node))
        yield _say(node, "rdf:type", _iri("dcat:Distribution"))
        yield _say(node, "dcterms:title", ox.Literal(item.what, language="en"))
        yield _say(node, "dcat:downloadURL", url)
        yield _say(node, "dcat:mediaType", _media_type(item.media_type))
        yield _say(node, "dcat:byteSize", _typed(str(len(item.content)), "nonNegativeInteger"))
        if item.packed:
            yield _say(node, _PACKING[item.packed], _media_type(item.packed))
        if item.is_rdf:
            yield _say(release, "void:dataDump", url)
        yield from _checksum(node, item)


def _checksum(node: str, item: Item) -> Iterator[ox.Triple]:
    checksum = f"{node}-sha256"
    algorithm = ox.NamedNode(SPDX + "checksumAlgorithm_sha256")
    yield _say(node, SPDX + "checksum", ox.NamedNode(checksum))
    yield _say(checksum, "rdf:type", ox.NamedNode(SPDX + "Checksum"))
    yield _say(checksum, SPDX + "algorithm", algorithm)
    yield _say(checksum, SPDX + "checksumValue", _typed(sha256(item.content), "hexBinary"))


def _say(subject: str, name: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
    return ox.Triple(ox.NamedNode(subject), _iri(name), value)


def _iri(name: str) -> ox.NamedNode:
    return ox.NamedNode(expand(name))


def _typed(value: str, datatype: str) -> ox.Literal:
    return ox.Literal(value, datatype=ox.NamedNode(XSD + datatype))


def _media_type(name: str) -> ox.NamedNode:
    return ox.NamedNode(MEDIA_TYPES + name)
