"""Pages and RDF: /<segment>/<id> is what an IRI of ours names."""

from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox
from flask import Blueprint, Response, abort, after_this_request, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from audiokg.formats import TRIPLES, Format
from audiokg.snapshot import Manifest
from audiokg.terms import BASE, GRAPH, SEGMENTS, expand
from audiokg.web.negotiation import HTML
from audiokg.web.page import CSV, JSON, choose_twin, data, page, read_number, split_suffix
from audiokg.web.questions import Questions, value
from audiokg.web.resource.citing import CITATIONS, CSL, list_works, write_works
from audiokg.web.resource.dereference import (
    Standing,
    add_links,
    answer_missing,
    find_standing,
)
from audiokg.web.resource.incoming import read_pointing, turn_page
from audiokg.web.resource.panels import gather
from audiokg.web.resource.part import answer_part

_SEGMENT: Final = f"<any({', '.join(name for name in SEGMENTS if name != 'query')}):segment>"
_LISTING: Final = "listing.show"
_PAGES: Final = 1_000_000


def make_resource(questions: Questions, manifest: Manifest) -> Blueprint:
    """Make the blueprint of the resources, and of the RDF of the concept schemes."""
    blueprint = Blueprint("resource", __name__)
    views = _Views(questions, manifest)
    blueprint.add_url_rule(f"/{_SEGMENT}/<name>", view_func=views.resource)
    blueprint.before_app_request(views.scheme)
    return blueprint


@dataclass(frozen=True)
class _Views:
    questions: Questions
    manifest: Manifest

    def scheme(self) -> Response | None:
        """Answer for /task/ and its like in RDF; their page is the list of the concepts."""
        path, iri = request.path, BASE + request.path.lstrip("/")
        if request.endpoint != _LISTING or not find_standing(self.questions, iri).origins:
            return None
        formats = (HTML, *TRIPLES)
        after_this_request(
            lambda response: add_links(response, iri, path, formats, [f"{path}?format=ttl"])
        )
        chosen = choose_twin(JSON, CSV, *TRIPLES)
        if chosen not in TRIPLES:
            return None
        return data(self.questions.triples("scheme", chosen.name, scheme=iri), chosen)

    def resource(self, segment: str, name: str) -> AnyResponse:
        ident, suffix = _split(name)
        chosen = choose_twin(*TRIPLES, *CITATIONS, suffix=suffix)
        iri = f"{BASE}{segment}/{ident}"
        standing = find_standing(self.questions, iri)
        if not standing.origins:
            return self._missing(segment, iri)
        is_document = bool(suffix or "format" in request.args)
        if standing.replacement and not is_document:
            return redirect("/" + standing.replacement.removeprefix(BASE), 301)
        if standing.is_withdrawn and not standing.replacement:
            return self._withdrawn(standing, chosen, is_document)
        response = self._document(segment, ident, standing, chosen)
        path = f"/{segment}/{ident}"
        describing = [f"{path}.ttl", f"/graph/{segment}/{ident}"]
        if GRAPH + f"{segment}/{ident}" not in self.manifest.graphs:
            describing = describing[:1]
        return add_links(response, iri, path, (HTML, *TRIPLES, *CITATIONS), describing)

    def _document(self, segment: str, ident: str, standing: Standing, chosen: Format) -> Response:
        if chosen in TRIPLES:
            triples = self.questions.describe(standing.iri, chosen.name)
            return data(triples, chosen)
        if chosen in CITATIONS:
            works = list_works(self.questions, self.manifest, standing.iri, standing.label)
            return data(write_works(works, segment, chosen), chosen)
        if "part" in request.args:
            label = standing.label or ident
            return answer_part(self.questions, standing.iri, label, request.args["part"])
        if "incoming" in request.args:
            return self._incoming(standing)
        return page("resource.html", **self._values(segment, ident, standing))

    def _values(self, segment: str, ident: str, standing: Standing) -> dict[str, Any]:
        label = standing.label or ident
        return gather(self.questions, segment, standing) | {
            "iri": standing.iri,
            "ident": ident,
            "path": f"/{segment}/{ident}",
            "segment": segment,
            "label": label,
            "standing": standing,
            "citable": list_works(self.questions, self.manifest, standing.iri, label),
            "formats": TRIPLES,
            "citations": CITATIONS,
        }

    def _incoming(self, standing: Standing) -> Response:
        name, number = request.args["incoming"], read_number("page", 1, 1, _PAGES)
        try:
            property_ = expand(name)
        except ValueError:
            abort(400, f"incoming={name} has an unknown prefix; give a property, as akg:trainedOn.")
        rows = self.questions.rows("incoming", resource=standing.iri)
        shown = turn_page(read_pointing(rows), property_, number)
        if shown is None:
            abort(
                404, f"Nothing more points at {standing.iri} by {name}; its page shows what does."
            )
        return page("incoming.html", standing=standing, name=name, shown=shown)

    def _withdrawn(self, standing: Standing, chosen: Format, is_document: bool) -> Response:
        if not is_document or chosen not in TRIPLES:
            abort(410, f"{standing.label or standing.iri} was withdrawn and not replaced.")
        triples = self.questions.describe(standing.iri, chosen.name)
        response = data(triples, chosen)
        response.status_code = 410
        return response

    def _missing(self, segment: str, iri: str) -> Response:
        rows = self.questions.rows("names", start=ox.Literal(f"{BASE}{segment}/"))
        names = {value(row, "resource"): value(row, "label") for row in rows}
        return answer_missing(iri, f"/{segment}/", names)


def _split(name: str) -> tuple[str, str]:
    """Split the suffix from a name; that of CSL-JSON has a dot in it."""
    if name.endswith(f".{CSL.name}"):
        return name.removesuffix(f".{CSL.name}"), CSL.name
    return split_suffix(name, (*TRIPLES, *CITATIONS))
