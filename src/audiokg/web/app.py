"""The application: routes, headers that every answer has, errors."""

import hashlib
from collections.abc import Collection, Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType

import pyoxigraph as ox
from flask import Flask, Response, request
from flask_compress import Compress

from audiokg.engine.protocol import Engine
from audiokg.formats import ROWS, TRIPLES
from audiokg.queries import Query
from audiokg.rdf import write_triples
from audiokg.snapshot import Manifest
from audiokg.terms import BASE
from audiokg.web.compare.leaderboard import make_leaderboard
from audiokg.web.compare.views import make_compare
from audiokg.web.library.editor import Editor, make_editor
from audiokg.web.library.views import make_library
from audiokg.web.lineage.views import make_lineage
from audiokg.web.listing.home import make_home
from audiokg.web.listing.views import make_listing
from audiokg.web.machine.views import make_machine
from audiokg.web.negotiation import HTML
from audiokg.web.observe import Observer
from audiokg.web.ontology.views import make_ontology
from audiokg.web.overview.views import make_overview
from audiokg.web.page import choose_twin, data, page
from audiokg.web.problems import PROBLEM, handle_problems
from audiokg.web.protocol.graph_store import make_graph_store
from audiokg.web.protocol.sparql import make_sparql
from audiokg.web.questions import Questions
from audiokg.web.resource.graph import make_graph
from audiokg.web.resource.views import make_resource
from audiokg.web.search.views import make_search

_MAX_BODY = 1 << 20
_COMPRESSED = [
    *(format_.media_type for format_ in (*ROWS, *TRIPLES)),
    *("text/html", "text/css", "text/plain", "text/javascript", "application/json"),
    *(PROBLEM, "image/svg+xml"),
]
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Content-Type",
    "Access-Control-Max-Age": "86400",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After",
}
#: How long an answer may be used without asking; after that the ETag says whether it still holds.
_LASTING = "public, max-age=60"
_PASSING = "no-store"
_STATIC = Path(__file__).parent / "static"
_STATIC_SECONDS = 31_536_000
#: What tells of this moment.
_MOMENTARY = {"/health", "/ready", "/metrics"}


def create_app(
    engine: Engine,
    pages: Mapping[str, Query],
    examples: Mapping[str, Query],
    manifest: Manifest,
    description: bytes = b"",
    observer: Observer | None = None,
    services: Collection[str] = (),
    federated: Mapping[str, Query] = MappingProxyType({}),
) -> Flask:
    """Make the application over an engine, the queries of the pages and the example library.

    `description` is the VoID of the snapshot in Turtle; `services` are the addresses that a query
    may ask by SERVICE, `federated` the queries of the library that do.
    """
    app = Flask("audiokg.web")
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _STATIC_SECONDS
    app.config["COMPRESS_MIMETYPES"] = _COMPRESSED
    app.config["COMPRESS_ALGORITHM"] = ["zstd", "br", "gzip"]
    app.config["COMPRESS_BR_LEVEL"] = 4
    seen = observer or Observer()
    app.jinja_env.globals["local"] = local_path
    app.jinja_env.globals["manifest"] = manifest
    app.jinja_env.globals["asset"] = asset_path
    editor = Editor({**examples, **federated})
    app.register_blueprint(make_sparql(engine, manifest, services, editor))
    questions = Questions(engine, pages)
    app.register_blueprint(make_editor(questions))
    app.register_blueprint(make_library(questions, examples, federated))
    app.register_blueprint(make_lineage(questions))
    app.register_blueprint(make_overview(questions, examples, manifest))
    app.register_blueprint(make_home(questions, {**examples, **federated}))
    app.register_blueprint(make_listing(questions))
    app.register_blueprint(make_resource(questions, manifest))
    app.register_blueprint(make_graph(questions, manifest))
    app.register_blueprint(make_compare(questions))
    app.register_blueprint(make_leaderboard(questions))
    app.register_blueprint(make_search(questions))
    app.register_blueprint(make_ontology(questions))
    app.register_blueprint(make_graph_store(engine, pages, manifest.graphs))
    app.register_blueprint(make_machine(engine, questions, examples, manifest, services))
    handle_problems(app)
    # The last to be registered is the first to run: headers, then the ETag, then compression.
    Compress(app)
    app.after_request(_tag)
    app.after_request(_add_headers)

    @app.route("/health")
    def health() -> Response:
        return Response("ok\n", content_type="text/plain; charset=utf-8")

    @app.route("/ready")
    def ready() -> Response:
        up = engine.is_ready()
        text = "ready\n" if up else "no worker answers\n"
        return Response(text, 200 if up else 503, content_type="text/plain; charset=utf-8")

    @app.route("/metrics")
    def metrics() -> Response:
        return Response(seen.metrics(), content_type="text/plain; version=0.0.4; charset=utf-8")

    @app.route("/.well-known/void")
    def void() -> Response:
        chosen = choose_twin(*TRIPLES)
        if chosen is HTML:
            return page("void.html", turtle=description.decode(), formats=TRIPLES)
        triples = list(ox.parse(description, format=ox.RdfFormat.TURTLE))
        return data(write_triples([quad.triple for quad in triples], chosen.name), chosen)

    return app


def local_path(iri: str) -> str:
    """Give the path under which this server answers for an IRI of ours; other IRIs stay."""
    return "/" + iri.removeprefix(BASE) if iri.startswith(BASE) else iri


@cache
def asset_path(name: str) -> str:
    """Give the path of a file of static/, which changes with its content."""
    digest = hashlib.blake2b((_STATIC / name).read_bytes(), digest_size=6).hexdigest()
    return f"/static/{name}?v={digest}"


def _tag(response: Response) -> Response:
    """Give a lasting answer its ETag, and nothing to a client that has it."""
    lasting = response.status_code == HTTPStatus.OK and request.path not in _MOMENTARY
    if request.endpoint == "static":  # flask has done it
        return response
    if response.cache_control.no_store or not lasting or response.is_streamed:
        response.headers.setdefault("Cache-Control", _PASSING)
        return response
    if "ETag" not in response.headers:
        digest = hashlib.blake2b(response.get_data(), digest_size=16)
        digest.update(str(response.content_type).encode())
        response.set_etag(digest.hexdigest())
    response.headers.setdefault("Cache-Control", _LASTING)
    response.make_conditional(request)
    return response


def _add_headers(response: Response) -> Response:
    response.headers.setdefault("Vary", "Accept")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Content-Security-Policy", _CSP)
    response.headers.update(_CORS)
    return response
