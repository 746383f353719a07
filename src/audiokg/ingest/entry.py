"""An entry of a source, whatever its form, and its triples."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from audiokg.errors import SourceTextError
from audiokg.triples import say, term

#: What is wrong with a row that belongs to no table.
LOOSE = "expected this row in a table; an empty or other line, or a broken header, stands before it"


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


@dataclass(frozen=True)
class Unreadable:
    """What stands on a line and cannot be read; `ident` is that of the row that it should be."""

    line: int
    expected: str
    text: str = ""
    ident: str = ""


def entries_of(rows: Iterable[Entry | Unreadable], path: str) -> list[Entry]:
    """Give the entries. Raises SourceTextError for the first that cannot be read."""
    entries = []
    for row in rows:
        if isinstance(row, Unreadable):
            raise SourceTextError(path, row.line, row.expected)
        entries.append(row)
    return entries


def entry_triples(entry: Entry, source: ox.NamedNode) -> Iterator[ox.Triple]:
    """Describe an entry of a source."""
    iri = f"{source.value}#{entry.ident}"
    yield from say(iri, "rdf:type", term("akg:SourceEntry"))
    yield from say(iri, "akg:entryOf", source)
    yield from say(iri, "akg:line", ox.Literal(entry.line))
    yield from say(iri, "akg:locator", ox.Literal(entry.locator))
    yield from say(iri, "akg:section", ox.Literal(entry.section))
    yield from say(iri, "akg:sectionLine", ox.Literal(entry.section_line))
    for name, text in entry.texts.items():
        if text:
            yield from say(iri, f"akg:{name}AsGiven", ox.Literal(text))
    if entry.reference is not None:
        yield from say(iri, "akg:referenceNumber", ox.Literal(entry.reference))
    for link in entry.links:
        # A link within the page (#) or without a scheme leads nowhere from here; it stays as given.
        if "://" in link:
            yield from say(iri, "foaf:page", ox.NamedNode(link))
