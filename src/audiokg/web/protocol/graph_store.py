"""/graph-store: the read side of the SPARQL 1.1 Graph Store HTTP Protocol.

https://www.w3.org/TR/sparql11-http-rdf-update/, section 5.2; the graph is read-only, so PUT, POST,
PATCH and DELETE are not allowed.
"""

from collections.abc import Mapping

from flask import Blueprint, Response, abort, request

from audiokg.engine.protocol import Engine, QueryRequest
from audiokg.formats import TRIPLES
from audiokg.queries import Query
from audiokg.web.negotiation import choose_triples
from audiokg.web.protocol.wish import read_iri
from audiokg.web.wsgi import HANG_UP

_EVERYTHING = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


def make_graph_store(
    engine: Engine, pages: Mapping[str, Query], graphs: Mapping[str, int]
) -> Blueprint:
    """Make the blueprint of /graph-store; `graphs` are the named graphs that there are."""
    blueprint = Blueprint("graph_store", __name__)

    @blueprint.route("/graph-store")
    def graph_store() -> Response:
        names = request.args.getlist("graph")
        wants_default = "default" in request.args
        if wants_default + len(names) != 1:
            abort(400, "Say which graph: ?default, or ?graph= with one IRI.")
        named = [read_iri(name, "graph") for name in names]
        if named and named[0].value not in graphs:
            abort(404, f"There is no graph {named[0]}; the service description lists them.")
        chosen = choose_triples(request)
        if chosen is None:
            types = ", ".join(format_.media_type for format_ in TRIPLES)
            abort(406, f"A graph comes as {types}.")
        if wants_default:
            asked = QueryRequest(_EVERYTHING, triples_format=chosen.name)
        else:
            bindings = {"graph": named[0]}
            asked = QueryRequest(pages["graph"].text, triples_format=chosen.name, bindings=bindings)
        answer = engine.answer(asked, request.environ.get(HANG_UP))
        return Response(answer.body, content_type=chosen.content_type)

    return blueprint
