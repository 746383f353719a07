"""The sources that can be read, and writing what one says to `data/source/`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from audiokg.canonical import canonical
from audiokg.errors import InputError, SourceTextError
from audiokg.files import write_text
from audiokg.ingest import awesome, readings, speech_trident
from audiokg.ingest.entry import Entry, Unreadable
from audiokg.ingest.markdown import read_title
from audiokg.terms import BASE, GRAPH, XSD, shorten
from audiokg.triples import term
from audiokg.turtle import read_triples

Describe = Callable[[str, str, str], Iterator[ox.Triple]]


@dataclass(frozen=True)
class SourceText:
    """A source whose text can be read: what it is, when this copy was read, and how to read it.

    `describe` reads what a program can read; what people read is added from data/reading/. Of a
    list `read_rows` reads each row or says why not, and `classes` maps the word that names the
    entries of a section to the class of what they list. The claims of a `claims_only` source never
    become facts by themselves.
    """

    kind: str
    label: str
    page: str
    title: Callable[[str], str]
    describe: Describe = lambda text, path, source: iter(())
    read_on: str = "2026-11-21"
    claims_only: bool = False
    read_rows: Callable[[str], Iterator[Entry | Unreadable]] | None = None
    classes: Mapping[str, str] = field(default_factory=dict)


def _first_line(text: str) -> str:
    return next((line.strip("# ").strip() for line in text.splitlines() if line.strip()), "")


_TRIDENT = "https://github.com/ga642381/speech-trident"
SOURCES: Mapping[str, SourceText] = {
    "awesome-large-audio-models": SourceText(
        kind="akg:CuratedList",
        label="Awesome Large Audio Models",
        page="https://github.com/EmulationAI/awesome-large-audio-models",
        title=awesome.title,
        describe=awesome.describe,
        read_rows=awesome.read_rows,
        classes=awesome.CLASSES,
    ),
    "sparks-of-large-audio-models": SourceText(
        kind="akg:SurveyPublication",
        label="Sparks of Large Audio Models",
        page="https://arxiv.org/abs/2308.12792",
        title=_first_line,
    ),
    "speech-trident-v2": SourceText(
        kind="akg:CuratedList",
        label="Speech Trident, version 2",
        page=_TRIDENT,
        title=read_title,
        describe=speech_trident.describe,
        read_rows=speech_trident.read_rows,
        classes=speech_trident.CLASSES,
    ),
    "speech-trident-v4": SourceText(
        kind="akg:CuratedList",
        label="Speech Trident, version 4",
        page=_TRIDENT,
        title=read_title,
        describe=speech_trident.describe,
        read_rows=speech_trident.read_rows,
        classes=speech_trident.CLASSES,
    ),
    "survey-of-audio-language-models": SourceText(
        kind="akg:SurveyPublication",
        label="A Survey of Audio Language Models",
        page="",
        title=_first_line,
        claims_only=True,
    ),
}


def find_source(source: str) -> SourceText:
    """Find a source by its id. Raises InputError that lists those there are."""
    if source not in SOURCES:
        raise InputError(f"unknown source “{source}”; known are {', '.join(sorted(SOURCES))}")
    return SOURCES[source]


def ingest(source: str, file: Path, data: Path) -> str:
    """Turn the text of a source, and what was read in it, into the canonical Turtle of its graph.

    Raises InputError for an unknown source or a file that is no UTF-8 text, SourceTextError for
    a line that cannot be read or does not print what was read.
    """
    spec = find_source(source)
    text = read_source_text(file)
    graph = GRAPH + "source/" + source
    triples = {
        *_head(spec, source, graph, text),
        *spec.describe(text, str(file), source),
        *readings.describe(text, str(file), source, data),
    }
    return canonical(triples, graph)


def write(
    source: str, turtle: str, data: Path, file: Path, replace: bool = False
) -> tuple[Path, bool]:
    """Write the graph of a source below `data`; say where, and whether anything changed.

    Raises SourceTextError, and writes nothing, if an entry that was read before is gone or reads
    differently, or a new one came, unless `replace` says that the text is another one on purpose.
    """
    path = data / "source" / f"{source}.ttl"
    if path.exists() and not replace:
        before = _entries(path.read_text(encoding="utf-8"))
        _expect_same(before, _entries(turtle), str(file))
    return path, write_text(path, turtle)


def _entries(turtle: str) -> dict[str, dict[str, str]]:
    """Give what is printed for each entry, by IRI."""
    entries: dict[str, dict[str, str]] = {}
    for triple in read_triples(turtle, GRAPH):
        if isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.Literal):
            name = shorten(triple.predicate.value)
            if name in _PRINTED:
                entries.setdefault(triple.subject.value, {})[name] = triple.object.value
    return {iri: printed for iri, printed in entries.items() if "akg:section" in printed}


_PRINTED = {
    *("akg:line", "akg:section", "akg:dateAsGiven", "akg:nameAsGiven", "akg:titleAsGiven"),
    *("akg:linksAsGiven", "akg:authorsAsGiven", "akg:sizeAsGiven", "akg:venueAsGiven"),
}


def _expect_same(
    before: dict[str, dict[str, str]], after: dict[str, dict[str, str]], path: str
) -> None:
    for iri in sorted(before.keys() | after.keys()):
        old, new = before.get(iri, {}), after.get(iri, {})
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                line = int(new.get("akg:line") or old.get("akg:line") or 1)
                entry = iri.partition("#")[2]
                was, now = old.get(name, "nothing"), new.get(name, "nothing")
                raise SourceTextError(
                    path,
                    line,
                    f"this is not the text that was read before: for {entry}, {name} was “{was}” "
                    f"and is “{now}”; nothing was written (--replace if this is meant)",
                )


def _head(spec: SourceText, source: str, graph: str, text: str) -> Iterator[ox.Triple]:
    iri = ox.NamedNode(BASE + "source/" + source)
    head = ox.NamedNode(graph)
    read_on = ox.Literal(spec.read_on, datatype=ox.NamedNode(XSD + "date"))
    yield ox.Triple(head, term("dcterms:source"), iri)
    yield ox.Triple(head, term("dcterms:modified"), read_on)
    yield ox.Triple(iri, term("rdf:type"), term(spec.kind))
    yield ox.Triple(iri, term("rdfs:label"), ox.Literal(spec.label))
    yield ox.Triple(iri, term("dcterms:title"), ox.Literal(spec.title(text)))
    if spec.page:
        yield ox.Triple(iri, term("foaf:page"), ox.NamedNode(spec.page))
    if spec.claims_only:
        yield ox.Triple(iri, term("akg:claimsOnly"), ox.Literal(True))


def read_source_text(file: Path) -> str:
    """Read the text of a source. Raises InputError for a file that cannot be read as UTF-8."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SourceTextError(str(file), line, "expected UTF-8 text") from error
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from error
