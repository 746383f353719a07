"""/graph/<name>: one named graph, and what stands in it."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, request

from audiokg.formats import TRIPLES
from audiokg.snapshot import Manifest
from audiokg.terms import BASE, GRAPH
from audiokg.web.negotiation import HTML
from audiokg.web.page import choose_twin, data, page, split_suffix
from audiokg.web.questions import Questions
from audiokg.web.resource.dereference import add_links, answer_missing, find_standing
from audiokg.web.resource.part import answer_part

#: A page shows a graph up to this size whole, else its beginning (queries/page/graph-start.rq).
_WHOLE: Final = 1000


def make_graph(questions: Questions, manifest: Manifest) -> Blueprint:
    """Make the blueprint of the named graphs."""
    blueprint = Blueprint("graph", __name__)
    blueprint.add_url_rule("/graph/<path:name>", view_func=_View(questions, manifest).graph)
    return blueprint


@dataclass(frozen=True)
class _View:
    questions: Questions
    manifest: Manifest

    def graph(self, name: str) -> Response:
        ident, suffix = split_suffix(name, TRIPLES)
        iri = GRAPH + ident
        if iri not in self.manifest.graphs:
            return self._missing(iri)
        chosen = choose_twin(*TRIPLES, suffix=suffix)
        if "part" in request.args and chosen is HTML:
            return answer_part(self.questions, iri, ident, request.args["part"])
        if chosen is HTML:
            response = self._page(ident, iri)
        else:
            response = data(self.questions.triples("graph", chosen.name, graph=iri), chosen)
        path = f"/graph/{ident}"
        return add_links(response, iri, path, (HTML, *TRIPLES), [f"{path}.ttl"])

    def _missing(self, iri: str) -> Response:
        names = {known: known.removeprefix(BASE) for known in self.manifest.graphs}
        return answer_missing(iri, "/sparql", names)

    def _page(self, ident: str, iri: str) -> Response:
        size = self.manifest.graphs[iri]
        query = "graph" if size <= _WHOLE else "graph-start"
        return page(
            "graph.html",
            iri=iri,
            ident=ident,
            size=size,
            is_whole=size <= _WHOLE,
            standing=find_standing(self.questions, iri),
            text=self.questions.triples(query, "ttl", graph=iri).decode(),
            formats=TRIPLES,
        )
