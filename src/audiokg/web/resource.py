"""Pages and RDF: /<segment>/<id> is what an IRI of ours names, /<segment>/ its kind."""

import json
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import Blueprint, Response, abort

from audiokg.formats import TRIPLES, Format
from audiokg.terms import BASE, GRAPH, SEGMENTS, expand, shorten
from audiokg.web.negotiation import HTML
from audiokg.web.page import choose_twin, data, page, split_suffix
from audiokg.web.questions import Questions, Row, is_iri

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


def make_resource(questions: Questions) -> Blueprint:
    """Make the blueprint of the resources and lists."""
    blueprint = Blueprint("resource", __name__)
    views = _Views(questions)
    blueprint.add_url_rule("/ontology", view_func=views.ontology)
    blueprint.add_url_rule("/graph/<path:name>", view_func=views.graph)
    blueprint.add_url_rule(f"/{_SEGMENT}/<name>", view_func=views.resource)
    blueprint.add_url_rule(f"/{_SEGMENT}/", view_func=views.listing)
    return blueprint


@dataclass(frozen=True)
class _Views:
    questions: Questions

    def ontology(self) -> Response:
        _, chosen = _choose("ontology")
        if chosen is not HTML:
            return data(
                self.questions.triples("graph", chosen.name, graph=GRAPH + "audiokg"), chosen
            )
        return page("ontology.html", rows=self.questions.rows("terms"), formats=TRIPLES)

    def graph(self, name: str) -> Response:
        ident, chosen = _choose(name)
        iri = GRAPH + ident
        if not self._exists(iri):
            abort(404, f"There is no graph {iri}.")
        if chosen is HTML:
            turtle = self.questions.triples("graph", TRIPLES[0].name, graph=iri)
            return page("graph.html", iri=iri, text=turtle.decode())
        return data(self.questions.triples("graph", chosen.name, graph=iri), chosen)

    def resource(self, segment: str, name: str) -> Response:
        ident, chosen = _choose(name)
        iri = f"{BASE}{segment}/{ident}"
        if not self._exists(iri):
            abort(404, f"Nothing is known of {iri}; /{segment}/ lists what there is.")
        if chosen is HTML:
            response = self._resource_page(segment, ident, iri)
        else:
            response = data(self.questions.triples("resource", chosen.name, resource=iri), chosen)
        return _linked(response, iri, f"/{segment}/{ident}")

    def listing(self, segment: str) -> Response:
        if segment not in CLASSES:
            abort(404, f"There is nothing under /{segment}/ yet.")
        rows = self.questions.rows("list", **{"class": expand(CLASSES[segment])})
        return page("list.html", segment=segment, rows=rows)

    def _resource_page(self, segment: str, ident: str, iri: str) -> Response:
        facts = self.questions.rows("facts", resource=iri)
        return page(
            "resource.html",
            iri=iri,
            path=f"/{segment}/{ident}",
            segment=segment,
            label=_label(facts, ident),
            facts=_group(facts),
            mentions=self.questions.rows("mentions", resource=iri),
            settings=self.questions.rows("settings", resource=iri),
            evidence=self.questions.rows("evidence", resource=iri),
            conflicts=self.questions.rows("conflicts", resource=iri),
            incoming=_incoming(self.questions.rows("incoming", resource=iri)),
            formats=TRIPLES,
        )

    def _exists(self, iri: str) -> bool:
        return is_iri(iri) and self.questions.holds("exists", thing=iri)


def _choose(name: str) -> tuple[str, Format]:
    """Choose the format by suffix, ?format= or Accept; give the identifier without suffix."""
    ident, suffix = split_suffix(name, TRIPLES)
    return ident, choose_twin(*TRIPLES, suffix=suffix)


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
