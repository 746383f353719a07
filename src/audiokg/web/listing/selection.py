"""What a request asks of a list: filters, an order, a page; its address and its SPARQL."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

import pyoxigraph as ox
from werkzeug.datastructures import MultiDict

from audiokg.binding import bind_terms
from audiokg.errors import InputError
from audiokg.queries import Query
from audiokg.web.listing.columns import Column, Item, Listing
from audiokg.web.listing.filters import Filter, read_filter

NAME: Final = "name"
#: Parameters that are no facets.
_OTHERS: Final = ("sort", "page", "format")
#: Parameters that other sites hang on a link to follow who clicks it.
_TRACKING: Final = re.compile("utm_.*|fbclid|gclid|ref")
_SELECT: Final = re.compile("^SELECT", re.MULTILINE)
_COMMENT: Final = re.compile("^#.*\n", re.MULTILINE)
_PAGE: Final = re.compile("[1-9][0-9]{0,5}")

#: Facet -> its items by key.
Items = Mapping[str, Mapping[str, Item]]


@dataclass(frozen=True)
class Selection:
    """Filters of a list, its order (`-` before a column: descending), its page from 1."""

    listing: Listing
    filters: tuple[Filter, ...] = ()
    sort: str = NAME
    page: int = 1

    def of(self, column: Column) -> list[Filter]:
        """Give the filters of one facet."""
        return [chosen for chosen in self.filters if chosen.column is column]

    def address(self, **more: str) -> str:
        """Write the path and query string of this selection."""
        fields = [(chosen.column.name, chosen.value) for chosen in self.filters]
        if self.sort != self.listing.sort:
            fields.append(("sort", self.sort))
        if self.page > 1:
            fields.append(("page", str(self.page)))
        query = urlencode([*fields, *more.items()], safe="./")
        return f"/{self.listing.path}/" + (f"?{query}" if query else "")

    def without(self, chosen: Filter) -> "Selection":
        """Take a filter away."""
        rest = tuple(other for other in self.filters if other is not chosen)
        return replace(self, filters=rest, page=1)

    def sorted_by(self, name: str) -> "Selection":
        """Sort by a column, the other way round if that is the order already."""
        return replace(self, sort=f"-{name}" if self.sort == name else name, page=1)

    def write_query(self, query: Query) -> str:
        """Write one SPARQL text that gives the rows of this selection, in its order."""
        prologue, select = split_prologue(write_base(query, self.listing))
        body = "".join(f"    {line}\n" for line in select.splitlines())
        filters = "".join(f"  FILTER({line})\n" for line in self._conditions())
        return (
            f"# {query.title}\n{prologue}"
            f"SELECT * WHERE {{\n  {{\n{body}  }}\n{filters}}}\nORDER BY {self._order()}\n"
        )

    def _conditions(self) -> list[str]:
        """Write one expression a facet: any of its values."""
        groups = filter(None, map(self.of, self.listing.facets))
        subject = self.listing.subject
        return [" || ".join(chosen.condition(subject) for chosen in group) for group in groups]

    def _order(self) -> str:
        """Write the order: the wish, unknown last, then the name."""
        last = f"LCASE(?name) ?{self.listing.subject}"
        name, down = self.sort.removeprefix("-"), self.sort.startswith("-")
        if name == NAME:
            return f"DESC(LCASE(?name)) ?{self.listing.subject}" if down else last
        column = next(column for column in self.listing.columns if column.name == name)
        variable = f"?{(column.highest if down else column.lowest) or column.variable}"
        key = variable if column.kind == "numbers" else f"LCASE({variable})"
        way = "DESC" if down else "ASC"
        return f'(COALESCE(STR(?{column.variable}), "") = "") {way}({key}) {last}'


def write_base(query: Query, listing: Listing) -> str:
    """Write the query of all rows of a list, with its terms bound."""
    terms: dict[str, ox.NamedNode | ox.Literal] = {
        name: ox.NamedNode(text) if name == "class" else ox.Literal(text)
        for name, text in listing.terms.items()
    }
    return bind_terms(query.text, terms)


def split_prologue(text: str) -> tuple[str, str]:
    """Split a query into prefixes and SELECT, without the comments before it."""
    start = _SELECT.search(text)
    at = start.start() if start else 0
    return _COMMENT.sub("", text[:at]), text[at:]


def read_selection(listing: Listing, fields: MultiDict[str, str], items: Items) -> Selection:
    """Read the parameters of a request. Raises InputError with what is known."""
    facets = {column.name: column for column in listing.facets}
    for name in fields:
        if name not in facets and name not in _OTHERS and not _TRACKING.fullmatch(name):
            known = ", ".join([*facets, *_OTHERS])
            raise InputError(f"There is no facet “{name}” of /{listing.path}/; there are {known}.")
    filters = tuple(
        read_filter(column, value, items[name])
        for name, column in facets.items()
        for value in dict.fromkeys(fields.getlist(name))
    )
    return Selection(listing, filters, _read_sort(listing, fields), _read_page(fields))


def _read_sort(listing: Listing, fields: MultiDict[str, str]) -> str:
    sort = fields.get("sort", listing.sort)
    names = [NAME, *(column.name for column in listing.columns)]
    if sort.removeprefix("-") not in names:
        raise InputError(f"A list is not sorted by “{sort}”; there are {', '.join(names)}.")
    return sort


def _read_page(fields: MultiDict[str, str]) -> int:
    page = fields.get("page", "1")
    if not _PAGE.fullmatch(page):
        raise InputError(f"“{page}” is no page; write a number from 1.")
    return int(page)
