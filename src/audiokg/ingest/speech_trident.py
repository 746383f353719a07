"""Read a version of the Speech Trident list: three tables of works, one row each."""

import re
from collections.abc import Iterator

import pyoxigraph as ox

from audiokg.ingest.entry import LOOSE, Entry, Unreadable, entries_of, entry_triples
from audiokg.ingest.markdown import Cell, Row, Table, find_loose_rows, join_cells, read_tables
from audiokg.names import fold
from audiokg.terms import BASE

COLUMNS = ("Date", "Model Name", "Paper Title", "Link")
#: Heading of a section -> the word that names its entries.
SECTIONS = {
    "Speech/Audio Language Models": "language-model",
    "Speech/Audio Codec Models": "codec",
    "Speech/Audio Representation Models": "representation-model",
}
CLASSES = {
    "language-model": "akg:AudioLanguageModel",
    "codec": "akg:NeuralAudioCodec",
    "representation-model": "akg:RepresentationModel",
}
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_TITLE = COLUMNS.index("Paper Title")


def read_entries(text: str, path: str) -> list[Entry]:
    """Read every row of the three tables.

    Raises SourceTextError, with the line and what was expected, for a row that cannot be read.
    """
    return entries_of(read_rows(text), path)


def read_rows(text: str) -> Iterator[Entry | Unreadable]:
    """Read every row, and say of each that cannot be read where it stands and why."""
    tables = read_tables(text)
    yield from _check_sections(tables)
    counts: dict[str, int] = {}
    for table in tables:
        for row in table.rows if table.columns == COLUMNS else ():
            counts[table.heading] = counts.get(table.heading, 0) + 1
            yield _read_row(table, counts[table.heading], row)
    yield from (Unreadable(line, LOOSE, row) for line, row in find_loose_rows(text, SECTIONS))


def describe(text: str, path: str, source: str) -> Iterator[ox.Triple]:
    """Describe the list's entries as triples of the source's graph."""
    iri = ox.NamedNode(BASE + "source/" + source)
    for entry in read_entries(text, path):
        yield from entry_triples(entry, iri)


def _check_sections(tables: list[Table]) -> Iterator[Unreadable]:
    ours = {table.heading: table for table in reversed(tables) if table.columns == COLUMNS}
    for heading in SECTIONS:
        if heading not in ours:
            other = next((table for table in tables if table.heading == heading), None)
            found = f", found the columns {' | '.join(other.columns)}" if other else ""
            expected = f"expected a table {' | '.join(COLUMNS)} under “{heading}”{found}"
            yield Unreadable(other.line if other else 1, expected)
    known = ", ".join(f"“{name}”" for name in SECTIONS)
    for heading, table in ours.items():
        if heading not in SECTIONS:
            yield Unreadable(table.line, f"expected a section of {known}, found “{heading}”")


def _read_row(table: Table, position: int, row: Row) -> Entry | Unreadable:
    word = SECTIONS.get(table.heading) or "-".join(fold(table.heading).split())
    ident = f"{word}-{position}"
    cells = row.cells
    if len(cells) > len(COLUMNS) and cells[-1].links:
        # A bare | can only stand in the title: the other columns are checked below.
        surplus = len(cells) - len(COLUMNS)
        title = join_cells(cells[_TITLE : _TITLE + surplus + 1])
        cells = (*cells[:_TITLE], title, *cells[_TITLE + surplus + 1 :])
    wrong = _find_fault(cells)
    if wrong:
        return Unreadable(row.line, wrong, " | ".join(cell.source for cell in cells), ident)
    date, name, title, link = cells
    return Entry(
        ident=ident,
        section=table.heading,
        section_line=table.heading_line,
        line=row.line,
        locator=f"{table.heading}, row {position}",
        links=(*link.links, *title.links, *name.links),
        texts={"date": date.text, "name": name.text, "title": title.text, "links": link.source},
    )


def _find_fault(cells: tuple[Cell, ...]) -> str:
    """Say what is wrong with the cells of a row; nothing if it can be read."""
    if len(cells) != len(COLUMNS):
        return f"expected {len(COLUMNS)} cells ({' | '.join(COLUMNS)}), found {len(cells)}"
    date, name, title, link = cells
    for cell, column, fits in (
        (date, "a month such as 2024-05 as Date", _MONTH.fullmatch(date.text)),
        (name, "a name, or - for none, as Model Name", name.text),
        (title, "a title as Paper Title", title.text),
        (link, "a link such as [paper](https://…) as Link", link.links),
    ):
        if not fits:
            return f"expected {column}, found “{cell.source}”"
    return ""
