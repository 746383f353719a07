"""Files for machines: the JSON-LD context, sitemap, robots.txt, llms.txt and openapi.json.

Addresses in them are those of this server, by the Host of the request; IRIs in data stay canonical.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox
from flask import Blueprint, Response, abort, current_app, render_template, request

from audiokg.context import DECLARATIONS, make_context
from audiokg.engine.protocol import Engine, QueryRequest
from audiokg.formats import TRIPLES
from audiokg.queries import Query
from audiokg.snapshot import Manifest, union_store
from audiokg.terms import BASE, PREFIXES
from audiokg.web.machine.openapi import describe_api, is_there
from audiokg.web.machine.operations import OPERATIONS
from audiokg.web.machine.structured import StructuredData
from audiokg.web.questions import Questions, value

_DAY: Final = "public, max-age=86400"
_YEAR: Final = "public, max-age=31536000, immutable"
_TEXT: Final = "text/plain; charset=utf-8"
#: Pages that are no resource, where there are such.
_PAGES: Final = (
    "",
    "query/",
    "ontology",
    "timeline",
    "map",
    "leaderboard/",
    "conflicts",
    "changes",
)
#: The questions that llms.txt names: one or two of each theme.
_MAIN: Final = (
    "numbers-of-the-graph",
    "full-duplex-dialogue",
    "codecs-at-25-hz-with-one-codebook",
    "codec-of-each-tts-model",
    "depending-on-a-codec",
    "datasets-for-a-task",
    "who-says-so",
    "conflicts",
)
#: https://www.sitemaps.org/protocol.html allows so many addresses in one file.
_LARGEST: Final = 50_000

Place = tuple[str, str]


def make_machine(
    engine: Engine,
    questions: Questions,
    examples: Mapping[str, Query],
    manifest: Manifest,
    services: Collection[str] = (),
    largest: int = _LARGEST,
) -> Blueprint:
    """Make the blueprint; it also gives templates `structured_data(iri)`."""
    blueprint = Blueprint("machine", __name__)
    views = _Views(engine, questions, examples, manifest, services, largest)
    blueprint.add_url_rule("/context.jsonld", view_func=views.context)
    blueprint.add_url_rule("/context/<version>.jsonld", view_func=views.context_of)
    blueprint.add_url_rule("/sitemap.xml", view_func=views.sitemap)
    blueprint.add_url_rule("/sitemap/<int:number>.xml", view_func=views.sitemap_part)
    blueprint.add_url_rule("/robots.txt", view_func=views.robots)
    blueprint.add_url_rule("/llms.txt", view_func=views.llms)
    blueprint.add_url_rule("/openapi.json", view_func=views.openapi)
    blueprint.add_app_template_global(StructuredData(questions, manifest), "structured_data")
    return blueprint


@dataclass(frozen=True)
class _Views:
    engine: Engine
    questions: Questions
    examples: Mapping[str, Query]
    manifest: Manifest
    services: Collection[str]
    largest: int

    def context(self) -> Response:
        declared = self.engine.answer(QueryRequest(DECLARATIONS, triples_format="nt")).body
        store = union_store(ox.parse(declared, format=ox.RdfFormat.N_TRIPLES))
        text = json.dumps({"@context": make_context(store)}, ensure_ascii=False, indent=1) + "\n"
        response = Response(text, content_type="application/ld+json")
        response.headers["Cache-Control"] = _DAY
        return response

    def context_of(self, version: str) -> Response:
        if version != self.manifest.version:
            known = self.manifest.version
            abort(404, f"There is no context {version} here; this is /context/{known}.jsonld.")
        response = self.context()
        response.headers["Cache-Control"] = _YEAR
        return response

    def sitemap(self) -> Response:
        places = self._places()
        parts = -(-len(places) // self.largest) if len(places) > self.largest else 0
        return _xml(render_template("sitemap.xml", root=_root(), parts=parts, places=places))

    def sitemap_part(self, number: int) -> Response:
        start = (number - 1) * self.largest
        places = self._places()[start : start + self.largest] if number else []
        if not places:
            abort(404, f"There is no part {number} of the sitemap; /sitemap.xml lists them.")
        return _xml(render_template("sitemap.xml", root=_root(), parts=0, places=places))

    def robots(self) -> Response:
        return Response(render_template("robots.txt", root=_root()), content_type=_TEXT)

    def llms(self) -> Response:
        text = render_template(
            "llms.txt",
            root=_root(),
            services=self.services,
            prefixes=PREFIXES,
            formats=[form.name for form in TRIPLES],
            queries=[self.examples[name] for name in _MAIN if name in self.examples],
            operations=[each for each in OPERATIONS if is_there(current_app.url_map, each.example)],
        )
        return Response(text, content_type=_TEXT)

    def openapi(self) -> Response:
        document = describe_api(current_app.url_map, _root(), self.manifest)
        text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
        return Response(text, content_type="application/json")

    def _places(self) -> list[Place]:
        """List what has a page here, each with the day of its last change where that is known."""
        pages = [page for page in _PAGES if is_there(current_app.url_map, f"/{page}")]
        asked = [f"query/{name}" for name in self.examples]
        fixed = [(path, "") for path in (*pages, *asked) if path in pages or "query/" in pages]
        return fixed + [
            (value(row, "resource").removeprefix(BASE), value(row, "modified"))
            for row in self.questions.rows("sitemap")
            if value(row, "resource").removeprefix(BASE) not in pages
        ]


def _root() -> str:
    return request.url_root


def _xml(text: str) -> Response:
    return Response(text, content_type="application/xml; charset=utf-8")
