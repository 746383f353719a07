"""A curated list's own Markdown, from what the graph holds of it.

Headings and rows stand on the lines that they have in the document, so that `audiokg ingest` reads
the same from both; what lies between, which the graph does not hold, is left empty.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import pyoxigraph as ox

from audiokg.errors import InputError
from audiokg.export.material import Material
from audiokg.export.solutions import Row, plain_row, value
from audiokg.export.tables import escape_markdown
from audiokg.terms import BASE

_BARE_BAR: Final = re.compile(r"(?<!\\)\|")
_SPACES: Final = re.compile(r"\s+")


@dataclass(frozen=True)
class Column:
    """A column of a list: its heading, and what of an entry stands in it."""

    heading: str
    holds: str


#: The columns of Speech Trident's three tables.
WORKS: Final = (
    Column("Date", "date"),
    Column("Model Name", "name"),
    Column("Paper Title", "title"),
    Column("Link", "links"),
)
#: The columns of the table of datasets in Awesome Large Audio Models.
_DATASETS: Final = (
    Column("Title", "name"),
    Column("Full Name", "title"),
    Column("Size", "size"),
    Column("Link", "links"),
)
#: What an entry has where it is none of WORKS -> how such entries are written.
_AUTHORS, _SIZE = "authors", "size"


def export_list(material: Material, source: ox.NamedNode) -> bytes:
    """Write a list as Markdown. Raises InputError for a source that is no list."""
    found = (plain_row(row) for row in material.rows("list-entries", source=source))
    rows = list({value(row, "entry"): row for row in found}.values())
    if not rows:
        raise InputError(f"{source.value.removeprefix(BASE)} is no list of which rows are known")
    lines = [f"# {escape_markdown(value(rows[0], 'heading'))}"]
    for _, group in groupby(rows, key=lambda row: int(value(row, "sectionLine"))):
        section = list(group)
        _writer(section)(section, lines)
    return ("\n".join(lines) + "\n").encode()


def write_table(heading: str, columns: Sequence[Column], rows: Iterable[Row]) -> list[str]:
    """Write a table of a list under its heading, an empty line between."""
    return [f"## {escape_markdown(heading)}", "", *_table(columns, rows)]


def _writer(section: Sequence[Row]) -> Callable[[Sequence[Row], list[str]], None]:
    """Find the form of a section by what its entries have."""
    if any(_AUTHORS in row for row in section):
        return _add_papers
    columns = _DATASETS if any(_SIZE in row for row in section) else WORKS
    return lambda rows, lines: _add_table(columns, rows, lines)


def _add_table(columns: Sequence[Column], rows: Sequence[Row], lines: list[str]) -> None:
    _go_to(lines, int(value(rows[0], "sectionLine")))
    lines.append(f"## {escape_markdown(value(rows[0], 'section'))}")
    table = _table(columns, rows)
    _go_to(lines, int(value(rows[0], "line")) - (len(table) - len(rows)))
    lines += table


def _add_papers(rows: Sequence[Row], lines: list[str]) -> None:
    _go_to(lines, int(value(rows[0], "sectionLine")))
    lines.append(f"## {_one_line(value(rows[0], 'section'))}")
    for row in rows:
        _go_to(lines, int(value(row, "line")))
        title, date, authors, links = (
            _one_line(value(row, name)) for name in ("title", "date", _AUTHORS, "links")
        )
        lines.append(f"**{title}** [{date}].<br>*{authors}*<br>{links}<br>")


def _go_to(lines: list[str], number: int) -> None:
    """Leave lines empty so that the next has that number; an empty one ends what was before."""
    lines += [""] * max(number - 1 - len(lines), 0)


def _table(columns: Sequence[Column], rows: Iterable[Row]) -> list[str]:
    head = [column.heading for column in columns]
    body = [[_cell(row, column) for column in columns] for row in rows]
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *body)]


def _cell(row: Row, column: Column) -> str:
    """Write a cell: links as they are given, in Markdown; all else as text.

    An address that is not among the links was that of the title.
    """
    text = value(row, column.holds)
    if column.holds == "links":
        return _BARE_BAR.sub(r"\\|", _one_line(text))
    if column.holds == "title" and "page" in row:
        return link(text, value(row, "page"))
    return escape_markdown(text)


def link(text: str, address: str) -> str:
    """Write a link; in angle brackets a bracket of the address does not end it."""
    plain = not set(address) & set("()<>|")
    target = address if plain else f"<{address.replace('|', '%7C')}>"
    return f"[{escape_markdown(text)}]({target})"


def _one_line(text: str) -> str:
    return _SPACES.sub(" ", text).strip()
