"""One value chosen in a facet: read from an address, told in SPARQL, held against a row.

A value is the name of a link or a text, a range of numbers (`10..25`, `..25`, `25..`, `25`),
`unknown` for rows that have no value, or `known` for rows that have any.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import pyoxigraph as ox

from audiokg.errors import InputError
from audiokg.terms import XSD
from audiokg.web.listing.columns import Column, Item, write_decimal

UNKNOWN: Final = "unknown"
KNOWN: Final = "known"
_NUMBER: Final = r"\d{1,15}(?:\.\d{1,9})?"
_RANGE: Final = re.compile(rf"(?P<low>{_NUMBER})?\.\.(?P<high>{_NUMBER})?|(?P<exact>{_NUMBER})")
_DECIMAL: Final = ox.NamedNode(XSD + "decimal")
#: So many values are named in an error.
_NAMED: Final = 12


@dataclass(frozen=True)
class Filter:
    """One value of a facet. `term` is what SPARQL looks for; a range has `low`, `high` or both."""

    column: Column
    value: str
    label: str
    term: str = ""
    low: Decimal | None = None
    high: Decimal | None = None

    def holds(self, items: tuple[Item, ...]) -> bool:
        """Tell whether a row with these values in the column remains."""
        if self.value in (UNKNOWN, KNOWN):
            return bool(items) == (self.value == KNOWN)
        if self.column.kind == "numbers":
            return any(self._spans(item.number) for item in items)
        return any(item.key == self.value for item in items)

    def condition(self, subject: str) -> str:
        """Write the filter as a SPARQL expression; `subject` is the variable of the resource."""
        absent = f'COALESCE(STR(?{self.column.variable}), "") = ""'
        if self.value in (UNKNOWN, KNOWN):
            return absent if self.value == UNKNOWN else f"!({absent})"
        return _WRITERS[self.column.kind](self, subject)

    def _spans(self, number: Decimal) -> bool:
        return (self.low is None or self.low <= number) and (
            self.high is None or number <= self.high
        )


def read_filter(column: Column, value: str, known: Mapping[str, Item]) -> Filter:
    """Read a value of a facet, where `known` are its items. Raises InputError."""
    if value == UNKNOWN:
        return Filter(column, value, UNKNOWN)
    if value == KNOWN:
        return Filter(column, value, column.known or KNOWN)
    if column.kind == "numbers":
        return _read_range(column, value)
    if value not in known:
        raise InputError(f"“{value}” is no value of {column.name}; there are {_some(known)}.")
    item = known[value]
    term = f"<{item.iri}>" if item.iri else f"\n{item.key}\n"
    return Filter(column, value, item.label, term)


def offer(column: Column, known: Mapping[str, Item]) -> list[Filter]:
    """Give the values that a facet offers: its ranges, or its items, and `unknown`."""
    if column.known:
        values: Iterable[str] = [KNOWN]
    else:
        values = column.ranges if column.kind == "numbers" else known
    return [read_filter(column, value, known) for value in (*values, UNKNOWN)]


def _read_range(column: Column, value: str) -> Filter:
    found = _RANGE.fullmatch(value)
    if not found or value == "..":
        raise InputError(
            f"“{value}” is no range of {column.name}; "
            f"write 10..25, ..25, 25.., 25, {KNOWN} or {UNKNOWN}."
        )
    low, high = (
        Decimal(bound) if bound else None
        for bound in (found["exact"] or found["low"], found["exact"] or found["high"])
    )
    if low is not None and high is not None and low > high:
        raise InputError(
            f"“{value}” runs backwards; write the lower number of {column.name} first."
        )
    return Filter(column, value, _name_range(low, high, column), low=low, high=high)


def _name_range(low: Decimal | None, high: Decimal | None, column: Column) -> str:
    style, of = (",f", f" {column.unit}") if column.unit else ("f", "")
    if low == high:
        return f"{low:{style}}{of}"
    if low is None:
        return f"{high:{style}}{of} {column.less}"
    if high is None:
        return f"{low:{style}}{of} {column.more}"
    return f"{low:{style}} to {high:{style}}{of}"


def _some(known: Mapping[str, Item]) -> str:
    names = [*known, KNOWN, UNKNOWN]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _write_link(chosen: Filter, subject: str) -> str:
    return f"CONTAINS(?{chosen.column.variable}, {ox.Literal(chosen.term)})"


def _write_text(chosen: Filter, subject: str) -> str:
    lines = f'CONCAT("\\n", ?{chosen.column.variable}, "\\n")'
    return f"CONTAINS({lines}, {ox.Literal(chosen.term)})"


def _write_range(chosen: Filter, subject: str) -> str:
    column = chosen.column
    number = f"?any_{column.variable}" if column.path else f"?{column.variable}"
    bounds = [(">=", chosen.low), ("<=", chosen.high)]
    if chosen.low == chosen.high:
        bounds = [("=", chosen.low)]
    inside = " && ".join(
        f"{number} {sign} {ox.Literal(write_decimal(bound), datatype=_DECIMAL)}"
        for sign, bound in bounds
        if bound is not None
    )
    if not column.path:
        return f"({inside})"
    return f"EXISTS {{ ?{subject} {column.path} {number} FILTER({inside}) }}"


_WRITERS: Final[dict[str, Callable[[Filter, str], str]]] = {
    "links": _write_link,
    "texts": _write_text,
    "numbers": _write_range,
}
