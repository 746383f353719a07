"""The relations between the things of the network."""

import re
from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass
from typing import Final

from audiokg.export.material import Material
from audiokg.terms import GRAPH, shorten

#: What relates a configuration, version or part to the whole.
FAMILY: Final = ("akg:variantOf", "dcterms:isVersionOf", "dcterms:isPartOf")
_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
Triple = tuple[str, str, str]


@dataclass(frozen=True)
class Relation:
    """One triple. The role is the label of the most general property above its own."""

    triple: Triple
    label: str
    role: str
    graphs: tuple[str, ...]


@dataclass(frozen=True)
class _Property:
    """A property: its label, and all the properties above it."""

    label: str
    above: frozenset[str]


def read_relations(material: Material, things: Container[str]) -> list[Relation]:
    """Read the relations between things, the most special between two; sorted."""
    graphs = _read_triples(material, things)
    properties = _read_properties(material)
    between: dict[tuple[str, str], set[str]] = defaultdict(set)
    for source, name, target in graphs:
        between[source, target].add(name)
    general = {
        (*pair, above)
        for pair, names in between.items()
        for name in names
        for above in properties[name].above
    }
    return [
        Relation(triple, properties[triple[1]].label, _role(triple[1], properties), tuple(files))
        for triple, files in sorted((triple, sorted(files)) for triple, files in graphs.items())
        if (triple[0], triple[2], triple[1]) not in general
    ]


def _read_triples(material: Material, things: Container[str]) -> dict[Triple, set[str]]:
    """Read the triples between things, each with the names of the graphs that hold it."""
    found: dict[Triple, set[str]] = defaultdict(set)
    for row in material.rows("graph-relations"):
        triple = (row["from"].value, row["property"].value, row["to"].value)
        if triple[0] in things and triple[2] in things:
            found[triple].add(row["graph"].value.removeprefix(GRAPH))
    return found


def _read_properties(material: Material) -> dict[str, _Property]:
    labels: dict[str, str] = {}
    above: dict[str, set[str]] = defaultdict(set)
    for row in material.rows("graph-properties"):
        iri = row["property"].value
        labels[iri] = row["label"].value if "label" in row else _words(iri)
        if "above" in row:
            above[iri].add(row["above"].value)
    return {iri: _Property(labels[iri], frozenset(above[iri] - {iri})) for iri in labels}


def _role(iri: str, properties: dict[str, _Property]) -> str:
    """Give the label of the property at the top, which has the fewest above it."""
    candidates = [iri, *(name for name in properties[iri].above if name in properties)]
    top = min(candidates, key=lambda name: (len(properties[name].above), name))
    return properties[top].label


def _words(iri: str) -> str:
    """Write the name of a property that has no label here in words: “was derived from”."""
    return _CAPITAL.sub(" ", shorten(iri).partition(":")[2]).lower()
