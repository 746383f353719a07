"""For operators and crawlers: whether the service is well, what it did, what the snapshot holds."""

import pyoxigraph as ox
from flask import Blueprint, Response

from audiokg.engine.protocol import Engine
from audiokg.formats import TRIPLES
from audiokg.rdf import write_triples
from audiokg.web.negotiation import HTML
from audiokg.web.observe import Observer
from audiokg.web.page import choose_twin, data, page

_TEXT = "text/plain; charset=utf-8"
_METRICS = "text/plain; version=0.0.4; charset=utf-8"


def make_operation(engine: Engine, description: bytes, seen: Observer) -> Blueprint:
    """Make the blueprint; `description` is the VoID of the snapshot in Turtle."""
    blueprint = Blueprint("operation", __name__)

    @blueprint.route("/health")
    def health() -> Response:
        return Response("ok\n", content_type=_TEXT)

    @blueprint.route("/ready")
    def ready() -> Response:
        if engine.is_ready():
            return Response("ready\n", content_type=_TEXT)
        return Response("no worker answers\n", 503, content_type=_TEXT)

    @blueprint.route("/metrics")
    def metrics() -> Response:
        return Response(seen.metrics(), content_type=_METRICS)

    @blueprint.route("/void")
    @blueprint.route("/.well-known/void")
    def void() -> Response:
        chosen = choose_twin(*TRIPLES)
        if chosen is HTML:
            return page("void.html", turtle=description.decode(), formats=TRIPLES)
        triples = list(ox.parse(description, format=ox.RdfFormat.TURTLE))
        return data(write_triples([quad.triple for quad in triples], chosen.name), chosen)

    return blueprint
