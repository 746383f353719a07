"""/lineage/<id>: what a model or dataset is built from and what builds on it; drawn and listed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from flask import Blueprint, Response, abort, redirect, render_template, request
from flask.blueprints import BlueprintSetupState
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from audiokg.engine.protocol import QueryRequest
from audiokg.formats import Format
from audiokg.sites import Link
from audiokg.terms import BASE, GRAPH
from audiokg.web.lineage.drawing import MARGIN, Drawing, Node, draw, draw_within
from audiokg.web.lineage.graph import (
    BETWEEN,
    DOWN,
    FAMILY,
    UP,
    Lineage,
    Relation,
    Surroundings,
    Thing,
    read_lineage,
    read_sources,
)
from audiokg.web.lineage.looks import KINDS, kind_of, text_of, width_of, words_of
from audiokg.web.lineage.words import SMALL
from audiokg.web.negotiation import HTML
from audiokg.web.page import CSV, JSON, choose_twin, data, has_bundles, page
from audiokg.web.questions import Questions
from audiokg.web.tables import Table, answer_table

SVG: Final = Format("svg", "image/svg+xml", charset=True)
DEPTHS: Final = ("1", "2", "3")
#: How many things a page draws, and how many the picture on the page of a resource.
MOST, MOST_IN_PICTURE = 40, 14
#: Made by npm; without it the page does not offer to explore.
_DERIVED: Final = GRAPH + "derived"
_TITLES: Final = {
    FAMILY: "Its configurations, versions and parts",
    UP: "What it is built from",
    DOWN: "What builds on it",
    BETWEEN: "Between those",
}
_COLUMNS: Final = ("from", "fromLabel", "property", "relation", "to", "toLabel", "statedBy")


def make_lineage(questions: Questions) -> Blueprint:
    """Make the blueprint of the family graph; it gives templates `lineage_picture(iri)`."""
    blueprint = Blueprint("lineage", __name__)
    views = _Views(questions)
    address = "/lineage/<any(model, dataset):segment>/<ident>"
    blueprint.add_url_rule(
        "/lineage/<ident>", view_func=views.lineage, defaults={"segment": "model"}
    )
    blueprint.add_url_rule(address, view_func=views.lineage)

    @blueprint.record
    def give(state: BlueprintSetupState) -> None:
        state.app.jinja_env.globals["lineage_picture"] = views.picture

    return blueprint


@dataclass(frozen=True)
class _Section:
    """Links under one heading."""

    name: str
    title: str
    relations: tuple[Relation, ...]


@dataclass(frozen=True)
class _Views:
    questions: Questions

    def lineage(self, segment: str, ident: str) -> AnyResponse:
        chosen = choose_twin(JSON, CSV, SVG)
        depth = _depth()
        lineage = self._lineage()
        iri = f"{BASE}{segment}/{ident}"
        if iri not in lineage.things:
            if (dataset := f"{BASE}dataset/{ident}") in lineage.things:
                query = request.query_string.decode()
                return redirect(address_of(dataset) + (f"?{query}" if query else ""), 301)
            abort(404, f"There is no {segment} “{ident}”; /{segment}/ lists what there is.")
        around, drawing = _draw(lineage, iri, depth)
        if chosen is SVG:
            return data(_svg(drawing, alone=True), chosen)
        if chosen is HTML:
            return self._page(around, drawing, depth)
        return answer_table(self._table(around, drawing, depth), chosen)

    def picture(self, iri: str) -> Markup:
        """Draw one step around a thing; nothing where nothing is known of its lineage."""
        lineage = self._lineage()
        if iri not in lineage.things or not lineage.has_relations(iri):
            return Markup()
        drawing = _draw_small(lineage, iri)
        text = render_template(
            "lineage-picture.html", drawing=drawing, svg=_svg(drawing), address=address_of(iri)
        )
        return Markup(text)  # noqa: S704 (a template has escaped it)

    def _page(self, around: Surroundings, drawing: Drawing, depth: int) -> Response:
        sections = [_Section(name, title, around.sections[name]) for name, title in _TITLES.items()]
        return page(
            "lineage.html",
            around=around,
            drawing=drawing,
            svg=_svg(drawing),
            sections=[section for section in sections if section.relations],
            things={thing.iri: thing for thing in around.things},
            stated=self._stated(around.relations),
            depth=depth,
            depths=DEPTHS,
            address=address_of(around.start.iri),
            twins=(JSON, CSV, SVG),
            query=self.questions.queries["lineage"].text,
            explorable=has_bundles("lineage.js"),
        )

    def _table(self, around: Surroundings, drawing: Drawing, depth: int) -> Table:
        """Give the elements of Cytoscape (https://js.cytoscape.org/#notation/elements-json)."""
        things = {thing.iri: thing for thing in around.things}
        stated = self._stated(around.relations)
        drawn = {node.thing.iri: node for node in drawing.nodes}
        nodes = [_node(thing, drawn.get(thing.iri)) for thing in around.things]
        pairs: dict[tuple[str, str], list[Relation]] = defaultdict(list)
        for relation in around.relations:
            pairs[relation.source, relation.target].append(relation)
        words = {pair: words_of(relations) for pair, relations in pairs.items()}
        edges = [
            _edge(relation, stated[relation.key()], words[relation.source, relation.target])
            for relation in around.relations
        ]
        document = {
            "thing": around.start.iri,
            "depth": depth,
            "elements": {"nodes": nodes, "edges": edges},
        }
        rows = [_row(relation, things, stated[relation.key()]) for relation in around.relations]
        return Table(document, _COLUMNS, rows)

    def _lineage(self) -> Lineage:
        return read_lineage(self._answer("lineage"), self._answer("lineage-things"))

    def _stated(self, relations: Iterable[Relation]) -> dict[tuple[str, ...], tuple[Link, ...]]:
        """Tell who states each relation: documents by IRI and label, else the curators' file."""
        sources = read_sources(self._answer("lineage-sources"))
        return {
            relation.key(): sources.get(relation.key()) or _files(relation)
            for relation in relations
        }

    def _answer(self, name: str) -> bytes:
        return self.questions.engine.answer(QueryRequest(self.questions.queries[name].text)).body


@lru_cache(maxsize=1024)
def _draw(lineage: Lineage, iri: str, depth: int) -> tuple[Surroundings, Drawing]:
    around = lineage.around(iri, depth)
    return around, draw(around, MOST)


@lru_cache(maxsize=1024)
def _draw_small(lineage: Lineage, iri: str) -> Drawing:
    return draw_within(lineage.around(iri, 1), MOST_IN_PICTURE)


def address_of(iri: str) -> str:
    """Give the path of the family graph of a thing."""
    return "/lineage/" + iri.removeprefix(BASE).removeprefix("model/")


def _depth() -> int:
    depth = request.args.get("depth", "2")
    if depth not in DEPTHS:
        abort(400, f"The depth is a number of steps: {', '.join(DEPTHS)}; not “{depth}”.")
    return int(depth)


def _files(relation: Relation) -> tuple[Link, ...]:
    names = {_DERIVED: "computed from other facts"}
    return tuple(Link(graph, names.get(graph, "curators' file")) for graph in relation.graphs)


def _svg(drawing: Drawing, *, alone: bool = False) -> Markup:
    """Write the picture; `alone`, as a file of its own, its relations lead to the lasting IRIs."""
    text = render_template(
        "lineage.svg.html", drawing=drawing, alone=alone, margin=MARGIN, small=SMALL
    )
    return Markup(text)  # noqa: S704 (a template has escaped it)


def _node(thing: Thing, box: Node | None) -> dict[str, Any]:
    """Describe a node, with its place if it is in the picture."""
    kind = kind_of(thing)
    data = {
        "id": thing.iri,
        "label": thing.label,
        "kind": kind,
        "kinds": list(thing.kinds.values()),
        "path": "/" + thing.iri.removeprefix(BASE),
        "lineage": address_of(thing.iri),
        "drawn": box is not None,
        "text": text_of(thing),
        "width": round(box.width if box else width_of(thing, bold=False)),
        "sign": KINDS[kind].shape,
    }
    return {"data": data} | ({"position": {"x": box.centre, "y": box.y}} if box else {})


def _edge(relation: Relation, stated: Iterable[Link], words: str) -> dict[str, Any]:
    """Describe an edge; `words` is the one label of all edges between its ends."""
    return {
        "data": {
            "id": " ".join(relation.key()),
            "source": relation.source,
            "target": relation.target,
            "label": relation.label,
            "words": words,
            "property": relation.property,
            "role": relation.role,
            "statedBy": [document.iri for document in stated],
        }
    }


def _row(relation: Relation, things: Mapping[str, Thing], stated: Iterable[Link]) -> dict[str, Any]:
    values = (
        *(relation.source, things[relation.source].label, relation.property, relation.label),
        *(relation.target, things[relation.target].label, [document.iri for document in stated]),
    )
    return dict(zip(_COLUMNS, values, strict=True))
