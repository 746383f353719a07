"""The page of /sparql: a form and a table that work without scripts, and the editor over them.

The editor is the bundle static/vendor/editor.js (`make` builds it); without it the page is the
form. An answer that the server has made goes along with its page, so nothing is asked twice.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from audiokg.engine.protocol import Answer
from audiokg.errors import QueryError
from audiokg.examples import bind_query, read_defaults
from audiokg.formats import ROWS, TRIPLES
from audiokg.queries import Query, group_by_topic
from audiokg.terms import PREFIXES, shorten
from audiokg.web.library.answer import Shown, show
from audiokg.web.library.parameters import write_term
from audiokg.web.page import JSON, data, has_bundles, page
from audiokg.web.problems import STATUSES
from audiokg.web.questions import Questions, value

#: The query of who comes without one.
_FIRST: Final = "full-duplex-dialogue"
#: A longer answer does not go along with its page; the editor asks for it.
_ALONG: Final = 1 << 20


def make_editor(questions: Questions) -> Blueprint:
    """Make the blueprint of what the editor completes: our prefixes, and the terms of the graph."""
    blueprint = Blueprint("editor", __name__)

    @blueprint.route("/sparql/terms.json")
    def terms() -> Response:
        found = [
            {
                "name": shorten(value(row, "term")),
                "iri": value(row, "term"),
                "kind": value(row, "kind"),
                "label": value(row, "label"),
                "definition": value(row, "definition"),
            }
            for row in questions.rows("completions")
        ]
        document = {"prefixes": PREFIXES, "terms": found}
        return data(json.dumps(document, ensure_ascii=False), JSON)

    return blueprint


@dataclass(frozen=True)
class Editor:
    """Makes the pages of /sparql; the library is what it offers to begin with."""

    library: Mapping[str, Query]

    def introduce(self) -> Response:
        """Show the form, with the query of the library that ?example= names."""
        query = self.library.get(request.args.get("example", ""), self.library[_FIRST])
        return self._page(bind_query(query, read_defaults(query)), example=query.name)

    def show(self, query: str, answer: Answer) -> Response:
        """Show a query with its answer: rows in JSON, or triples in Turtle."""
        form = next(f for f in (*ROWS, *TRIPLES) if f.name == answer.format)
        along = answer.body.decode() if len(answer.body) <= _ALONG else None
        return self._page(query, show(answer), answer_type=form.media_type, along=along)

    def refuse(self, query: str, error: QueryError) -> Response:
        """Show a query with what is wrong with it."""
        status, title = next((s, t) for kind, s, t in STATUSES if isinstance(error, kind))
        response = self._page(query, error=error, problem=title)
        response.status_code = status.value
        response.headers["Cache-Control"] = "no-store"
        return response

    def _page(self, query: str, answer: Shown | None = None, **more: object) -> Response:
        return page(
            "sparql.html",
            query=query,
            answer=answer,
            groups=group_by_topic(self.library.values()),
            arguments=_write_defaults,
            endpoint=request.base_url,
            bundled=has_bundles("editor.js", "editor.css"),
            **more,
        )


def _write_defaults(query: Query) -> str:
    terms = read_defaults(query).items()
    return urlencode({name: write_term(term) for name, term in terms})
