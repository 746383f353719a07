"""What the graph says of one resource: its facts, each with who says so, and what speaks against.

It is what the page of the resource shows (audiokg.web.resource), for programs.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from audiokg.errors import InputError
from audiokg.graph.values import IRI, Value, to_value
from audiokg.sites import Link
from audiokg.terms import expand, shorten
from audiokg.web.questions import Questions, Row, value
from audiokg.web.resource import facts as page
from audiokg.web.resource.dereference import Standing, find_standing
from audiokg.web.resource.inherited import add_inherited
from audiokg.web.resource.witnesses import Key, Witness, key_of

_ABOUT: Final = ("facts", "claims", "evidence", "conflicts", "details")
_KIND: Final = expand("rdf:type")
_NAMES: Final = tuple(expand(name) for name in ("rdfs:label", "skos:altLabel", "skos:notation"))
_EVERY: Final[Key] = ("", "")


@dataclass(frozen=True)
class Source:
    """A document that says something: its address, name, the place in it, and the words there."""

    iri: IRI
    name: str
    place: str = ""
    line: str = ""
    printed: str = ""
    grade: str = ""


@dataclass(frozen=True)
class Fact:
    """One value of a property, and who says so.

    `origin` is stated (by a document at a place), file (by the documents that the file of the
    resource names), computed (by the build, from other facts) or inherited (from configurations,
    which are the sources then). `text` is the value as a reader says it, `unit` its unit.
    """

    property: IRI
    name: str
    value: Value
    text: str
    unit: str
    origin: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Dissent:
    """What a source says otherwise, and why it was not taken over."""

    property: IRI
    name: str
    text: str
    denies: bool
    source: Source
    reason: str


@dataclass(frozen=True)
class Resource:
    """A resource: what it is, its names, its facts by property (`akg:frameRateHz`).

    `configurations` and versions are resources with facts of their own.
    """

    iri: IRI
    label: str
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    facts: Mapping[str, tuple[Fact, ...]]
    dissents: tuple[Dissent, ...]
    configurations: tuple[IRI, ...]
    is_withdrawn: bool
    replaced_by: IRI | None
    _questions: Questions

    def __getitem__(self, name: str) -> list[Value]:
        """List the values of a property, none if nothing is known of it."""
        return [fact.value for fact in self.facts.get(shorten(expand(name)), ())]

    def __repr__(self) -> str:
        return f"<{self.iri.short} “{self.label}”: {', '.join(self.kinds)}>"

    def jsonld(self) -> dict[str, Any]:
        """Give the resource, and what it links to by name, as JSON-LD. Raises QueryError."""
        document: dict[str, Any] = json.loads(self._questions.describe(str(self.iri), "jsonld"))
        return document

    def turtle(self) -> str:
        """Give the same in Turtle. Raises QueryError."""
        return self._questions.describe(str(self.iri), "ttl").decode()


def read_resource(questions: Questions, iri: str) -> Resource:
    """Read what is known of an IRI. Raises InputError if that is nothing, QueryError."""
    standing = find_standing(questions, iri)
    if not standing.origins:
        raise InputError(f"nothing is known of {iri}; look for it by name: search")
    told = page.Told(**{name: questions.rows(name, resource=iri) for name in _ABOUT})
    groups = page.group_facts(iri, told, page.Anchors(iri))
    groups = add_inherited(groups, questions.rows("inherited", resource=iri))
    known = [fact for group in groups for fact in group.facts]
    files = _Files(told.facts, standing)
    facts = {shorten(fact.iri): tuple(_facts(fact, files)) for fact in known}
    return Resource(
        iri=IRI(iri),
        label=standing.label or IRI(iri).short,
        kinds=tuple(value.text for fact in known if fact.iri == _KIND for value in fact.values),
        names=_names(known),
        facts={name: found for name, found in facts.items() if found},
        dissents=tuple(_dissent(fact, one) for fact in known for one in fact.dissents),
        configurations=_configurations(questions, iri),
        is_withdrawn=standing.is_withdrawn,
        replaced_by=IRI(standing.replacement) if standing.replacement else None,
        _questions=questions,
    )


class _Files:
    """Which documents the file names that holds a value."""

    def __init__(self, rows: Iterable[Row], standing: Standing) -> None:
        documents = {origin.graph: origin.documents for origin in standing.origins}
        self._found: dict[tuple[str, Key], dict[Link, None]] = defaultdict(dict)
        for row in rows:
            holds = documents.get(value(row, "graph"), ())
            self._found[value(row, "property"), key_of(row["value"])].update(dict.fromkeys(holds))

    def of(self, fact: page.Fact, said: page.Value) -> Iterator[Source]:
        for link in self._found.get((fact.iri, key_of(said.term)), ()):
            yield Source(IRI(link.iri), link.label)


def _facts(fact: page.Fact, files: _Files) -> Iterator[Fact]:
    for said in fact.values:
        told = [w for w in fact.witnesses if w.key in (key_of(said.term), _EVERY)]
        sources = tuple(map(_source, told)) or tuple(
            Source(IRI(link.iri), link.label) for link in said.documents
        )
        if said.origin == "file":
            sources = tuple(files.of(fact, said))
        yield Fact(
            property=IRI(fact.iri),
            name=fact.name,
            value=_value(said.term),
            text=said.text,
            unit=fact.unit,
            origin=said.origin,
            sources=sources,
        )


def _configurations(questions: Questions, iri: str) -> tuple[IRI, ...]:
    rows = questions.rows("variants", resource=iri)
    return tuple(dict.fromkeys(IRI(value(row, "variant")) for row in rows))


def _names(known: Iterable[page.Fact]) -> tuple[str, ...]:
    texts = {fact.iri: [said.text for said in fact.values] for fact in known}
    return tuple(dict.fromkeys(text for iri in _NAMES for text in texts.get(iri, ())))


def _dissent(fact: page.Fact, one: Witness) -> Dissent:
    return Dissent(IRI(fact.iri), fact.name, one.text, one.denies, _source(one), one.reason)


def _source(one: Witness) -> Source:
    link = one.document
    return Source(IRI(link.iri), link.label, one.place, one.line, one.printed, one.grade)


def _value(term: Mapping[str, str]) -> Value:
    if term["type"] == "uri":
        return IRI(term["value"])
    datatype = term.get("datatype")
    return to_value(
        ox.Literal(term["value"], datatype=ox.NamedNode(datatype) if datatype else None)
    )
