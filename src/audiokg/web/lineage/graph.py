"""The family graph: who is built from what, and the part of it that lies around one thing."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, groupby
from typing import Final

from audiokg.sites import Link, link_to
from audiokg.web.questions import Row, value

#: The role of a relation between a configuration, version or part and the whole.
FAMILY: Final = "family"
#: The sections that the relations around a thing fall into.
UP, DOWN, BETWEEN = "up", "down", "between"


@dataclass(frozen=True)
class Thing:
    """A model or dataset, and its classes with their labels."""

    iri: str
    label: str
    kinds: Mapping[str, str]

    @property
    def described(self) -> str:
        """Say what it is: its label and kinds."""
        return f"{self.label}, {' and '.join(self.kinds.values())}"


@dataclass(frozen=True)
class Relation:
    """One fact: the source is built from the target, as the property says, in those graphs."""

    source: str
    property: str
    target: str
    label: str
    role: str
    graphs: tuple[str, ...]

    def key(self) -> tuple[str, str, str]:
        """Give the triple."""
        return self.source, self.property, self.target


@dataclass(frozen=True)
class Surroundings:
    """What lies within some steps of a thing, the nearest first, and every relation in there.

    `users` builds on the thing and is nothing that the thing is built from.
    """

    start: Thing
    things: tuple[Thing, ...]
    users: frozenset[str]
    sections: Mapping[str, tuple[Relation, ...]]

    @property
    def relations(self) -> list[Relation]:
        """List the relations of all sections."""
        return [relation for relations in self.sections.values() for relation in relations]


@dataclass(frozen=True, eq=False)
class Lineage:
    """All things, and all relations by their source and by their target; equal to itself only."""

    things: Mapping[str, Thing]
    above: Mapping[str, tuple[Relation, ...]] = field(default_factory=dict)
    below: Mapping[str, tuple[Relation, ...]] = field(default_factory=dict)

    def around(self, start: str, depth: int) -> Surroundings:
        """Walk both ways from a thing.

        Its configurations, versions and parts count as the thing itself: the facts of a model are
        often those of its configurations.
        """
        members = _walk([start], self._members, len(self.things))
        up = _walk(members, self._targets, depth)
        down = _walk(members, self._sources, depth)
        steps = {iri: min(up.get(iri, depth), down.get(iri, depth)) for iri in up | down}
        near = sorted(steps, key=lambda iri: (steps[iri], members.get(iri, 0), *self._rank(iri)))
        sections: dict[str, list[Relation]] = {FAMILY: [], UP: [], DOWN: [], BETWEEN: []}
        for relation in chain.from_iterable(self.above.get(iri, ()) for iri in near):
            if relation.target in steps:
                sections[_section(relation, members, up, down)].append(relation)
        return Surroundings(
            self.things[start],
            tuple(self.things[iri] for iri in near),
            frozenset(down.keys() - up.keys()),
            _frozen(sections),
        )

    def has_relations(self, iri: str) -> bool:
        """Tell whether anything is known of what a thing is built from or what builds on it."""
        return iri in self.above or iri in self.below

    def _members(self, iri: str) -> Iterable[str]:
        return (relation.source for relation in self.below.get(iri, ()) if relation.role == FAMILY)

    def _targets(self, iri: str) -> Iterable[str]:
        return (relation.target for relation in self.above.get(iri, ()))

    def _sources(self, iri: str) -> Iterable[str]:
        return (relation.source for relation in self.below.get(iri, ()))

    def _rank(self, iri: str) -> tuple[int, str]:
        """Put what has more relations first."""
        count = len(self.above.get(iri, ())) + len(self.below.get(iri, ()))
        return -count, self.things[iri].label.casefold()


@lru_cache(maxsize=2)
def read_lineage(relations: bytes, things: bytes) -> Lineage:
    """Read the answers to the queries lineage and lineage-things; equal answers are read once."""
    known = {iri: _thing(iri, rows) for iri, rows in _groups(_rows(things), "thing")}
    above: dict[str, list[Relation]] = defaultdict(list)
    below: dict[str, list[Relation]] = defaultdict(list)
    for _, rows in _groups(_rows(relations), "from", "property", "to"):
        relation = _relation(rows)
        if relation.source in known and relation.target in known:
            above[relation.source].append(relation)
            below[relation.target].append(relation)
    return Lineage(known, _frozen(above), _frozen(below))


@lru_cache(maxsize=2)
def read_sources(sources: bytes) -> Mapping[tuple[str, ...], tuple[Link, ...]]:
    """Read the answer to lineage-sources: the documents that state a triple."""
    found: dict[tuple[str, ...], list[Link]] = defaultdict(list)
    for row in _rows(sources):
        key = tuple(value(row, name) for name in ("from", "property", "to"))
        found[key].append(link_to(value(row, "source"), value(row, "sourceLabel")))
    return {key: tuple(documents) for key, documents in found.items()}


def _walk(
    starts: Iterable[str], neighbours: Callable[[str], Iterable[str]], depth: int
) -> dict[str, int]:
    """Tell how many steps each thing is away, breadth first."""
    steps = dict.fromkeys(starts, 0)
    rim = list(steps)
    for step in range(1, depth + 1):
        rim = [new for iri in rim for new in neighbours(iri) if new not in steps]
        if not rim:
            break
        steps.update(dict.fromkeys(rim, step))
    return steps


def _section(
    relation: Relation, members: Mapping[str, int], up: Mapping[str, int], down: Mapping[str, int]
) -> str:
    if relation.source in members and relation.target in members:
        return FAMILY
    if relation.source in up and relation.target in up:
        return UP
    return DOWN if relation.source in down and relation.target in down else BETWEEN


def _rows(body: bytes) -> list[Row]:
    rows: list[Row] = json.loads(body)["results"]["bindings"]
    return rows


def _groups(rows: list[Row], *names: str) -> Iterable[tuple[str, list[Row]]]:
    """Group rows that are sorted by those names; give the first of them."""
    for key, group in groupby(rows, key=lambda row: tuple(value(row, name) for name in names)):
        yield key[0], list(group)


def _relation(rows: list[Row]) -> Relation:
    source, property_, target, label, role = (
        value(rows[0], name) for name in ("from", "property", "to", "label", "role")
    )
    graphs = tuple(dict.fromkeys(value(row, "graph") for row in rows))
    return Relation(source, property_, target, label, role, graphs)


def _thing(iri: str, rows: list[Row]) -> Thing:
    kinds = {value(row, "kind").rpartition("#")[2]: value(row, "kindLabel") for row in rows}
    return Thing(iri, value(rows[0], "label"), kinds)


def _frozen(lists: Mapping[str, list[Relation]]) -> dict[str, tuple[Relation, ...]]:
    return {key: tuple(relations) for key, relations in lists.items()}
