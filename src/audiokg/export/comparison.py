"""Resources side by side: a line per property, a cell per resource, a value with its sources.

What the configurations of a family have, the family has here too, each value with who holds it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Final

import pyoxigraph as ox

from audiokg.export.cells import NONE, Cell, Thing, Value
from audiokg.export.solutions import Row, value
from audiokg.export.tables import Column, Table
from audiokg.queries import Query
from audiokg.terms import expand
from audiokg.wording import GROUPS, Word, place_of, word_for

#: Properties of a configuration that its family has none of.
_OWN: Final = frozenset(
    map(
        expand,
        (
            *("rdf:type", "akg:variantOf", "foaf:page"),
            *("schema:sameAs", "skos:altLabel", "skos:editorialNote"),
        ),
    )
)


_SIZE: Final = expand("akg:numericValue")
#: What a comparison has beyond the properties of a resource -> its words, and whom it follows.
_MORE: Final = {
    _SIZE: (Word("numbers", "size as stated"), expand("akg:durationHours")),
    expand("akg:hasAuthorship"): (Word("release", "authors"), expand("dcterms:issued")),
}
#: Through what a property is reached -> its words then.
_THROUGH: Final = {
    expand("akg:hasCodeRepository"): "licence of the code",
    expand("akg:hasWeights"): "licence of the weights",
    expand("owl:inverseOf"): "configurations",
}
_FAMILY: Final = (expand("akg:variantOf"), "")
_CONFIGURATIONS: Final = (expand("akg:variantOf"), expand("owl:inverseOf"))
#: What only a configuration or only a family has -> what tells that a thing is of the other sort.
_OTHER_SORT: Final = {_FAMILY: _CONFIGURATIONS, _CONFIGURATIONS: _FAMILY}


@dataclass(frozen=True)
class Line:
    """A property, through what it is reached where that matters, its words and its cells."""

    iri: str
    through: str
    word: Word
    cells: tuple[Cell, ...]

    @cached_property
    def differs(self) -> bool:
        """Tell whether two known cells are not the same; what is unknown is no difference.

        Neither is belonging to another family, nor having other configurations.
        """
        if (self.iri, self.through) in _OTHER_SORT:
            return False
        known = (cell.values for cell in self.cells if cell.values)
        return len({frozenset(v.key for v in values) for values in known}) > 1

    @property
    def numeric(self) -> bool:
        """Tell whether all that is known are plain numbers."""
        return all(cell.numeric for cell in self.cells)

    @property
    def order(self) -> tuple[int, str, str]:
        """Give what lines are ordered by."""
        _, like = _MORE.get(self.iri, ("", self.iri))
        return place_of(like), self.word.name, self.word.unit


@dataclass(frozen=True)
class Comparison:
    """Things side by side."""

    things: tuple[Thing, ...]
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        """Say what is compared."""
        *first, last = (thing.label for thing in self.things)
        return f"{', '.join(first)} and {last} compared"

    @property
    def groups(self) -> list[tuple[str, list[Line]]]:
        """Give the lines under their headings."""
        grouped = groupby(self.lines, key=lambda line: line.word.group)
        return [(GROUPS[key], list(lines)) for key, lines in grouped]

    def only_differences(self) -> "Comparison":
        """Leave out the lines that do not differ."""
        return Comparison(self.things, tuple(line for line in self.lines if line.differs))

    def table(self, note: str = "", grouped: bool = True) -> Table:
        """Give what is shown, as a table of texts."""
        names = (Column(thing.label, long=True) for thing in self.things)
        columns = (Column("Property"), Column("Unit"), *names, Column("Differs"))
        rows = (
            (
                *(line.word.name, line.word.unit),
                *(cell.text(grouped) for cell in line.cells),
                "yes" if line.differs else "",
            )
            for line in self.lines
        )
        return Table(self.title, columns, tuple(rows), note)


#: What one row says of a thing, and who holds it where that is a configuration of the thing.
_Fact = tuple[Row, Thing | None]
#: Property and through what it is reached -> IRI of a thing -> its facts.
_Found = dict[tuple[str, str], dict[str, list[_Fact]]]


def ask_comparison(
    things: Sequence[Thing],
    queries: Mapping[str, Query],
    ask: Callable[[str], Iterable[Row]],
) -> tuple[str, Comparison]:
    """Ask for what is compared, by the queries of queries/page/; give the last query, too."""
    iris = [thing.iri for thing in things]
    owners = {iri: [iri] for iri in iris}
    for row in ask(_over(queries["compare-configurations"], iris)):
        holder = owners.setdefault(value(row, "configuration"), [])
        holder.append(value(row, "resource"))
    text = _over(queries["compare"], owners)
    return text, compare(things, owners, ask(text))


def _over(query: Query, iris: Iterable[str]) -> str:
    """Give the text of a query, asked of several resources at once."""
    terms = " ".join(str(ox.NamedNode(iri)) for iri in iris)
    return f"{query.text}VALUES ?resource {{ {terms} }}\n"


def compare(
    things: Sequence[Thing], owners: Mapping[str, Sequence[str]], rows: Iterable[Row]
) -> Comparison:
    """Set facts side by side; `owners` maps who holds a fact to the things that have it here."""
    found: _Found = {}
    for row, owner, holder in _assign(owners, rows):
        key = value(row, "property"), value(row, "through")
        found.setdefault(key, {}).setdefault(owner, []).append((row, holder))
    lines = (
        _tell_sorts(_line(key, [facts.get(thing.iri, []) for thing in things]), things, found)
        for key, facts in found.items()
    )
    return Comparison(tuple(things), tuple(sorted(lines, key=lambda line: line.order)))


def _assign(
    owners: Mapping[str, Sequence[str]], rows: Iterable[Row]
) -> Iterator[tuple[Row, str, Thing | None]]:
    """Give each fact to whom it belongs: to its holder, and to the family of its holder."""
    for row in rows:
        iri = value(row, "resource")
        for owner in owners[iri]:
            if owner == iri:
                yield row, owner, None
            elif value(row, "property") not in _OWN:
                yield row, owner, Thing(iri, value(row, "resourceLabel"))


def _line(key: tuple[str, str], cells: Sequence[Sequence[_Fact]]) -> Line:
    first = next(row for facts in cells for row, _ in facts)
    return Line(*key, _say(*key, first), tuple(map(_cell, cells)))


def _tell_sorts(line: Line, things: Sequence[Thing], found: _Found) -> Line:
    """Say of a family that it belongs to none, and of a configuration that it has none."""
    other = _OTHER_SORT.get((line.iri, line.through))
    told = found.get(other, {}) if other else {}
    cells = (
        replace(cell, absent=NONE) if thing.iri in told else cell
        for thing, cell in zip(things, line.cells, strict=True)
    )
    return replace(line, cells=tuple(cells))


def _say(iri: str, through: str, row: Row) -> Word:
    word, _ = _MORE.get(iri, (word_for(iri, value(row, "propertyLabel")), ""))
    unit = value(row, "throughLabel") if iri == _SIZE else word.unit
    return replace(word, name=_THROUGH.get(through, word.name), unit=unit)


def _cell(facts: Sequence[_Fact]) -> Cell:
    """Put facts of the same value together, each with all its holders and sources."""
    found: dict[tuple[str, str], list[_Fact]] = {}
    for fact in facts:
        found.setdefault(_read(fact[0]).key, []).append(fact)
    return Cell(tuple(sorted(map(_value, found.values()), key=lambda v: v.order)))


def _value(facts: Sequence[_Fact]) -> Value:
    held_itself = any(holder is None for _, holder in facts)
    return replace(
        _read(facts[0][0]),
        holders=() if held_itself else tuple(sorted({holder for _, holder in facts if holder})),
        sources=tuple(sorted({value(row, "source") for row, _ in facts} - {""})),
    )


def _read(row: Row) -> Value:
    return Value(
        term=row["value"],
        label=value(row, "valueLabel"),
        amount=value(row, "parameters") or value(row, "hours"),
        amount_unit="parameters" if "parameters" in row else "h",
        note=value(row, "note"),
        ordinal=int(value(row, "ordinal") or 0),
    )
