"""/sparql: the query operation of the SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import parse_qsl

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.http import parse_options_header

from audiokg.engine.cache import is_lasting
from audiokg.engine.protocol import Answer, Engine, QueryRequest
from audiokg.errors import FormatNotFittingError, QueryError
from audiokg.formats import ROWS, TRIPLES, Format, find_format
from audiokg.rdf import write_triples
from audiokg.snapshot import Manifest
from audiokg.web.front import HANG_UP, NOTES
from audiokg.web.library.editor import Editor
from audiokg.web.negotiation import HTML, accepts_html, choose, choose_triples
from audiokg.web.observe import count_rows, note_query
from audiokg.web.protocol.description import describe_service

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
_PARAMETERS = ("query", "default-graph-uri", "named-graph-uri", "format", "timeout")
_MAX_FIELDS = 200


@dataclass(frozen=True)
class Wish:
    """What a request asks for; formats are None where none fits what the client accepts."""

    query: str | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    rows: Format | None
    triples: Format | None
    timeout: float | None


def make_sparql(
    engine: Engine, manifest: Manifest, services: Collection[str], editor: Editor
) -> Blueprint:
    """Make the blueprint of /sparql; `services` are what a query may ask by SERVICE."""
    blueprint = Blueprint("sparql", __name__)

    @blueprint.route("/sparql", methods=["GET", "POST"])
    def sparql() -> Response:
        wish = read_wish()
        if wish.query is None:
            return _introduce(manifest, bool(services), editor)
        if wish.rows is None and wish.triples is None:
            raise FormatNotFittingError(f"answers come as {_types((HTML, *ROWS, *TRIPLES))}")
        try:
            answer = _ask(engine, wish, wish.query)
        except QueryError as error:
            if HTML in (wish.rows, wish.triples):
                return editor.refuse(wish.query, error)
            raise
        chosen = wish.rows if answer.is_rows else wish.triples
        response = (
            editor.show(wish.query, answer)
            if chosen is HTML
            else Response(answer.body, content_type=chosen.content_type if chosen else "")
        )
        if not is_lasting(wish.query):
            response.headers["Cache-Control"] = "no-store"
        return response

    return blueprint


def _ask(engine: Engine, wish: Wish, query: str) -> Answer:
    """Ask the engine, and note for the log what was asked. Raises QueryError."""
    notes = request.environ.setdefault(NOTES, {})
    notes |= note_query(query)
    answer = engine.answer(
        QueryRequest(
            query,
            rows_format=_name(wish.rows, page="json"),
            triples_format=_name(wish.triples, page="ttl"),
            default_graphs=wish.default_graphs,
            named_graphs=wish.named_graphs,
            timeout=wish.timeout,
        ),
        request.environ.get(HANG_UP),
    )
    if answer.is_rows:
        notes["rows"] = count_rows(answer.format, answer.body)
    return answer


def _name(format_: Format | None, page: str) -> str | None:
    """Name the format to ask the engine for; a page is made from the format `page`."""
    if format_ is None:
        return None
    return page if format_ is HTML else format_.name


def read_wish() -> Wish:
    """Read the request by the three ways of the protocol; abort with 400, 406 or 415."""
    fields = _read_fields()
    for name, _ in fields:
        if name in ("update", "using-graph-uri", "using-named-graph-uri"):
            abort(400, f"“{name}” belongs to an update; this graph is read-only.")
    queries = [value for name, value in fields if name == "query"]
    if len(queries) > 1:
        abort(400, f"There are {len(queries)} parameters “query”; give one.")
    if request.method == "POST" and not queries:
        abort(400, "There is no parameter “query”.")
    rows, triples = _choose_formats(dict(fields).get("format"))
    return Wish(
        query=queries[0] if queries else None,
        default_graphs=_graphs(fields, "default-graph-uri"),
        named_graphs=_graphs(fields, "named-graph-uri"),
        rows=rows,
        triples=triples,
        timeout=_timeout(dict(fields).get("timeout")),
    )


def _read_fields() -> list[tuple[str, str]]:
    fields = _decode(request.query_string)
    if request.method != "POST":
        return fields
    sent, options = parse_options_header(request.content_type)
    kind = sent.lower()
    charset = options.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        abort(415, f"The charset “{charset}” is not understood; send UTF-8.")
    body = request.get_data(cache=False)
    if kind == FORM:
        return fields + _decode(body)
    if kind == QUERY:
        return [*fields, ("query", _text(body))]
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
        if ":" not in graph or set(graph) & set(' <>"{}|^`\\'):
            abort(400, f"“{graph}” is no IRI; {name} takes an absolute one.")
    return graphs


def _choose_formats(name: str | None) -> tuple[Format | None, Format | None]:
    if not name:
        accept = request.accept_mimetypes
        pages = (HTML,) if accepts_html(accept) else ()
        return choose(accept, (*ROWS, *pages)), choose(accept, (*TRIPLES, *pages))
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


def _types(formats: tuple[Format, ...]) -> str:
    return ", ".join(dict.fromkeys(f.media_type for f in formats))


def _introduce(manifest: Manifest, federates: bool, editor: Editor) -> Response:
    """Answer a request without a query: a form for a browser, else the service description."""
    if accepts_html(request.accept_mimetypes) and not request.args.get("format"):
        return editor.introduce()
    chosen = choose_triples(request)
    if chosen is None and choose(request.accept_mimetypes, ROWS):
        abort(400, "There is no parameter “query”; ask /sparql?query=… or send a POST.")
    if chosen is None:
        abort(406, f"The service description comes as {_types(TRIPLES)}.")
    triples = describe_service(request.base_url, manifest.union, manifest.graphs, federates)
    return Response(write_triples(triples, chosen.name), content_type=chosen.content_type)
