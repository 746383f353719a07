"""The application: routes, headers that every answer has, errors."""

from collections.abc import Mapping

from flask import Flask, Response, render_template

from audiokg.engine.protocol import Engine
from audiokg.queries import Query
from audiokg.snapshot import Manifest
from audiokg.terms import BASE
from audiokg.web.negotiation import HTML
from audiokg.web.problems import handle_problems
from audiokg.web.resource import CLASSES, make_resource
from audiokg.web.sparql import make_sparql

_MAX_BODY = 1 << 20
_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Content-Type",
    "Access-Control-Max-Age": "86400",
    "Access-Control-Expose-Headers": "Link, Retry-After",
}


def create_app(
    engine: Engine,
    pages: Mapping[str, Query],
    examples: Mapping[str, Query],
    manifest: Manifest,
) -> Flask:
    """Make the application over an engine, the queries of the pages and the example library."""
    app = Flask("audiokg.web")
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY
    app.jinja_env.globals["local"] = local_path
    app.jinja_env.globals["manifest"] = manifest
    app.register_blueprint(make_sparql(engine))
    app.register_blueprint(make_resource(engine, pages))
    handle_problems(app)
    app.after_request(_add_headers)

    @app.route("/")
    def home() -> Response:
        page = render_template("home.html", segments=CLASSES, examples=examples.values())
        return Response(page, content_type=HTML.content_type)

    @app.route("/health")
    def health() -> Response:
        return Response("ok\n", content_type="text/plain; charset=utf-8")

    @app.route("/ready")
    def ready() -> Response:
        up = engine.is_ready()
        text = "ready\n" if up else "no worker answers\n"
        return Response(text, 200 if up else 503, content_type="text/plain; charset=utf-8")

    return app


def local_path(iri: str) -> str:
    """Give the path under which this server answers for an IRI of ours; other IRIs stay."""
    return "/" + iri.removeprefix(BASE) if iri.startswith(BASE) else iri


def _add_headers(response: Response) -> Response:
    response.headers.setdefault("Vary", "Accept")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Content-Security-Policy"] = _CSP
    response.headers.update(_CORS)
    return response
