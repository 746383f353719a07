"""The facets of a list: what each offers, and how many rows each value would leave.

A count is of the rows that pass the filters of all other facets and have the value.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from audiokg.web.listing.columns import Column, Entry, Item, Listing
from audiokg.web.listing.filters import KNOWN, UNKNOWN, Filter, offer
from audiokg.web.listing.selection import Items, Selection

#: So many values of a facet are shown at once, and the rest on demand.
_FIRST: Final = 8


@dataclass(frozen=True)
class Choice:
    """A value that a facet offers, with the rows that it would leave."""

    filter: Filter
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    """A column with the values that it offers: the first, and the rest."""

    column: Column
    first: list[Choice]
    rest: list[Choice]

    @property
    def choices(self) -> list[Choice]:
        """Give all values."""
        return self.first + self.rest


def collect_items(listing: Listing, entries: Iterable[Entry]) -> Items:
    """Collect the values of each facet by key, the most frequent first."""
    known = list(entries)
    return {column.name: _collect(column, known) for column in listing.facets}


def make_facets(selection: Selection, items: Items, entries: Iterable[Entry]) -> list[Facet]:
    """Make the facets in which anything is known."""
    columns = [column for column in selection.listing.facets if items[column.name]]
    chosen = {column.name: selection.of(column) for column in columns}
    failing = [(entry, _failing(entry, chosen)) for entry in entries]
    facets = []
    for column in columns:
        cells = [entry.cells[column.name] for entry, names in failing if names <= {column.name}]
        facets.append(_make_facet(column, chosen[column.name], items[column.name], cells))
    return [facet for facet in facets if facet.choices]


def _collect(column: Column, entries: Collection[Entry]) -> dict[str, Item]:
    counts = Counter(item for entry in entries for item in entry.cells[column.name])
    ordered = sorted(counts, key=lambda item: (-counts[item], item.label.casefold()))
    return {item.key: item for item in ordered}


def _failing(entry: Entry, chosen: Mapping[str, list[Filter]]) -> set[str]:
    """Name the facets that an entry does not pass."""
    return {
        name
        for name, filters in chosen.items()
        if filters and not any(one.holds(entry.cells[name]) for one in filters)
    }


def _make_facet(
    column: Column,
    chosen: list[Filter],
    items: Mapping[str, Item],
    cells: list[tuple[Item, ...]],
) -> Facet:
    """Make one facet; a value that would leave nothing is left out unless it is chosen."""
    keys = Counter(item.key for cell in cells for item in cell)
    values = {one.value for one in chosen}
    offered = offer(column, items)
    others = [one for one in chosen if one.value not in {other.value for other in offered}]
    choices = [
        Choice(one, _count(one, keys, cells), one.value in values) for one in (*others, *offered)
    ]
    kept = [choice for choice in choices if choice.count or choice.is_chosen]
    if column.kind != "numbers":
        kept.sort(key=lambda choice: (not choice.is_chosen, _is_general(choice), -choice.count))
    return Facet(column, kept[:_FIRST], kept[_FIRST:])


def _is_general(choice: Choice) -> bool:
    return choice.filter.value in (KNOWN, UNKNOWN)


def _count(one: Filter, keys: Mapping[str, int], cells: list[tuple[Item, ...]]) -> int:
    if one.column.kind == "numbers" or one.value in (KNOWN, UNKNOWN):
        return sum(map(one.holds, cells))
    return keys.get(one.value, 0)
