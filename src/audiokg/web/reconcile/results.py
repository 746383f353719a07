"""Answers in the specification's words: candidates, suggestions, proposals and values."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from audiokg.names import fold
from audiokg.terms import BASE, XSD, expand, shorten
from audiokg.web.reconcile.asked import Column, Extension
from audiokg.web.reconcile.candidates import Candidate
from audiokg.web.reconcile.material import Cell, Material
from audiokg.web.reconcile.properties import Property
from audiokg.web.reconcile.vocabulary import Type
from audiokg.web.search.finder import Finder, Thing

Json = dict[str, Any]
#: How many suggestions come at once; `cursor` leads on.
SUGGESTED: Final = 20
_INTEGER: Final = XSD + "integer"
_FRACTIONS: Final = {XSD + name for name in ("decimal", "double", "float")}
_DAY: Final = XSD + "date"


def id_of(iri: str) -> str:
    """Give the identifier of a thing: its IRI without the space that all share."""
    return iri.removeprefix(BASE)


def write_candidate(material: Material, candidate: Candidate) -> Json:
    """Write a reconciliation candidate."""
    thing = candidate.thing
    features = [{"id": name, "value": value} for name, value in candidate.features.items()]
    about = {"description": thing.about} if thing.about else {}
    return {
        "id": id_of(thing.iri),
        "name": thing.label,
        **about,
        "type": write_types(material, thing),
        "score": candidate.score,
        "match": candidate.match,
        "features": features,
    }


def write_types(material: Material, thing: Thing) -> list[Json]:
    """Write the types that are said of a thing."""
    said = [shorten(cell["value"]) for cell in material.facts[thing.iri].get("rdf:type", ())]
    known = material.vocabulary.types
    return [{"id": id_, "name": known[id_].name} for id_ in said if id_ in known]


def write_type(type_: Type, types: Mapping[str, Type]) -> Json:
    """Write a type with those right above it."""
    broader = [{"id": id_, "name": types[id_].name} for id_ in type_.broader]
    about = {"description": type_.description} if type_.description else {}
    return {
        "id": type_.id,
        "name": type_.name,
        **about,
        **({"broader": broader} if broader else {}),
    }


def suggest_entities(material: Material, finder: Finder, prefix: str) -> list[Json]:
    """Suggest things for what has been typed so far: an identifier, or the beginning of a name."""
    hits = finder.find(prefix).hits if prefix else ()
    things = [hit.thing for hit in hits if hit.thing.iri in material.things]
    return [
        {
            "id": id_of(thing.iri),
            "name": thing.label,
            "description": " · ".join(filter(None, (thing.kind, thing.about))),
            "notable": write_types(material, thing),
        }
        for thing in things
    ]


def suggest_types(material: Material, prefix: str) -> list[Json]:
    """Suggest types that something has."""
    types = material.vocabulary.types
    used = [type_ for type_ in types.values() if type_.count]
    ordered = _begun(sorted(used, key=lambda one: -one.count), prefix)
    return [write_type(type_, types) for type_ in ordered]


def suggest_properties(material: Material, prefix: str) -> list[Json]:
    """Suggest properties."""
    ordered = _begun(list(material.vocabulary.properties.values()), prefix)
    return [_write_property(one) for one in ordered]


def propose_properties(material: Material, types: frozenset[str]) -> list[Json]:
    """Propose the properties that things of a type have, the commonest first."""
    things = [iri for iri in material.things if material.fits(iri, types)]
    counts = Counter(name for iri in things for name in material.facts[iri])
    for one in material.vocabulary.properties.values():
        if one.paths != ((one.id,),):
            counts[one.id] = sum(bool(material.values(iri, one)) for iri in things)
    known = [one for one in material.vocabulary.properties.values() if counts[one.id]]
    known.sort(key=lambda one: -counts[one.id])
    return [_write_property(one, f"{counts[one.id]} of {len(things)}") for one in known]


def extend(material: Material, asked: Extension) -> Json:
    """Answer a data extension query. Raises InputError for a property that there is not."""
    columns = [(column, material.vocabulary.property(column.property)) for column in asked.columns]
    rows = {
        id_: {column.property: _values(material, id_, column, one) for column, one in columns}
        for id_ in asked.ids
    }
    meta = [_write_column(material, column, one) for column, one in columns]
    return {"meta": meta, "rows": rows}


def _write_column(material: Material, column: Column, property_: Property) -> Json:
    told: Json = {"id": column.property, "name": property_.name}
    range_ = material.vocabulary.types.get(property_.range)
    if range_ and range_.count and column.content == "entity":
        told["type"] = {"id": range_.id, "name": range_.name}
    return told


def _values(material: Material, id_: str, column: Column, property_: Property) -> list[Json]:
    thing = material.find(id_)
    cells = material.values(thing.iri, property_) if thing else ()
    chosen = cells[: column.limit] if column.limit else cells
    return [_write_value(material, cell, column.content) for cell in chosen]


def _write_value(material: Material, cell: Cell, content: str) -> Json:
    text = cell["value"]
    if cell["type"] != "uri":
        return _write_literal(text, cell.get("datatype", ""))
    thing = material.things.get(text)
    if content == "iri":
        return {"str": text}
    if thing and content == "entity":
        return {"id": id_of(text), "name": thing.label}
    type_ = material.vocabulary.types.get(shorten(text))
    return {"str": thing.label if thing else type_.name if type_ else text}


def _write_literal(text: str, datatype: str) -> Json:
    """Write a number as such, a day as the specification wants it, all else as text.

    A month or a year stays text: its day is not known. The schema of 0.2 has no truth values.
    """
    if datatype == _INTEGER:
        return {"int": int(text)}
    if datatype in _FRACTIONS and math.isfinite(float(text)):
        return {"float": float(text)}
    return {"date": f"{text}T00:00:00Z"} if datatype == _DAY else {"str": text}


def _write_property(property_: Property, count: str = "") -> Json:
    about = ": ".join(filter(None, (count, property_.description)))
    return {"id": property_.id, "name": property_.name, **({"description": about} if about else {})}


def _begun(terms: Sequence[Any], prefix: str) -> list[Any]:
    """Choose the terms that a text begins: by identifier, by name, then by a word of the name."""
    text = fold(prefix)
    if not text:
        return list(terms)
    ways: tuple[Callable[[Any], Iterable[str]], ...] = (
        lambda term: (term.id.casefold(), expand(term.id).casefold()),
        lambda term: (fold(term.name), fold(term.id.partition(":")[2])),
        lambda term: fold(term.name).split(),
    )
    starts = (prefix.strip().casefold(), text, text)
    found: dict[str, Any] = {}
    for way, start in zip(ways, starts, strict=True):
        for term in terms:
            if any(name.startswith(start) for name in way(term)):
                found.setdefault(term.id, term)
    return list(found.values())
