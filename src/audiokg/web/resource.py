"""Pages and RDF: /<segment>/<id> is what an IRI of ours names, /<segment>/ its kind."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pyoxigraph as ox
from flask import Blueprint, Response, abort, render_template, request

from audiokg.engine.protocol import Engine, QueryRequest, Term
from audiokg.formats import TRIPLES, Format, find_format
from audiokg.queries import Query
from audiokg.terms import BASE, GRAPH, SEGMENTS, expand, shorten
from audiokg.web.negotiation import HTML, accepts_html, choose

#: Segment -> the class that its list shows.
CLASSES = {
    "architecture": "akg:Architecture",
    "benchmark": "akg:Benchmark",
    "challenge": "akg:Challenge",
    "condition": "akg:ReferenceCondition",
    "dataset": "akg:Dataset",
    "grade": "akg:EvidenceGrade",
    "language": "akg:Language",
    "licence": "akg:Licence",
    "metric": "akg:Metric",
    "modality": "akg:Modality",
    "model": "akg:Model",
    "organisation": "foaf:Organization",
    "person": "foaf:Person",
    "publication": "akg:Publication",
    "quantizer": "akg:QuantizationMethod",
    "representation": "akg:Representation",
    "source": "akg:Source",
    "strategy": "akg:TrainingStrategy",
    "task": "akg:Task",
    "token": "akg:TokenKind",
    "unit": "akg:SizeUnit",
}
_SEGMENT = f"<any({', '.join(SEGMENTS)}):segment>"

Row = dict[str, dict[str, str]]


def make_resource(engine: Engine, queries: Mapping[str, Query]) -> Blueprint:
    """Make the blueprint of the resources and lists; `queries` are those of queries/page/."""
    blueprint = Blueprint("resource", __name__)
    views = _Views(engine, queries)
    blueprint.add_url_rule("/ontology", view_func=views.ontology)
    blueprint.add_url_rule("/graph/<path:name>", view_func=views.graph)
    blueprint.add_url_rule(f"/{_SEGMENT}/<name>", view_func=views.resource)
    blueprint.add_url_rule(f"/{_SEGMENT}/", view_func=views.listing)
    return blueprint


@dataclass(frozen=True)
class _Views:
    engine: Engine
    queries: Mapping[str, Query]

    def ontology(self) -> Response:
        _, chosen = _choose("ontology")
        if chosen is not HTML:
            return _data(self._triples("graph", chosen, graph=GRAPH + "audiokg"), chosen)
        return _page("ontology.html", rows=self._rows("terms"), formats=TRIPLES)

    def graph(self, name: str) -> Response:
        ident, chosen = _choose(name)
        iri = GRAPH + ident
        if not self._exists(iri):
            abort(404, f"There is no graph {iri}.")
        if chosen is HTML:
            turtle = self._triples("graph", TRIPLES[0], graph=iri)
            return _page("graph.html", iri=iri, text=turtle.decode())
        return _data(self._triples("graph", chosen, graph=iri), chosen)

    def resource(self, segment: str, name: str) -> Response:
        ident, chosen = _choose(name)
        iri = f"{BASE}{segment}/{ident}"
        if not self._exists(iri):
            abort(404, f"Nothing is known of {iri}; /{segment}/ lists what there is.")
        if chosen is HTML:
            response = self._resource_page(segment, ident, iri)
        else:
            response = _data(self._triples("resource", chosen, resource=iri), chosen)
        return _linked(response, iri, f"/{segment}/{ident}")

    def listing(self, segment: str) -> Response:
        if segment not in CLASSES:
            abort(404, f"There is nothing under /{segment}/ yet.")
        rows = self._rows("list", **{"class": expand(CLASSES[segment])})
        return _page("list.html", segment=segment, rows=rows)

    def _resource_page(self, segment: str, ident: str, iri: str) -> Response:
        facts = self._rows("facts", resource=iri)
        return _page(
            "resource.html",
            iri=iri,
            path=f"/{segment}/{ident}",
            segment=segment,
            label=_label(facts, ident),
            facts=_group(facts),
            mentions=self._rows("mentions", resource=iri),
            settings=self._rows("settings", resource=iri),
            evidence=self._rows("evidence", resource=iri),
            conflicts=self._rows("conflicts", resource=iri),
            incoming=_incoming(self._rows("incoming", resource=iri)),
            formats=TRIPLES,
        )

    def _exists(self, iri: str) -> bool:
        if not _is_iri(iri):
            return False
        asked = QueryRequest(self.queries["exists"].text, bindings=_terms({"thing": iri}))
        return bool(json.loads(self.engine.answer(asked).body)["boolean"])

    def _rows(self, name: str, **bindings: str) -> list[Row]:
        asked = QueryRequest(self.queries[name].text, bindings=_terms(bindings))
        found: list[Row] = json.loads(self.engine.answer(asked).body)["results"]["bindings"]
        return found

    def _triples(self, name: str, chosen: Format, **bindings: str) -> bytes:
        text = self.queries[name].text
        asked = QueryRequest(text, triples_format=chosen.name, bindings=_terms(bindings))
        return self.engine.answer(asked).body


def _is_iri(text: str) -> bool:
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


def _terms(bindings: Mapping[str, str]) -> dict[str, Term]:
    return {name: ox.NamedNode(iri) for name, iri in bindings.items()}


def _page(template: str, **values: object) -> Response:
    page = render_template(template, shorten=shorten, **values)
    return Response(page, content_type=HTML.content_type)


def _data(body: bytes, chosen: Format) -> Response:
    return Response(body, content_type=chosen.content_type)


def _choose(name: str) -> tuple[str, Format]:
    """Choose the format by suffix, ?format= or Accept; give the identifier without suffix."""
    ident, dot, suffix = name.rpartition(".")
    formats = (HTML, *TRIPLES)
    if dot and (by_suffix := next((f for f in formats if f.name == suffix), None)):
        return ident, by_suffix
    wanted = request.args.get("format")
    if wanted:
        found = find_format(wanted, formats)
    else:
        # A client without a wish, curl say, is a program: it gets Turtle.
        accept = request.accept_mimetypes
        found = choose(accept, formats if accepts_html(accept) else (*TRIPLES, HTML))
    if found is None:
        abort(406, "A resource comes as " + ", ".join(f.media_type for f in formats) + ".")
    return name, found


def _linked(response: Response, iri: str, path: str) -> Response:
    response.headers.add("Link", f'<{iri}>; rel="canonical"')
    for format_ in (HTML, *TRIPLES):
        link = f'<{path}.{format_.name}>; rel="alternate"; type="{format_.media_type}"'
        response.headers.add("Link", link)
    return response


def _label(facts: list[Row], ident: str) -> str:
    labels = [row["value"]["value"] for row in facts if shorten(_iri(row)) == "rdfs:label"]
    return labels[0] if labels else ident


def _group(facts: list[Row]) -> list[dict[str, Any]]:
    """Group rows into properties, each with its values, each with its sources."""
    groups = []
    for property_, rows in groupby(facts, key=_iri):
        values: dict[str, dict[str, Any]] = {}
        for row in rows:
            value = values.setdefault(
                json.dumps(row["value"], sort_keys=True),
                {"term": row["value"], "label": row.get("valueLabel"), "sources": []},
            )
            source = row.get("source", {}).get("value")
            if source and source not in value["sources"]:
                value["sources"].append(source)
        groups.append({"property": property_, "values": list(values.values())})
    return groups


def _incoming(rows: list[Row]) -> list[dict[str, Any]]:
    return [
        {"property": property_, "rows": list(group)} for property_, group in groupby(rows, key=_iri)
    ]


def _iri(row: Row) -> str:
    return row["property"]["value"]
