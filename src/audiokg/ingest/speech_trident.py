"""Read a version of the Speech Trident list: three tables of works, one row each."""

import re
from collections.abc import Iterator

import pyoxigraph as ox

from audiokg.errors import SourceTextError
from audiokg.ingest.entry import Entry, entry_triples
from audiokg.ingest.markdown import Row, Table, join_cells, read_tables
from audiokg.terms import BASE

COLUMNS = ("Date", "Model Name", "Paper Title", "Link")
#: Heading of a section -> the word that names its entries.
SECTIONS = {
    "Speech/Audio Language Models": "language-model",
    "Speech/Audio Codec Models": "codec",
    "Speech/Audio Representation Models": "representation-model",
}
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_TITLE = COLUMNS.index("Paper Title")


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
    """Describe the list's entries as triples of the source's graph."""
    iri = ox.NamedNode(BASE + "source/" + source)
    for entry in read_entries(text, path):
        yield from entry_triples(entry, iri)


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
        ident=f"{SECTIONS[table.heading]}-{position}",
        section=table.heading,
        section_line=table.heading_line,
        line=row.line,
        locator=f"{table.heading}, row {position}",
        links=(*link.links, *title.links, *name.links),
        texts={"date": date.text, "name": name.text, "title": title.text, "links": link.source},
    )
