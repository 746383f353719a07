"""What a page says of a resource: its facts in groups, each with who says so and who does not."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from audiokg.sites import Link
from audiokg.terms import GRAPH, expand
from audiokg.web.questions import Row, value
from audiokg.web.resource.witnesses import (
    Key,
    Witness,
    key_of,
    read_claims,
    read_evidence,
    read_rules,
    read_sums,
    text_of,
)
from audiokg.wording import GROUPS, place_of, word_for

_DERIVED: Final = GRAPH + "derived"
#: Shown in parts of the page of their own.
_ELSEWHERE: Final = {
    expand(name) for name in ("akg:hasEvidence", "akg:hasOperatingPoint", "akg:hasAuthorship")
}
_OWNERS: Final = (expand("akg:hasCodeRepository"), expand("akg:hasWeights"))
_UNITS: Final = {expand("akg:hoursUsed"): " h", expand("akg:parameterCount"): " parameters"}


@dataclass(frozen=True)
class Value:
    """One value of a property. `documents` say so; `origin` is stated, file, computed or inherited.

    What is inherited is said of configurations of a family: `documents` are those. `working` is the
    arithmetic by which a number was computed.
    """

    term: Mapping[str, str]
    text: str
    notes: tuple[Link, ...] = ()
    documents: tuple[Link, ...] = ()
    origin: str = "stated"
    anchor: str = ""
    working: str = ""


@dataclass(frozen=True)
class Fact:
    """One property with its values, the places that give them, and those that say otherwise."""

    iri: str
    name: str
    unit: str
    values: tuple[Value, ...]
    witnesses: tuple[Witness, ...] = ()
    dissents: tuple[Witness, ...] = ()

    @property
    def shares_documents(self) -> bool:
        """Tell whether all values come from the same documents, to be named once."""
        return len({(value.documents, value.origin) for value in self.values}) == 1

    @property
    def disputed(self) -> bool:
        """Tell whether a rule had to decide between sources."""
        return any(witness.rule for witness in self.dissents)


@dataclass(frozen=True)
class Group:
    """The facts under one heading."""

    key: str
    heading: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Told:
    """The rows that the queries of a page gave: queries/page/<name>.rq."""

    facts: Sequence[Row]
    claims: Sequence[Row] = ()
    evidence: Sequence[Row] = ()
    conflicts: Sequence[Row] = ()
    details: Sequence[Row] = ()


@dataclass
class Anchors:
    """Gives the fragment of each part once: an id may stand once on a page."""

    resource: str
    given: set[str] = field(default_factory=set)

    def take(self, iri: str) -> str:
        """Give the fragment of a part of the resource, empty the second time."""
        fragment = iri.removeprefix(self.resource + "#")
        if fragment == iri or fragment in self.given:
            return ""
        self.given.add(fragment)
        return fragment


def group_facts(resource: str, told: Told, anchors: Anchors) -> list[Group]:
    """Put together what is told of a resource, in the groups and the order of wording.py."""
    stated, labels = _stated(told.facts)
    spoken: dict[str, list[Witness]] = defaultdict(list)
    for witness in _spoken(resource, told):
        spoken[witness.about].append(witness)
        labels.setdefault(witness.about, witness.label)
    maker = _Maker(told.details, anchors)
    facts = []
    for iri in _ordered({*stated, *spoken} - _ELSEWHERE):
        word = word_for(iri, labels.get(iri, ""))
        made = maker.make(stated.get(iri, {}), spoken[iri])
        facts.append(Fact(iri, word.name, word.unit, *made))
    return arrange(facts)


def _ordered(properties: Iterable[str]) -> list[str]:
    return sorted(properties, key=lambda iri: (place_of(iri), iri))


def arrange(facts: Iterable[Fact]) -> list[Group]:
    """Put facts in the groups and the order of wording.py."""
    found = {fact.iri: fact for fact in facts}
    grouped: dict[str, list[Fact]] = {key: [] for key in GROUPS}
    for iri in _ordered(found):
        grouped[word_for(iri).group].append(found[iri])
    return [Group(key, GROUPS[key], tuple(facts)) for key, facts in grouped.items() if facts]


def _spoken(resource: str, told: Told) -> Iterator[Witness]:
    rules = read_rules(told.conflicts, resource)
    owners = {
        value(row, "value"): value(row, "property")
        for row in told.facts
        if value(row, "property") in _OWNERS
    }
    yield from read_evidence(told.evidence, rules, owners)
    yield from read_claims(told.claims, rules)
    yield from read_sums(told.conflicts, resource)


_Stated = dict[str, dict[Key, list[Row]]]


def _stated(rows: Iterable[Row]) -> tuple[_Stated, dict[str, str]]:
    stated: _Stated = defaultdict(lambda: defaultdict(list))
    labels: dict[str, str] = {}
    for row in rows:
        stated[value(row, "property")][key_of(row["value"])].append(row)
        labels[value(row, "property")] = value(row, "propertyLabel")
    return stated, labels


class _Maker:
    """Makes the values of a property, and sorts its witnesses into those for and against."""

    def __init__(self, details: Iterable[Row], anchors: Anchors) -> None:
        self._anchors = anchors
        self._details: dict[str, list[Row]] = defaultdict(list)
        for row in details:
            self._details[value(row, "part")].append(row)

    def make(
        self, stated: Mapping[Key, list[Row]], spoken: Sequence[Witness]
    ) -> tuple[tuple[Value, ...], tuple[Witness, ...], tuple[Witness, ...]]:
        agreeing = [w for w in spoken if not w.denies and _speaks_of(w, stated)]
        values = tuple(self._value(key, rows, agreeing) for key, rows in stated.items())
        dissents = [w for w in spoken if w not in agreeing]
        return values, self._anchored(agreeing), self._anchored(dissents)

    def _value(self, key: Key, rows: Sequence[Row], agreeing: Sequence[Witness]) -> Value:
        term = rows[0]["value"]
        named = [w.document for w in agreeing if w.key in (key, ("", ""))]
        graphs = [value(row, "graph") for row in rows]
        notes = tuple(_note(row) for row in self._details[term["value"]])
        label = value(rows[0], "valueLabel")
        return Value(
            term=term,
            text=label if notes and not label and "#" in term["value"] else text_of(term, label),
            notes=notes,
            documents=tuple(dict.fromkeys(link for link in named if link.label)),
            origin=_origin(named, graphs),
            anchor=self._anchors.take(term["value"]) if term["type"] == "uri" else "",
        )

    def _anchored(self, witnesses: Iterable[Witness]) -> tuple[Witness, ...]:
        return tuple(replace(w, anchor=self._anchors.take(w.iri)) for w in witnesses)


def _speaks_of(witness: Witness, stated: Mapping[Key, object]) -> bool:
    return witness.key in stated or (witness.key == ("", "") and bool(stated))


def _origin(named: Sequence[Link], graphs: Sequence[str]) -> str:
    if named:
        return "stated"
    return "computed" if set(graphs) == {_DERIVED} else "file"


def _note(row: Row) -> Link:
    term = row["value"]
    text = text_of(term, value(row, "valueLabel")) + _UNITS.get(value(row, "property"), "")
    return Link(term["value"] if term["type"] == "uri" else "", text)
