"""Lists with facets: /<kind>/ as a page, as JSON and as CSV, and as one SPARQL text.

The page shows what its SPARQL text gives: neither more rows, nor in another order.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

import pyoxigraph as ox
from flask import Blueprint, Response, abort, redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from audiokg.errors import InputError
from audiokg.export.cells import MOST
from audiokg.formats import TRIPLES
from audiokg.terms import BASE
from audiokg.web.listing.choices import Facet, collect_items, make_facets
from audiokg.web.listing.columns import Column, Entry, Item, Listing
from audiokg.web.listing.lists import LISTINGS
from audiokg.web.listing.selection import Selection, read_selection, write_base
from audiokg.web.negotiation import HTML
from audiokg.web.page import CSV, JSON, choose_twin, page, split_suffix
from audiokg.web.questions import Questions, value
from audiokg.web.resource.dereference import answer_missing, find_standing
from audiokg.web.tables import Table, answer_table

#: So many rows stand on one page; of more, so many are a page.
_WHOLE: Final = 300
_PAGE: Final = 100


def make_listing(questions: Questions) -> Blueprint:
    """Make the blueprint of the lists."""
    blueprint = Blueprint("listing", __name__)
    view = _View(questions)
    blueprint.add_url_rule(f"/<any({', '.join(LISTINGS)}):path>/", view_func=view.show)
    blueprint.add_url_rule("/codec/<name>", view_func=view.codec)
    return blueprint


@dataclass(frozen=True)
class Found:
    """What a selection gives: its rows in order, of how many, its facets, its SPARQL."""

    selection: Selection
    entries: list[Entry]
    total: int
    facets: list[Facet]
    empty: list[Column]
    query: str

    @property
    def pages(self) -> int:
        """Count the pages."""
        count = len(self.entries)
        return 1 if count <= _WHOLE else -(-count // _PAGE)

    @property
    def start(self) -> int:
        """Count the rows before this page."""
        return (self.selection.page - 1) * _PAGE

    @property
    def part(self) -> list[Entry]:
        """Give the rows of this page."""
        return self.entries if self.pages == 1 else self.entries[self.start : self.start + _PAGE]

    def page(self, number: int) -> str:
        """Give the address of a page."""
        return replace(self.selection, page=number).address()


@dataclass(frozen=True)
class _View:
    questions: Questions

    def show(self, path: str) -> AnyResponse:
        twin = choose_twin(JSON, CSV)
        if "" in request.args.values():  # a form sends its empty fields too
            return redirect(_tidy(path))
        found = self._find(LISTINGS[path], request.args)
        if twin is not HTML:
            return answer_table(_tabulate(found), twin)
        if found.selection.page > found.pages:
            abort(404, f"There is no page {found.selection.page}; the last is {found.pages}.")
        return _show(found)

    def codec(self, name: str) -> AnyResponse:
        """Lead to the page of a codec, which is that of a model."""
        ident, _ = split_suffix(name, TRIPLES)
        if find_standing(self.questions, f"{BASE}model/{ident}").origins:
            query = request.query_string.decode()
            return redirect(f"/model/{name}" + (f"?{query}" if query else ""), 301)
        rows = self.questions.rows("names", start=ox.Literal(f"{BASE}model/"))
        names = {value(row, "resource"): value(row, "label") for row in rows}
        return answer_missing(f"{BASE}codec/{ident}", "/codec/", names)

    def _find(self, listing: Listing, fields: MultiDict[str, str]) -> Found:
        """Find the rows that a request asks for; abort with 400 if it cannot be read."""
        query = self.questions.queries[listing.query]
        everything = listing.read(self.questions.rows_of(write_base(query, listing)))
        items = collect_items(listing, everything.values())
        try:
            selection = read_selection(listing, fields, items)
        except InputError as error:
            abort(400, str(error))
        text = selection.write_query(query)
        rows = self.questions.rows_of(text)
        return Found(
            selection,
            [everything[value(row, listing.subject)] for row in rows],
            len(everything),
            make_facets(selection, items, everything.values()),
            _find_empty(listing, everything.values()),
            text,
        )


def _tidy(path: str) -> str:
    """Give the address of the request without its empty parameters."""
    fields = [(name, text) for name, text in request.args.items(multi=True) if text]
    return f"/{path}/?{urlencode(fields, safe='./')}" if fields else f"/{path}/"


def _find_empty(listing: Listing, entries: Iterable[Entry]) -> list[Column]:
    """Find the columns in which no row of the whole list has a value."""
    known = {name for entry in entries for name, items in entry.cells.items() if items}
    return [column for column in listing.columns if column.name not in known]


def _show(found: Found) -> Response:
    listing = found.selection.listing
    return page(
        "list.html",
        found=found,
        listing=listing,
        selection=found.selection,
        columns=[column for column in listing.shown if column not in found.empty],
        name=Column("name", "Name", "name", "texts"),
        most=MOST,
    )


def _tabulate(found: Found) -> Table:
    """Make the document and the table for programs: all rows, whatever the page."""
    selection, listing = found.selection, found.selection.listing
    fields = [
        {"name": column.field, "label": column.label}
        | ({"unit": column.unit} if column.unit else {})
        for column in listing.columns
    ]
    document = {
        "title": listing.title,
        "count": len(found.entries),
        "total": found.total,
        "filters": {
            column.name: [chosen.value for chosen in selection.of(column)]
            for column in listing.facets
            if selection.of(column)
        },
        "sort": selection.sort,
        "query": found.query,
        "fields": fields,
        "facets": {facet.column.name: _list_choices(facet) for facet in found.facets},
        "rows": [_describe(entry, listing) for entry in found.entries],
    }
    rows = [_flatten(entry, listing) for entry in found.entries]
    return Table(document, _name_fields(listing), rows)


def _list_choices(facet: Facet) -> list[dict[str, Any]]:
    return [
        {"value": choice.filter.value, "label": choice.filter.label, "count": choice.count}
        for choice in facet.choices
    ]


def _describe(entry: Entry, listing: Listing) -> dict[str, Any]:
    """Describe a row for JSON; a single value that is unknown is null."""
    values: dict[str, Any] = {"iri": entry.iri, "name": entry.name}
    for column in listing.columns:
        told = [_tell(column, item) for item in entry.cells[column.name]]
        values[column.field] = (told or [None])[0] if column.is_single else told
    return values


def _tell(column: Column, item: Item) -> Any:
    if column.kind == "links":
        return {"iri": item.iri, "label": item.label}
    if column.kind == "texts":
        return item.key
    whole = item.number == item.number.to_integral_value()
    return int(item.number) if whole else float(item.number)


def _name_fields(listing: Listing) -> list[str]:
    """Name the columns of the CSV: links have a second one for their IRIs."""
    names = ["iri", "name"]
    for column in listing.columns:
        names += [column.field, f"{column.field}_iri"] if column.kind == "links" else [column.field]
    return names


def _flatten(entry: Entry, listing: Listing) -> dict[str, Any]:
    """Write a row for CSV: several values with semicolons, IRIs in a column of their own."""
    values: dict[str, Any] = {"iri": entry.iri, "name": entry.name}
    for column in listing.columns:
        items = entry.cells[column.name]
        is_link = column.kind == "links"
        values[column.field] = [item.label if is_link else item.key for item in items]
        if is_link:
            values[f"{column.field}_iri"] = [item.iri for item in items]
    return values
