"""The sources that can be read, and writing what one says to `data/source/`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from audiokg.canonical import canonical
from audiokg.errors import InputError, SourceTextError
from audiokg.files import write_text
from audiokg.ingest import speech_trident
from audiokg.terms import BASE, GRAPH, XSD, expand


@dataclass(frozen=True)
class SourceText:
    """A source whose text can be read: who it is, when this copy was read, and how to read it."""

    kind: str
    label: str
    page: str
    read_on: str
    describe: Callable[[str, str, str], Iterator[ox.Triple]]


SOURCES: Mapping[str, SourceText] = {
    "speech-trident-v4": SourceText(
        kind="akg:CuratedList",
        label="Speech Trident, version 4",
        page="https://github.com/ga642381/speech-trident",
        read_on="2026-11-21",
        describe=speech_trident.describe,
    ),
}


def ingest(source: str, file: Path) -> str:
    """Turn the text of a source into the canonical Turtle of its graph.

    Raises InputError for an unknown source or a file that is no UTF-8 text, SourceTextError for
    a line that cannot be read.
    """
    if source not in SOURCES:
        raise InputError(f"unknown source “{source}”; known are {', '.join(sorted(SOURCES))}")
    spec = SOURCES[source]
    graph = GRAPH + "source/" + source
    triples = {*_head(spec, source, graph), *spec.describe(_read(file), str(file), source)}
    return canonical(triples, graph)


def write(source: str, turtle: str, data: Path) -> tuple[Path, bool]:
    """Write the graph of a source below `data`; say where, and whether anything changed."""
    path = data / "source" / f"{source}.ttl"
    return path, write_text(path, turtle)


def _head(spec: SourceText, source: str, graph: str) -> Iterator[ox.Triple]:
    iri = ox.NamedNode(BASE + "source/" + source)
    head = ox.NamedNode(graph)
    read_on = ox.Literal(spec.read_on, datatype=ox.NamedNode(XSD + "date"))
    yield ox.Triple(head, _term("dcterms:source"), iri)
    yield ox.Triple(head, _term("dcterms:modified"), read_on)
    yield ox.Triple(iri, _term("rdf:type"), _term(spec.kind))
    yield ox.Triple(iri, _term("rdfs:label"), ox.Literal(spec.label))
    yield ox.Triple(iri, _term("foaf:page"), ox.NamedNode(spec.page))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SourceTextError(str(file), line, "expected UTF-8 text") from error
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from error


def _term(name: str) -> ox.NamedNode:
    return ox.NamedNode(expand(name))
