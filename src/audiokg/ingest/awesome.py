"""Read the awesome list of large audio models: papers under headings, and a table of datasets."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from audiokg.ingest.entry import LOOSE, Entry, Unreadable, entries_of, entry_triples
from audiokg.ingest.markdown import (
    Row,
    Table,
    find_loose_rows,
    read_cell,
    read_tables,
    read_title,
    split_lines,
)

PAPER_SECTIONS = {
    "Survey Papers": "survey",
    "Popular Large Audio Models": "popular",
    "Automatic Speech Recognition (ASR)": "recognition",
    "Neural Speech Synthesis": "synthesis",
    "Speech Translation (ST)": "translation",
    "Other Speech Applications": "other",
    "Large Audio Models in Music": "music",
}
CLASSES = {"dataset": "akg:Dataset", "survey": "akg:SurveyPublication", "music": "akg:MusicModel"}
DATASETS = "Audio Datasets"
COLUMNS = ("Title", "Full Name", "Size", "Link")
_HEADING = re.compile(r"^#{1,2} (?P<text>.+)$")
_PAPER = re.compile(
    r"^\*\*(?P<title>.+?)\*\*\s*\[(?P<year>\d{4})\]\.?<br>\s*\*(?P<authors>.+?)\*<br>\s*"
    r"(?P<links>\[\[.+\]\(.+\)\])(?:<br>)?\s*$"
)
_PAPER_START = "**"
#: A paper that has lost its first signs still has a year and its links.
_PAPER_PARTS = re.compile(r"\[\d{4}\].*\[\[")


@dataclass(frozen=True)
class _Section:
    name: str
    line: int


def describe(text: str, path: str, source: str) -> Iterator[ox.Triple]:
    """Describe the list's papers and datasets as triples of the source's graph.

    Raises SourceTextError, with the line and what was expected, for an entry that cannot be read.
    """
    iri = ox.NamedNode(f"https://w3id.org/audiokg/source/{source}")
    for entry in read_entries(text, path):
        yield from entry_triples(entry, iri)


def read_entries(text: str, path: str) -> list[Entry]:
    """Read every paper and every dataset. Raises SourceTextError for one that cannot be read."""
    return entries_of(read_rows(text), path)


def read_rows(text: str) -> Iterator[Entry | Unreadable]:
    """Read every paper and dataset, and say of each that cannot be read where and why."""
    yield from _papers(text)
    yield from _datasets(text)


def title(text: str) -> str:
    """Give the title that the list prints above itself."""
    return re.sub(r"^.*`\s*(.*?)\s*`.*$", r"\1", read_title(text))


def _papers(text: str) -> Iterator[Entry | Unreadable]:
    section = _Section("", 1)
    counts: dict[str, int] = {}
    for number, line in enumerate(split_lines(text), start=1):
        heading = _HEADING.match(line)
        if heading:
            section = _Section(heading["text"].strip(), number)
        elif section.name in PAPER_SECTIONS and _is_paper(line):
            counts[section.name] = counts.get(section.name, 0) + 1
            yield _paper(line, number, section, counts[section.name])
    for name in PAPER_SECTIONS:
        if name not in counts:
            yield Unreadable(1, f"expected papers under “{name}”")


def _is_paper(line: str) -> bool:
    return line.startswith(_PAPER_START) or bool(_PAPER_PARTS.search(line))


def _paper(line: str, number: int, section: _Section, position: int) -> Entry | Unreadable:
    ident = f"{PAPER_SECTIONS[section.name]}-{position}"
    found = _PAPER.match(line)
    if not found:
        expected = "expected **title** [year].<br>*authors*<br>[[PDF](…)], found another form"
        return Unreadable(number, expected, line, ident)
    links = read_cell(found["links"])
    return Entry(
        ident=ident,
        section=section.name,
        section_line=section.line,
        line=number,
        locator=f"{section.name}, paper {position}",
        links=links.links,
        texts={
            "title": found["title"].strip(),
            "date": found["year"],
            "authors": found["authors"].strip(),
            "links": found["links"],
        },
    )


def _datasets(text: str) -> Iterator[Entry | Unreadable]:
    tables = [table for table in read_tables(text) if table.columns == COLUMNS]
    if len(tables) != 1 or tables[0].heading != DATASETS:
        expected = f"expected one table {' | '.join(COLUMNS)} under “{DATASETS}”"
        yield Unreadable(tables[0].line if tables else 1, expected)
    rows = ((table, row) for table in tables for row in table.rows)
    for position, (table, row) in enumerate(rows, start=1):
        yield _dataset(table, row, position)
    yield from (Unreadable(line, LOOSE, row) for line, row in find_loose_rows(text, (DATASETS,)))


def _dataset(table: Table, row: Row, position: int) -> Entry | Unreadable:
    ident = f"dataset-{position}"
    printed = " | ".join(cell.source for cell in row.cells)
    if len(row.cells) != len(COLUMNS):
        expected = f"expected {len(COLUMNS)} cells ({' | '.join(COLUMNS)}), found {len(row.cells)}"
        return Unreadable(row.line, expected, printed, ident)
    name, full, size, link = row.cells
    if not name.text:
        return Unreadable(row.line, "expected a name as Title", printed, ident)
    return Entry(
        ident=ident,
        section=table.heading,
        section_line=table.heading_line,
        line=row.line,
        locator=f"{table.heading}, row {position}",
        links=link.links,
        texts={"name": name.text, "title": full.text, "size": size.text, "links": link.source},
    )
