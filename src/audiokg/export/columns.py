"""The columns of the tables of kinds: names, types and units, and the cells in them.

A type is a word of Table Schema (https://datapackage.org/standard/table-schema/#field-types). A
column holds one value where the shapes allow one at most, else a list. Beside a column of
addresses of which some have a label stands a column of the labels.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from audiokg.errors import SnapshotError
from audiokg.export.material import Material, select
from audiokg.terms import XSD, Term, shorten
from audiokg.wording import word_for

Scalar = str | int | Decimal | bool | None
Value = Scalar | list[Scalar]
#: Thing -> what stands in a column for it.
Cells = Mapping[str, Value]
#: Thing -> what is said of it by one property.
Facts = Mapping[str, Sequence[Term]]

TEXT, INTEGER, NUMBER, BOOLEAN, DATE = "string", "integer", "number", "boolean", "date"
_TYPES: Final = {
    XSD + "integer": INTEGER,
    XSD + "decimal": NUMBER,
    XSD + "double": NUMBER,
    XSD + "boolean": BOOLEAN,
    XSD + "date": DATE,
}
_READERS: Final[Mapping[str, Callable[[str], Scalar]]] = {
    INTEGER: int,
    NUMBER: Decimal,
    BOOLEAN: lambda text: text in ("true", "1"),
}
#: A whole number of 64 bits is smaller.
_TOO_LARGE: Final = 2**63


@dataclass(frozen=True)
class Column:
    """A column; `many` if it holds lists, `iri` if it is that of a property."""

    name: str
    title: str
    type: str = TEXT
    many: bool = False
    unit: str = ""
    description: str = ""
    iri: str = ""


@dataclass(frozen=True)
class _Property:
    label: str = ""
    definition: str = ""
    range: str = ""


class Columns:
    """What is known of properties: from the ontology, the shapes and the labels of things."""

    def __init__(self, material: Material) -> None:
        """Take the snapshot, and the shapes that stand beside the data."""
        self._material = material

    def make(self, iri: str, facts: Facts, many: bool) -> list[tuple[Column, Cells]]:
        """Make the column of a property, and that of labels where there are any.

        Raises SnapshotError for a second value where there is one at most.
        """
        known = self._properties.get(iri, _Property())
        word = word_for(iri, known.label)
        kind = _type_of(known.range, [term for terms in facts.values() for term in terms])
        name = shorten(iri).rpartition(":")[2]
        column = Column(name, word.name, kind, many, word.unit, known.definition, iri)
        read = _READERS.get(kind, str)
        ordered = {thing: sorted(terms, key=_order) for thing, terms in facts.items()}
        values = {thing: [read(term.value) for term in terms] for thing, terms in ordered.items()}
        return [(column, _cells(column, values)), *self._make_labels(column, ordered)]

    def labels_of(self, things: Iterable[str]) -> dict[str, Value]:
        """Give the labels of the things that have one."""
        return {thing: self._labels[thing] for thing in things if thing in self._labels}

    def allow_one(self, classes: Iterable[str], iri: str) -> bool:
        """Tell whether the shape of each of some classes allows a property once."""
        return all((name, iri) in self._once for name in classes)

    def _make_labels(self, column: Column, facts: Facts) -> list[tuple[Column, Cells]]:
        found: dict[str, list[Scalar]] = {
            thing: [self._labels.get(t.value) for t in terms if isinstance(t, ox.NamedNode)]
            for thing, terms in facts.items()
        }
        if not any(label for labels in found.values() for label in labels):
            return []
        told = Column(f"{column.name}Label", f"{column.title}, by name", many=column.many)
        return [(told, _cells(told, {thing: labels for thing, labels in found.items() if labels}))]

    @cached_property
    def _labels(self) -> dict[str, str]:
        rows = self._material.rows("kind-labels")
        return dict(sorted(((r["thing"].value, r["label"].value) for r in rows), reverse=True))

    @cached_property
    def _properties(self) -> dict[str, _Property]:
        names = ("property", "label", "definition", "range")
        rows = [
            tuple(row[name].value if name in row else "" for name in names)
            for row in self._material.rows("kind-properties")
        ]
        return {iri: _Property(*words) for iri, *words in sorted(rows)}

    @cached_property
    def _once(self) -> frozenset[tuple[str, str]]:
        """Read from the shapes which class has which property once at most."""
        shapes = ox.Store()
        for path in sorted((self._material.root / "shapes").glob("*.ttl")):
            shapes.load(path=str(path), format=ox.RdfFormat.TURTLE)
        rows = select(shapes, self._material.queries["kind-shapes"].text)
        return frozenset((row["class"].value, row["property"].value) for row in rows)


def _cells(column: Column, values: Mapping[str, list[Scalar]]) -> dict[str, Value]:
    if column.many:
        return {**values}
    for thing, found in values.items():
        if len(found) > 1:
            raise SnapshotError(
                f"{shorten(thing)} has {len(found)} values of {column.name}, "
                f"which the shapes allow once; run “audiokg check”"
            )
    return {thing: found[0] for thing, found in values.items()}


def _type_of(declared: str, terms: Iterable[Term]) -> str:
    """Find the type that all values have; text where they differ."""
    literals = [term for term in terms if isinstance(term, ox.Literal)]
    found = {_TYPES.get(term.datatype.value, TEXT) for term in literals}
    if len(literals) < len(list(terms)) or not found:
        return TEXT
    found |= {_TYPES[declared]} if declared in _TYPES else set()
    if found == {INTEGER} and any(abs(int(t.value)) >= _TOO_LARGE for t in literals):
        return TEXT
    if found == {INTEGER, NUMBER}:
        return NUMBER
    return found.pop() if len(found) == 1 else TEXT


def _order(term: Term) -> tuple[Decimal, str]:
    """Give what the values of a list are ordered by: numbers by size, all else as text."""
    kind = _TYPES.get(term.datatype.value) if isinstance(term, ox.Literal) else TEXT
    return Decimal(term.value if kind in (INTEGER, NUMBER) else 0), term.value
