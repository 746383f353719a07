"""What a page shows besides the facts, by kind: each panel is a query of queries/page/."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any, Final

import pyoxigraph as ox
from flask import request

from audiokg.amounts import write_number
from audiokg.sites import link_to
from audiokg.terms import Term, expand
from audiokg.web.questions import Questions, Row, value
from audiokg.web.resource.dereference import Standing
from audiokg.web.resource.facts import Anchors, Group, Told, Value, group_facts
from audiokg.web.resource.figures import read_family, read_figures, read_settings
from audiokg.web.resource.incoming import first_of, read_pointing
from audiokg.web.resource.inherited import add_inherited
from audiokg.web.resource.witnesses import text_of
from audiokg.web.resource.workings import add_workings

_RESULTS: Final = ("results",)
#: Segment -> the queries of its panels.
PANELS: Final[Mapping[str, tuple[str, ...]]] = {
    "model": ("variants", "inherited", "settings", "results"),
    "dataset": ("sizes", "results"),
    "publication": ("authors",),
    "person": ("works",),
    "metric": _RESULTS,
    "strategy": _RESULTS,
    "condition": _RESULTS,
    "licence": ("licensed",),
    "source": ("sections",),
}
_ABOUT: Final = ("facts", "claims", "evidence", "conflicts", "details")
_KIND: Final = expand("rdf:type")
_FAMILY: Final = expand("akg:variantOf")
_LINKS: Final = {
    expand(name)
    for name in (
        *("schema:sameAs", "skos:exactMatch", "skos:closeMatch", "dcterms:hasVersion"),
        *("foaf:page", "akg:hasCodeRepository", "akg:hasWeights"),
    )
}
_NAMES: Final = {expand(name) for name in ("skos:altLabel", "skos:notation")}


def gather(questions: Questions, segment: str, standing: Standing) -> dict[str, Any]:
    """Gather what the page of a resource shows: facts, figures, panels, what points at it."""
    iri = standing.iri
    told = Told(**{name: questions.rows(name, resource=iri) for name in _ABOUT})
    anchors = Anchors(iri)
    panels = {name: questions.rows(name, resource=iri) for name in PANELS.get(segment, ())}
    settings = list(read_settings(panels.pop("settings", []), told.conflicts, anchors))
    for row in panels.get("authors", []):
        anchors.take(value(row, "slot"))
    groups = add_workings(group_facts(iri, told, anchors))
    family = read_family(panels.pop("variants", []))
    pointing = first_of(read_pointing(questions.rows("incoming", resource=iri)))
    if family:  # its configurations have a table of their own
        pointing = [each for each in pointing if each.iri != _FAMILY]
    return {
        "write_number": write_number,
        "text_of": text_of,
        "groups": add_inherited(groups, panels.pop("inherited", [])),
        "kinds": [v.text for v in _values(groups, {_KIND})],
        "families": [link_to(v.term["value"], v.text) for v in _values(groups, {_FAMILY})],
        "names": [v.text for v in _values(groups, _NAMES)],
        "elsewhere": [link_to(v.term["value"]) for v in _values(groups, _LINKS) if _leads_out(v)],
        "figures": read_figures(groups),
        "family": family,
        "settings": settings,
        "mentions": questions.rows("mentions", resource=iri),
        "pointing": pointing,
        **panels,
        **(_section(questions, iri, panels["sections"]) if segment == "source" else {}),
    }


def _values(groups: list[Group], properties: set[str]) -> list[Value]:
    facts = (fact for group in groups for fact in group.facts if fact.iri in properties)
    return [value for fact in facts for value in fact.values]


def _leads_out(value: Value) -> bool:
    return value.term["type"] == "uri"


def _section(questions: Questions, iri: str, sections: list[Row]) -> dict[str, Any]:
    """Gather the rows of the section that is asked for, else of the first."""
    names = [value(row, "section") for row in sections if "section" in row]
    wanted = request.args.get("section", "")
    chosen = wanted if wanted in names else "".join(names[:1])
    terms: dict[str, str | Term] = {"resource": iri, "section": ox.Literal(chosen)}
    cells: dict[str, list[Row]] = {}
    for row in questions.rows("cells", **terms):
        cells.setdefault(value(row, "entry"), []).append(row)
    rows = groupby(questions.rows("entries", **terms), key=lambda row: value(row, "entry"))
    entries = [(entry.rpartition("#")[2], list(group)) for entry, group in rows]
    return {"section": chosen, "entries": entries, "cells": cells}
