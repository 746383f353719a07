"""What a request to /sparql asks for, by the three ways of the SPARQL 1.1 Protocol."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn
from urllib.parse import parse_qsl

import pyoxigraph as ox
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import UnsupportedMediaType, abort
from werkzeug.http import parse_accept_header, parse_options_header

from audiokg.engine.protocol import QueryRequest
from audiokg.formats import ROWS, TRIPLES, Format, find_format
from audiokg.web.negotiation import HTML, accepts_html, choose

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
_MAX_FIELDS = 200
_SHORT = 1000


@dataclass(frozen=True)
class Asked:
    """What of a request counts: the method, and the others as they were sent."""

    method: str
    query_string: bytes
    content_type: str
    body: bytes
    accept: str


@dataclass(frozen=True)
class Wish:
    """What a request asks for; formats are None where none fits what the client accepts."""

    query: str | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    rows: Format | None
    triples: Format | None
    timeout: float | None

    @property
    def is_page(self) -> bool:
        """Tell whether a browser asks: whatever comes is to be a page."""
        return self.rows is HTML and self.triples is HTML

    @property
    def has_format(self) -> bool:
        """Tell whether an answer could come in some format."""
        return not (self.rows is None and self.triples is None)


def make_request(wish: Wish, query: str) -> QueryRequest:
    """Make what the engine is asked."""
    return QueryRequest(
        query,
        rows_format=_name(wish.rows, page="json"),
        triples_format=_name(wish.triples, page="ttl"),
        default_graphs=wish.default_graphs,
        named_graphs=wish.named_graphs,
        timeout=wish.timeout,
    )


def _name(format_: Format | None, page: str) -> str | None:
    """Name the format to ask the engine for; a page is made from the format `page`."""
    if format_ is None:
        return None
    return page if format_ is HTML else format_.name


def read_wish(asked: Asked) -> Wish:
    """Read a request; abort with 400, 406 or 415."""
    fields = _read_fields(asked)
    for name, _ in fields:
        if name in ("update", "using-graph-uri", "using-named-graph-uri"):
            abort(400, f"“{name}” belongs to an update; this graph is read-only.")
    queries = [value for name, value in fields if name == "query"]
    if len(queries) > 1:
        abort(400, f"There are {len(queries)} parameters “query”; give one.")
    if asked.method == "POST" and not queries:
        abort(400, "There is no parameter “query”.")
    wanted = asked.accept, dict(fields).get("format")
    # What is long is not said again and again.
    is_short = len(asked.accept) + len(wanted[1] or "") <= _SHORT
    rows, triples = _choose_formats(*wanted) if is_short else _choose_formats.__wrapped__(*wanted)
    return Wish(
        query=queries[0] if queries else None,
        default_graphs=_graphs(fields, "default-graph-uri"),
        named_graphs=_graphs(fields, "named-graph-uri"),
        rows=rows,
        triples=triples,
        timeout=_timeout(dict(fields).get("timeout")),
    )


def _read_fields(asked: Asked) -> list[tuple[str, str]]:
    fields = _decode(asked.query_string)
    if asked.method != "POST":
        return fields
    sent, options = parse_options_header(asked.content_type)
    kind = sent.lower()
    charset = options.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        abort(415, f"The charset “{charset}” is not understood; send UTF-8.")
    if kind == FORM:
        return fields + _decode(asked.body)
    if kind == QUERY:
        return [*fields, ("query", _text(asked.body))]
    raise UnsupportedMediaType(f"Send a query as {FORM} or {QUERY}, not as “{sent or 'nothing'}”.")


def _decode(encoded: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            encoded.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except UnicodeDecodeError:
        _not_utf8()
    except ValueError:
        abort(400, f"There are more than {_MAX_FIELDS} parameters.")


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        _not_utf8()


def _not_utf8() -> NoReturn:
    abort(400, "The request is not UTF-8 text.")


def _graphs(fields: list[tuple[str, str]], name: str) -> tuple[str, ...]:
    graphs = tuple(value for key, value in fields if key == name)
    for graph in graphs:
        read_iri(graph, name)
    return graphs


def read_iri(text: str, name: str) -> ox.NamedNode:
    """Read an absolute IRI, the value of the parameter `name`; abort with 400 for anything else."""
    try:
        return ox.NamedNode(text)
    except ValueError as error:
        abort(400, f"“{name}” takes an absolute IRI; “{text}” is none: {error}.")


@lru_cache(maxsize=256)  # clients say the same again and again
def _choose_formats(accept: str, name: str | None) -> tuple[Format | None, Format | None]:
    if not name:
        accepted = parse_accept_header(accept, MIMEAccept)
        pages = (HTML,) if accepts_html(accepted) else ()
        return choose(accepted, (*ROWS, *pages)), choose(accepted, (*TRIPLES, *pages))
    if name == HTML.name:
        return HTML, HTML
    rows, triples = find_format(name, ROWS), find_format(name, TRIPLES)
    if rows is None and triples is None:
        known = ", ".join(f.name for f in (*ROWS, *TRIPLES))
        abort(406, f"There is no format “{name}”; there are {known}.")
    return rows, triples


def _timeout(text: str | None) -> float | None:
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        abort(400, f"“{text}” is no time limit; give seconds, for example timeout=2.5.")
    return seconds
