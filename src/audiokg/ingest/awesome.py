"""Read the awesome list of large audio models: papers under headings, and a table of datasets."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from audiokg.errors import SourceTextError
from audiokg.ingest.entry import Entry, entry_triples
from audiokg.ingest.markdown import Row, Table, read_cell, read_tables, read_title

PAPER_SECTIONS = {
    "Survey Papers": "survey",
    "Popular Large Audio Models": "popular",
    "Automatic Speech Recognition (ASR)": "recognition",
    "Neural Speech Synthesis": "synthesis",
    "Speech Translation (ST)": "translation",
    "Other Speech Applications": "other",
    "Large Audio Models in Music": "music",
}
DATASETS = "Audio Datasets"
COLUMNS = ("Title", "Full Name", "Size", "Link")
_HEADING = re.compile(r"^#{1,2} (?P<text>.+)$")
_PAPER = re.compile(
    r"^\*\*(?P<title>.+?)\*\*\s*\[(?P<year>\d{4})\]\.?<br>\s*\*(?P<authors>.+?)\*<br>\s*"
    r"(?P<links>\[\[.+\]\(.+\)\])(?:<br>)?\s*$"
)
_PAPER_START = "**"


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
    return [*_papers(text, path), *_datasets(text, path)]


def title(text: str) -> str:
    """Give the title that the list prints above itself."""
    return re.sub(r"^.*`\s*(.*?)\s*`.*$", r"\1", read_title(text))


def _papers(text: str, path: str) -> Iterator[Entry]:
    section = _Section("", 1)
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        heading = _HEADING.match(line)
        if heading:
            section = _Section(heading["text"].strip(), number)
        elif line.startswith(_PAPER_START) and section.name in PAPER_SECTIONS:
            counts[section.name] = counts.get(section.name, 0) + 1
            yield _paper(line, number, section, counts[section.name], path)
    for name in PAPER_SECTIONS:
        if name not in counts:
            raise SourceTextError(path, 1, f"expected papers under “{name}”")


def _paper(line: str, number: int, section: _Section, position: int, path: str) -> Entry:
    found = _PAPER.match(line)
    if not found:
        expected = "expected **title** [year].<br>*authors*<br>[[PDF](…)], found another form"
        raise SourceTextError(path, number, expected)
    links = read_cell(found["links"])
    return Entry(
        ident=f"{PAPER_SECTIONS[section.name]}-{position}",
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


def _datasets(text: str, path: str) -> Iterator[Entry]:
    tables = [table for table in read_tables(text) if table.columns == COLUMNS]
    if len(tables) != 1 or tables[0].heading != DATASETS:
        columns = " | ".join(COLUMNS)
        raise SourceTextError(path, 1, f"expected one table {columns} under “{DATASETS}”")
    for position, row in enumerate(tables[0].rows, start=1):
        yield _dataset(tables[0], row, position, path)


def _dataset(table: Table, row: Row, position: int, path: str) -> Entry:
    if len(row.cells) != len(COLUMNS):
        expected = f"expected {len(COLUMNS)} cells ({' | '.join(COLUMNS)}), found {len(row.cells)}"
        raise SourceTextError(path, row.line, expected)
    name, full, size, link = row.cells
    if not name.text:
        raise SourceTextError(path, row.line, "expected a name as Title")
    return Entry(
        ident=f"dataset-{position}",
        section=table.heading,
        section_line=table.heading_line,
        line=row.line,
        locator=f"{table.heading}, row {position}",
        links=link.links,
        texts={"name": name.text, "title": full.text, "size": size.text, "links": link.source},
    )
