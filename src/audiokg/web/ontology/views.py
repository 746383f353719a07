"""The documentation of the ontology: /ontology, and /ontology/<version> for its version IRI."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from flask import Blueprint, Response, abort, redirect
from werkzeug.wrappers import Response as BaseResponse

from audiokg.formats import TRIPLES, Format
from audiokg.terms import BASE, GRAPH, PREFIXES
from audiokg.web.download.files import Shelf
from audiokg.web.negotiation import HTML
from audiokg.web.ontology.drawing import FIGURES, MAIN, STATEMENTS, draw_classes, draw_relations
from audiokg.web.ontology.vocabulary import ONTOLOGY, Vocabulary, read_vocabulary
from audiokg.web.page import choose_twin, data, page, split_suffix
from audiokg.web.questions import Questions
from audiokg.web.resource.dereference import add_links

_PATH: Final = "/ontology"
#: Caption of a diagram of relations -> where its classes stand.
_DIAGRAMS: Final = {
    "The main relations": MAIN,
    "What a codec is made of, and how a model was trained": FIGURES,
    "Who says so": STATEMENTS,
}


def make_ontology(questions: Questions, shelves: Mapping[str, Shelf]) -> Blueprint:
    """Make the blueprint of the ontology; an older version of it is a file of a release."""
    blueprint = Blueprint("ontology", __name__)
    views = _Views(questions, shelves=shelves)
    blueprint.add_url_rule(_PATH, view_func=views.ontology)
    blueprint.add_url_rule(f"{_PATH}.<suffix>", view_func=views.ontology)
    blueprint.add_url_rule(f"{_PATH}/<name>", view_func=views.version)
    return blueprint


@dataclass(frozen=True)
class _Views:
    questions: Questions
    _kept: list[Vocabulary] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    shelves: Mapping[str, Shelf] = field(default_factory=dict)

    def ontology(self, suffix: str = "") -> Response:
        return self._answer(choose_twin(*TRIPLES, suffix=suffix))

    def version(self, name: str) -> BaseResponse:
        version, suffix = split_suffix(name, TRIPLES)
        known = self.vocabulary.version_iri
        if f"{ONTOLOGY}/{version}" != known and version in self.shelves:
            return redirect(self.shelves[version].ontology, 303)
        if f"{ONTOLOGY}/{version}" != known:
            abort(404, f"There is no version {version} of the ontology here; {known} is served.")
        return self._answer(choose_twin(*TRIPLES, suffix=suffix))

    @property
    def vocabulary(self) -> Vocabulary:
        """Give the ontology, read when first asked; a snapshot never changes."""
        with self._lock:
            if not self._kept:
                self._kept.append(read_vocabulary(self.questions))
        return self._kept[0]

    def _answer(self, chosen: Format) -> Response:
        if chosen is HTML:
            response = self._page()
        else:
            graph = self.questions.triples("graph", chosen.name, graph=GRAPH + "audiokg")
            response = data(graph, chosen)
        return add_links(response, ONTOLOGY, _PATH, (HTML, *TRIPLES), [f"{_PATH}.ttl"])

    def _page(self) -> Response:
        vocabulary = self.vocabulary
        return page(
            "ontology.html",
            vocabulary=vocabulary,
            classes=draw_classes(vocabulary),
            diagrams=draw_relations(vocabulary, _DIAGRAMS),
            prefixes=PREFIXES,
            base=BASE,
            formats=TRIPLES,
        )
