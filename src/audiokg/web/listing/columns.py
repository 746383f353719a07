"""What a list is made of: columns, and the values that a row of its query has in them.

A query of a list gives one row a resource. Several values of a cell stand on lines of their own,
a link as `label <IRI>`; no label has a line break or an angle bracket in it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal

from audiokg.amounts import write_number
from audiokg.export.cells import Thing
from audiokg.web.questions import Row, value

#: What a name of a field says of its unit.
_UNITS: Final = {"Hz": "hz", "kbit/s": "kbps", "h": "hours"}
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class Item:
    """One value: what stands for it in an address, what a page shows, its IRI or its number."""

    key: str
    label: str
    iri: str = ""
    number: Decimal = Decimal(0)


@dataclass(frozen=True)
class Column:
    """A column, and a facet where `is_facet`.

    `variable` is that of the query. Numbers that may be several are ordered by `lowest` and
    `highest`, and a filter asks for them by `path`. `ranges` are offered, `less` and `more`
    name those with one end, and `example` shows how to write another. `known` names having any
    value, where that is all that the facet offers; `absent` is what a page says of having none.
    """

    name: str
    label: str
    variable: str
    kind: Literal["links", "texts", "numbers"]
    unit: str = ""
    path: str = ""
    lowest: str = ""
    highest: str = ""
    ranges: tuple[str, ...] = ()
    example: str = "10..25"
    less: str = "or less"
    more: str = "or more"
    known: str = ""
    absent: str = "unknown"
    hint: str = ""
    is_single: bool = False
    is_facet: bool = True
    is_shown: bool = True

    @property
    def field(self) -> str:
        """Give the name in JSON and CSV, with the unit."""
        unit = _UNITS.get(self.unit, "")
        return "_".join(filter(None, [self.name.replace("-", "_"), unit]))

    def read(self, row: Row) -> tuple[Item, ...]:
        """Read the values that a row has here, numbers in their order."""
        lines = filter(None, value(row, self.variable).split("\n"))
        items = tuple(_READERS[self.kind](line) for line in lines)
        return tuple(sorted(items, key=_by_number)) if self.kind == "numbers" else items


@dataclass(frozen=True)
class Listing:
    """A list: its path, its words, its query, the variable of its resources, its columns.

    `terms` are bound in the query. `sort` is the order without a wish, `-` before it: descending.
    Rows can be chosen to be set side by side where `is_compared`.
    """

    path: str
    title: str
    lead: str
    query: str
    subject: str
    columns: tuple[Column, ...]
    sort: str = "name"
    note: str = ""
    terms: Mapping[str, str] = field(default_factory=dict)
    is_compared: bool = False

    @property
    def facets(self) -> tuple[Column, ...]:
        """Give the columns that filter."""
        return tuple(column for column in self.columns if column.is_facet)

    @property
    def shown(self) -> tuple[Column, ...]:
        """Give the columns of the table."""
        return tuple(column for column in self.columns if column.is_shown)

    def read(self, rows: Iterable[Row]) -> dict[str, "Entry"]:
        """Read the rows of the query, by IRI."""
        entries = (
            Entry(
                value(row, self.subject),
                value(row, "name"),
                {column.name: column.read(row) for column in self.columns},
            )
            for row in rows
        )
        return {entry.iri: entry for entry in entries}


@dataclass(frozen=True)
class Entry:
    """A row of a list: the resource, its name, and its values by column."""

    iri: str
    name: str
    cells: Mapping[str, tuple[Item, ...]]

    @property
    def ident(self) -> str:
        """Give the id that /compare asks for it by."""
        return Thing(self.iri, self.name).ident


def write_decimal(number: Decimal) -> str:
    """Write a number as xsd:decimal does: no exponent, no groups, no zeros at its end."""
    return format(number.normalize(), "f")


def _by_number(item: Item) -> Decimal:
    return item.number


def _read_link(line: str) -> Item:
    label, _, rest = line.rpartition(" <")
    iri = rest.removesuffix(">")
    name = re.split("[/#]", iri)[-1]
    return Item(_HUMP.sub("-", name).lower(), label, iri)


def _read_text(line: str) -> Item:
    return Item(line, line)


def _read_number(line: str) -> Item:
    number = Decimal(line)
    return Item(write_decimal(number), write_number(number), number=number)


_READERS: Final = {"links": _read_link, "texts": _read_text, "numbers": _read_number}
