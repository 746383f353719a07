"""/sparql: the query operation of the SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/)."""

from collections.abc import Collection

from flask import Blueprint, Response, abort, request

from audiokg.engine.cache import is_lasting
from audiokg.engine.protocol import Engine
from audiokg.errors import FormatNotFittingError, QueryError
from audiokg.formats import ROWS, TRIPLES, Format
from audiokg.rdf import write_triples
from audiokg.snapshot import Manifest
from audiokg.web.library.editor import Editor
from audiokg.web.negotiation import HTML, accepts_html, choose, choose_triples
from audiokg.web.observe import note_answer, note_query
from audiokg.web.protocol.description import describe_service
from audiokg.web.protocol.wish import Asked, make_request, read_wish
from audiokg.web.wsgi import HANG_UP, NOTES


def make_sparql(
    engine: Engine, manifest: Manifest, services: Collection[str], editor: Editor
) -> Blueprint:
    """Make the blueprint of /sparql; `services` are what a query may ask by SERVICE."""
    blueprint = Blueprint("sparql", __name__)

    @blueprint.route("/sparql", methods=["GET", "POST"])
    def sparql() -> Response:
        wish = read_wish(_asked())
        if wish.query is None:
            return _introduce(manifest, bool(services), editor)
        if not wish.has_format:
            raise FormatNotFittingError(f"answers come as {_types((HTML, *ROWS, *TRIPLES))}")
        notes = request.environ.setdefault(NOTES, {})
        notes |= note_query(wish.query)
        try:
            answer = engine.answer(make_request(wish, wish.query), request.environ.get(HANG_UP))
        except QueryError as error:
            if wish.is_page:
                return editor.refuse(wish.query, error)
            raise
        notes |= note_answer(answer)
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


def _asked() -> Asked:
    return Asked(
        request.method,
        request.query_string,
        request.content_type or "",
        request.get_data(cache=False),
        request.headers.get("Accept", ""),
    )


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
