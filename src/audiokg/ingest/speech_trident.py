"""Read a version of the Speech Trident list: three tables of works, one row each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from audiokg.errors import SourceTextError
from audiokg.ingest.markdown import Row, Table, join_cells, read_tables, read_title
from audiokg.terms import BASE, expand

COLUMNS = ("Date", "Model Name", "Paper Title", "Link")
#: Heading of a section -> the word that names its entries.
SECTIONS = {
    "Speech/Audio Language Models": "language-model",
    "Speech/Audio Codec Models": "codec",
    "Speech/Audio Representation Models": "representation-model",
}
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_TITLE = COLUMNS.index("Paper Title")


@dataclass(frozen=True)
class Entry:
    """One row as printed; `position` counts within its section from 1."""

    section: str
    section_line: int
    position: int
    line: int
    date: str
    name: str
    title: str
    links_as_given: str
    links: tuple[str, ...]


def read_entries(text: str, path: str) -> list[Entry]:
    """Read every row of the three tables.

    Raises SourceTextError, with the line and what was expected, for a row that cannot be read.
    """
    tables = {table.heading: table for table in read_tables(text) if table.columns == COLUMNS}
    _check_sections(tables, path)
    return [
        _entry(table, position, row, path)
        for table in tables.values()
        for position, row in enumerate(table.rows, start=1)
    ]


def describe(text: str, path: str, source: str) -> Iterator[ox.Triple]:
    """Describe the list's entries and its printed title as triples of the source's graph."""
    iri = ox.NamedNode(BASE + "source/" + source)
    yield ox.Triple(iri, _term("dcterms:title"), ox.Literal(read_title(text)))
    for entry in read_entries(text, path):
        yield from _entry_triples(entry, iri)


def _check_sections(tables: dict[str, Table], path: str) -> None:
    for heading in SECTIONS:
        if heading not in tables:
            columns = " | ".join(COLUMNS)
            raise SourceTextError(path, 1, f"expected a table {columns} under “{heading}”")
    for heading, table in tables.items():
        if heading not in SECTIONS:
            known = ", ".join(f"“{name}”" for name in SECTIONS)
            raise SourceTextError(
                path, table.line, f"expected a section of {known}, found “{heading}”"
            )


def _entry(table: Table, position: int, row: Row, path: str) -> Entry:
    cells = row.cells
    if len(cells) > len(COLUMNS) and cells[-1].links:
        # A bare | can only stand in the title: the other columns are checked below.
        surplus = len(cells) - len(COLUMNS)
        title = join_cells(cells[_TITLE : _TITLE + surplus + 1])
        cells = (*cells[:_TITLE], title, *cells[_TITLE + surplus + 1 :])
    if len(cells) != len(COLUMNS):
        expected = f"expected {len(COLUMNS)} cells ({' | '.join(COLUMNS)}), found {len(cells)}"
        raise SourceTextError(path, row.line, expected)
    date, name, title, link = cells
    for cell, column, fits in (
        (date, "a month such as 2024-05 as Date", _MONTH.fullmatch(date.text)),
        (name, "a name, or - for none, as Model Name", name.text),
        (title, "a title as Paper Title", title.text),
        (link, "a link such as [paper](https://…) as Link", link.links),
    ):
        if not fits:
            raise SourceTextError(path, row.line, f"expected {column}, found “{cell.source}”")
    return Entry(
        section=table.heading,
        section_line=table.heading_line,
        position=position,
        line=row.line,
        date=date.text,
        name=name.text,
        title=title.text,
        links_as_given=link.source,
        links=(*link.links, *title.links, *name.links),
    )


def _entry_triples(entry: Entry, source: ox.NamedNode) -> Iterator[ox.Triple]:
    iri = ox.NamedNode(f"{source.value}#{SECTIONS[entry.section]}-{entry.position}")
    yield ox.Triple(iri, _term("rdf:type"), _term("akg:SourceEntry"))
    yield ox.Triple(iri, _term("akg:entryOf"), source)
    for name, value in (
        ("akg:line", ox.Literal(entry.line)),
        ("akg:locator", ox.Literal(f"{entry.section}, row {entry.position}")),
        ("akg:section", ox.Literal(entry.section)),
        ("akg:sectionLine", ox.Literal(entry.section_line)),
        ("akg:dateAsGiven", ox.Literal(entry.date)),
        ("akg:nameAsGiven", ox.Literal(entry.name)),
        ("akg:titleAsGiven", ox.Literal(entry.title)),
        ("akg:linksAsGiven", ox.Literal(entry.links_as_given)),
    ):
        yield ox.Triple(iri, _term(name), value)
    for link in entry.links:
        yield ox.Triple(iri, _term("foaf:page"), ox.NamedNode(link))


def _term(name: str) -> ox.NamedNode:
    return ox.NamedNode(expand(name))
