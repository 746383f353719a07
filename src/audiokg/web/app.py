"""The application: routes, headers that every answer has, errors."""

import hashlib
from collections.abc import Collection, Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Final

from flask import Flask, Response, request
from flask_compress import Compress

from audiokg.engine.protocol import Engine
from audiokg.formats import ROWS, TRIPLES
from audiokg.queries import Query
from audiokg.snapshot import Manifest
from audiokg.terms import BASE
from audiokg.web.coding import BROTLI_LEVEL, CODINGS, GZIP_LEVEL, SMALLEST, ZSTD_LEVEL
from audiokg.web.compare.leaderboard import make_leaderboard
from audiokg.web.compare.views import make_compare
from audiokg.web.curation.views import make_curation
from audiokg.web.download.files import Shelf
from audiokg.web.download.views import make_download
from audiokg.web.headers import COMMON, LASTING, PASSING, POLICY, make_tag
from audiokg.web.library.editor import Editor, make_editor
from audiokg.web.library.views import make_library
from audiokg.web.lineage.views import make_lineage
from audiokg.web.listing.home import make_home
from audiokg.web.listing.views import make_listing
from audiokg.web.machine.views import make_machine
from audiokg.web.observe import Observer
from audiokg.web.ontology.views import make_ontology
from audiokg.web.operation import make_operation
from audiokg.web.overview.views import make_overview
from audiokg.web.problems import PROBLEM, handle_problems
from audiokg.web.protocol.graph_store import make_graph_store
from audiokg.web.protocol.sparql import make_sparql
from audiokg.web.questions import Questions
from audiokg.web.reconcile.views import make_reconcile
from audiokg.web.resource.graph import make_graph
from audiokg.web.resource.views import make_resource
from audiokg.web.search.finder import Finder
from audiokg.web.search.views import make_search

_SETTINGS: Final = {
    "MAX_CONTENT_LENGTH": 1 << 20,
    "SEND_FILE_MAX_AGE_DEFAULT": 31_536_000,
    "COMPRESS_MIMETYPES": [
        *(format_.media_type for format_ in (*ROWS, *TRIPLES)),
        *("text/html", "text/css", "text/plain", "text/javascript", "application/json"),
        *(PROBLEM, "image/svg+xml"),
    ],
    "COMPRESS_ALGORITHM": list(CODINGS),
    "COMPRESS_MIN_SIZE": SMALLEST,
    "COMPRESS_LEVEL": GZIP_LEVEL,
    "COMPRESS_BR_LEVEL": BROTLI_LEVEL,
    "COMPRESS_ZSTD_LEVEL": ZSTD_LEVEL,
}
_STATIC = Path(__file__).parent / "static"
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
    shelves: Mapping[str, Shelf] = MappingProxyType({}),
) -> Flask:
    """Make the application over an engine, the queries of the pages and the example library.

    `description` is the VoID of the snapshot in Turtle; `services` are the addresses that a query
    may ask by SERVICE, `federated` the queries of the library that do; `shelves` is what can be
    downloaded.
    """
    app = Flask("audiokg.web")
    app.config.update(_SETTINGS)
    app.jinja_env.globals.update(local=local_path, manifest=manifest, asset=asset_path)
    questions, asked = Questions(engine, pages), {**examples, **federated}
    finder = Finder(questions)
    for blueprint in (
        make_sparql(engine, manifest, services, Editor(asked)),
        make_editor(questions),
        make_library(questions, examples, federated),
        make_lineage(questions),
        make_overview(questions, examples, manifest),
        make_curation(questions, examples),
        make_home(questions, asked),
        make_listing(questions),
        make_resource(questions, manifest),
        make_graph(questions, manifest),
        make_compare(questions),
        make_leaderboard(questions),
        make_search(finder),
        make_reconcile(questions, finder),
        make_ontology(questions, shelves),
        make_graph_store(engine, pages, manifest.graphs),
        make_download(shelves),
        make_machine(engine, questions, examples, manifest, services),
        make_operation(engine, description, observer or Observer()),
    ):
        app.register_blueprint(blueprint)
    handle_problems(app)
    # The last to be registered is the first to run: headers, then the ETag, then compression.
    Compress(app)
    app.after_request(_tag)
    app.after_request(_add_headers)
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
        response.headers.setdefault("Cache-Control", PASSING)
        return response
    if "ETag" not in response.headers:
        response.set_etag(make_tag(response.get_data(), str(response.content_type)))
    response.headers.setdefault("Cache-Control", LASTING)
    response.make_conditional(request)
    return response


def _add_headers(response: Response) -> Response:
    response.headers.setdefault("Vary", "Accept")
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.update(COMMON)
    return response
