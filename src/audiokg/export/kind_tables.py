"""The table of a kind: a row a thing, a column a property.

What a part belongs to is its column `of`; so what has parts has no column of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from audiokg.export.columns import Cells, Column, Columns, Facts, Value
from audiokg.export.kinds import KINDS, OWNERS, Kind
from audiokg.export.material import Material
from audiokg.terms import RDF_TYPE, Term, expand
from audiokg.wording import place_of

_LABEL: Final = expand("rdfs:label")
#: What has columns of its own, at the start, and the same once more.
_LEFT_OUT: Final = OWNERS | {RDF_TYPE, _LABEL, expand("skos:prefLabel")}
_PUBLICATION: Final = "publication"


@dataclass(frozen=True)
class KindTable:
    """A table, its rows in the order of their identifiers."""

    name: str
    what: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]


class KindTables:
    """The tables of the kinds of a snapshot."""

    def __init__(self, material: Material) -> None:
        """Take the snapshot."""
        self._material = material
        self._columns = Columns(material)

    def table(self, name: str) -> KindTable:
        """Make the table of a kind. Raises SnapshotError if the snapshot breaks the shapes."""
        kind = KINDS[name]
        facts = self._facts(kind)
        things = sorted(facts.get(RDF_TYPE, {}))
        columns: list[tuple[Column, Cells]] = [
            (Column("id", "identifier"), {thing: thing for thing in things}),
            *self._start(kind, things, facts),
        ]
        if name == _PUBLICATION:
            columns.append((Column("authors", "authors, as printed", many=True), self._authors))
        for iri in sorted(facts.keys() - _LEFT_OUT, key=lambda iri: (place_of(iri), iri)):
            columns += self._columns.make(iri, facts[iri], self._is_many(kind, iri, facts))
        rows = tuple(tuple(cells.get(thing) for _, cells in columns) for thing in things)
        return KindTable(name, kind.what, tuple(column for column, _ in columns), rows)

    def _facts(self, kind: Kind) -> dict[str, dict[str, list[Term]]]:
        """Give property -> thing -> values."""
        found: dict[str, dict[str, list[Term]]] = {}
        for row in self._material.rows("kind-facts", **{"class": ox.NamedNode(kind.iri)}):
            if "value" in row:
                values = found.setdefault(row["property"].value, {})
                values.setdefault(row["thing"].value, []).append(row["value"])
        return found

    def _start(
        self, kind: Kind, things: list[str], facts: Mapping[str, Facts]
    ) -> list[tuple[Column, Cells]]:
        """Make the columns that say what a thing is: its label, its classes, its owner."""
        start: list[tuple[Column, Cells]] = []
        if _LABEL in facts:
            start.append((Column("label", "name"), self._columns.labels_of(things)))
        types = facts.get(RDF_TYPE, {})
        if {term.value for terms in types.values() for term in terms} != {kind.iri}:
            names: Cells = {
                thing: [_local(term) for term in sorted(terms, key=_local)]
                for thing, terms in types.items()
            }
            start.append((Column("type", "classes", many=True), names))
        if kind.owner:
            owners = {
                row["thing"].value: row["owner"].value
                for row in self._material.rows("kind-owners", property=ox.NamedNode(kind.owner))
            }
            start.append((Column("of", "what it belongs to", iri=kind.owner), owners))
            labels = self._columns.labels_of(owners.values())
            told = {thing: labels[iri] for thing, iri in owners.items() if iri in labels}
            start += [(Column("ofLabel", "what it belongs to, by name"), told)] if told else []
        return start

    def _is_many(self, kind: Kind, iri: str, facts: Mapping[str, Facts]) -> bool:
        """Tell whether the shapes allow a property more than once."""
        classes = {t.value for thing in facts[iri] for t in facts[RDF_TYPE][thing]}
        allow_one = self._columns.allow_one
        return not (allow_one([kind.iri], iri) or allow_one(classes, iri))

    @cached_property
    def _authors(self) -> Cells:
        """Give the names of the authors of each publication, in order."""
        rows = self._material.rows("kind-authors")
        found: dict[str, Value] = {}
        for row in sorted(rows, key=lambda row: int(row["ordinal"].value)):
            names = found.setdefault(row["thing"].value, [])
            if isinstance(names, list):
                names.append(row["name"].value)
        return found


def _local(term: Term) -> str:
    return term.value.rpartition("#")[2].rpartition("/")[2]
