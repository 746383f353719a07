"""For those who keep the graph: /next, /suspects, /links."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request

from audiokg.errors import InputError
from audiokg.link.health import health_file, read_health
from audiokg.queries import Query
from audiokg.web.curation.desk import Desk, tabulate_suspects
from audiokg.web.curation.health import (
    WORDS,
    count_states,
    host_of,
    sort_states,
    state_of,
    tabulate_links,
)
from audiokg.web.curation.work import tabulate_tasks
from audiokg.web.negotiation import HTML
from audiokg.web.overview.facets import count_choices, read_facet
from audiokg.web.page import CSV, JSON, choose_twin, page, read_number
from audiokg.web.questions import Questions
from audiokg.web.tables import Table, answer_table

_PAGE: Final = 100
_PAGES: Final = 1_000_000
_T = TypeVar("_T")


def make_curation(
    questions: Questions,
    examples: Mapping[str, Query],
    health: Callable[[], Path] = health_file,
) -> Blueprint:
    """Make the blueprint of the reports for curators; `health` says where that of the links is."""
    blueprint = Blueprint("curation", __name__)
    views = _Views(Desk(questions, Questions(questions.engine, examples)), examples, health)
    blueprint.add_url_rule("/next", view_func=views.next)
    blueprint.add_url_rule("/suspects", view_func=views.suspects)
    blueprint.add_url_rule("/links", view_func=views.links)
    return blueprint


@dataclass(frozen=True)
class _Part(Generic[_T]):
    """One page of a long list."""

    rows: Sequence[_T]
    number: int
    pages: int
    total: int

    @property
    def first(self) -> int:
        return (self.number - 1) * _PAGE + 1


@dataclass(frozen=True)
class _Views:
    desk: Desk
    examples: Mapping[str, Query]
    health: Callable[[], Path]

    def next(self) -> Response:
        tasks = self.desk.tasks
        facets = (
            read_facet("missing", "what is missing", count_choices((t.what for t in tasks), {})),
            read_facet("kind", "kind", count_choices((t.kind for t in tasks), {})),
        )
        chosen = [t for t in tasks if facets[0].admits([t.what]) and facets[1].admits([t.kind])]
        part = _take_part(chosen)
        titles = {name: query.title for name, query in self.examples.items()}
        return _answer(
            "next.html", tabulate_tasks(_wanted(part, chosen)), part, facets=facets, titles=titles
        )

    def suspects(self) -> Response:
        part = _take_part(self.desk.suspects)
        query = self.examples["identity-suspects"].text
        return _answer(
            "suspects.html", tabulate_suspects(_wanted(part, self.desk.suspects)), part, query=query
        )

    def links(self) -> Response:
        try:
            health = read_health(self.health())
        except InputError as error:
            abort(503, str(error))
        states = sort_states(health) if health else []
        facets = (
            read_facet("state", "state", count_choices(map(state_of, states), {})),
            read_facet("host", "host", count_choices(map(host_of, states), {})),
        )
        chosen = [
            state
            for state in states
            if facets[0].admits([state_of(state)]) and facets[1].admits([host_of(state)])
        ]
        part = _take_part(chosen)
        response = _answer(
            "links.html",
            tabulate_links(health, _wanted(part, chosen)),
            part,
            health=health,
            counts=count_states(health) if health else [],
            facets=facets,
            words=WORDS,
            state_of=state_of,
        )
        # It changes without a new snapshot, so nobody may remember it.
        response.cache_control.no_store = True
        return response


def _take_part(rows: Sequence[_T]) -> _Part[_T]:
    """Take the page that the URL names; abort with 404 where there is none."""
    pages = max(1, -(-len(rows) // _PAGE))
    number = read_number("page", 1, 1, _PAGES)
    if number > pages:
        abort(404, f"There is no page {number}; the pages are 1 to {pages}.")
    return _Part(rows[(number - 1) * _PAGE : number * _PAGE], number, pages, len(rows))


def _wanted(part: _Part[_T], rows: Sequence[_T]) -> Sequence[_T]:
    """Give what the data have: a page where one is named, else everything."""
    return part.rows if "page" in request.args else rows


def _answer(template: str, table: Table, part: _Part[_T], **values: Any) -> Response:
    """Answer with the page, or with its twin."""
    chosen = choose_twin(JSON, CSV)
    if chosen is not HTML:
        return answer_table(table, chosen)
    unpaged = {k: text for k, text in request.args.items() if text and k not in ("format", "page")}
    path = f"{request.path}?{urlencode(unpaged)}" if unpaged else request.path
    return page(template, twins=(JSON, CSV), path=path, part=part, asked=unpaged, **values)
