"""What people read in a source: tables under data/reading/, checked against the source's own text.

entries.tsv     rows and references that the source prints
cells.tsv       the cells of its tables
statements.tsv  what it states, a line each, with the printed words that say so
names.tsv       (for all sources) which resource a printed name means; `-` where none

Whatever a table says that the text prints must stand on the line it names, white space and
Markdown aside; otherwise the text is another one, or the reading is wrong, and nothing is written.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pyoxigraph as ox

from audiokg.errors import InputError, SourceTextError
from audiokg.ingest.entry import Entry, entry_triples
from audiokg.ingest.statement import Names, statement_triples
from audiokg.terms import BASE
from audiokg.triples import term

ENTRY_COLUMNS = (
    *("id", "line", "section", "section_line", "locator", "number"),
    *("date", "name", "title", "authors", "venue", "links"),
)
CELL_COLUMNS = ("entry", "line", "ordinal", "column", "text")
NAME_COLUMNS = ("source", "printed", "iri")
STATEMENT_COLUMNS = (
    *("line", "locator", "entry", "kind", "subject", "property", "object", "value", "margin"),
    *("unit", "dataset", "condition", "comparator", "negated", "verbatim", "note"),
)
#: A reference or a cell may run over a page break: so many lines further its rest may stand.
_RUN_ON = 5
_MARKUP = re.compile(r"</?(?:i|sub|sup|b)>|[*_\\]")
_SPACE = re.compile(r"\s+")
_SHOWN = 70

Row = Mapping[str, str]


@dataclass(frozen=True)
class SourceLines:
    """The lines of a source's text."""

    path: str
    lines: Sequence[str]

    def expect(self, number: int, text: str) -> None:
        """Make sure that a text stands on a line.

        Raises SourceTextError that says what stands there instead.
        """
        if _tidy(text) not in _tidy(self._from(number, 1)):
            self._stop(number, text)

    def expect_from(self, number: int, text: str) -> None:
        """Make sure that a text begins on a line, and may run on, hyphenated, from there."""
        if _letters(text) not in _letters(self._from(number, _RUN_ON)):
            self._stop(number, text)

    def expect_words(self, number: int, text: str) -> None:
        """Make sure that each word stands near a line: a cell whose words run down a column."""
        printed = set(_tidy(self._from(number, _RUN_ON)).split())
        if not set(_tidy(text).split()) <= printed:
            self._stop(number, text)

    def _from(self, number: int, count: int) -> str:
        return " ".join(self.lines[number - 1 : number - 1 + count])

    def _stop(self, number: int, text: str) -> NoReturn:
        there = self._from(number, 1)[:_SHOWN]
        raise SourceTextError(self.path, number, f"expected “{text}”, found “{there}”")


def describe(text: str, path: str, source: str, data: Path) -> Iterator[ox.Triple]:
    """Describe what was read in a source as triples of its graph.

    Raises SourceTextError where the text does not print what was read, InputError for a table
    that cannot be read.
    """
    folder = data / "reading" / source
    iri = ox.NamedNode(BASE + "source/" + source)
    lines = SourceLines(path, text.splitlines())
    for row in read_table(folder / "entries.tsv", ENTRY_COLUMNS):
        yield from entry_triples(_entry(row, lines), iri)
    for row in read_table(folder / "cells.tsv", CELL_COLUMNS):
        yield from _cell_triples(row, lines, iri)
    yield from _statements(folder / "statements.tsv", lines, iri, read_names(data, source))


def read_names(data: Path, source: str) -> Names:
    """Read which resource each printed name means in a source."""
    rows = read_table(data / "reading" / "names.tsv", NAME_COLUMNS)
    meant = {(row["source"], row["printed"]): row["iri"] for row in rows}
    general = {printed: iri for (where, printed), iri in meant.items() if where == "*"}
    own = {printed: iri for (where, printed), iri in meant.items() if where == source}
    return Names({name: iri for name, iri in (general | own).items() if iri != "-"})


def read_table(path: Path, columns: Sequence[str]) -> list[Row]:
    """Read a table of tab-separated values; none if there is no such file.

    Raises InputError, with file and line, for another header or a row of another length.
    """
    if not path.exists():
        return []
    header, *lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    if tuple(header.split("\t")) != tuple(columns):
        raise InputError(f"{path}:1: expected the columns {', '.join(columns)}")
    rows: list[Row] = []
    for number, line in enumerate(lines, start=2):
        cells = line.split("\t")
        if len(cells) != len(columns):
            raise InputError(f"{path}:{number}: expected {len(columns)} cells, found {len(cells)}")
        rows.append(dict(zip(columns, cells, strict=True)))
    return rows


def _entry(row: Row, lines: SourceLines) -> Entry:
    line = int(row["line"])
    for name in ("date", "name", "title", "venue"):
        lines.expect_from(line, row[name])
    for author in filter(None, row["authors"].split("; ")):
        lines.expect_from(line, author)
    texts = {name: row[name] for name in ("date", "name", "title", "authors", "venue", "links")}
    return Entry(
        ident=row["id"],
        section=row["section"],
        section_line=int(row["section_line"]),
        line=line,
        locator=row["locator"],
        links=tuple(row["links"].split()),
        texts=texts,
        reference=int(row["number"]) if row["number"] else None,
    )


def _cell_triples(row: Row, lines: SourceLines, source: ox.NamedNode) -> Iterator[ox.Triple]:
    lines.expect_words(int(row["line"]), row["text"])
    entry = f"{source.value}#{row['entry']}"
    cell = ox.NamedNode(f"{entry}-cell-{row['ordinal']}")
    yield ox.Triple(cell, term("rdf:type"), term("akg:TableCell"))
    yield ox.Triple(cell, term("akg:cellOf"), ox.NamedNode(entry))
    yield ox.Triple(cell, term("akg:line"), ox.Literal(int(row["line"])))
    yield ox.Triple(cell, term("akg:column"), ox.Literal(row["column"]))
    yield ox.Triple(cell, term("akg:columnOrdinal"), ox.Literal(int(row["ordinal"])))
    if row["text"]:
        yield ox.Triple(cell, term("akg:verbatim"), ox.Literal(row["text"]))


def _statements(
    path: Path, lines: SourceLines, source: ox.NamedNode, names: Names
) -> Iterator[ox.Triple]:
    counts: dict[int, int] = {}
    for number, row in enumerate(read_table(path, STATEMENT_COLUMNS), start=2):
        line = int(row["line"])
        lines.expect(line, row["verbatim"])
        counts[line] = counts.get(line, 0) + 1
        iri = ox.NamedNode(f"{source.value}#statement-{line}-{counts[line]}")
        try:
            yield from statement_triples(row, iri, source, names)
        except ValueError as error:
            raise InputError(f"{path}:{number}: {error}") from error


def _letters(text: str) -> str:
    return re.sub(r"[\s-]+", "", _tidy(text))


def _tidy(text: str) -> str:
    return _SPACE.sub(" ", _MARKUP.sub("", text)).strip()
