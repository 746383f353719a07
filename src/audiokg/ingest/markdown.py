"""Read the tables of a Markdown text, with the heading and the line of each row.

Block structure and inline markup are CommonMark with GitHub's tables, by markdown-it-py. Only the
split of a row into cells is done here: the specification lets a parser drop surplus cells
(https://github.github.com/gfm/#tables-extension-), and a dropped cell is a lost fact.
"""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark").enable("table")
_CELL_BORDER = re.compile(r"(?<!\\)\|")
_SHORTCODE = re.compile(r":[a-z0-9_+-]+:")
_SPACE = re.compile(r"\s+")
#: Where CommonMark ends a line; str.splitlines knows other ends, which would shift the lines.
_LINE_END = re.compile(r"\r\n?|\n")


@dataclass(frozen=True)
class Cell:
    """A table cell: `source` as written, `text` without markup, `links` in order."""

    source: str
    text: str
    links: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """A body row of a table and its line, counted from 1."""

    line: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """A table under the nearest heading above it."""

    heading: str
    heading_line: int
    line: int
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_title(text: str) -> str:
    """Give the first top-level heading, without markup; empty if there is none."""
    return next((title for level, _, title in _headings(text) if level == "h1"), "")


def read_tables(text: str) -> list[Table]:
    """Read every table, in order."""
    lines = split_lines(text)
    headings = list(_headings(text))
    tables = []
    for token in _parse(text):
        if token.type == "table_open" and token.map:
            above = [(title, line + 1) for _, line, title in headings if line <= token.map[0]]
            heading, heading_line = above[-1] if above else ("", 1)
            columns, rows = _table(lines, *token.map)
            tables.append(Table(heading, heading_line, token.map[0] + 1, columns, rows))
    return tables


def split_lines(text: str) -> list[str]:
    """Split a text where Markdown ends a line."""
    return _LINE_END.split(text)


def find_loose_rows(text: str, headings: Container[str]) -> Iterator[tuple[int, str]]:
    """Find the lines under some of the headings that look like rows, but belong to no table."""
    inside = {line for table in read_tables(text) for line in _lines_of(table)}
    starts = {line + 1: title for _, line, title in _headings(text)}
    heading = ""
    for number, line in enumerate(split_lines(text), start=1):
        heading = starts.get(number, heading)
        if line.lstrip().startswith("|") and number not in inside and heading in headings:
            yield number, line


def join_cells(cells: tuple[Cell, ...]) -> Cell:
    """Put back together a cell that a bare `|` inside it has split."""
    return read_cell(" | ".join(cell.source for cell in cells))


def read_cell(source: str) -> Cell:
    """Read one cell."""
    inline = _MARKDOWN.parseInline(source.replace("\\|", "|"))[0].children or []
    links = tuple(str(token.attrGet("href")) for token in inline if token.type == "link_open")
    return Cell(_tidy(source), _tidy("".join(map(_plain, inline))), links)


@lru_cache(maxsize=1)
def _parse(text: str) -> tuple[Token, ...]:
    """Parse a text once, though tables, headings and loose rows are all looked for."""
    return tuple(_MARKDOWN.parse(text))


def _table(lines: list[str], start: int, end: int) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    columns = tuple(cell.text for cell in _cells(lines[start]))
    body = range(start + 2, end)  # below the header and the delimiter row
    rows = tuple(Row(number + 1, _cells(lines[number])) for number in body)
    return columns, rows


def _lines_of(table: Table) -> Iterator[int]:
    yield from (table.line, table.line + 1)
    yield from (row.line for row in table.rows)


def _cells(line: str) -> tuple[Cell, ...]:
    parts = _CELL_BORDER.split(line.strip())
    if not parts[0].strip():
        parts = parts[1:]
    if parts and not parts[-1].strip():
        parts = parts[:-1]
    return tuple(read_cell(part) for part in parts)


def _headings(text: str) -> Iterator[tuple[str, int, str]]:
    for token, inline in pairwise(_parse(text)):
        if token.type == "heading_open" and token.map:
            yield token.tag, token.map[0], _heading_text(inline)


def _heading_text(inline: Token) -> str:
    return _tidy(_SHORTCODE.sub("", "".join(map(_plain, inline.children or []))))


def _plain(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    return token.content if token.type in ("text", "code_inline") else ""


def _tidy(text: str) -> str:
    return _SPACE.sub(" ", text).strip()
