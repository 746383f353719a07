"""The query library: /query/ lists it, /query/<name> asks a query with the reader's own values.

What names a query by its IRI has its description in RDF too; its text is /query/<name>.rq.
"""

import csv
import io
import itertools
import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final
from urllib.parse import urlencode

import pyoxigraph as ox
from flask import Blueprint, Response, abort, request

from audiokg.engine.cache import is_lasting
from audiokg.engine.protocol import Answer, QueryRequest
from audiokg.examples import bind_query, describe_queries, query_iri
from audiokg.formats import ROWS, TRIPLES, Format
from audiokg.queries import Query, group_by_topic
from audiokg.rdf import write_triples
from audiokg.terms import expand
from audiokg.web.library.answer import show
from audiokg.web.library.parameters import Field, read_fields, terms_of, write_term
from audiokg.web.negotiation import HTML
from audiokg.web.page import CSV, JSON, choose_twin, data, page, split_suffix
from audiokg.web.questions import Questions
from audiokg.web.wsgi import HANG_UP

#: The text of a query as it stands in its file.
TEXT: Final = Format("rq", "application/sparql-query", charset=True)
_FORMATS: Final = (*ROWS, *TRIPLES, TEXT)
#: What a request may give beside the parameters of the query.
_OWN_ARGUMENTS: Final = {"format", "run"}
_NEAREST: Final = 5


def make_library(
    questions: Questions, examples: Mapping[str, Query], federated: Mapping[str, Query]
) -> Blueprint:
    """Make the blueprint of the library; `federated` queries ask other servers too."""
    blueprint = Blueprint("library", __name__)
    views = _Views(questions, {**examples, **federated}, frozenset(federated))
    blueprint.add_url_rule("/query/", view_func=views.listing)
    blueprint.add_url_rule("/query/<name>", view_func=views.query)
    return blueprint


@dataclass(frozen=True)
class _Views:
    questions: Questions
    library: Mapping[str, Query]
    federated: frozenset[str]

    def listing(self) -> Response:
        chosen = choose_twin(JSON, CSV, *TRIPLES)
        wanted = request.args.get("q", "")
        found = [query for query in self.library.values() if _fits(query, wanted)]
        if chosen in TRIPLES:
            return data(write_triples(describe_queries(found), chosen.name), chosen)
        if chosen is not HTML:
            return data(_write_list(found, chosen), chosen)
        return page(
            "library.html",
            groups=group_by_topic(found),
            found=len(found),
            total=len(self.library),
            wanted=wanted,
            formats=(JSON, CSV, *TRIPLES),
        )

    def query(self, name: str) -> Response:
        ident, suffix = split_suffix(name, _FORMATS)
        query = self._find(ident)
        _refuse_unknown(query)
        chosen = choose_twin(*_FORMATS, suffix=suffix)
        if chosen in TRIPLES:
            response = data(write_triples(describe_queries([query]), chosen.name), chosen)
        else:
            response = self._page(query) if chosen is HTML else self._data(query, chosen)
        return _linked(response, query)

    def _find(self, name: str) -> Query:
        if name not in self.library:
            near = get_close_matches(name, self.library, _NEAREST, 0)
            abort(404, f"There is no query “{name}”; near to it are {', '.join(near)}.")
        return self.library[name]

    def _data(self, query: Query, chosen: Format) -> Response:
        """Answer with rows, or with the text: as it is, or with the terms that are given."""
        fields = read_fields(query, request.args)
        for field in fields:
            if field.problem:
                abort(400, f"{field.name}: {field.problem}")
        if chosen is TEXT:
            is_given = any(name in request.args for name in query.parameters)
            return data(bind_query(query, terms_of(fields)) if is_given else query.text, chosen)
        return data(self._ask(query, fields, chosen.name).body, chosen)

    def _page(self, query: Query) -> Response:
        fields = read_fields(query, request.args)
        wrong = any(field.problem for field in fields)
        waits = query.name in self.federated and "run" not in request.args
        given = {
            field.name: write_term(field.term) for field in fields if field.name in request.args
        }
        response = page(
            "query.html",
            query=query,
            iri=query_iri(query),
            fields=[(field, self._choices(query, field)) for field in fields],
            waits=waits,
            is_federated=query.name in self.federated,
            answer=None if wrong or waits else show(self._ask(query, fields, "json")),
            arguments=urlencode(given),
            command=_write_command(query, fields),
            address=f"{request.host_url}query/{query.name}",
            text=bind_query(query, terms_of(fields)),
            rows_formats=ROWS,
            description_formats=TRIPLES,
        )
        if wrong:
            response.status_code = 400
        return response

    def _ask(self, query: Query, fields: tuple[Field, ...], form: str) -> Answer:
        asked = QueryRequest(query.text, rows_format=form, bindings=terms_of(fields))
        return self.questions.engine.answer(asked, request.environ.get(HANG_UP))

    def _choices(self, query: Query, field: Field) -> list[tuple[str, str]]:
        """Give what a form offers for a parameter: how to write each, and its label."""
        if not isinstance(field.default, ox.NamedNode):
            return []
        kind = expand(query.choices[field.name])
        rows = self.questions.rows("choices", **{"class": kind})
        choices = {
            write_term(ox.NamedNode(row["choice"]["value"])): row["label"]["value"] for row in rows
        }
        typed = {} if field.typed in choices else {field.typed: field.typed}
        return list((typed | choices).items())


def _fits(query: Query, wanted: str) -> bool:
    text = f"{query.name} {query.title} {query.description} {query.topic}".casefold()
    return all(word in text for word in wanted.casefold().split())


def _write_list(queries: Iterable[Query], chosen: Format) -> str:
    rows = [
        {"name": q.name, "title": q.title, "topic": q.topic, "description": q.description}
        for q in queries
    ]
    if chosen is JSON:
        return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, ("name", "title", "topic", "description"))
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def _write_command(query: Query, fields: Iterable[Field]) -> str:
    """Write how to ask on the command line; for a shell, so quoted."""
    params = (["--param", f"{field.name}={write_term(field.term)}"] for field in fields)
    return shlex.join(["audiokg", "query", query.name, *itertools.chain(*params)])


def _refuse_unknown(query: Query) -> None:
    unknown = set(request.args) - set(query.parameters) - _OWN_ARGUMENTS
    if unknown:
        known = ", ".join(query.parameters) or "none"
        abort(400, f"“{min(unknown)}” is no parameter of this query; there are: {known}.")


def _linked(response: Response, query: Query) -> Response:
    response.headers.add("Link", f'<{query_iri(query)}>; rel="canonical"')
    for form in (HTML, *_FORMATS):
        link = f'</query/{query.name}.{form.name}>; rel="alternate"; type="{form.media_type}"'
        response.headers.add("Link", link)
    if not is_lasting(query.text):
        response.headers["Cache-Control"] = "no-store"
    return response
