"""An entry of a source, whatever its form, and its triples."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from audiokg.terms import expand


@dataclass(frozen=True)
class Entry:
    """One row as printed. `texts` maps date, name, title, ... to what is printed for it."""

    ident: str
    section: str
    section_line: int
    line: int
    locator: str
    links: tuple[str, ...]
    texts: Mapping[str, str]
    reference: int | None = None


def entry_triples(entry: Entry, source: ox.NamedNode) -> Iterator[ox.Triple]:
    """Describe an entry of a source."""
    iri = ox.NamedNode(f"{source.value}#{entry.ident}")
    yield ox.Triple(iri, term("rdf:type"), term("akg:SourceEntry"))
    yield ox.Triple(iri, term("akg:entryOf"), source)
    yield ox.Triple(iri, term("akg:line"), ox.Literal(entry.line))
    yield ox.Triple(iri, term("akg:locator"), ox.Literal(entry.locator))
    yield ox.Triple(iri, term("akg:section"), ox.Literal(entry.section))
    yield ox.Triple(iri, term("akg:sectionLine"), ox.Literal(entry.section_line))
    for name, text in entry.texts.items():
        if text:
            yield ox.Triple(iri, term(f"akg:{name}AsGiven"), ox.Literal(text))
    if entry.reference is not None:
        yield ox.Triple(iri, term("akg:referenceNumber"), ox.Literal(entry.reference))
    for link in entry.links:
        # A link within the page (#) or without a scheme leads nowhere from here; it stays as given.
        if "://" in link:
            yield ox.Triple(iri, term("foaf:page"), ox.NamedNode(link))


def term(name: str) -> ox.NamedNode:
    """Give the node of a name with one of our prefixes."""
    return ox.NamedNode(expand(name))
