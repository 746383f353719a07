"""What /search knows: the things of the graph with their names and identifiers, read once."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from audiokg.identifiers import Identifier, key_of, recognise
from audiokg.names import Index, Match, Name, Weight
from audiokg.terms import BASE, SEGMENTS, shorten
from audiokg.web.questions import Questions, Row, value

#: Property that gives a name -> whose name it is, and what a reader is told of it.
_NAMES: Final = {
    "rdfs:label": (Weight.LABEL, "name"),
    "skos:prefLabel": (Weight.LABEL, "name"),
    "dcterms:title": (Weight.OTHER, "title"),
    "skos:altLabel": (Weight.OTHER, "other name"),
    "skos:hiddenLabel": (Weight.OTHER, "other name"),
    "skos:notation": (Weight.OTHER, "abbreviation"),
    "fabio:hasArXivId": (Weight.OTHER, "arXiv identifier"),
    "akg:nameAsGiven": (Weight.GIVEN, "name in a source"),
    "akg:titleAsGiven": (Weight.GIVEN, "title in a source"),
    "akg:subjectAsGiven": (Weight.GIVEN, "words of a source"),
    "akg:objectAsGiven": (Weight.GIVEN, "words of a source"),
    "akg:hasAuthorship": (Weight.AUTHOR, "author"),
}
#: How closely a property ties an identifier to a resource; the closest that is found counts.
_CLOSENESS: Final = {
    "schema:sameAs": 0,
    "skos:exactMatch": 0,
    "bibo:doi": 0,
    "fabio:hasArXivId": 0,
    "dcterms:hasVersion": 0,
    "foaf:page": 1,
    "akg:hasWeights": 1,
    "akg:hasCodeRepository": 1,
    "schema:codeRepository": 1,
    "skos:closeMatch": 1,
    "akg:refersTo": 2,
    "akg:hasEvidence": 3,
}
#: Kinds in the order in which equally good results come; other kinds stand before the last three.
_FIRST: Final = ("model", "dataset", "benchmark", "task", "metric")
_LAST: Final = ("source", "publication", "ontology")
_CONFIGURATION: Final = 1
#: The parts of the line about a thing, in their order.
_PARTS: Final = ("class", "family", "author", "maker", "date", "hours", "definition")
_MOST_DEFINED: Final = 160


@dataclass(frozen=True)
class Thing:
    """What has a page: where, what kind (the segment of its IRI), the whole it is a version of."""

    iri: str
    label: str
    kind: str
    family: str = ""
    about: str = ""

    @property
    def path(self) -> str:
        """Give the path of its page."""
        return "/" + self.iri.removeprefix(BASE)


@dataclass(frozen=True)
class Hit:
    """A thing that was found, with the name or identifier that it was found by."""

    thing: Thing
    matched: str
    by: str
    how: str
    score: float


@dataclass(frozen=True)
class Found:
    """What a search found; `target` is the one thing that a pasted identifier stands for."""

    hits: tuple[Hit, ...] = ()
    identifier: Identifier | None = None
    target: Thing | None = None
    suggestions: tuple[Hit, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """All that can be found: things by IRI, their names, and what identifiers lead to."""

    things: Mapping[str, Thing]
    index: Index
    identifiers: Mapping[str, Mapping[int, tuple[str, ...]]]


@dataclass(frozen=True)
class Finder:
    """Finds things; reads the graph when first asked, and keeps it, as a snapshot never changes."""

    questions: Questions
    _kept: list[Catalogue] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    @property
    def catalogue(self) -> Catalogue:
        """Give the catalogue. Raises QueryError where the engine cannot answer."""
        with self._lock:
            if not self._kept:
                self._kept.append(read_catalogue(self.questions))
        return self._kept[0]

    def find(self, text: str) -> Found:
        """Find what a text means: an identifier that is known, else names."""
        identifier = recognise(text)
        if identifier:
            hits = tuple(self._identified(identifier, text))
            if hits or identifier.certain:
                return Found(hits, identifier, self._target([hit.thing for hit in hits]))
        hits = tuple(map(self._hit, self.catalogue.index.search(text)))
        near = () if hits else tuple(map(self._hit, self.catalogue.index.suggest(text)))
        return Found(hits, suggestions=near)

    def _identified(self, identifier: Identifier, text: str) -> Iterator[Hit]:
        known = self.catalogue.identifiers
        ties = next((known[key] for key in identifier.keys if key in known), None)
        if not ties:
            return
        closest = min(ties)
        things = [self.catalogue.things[iri] for iri in ties[closest]]
        for thing in sorted(things, key=lambda thing: (_rank(thing), thing.label.casefold())):
            yield Hit(thing, text, identifier.kind, "identifier", 100.0 - 10 * closest)

    def _target(self, things: list[Thing]) -> Thing | None:
        """Give the one thing that all stand for: itself, their family, or what a paper is about."""
        works = [thing for thing in things if thing.kind != "publication"] or things
        iris = {thing.iri for thing in works}
        ends = {thing.iri if thing.family not in iris else thing.family for thing in works}
        if len(ends) > 1:
            ends = {thing.family or thing.iri for thing in works}
        return self.catalogue.things[ends.pop()] if len(ends) == 1 else None

    def _hit(self, match: Match) -> Hit:
        thing = self.catalogue.things[match.thing]
        return Hit(thing, match.name.text, match.name.source, match.how, match.score)


def read_catalogue(questions: Questions) -> Catalogue:
    """Read all that can be found from the graph. Raises QueryError."""
    names = questions.rows("search-names")
    lines = questions.rows("search-lines")
    things = dict(_things(names, lines))
    links = {
        value(row, "resource"): int(value(row, "count")) for row in questions.rows("search-links")
    }
    ordered = sorted(things.values(), key=lambda thing: (_rank(thing), -links.get(thing.iri, 0)))
    ranks = {thing.iri: place for place, thing in enumerate(ordered)}
    index = Index(_names(names, things), _texts(lines, things), ranks)
    return Catalogue(things, index, _identifiers(questions.rows("search-identifiers"), things))


def _things(names: list[Row], lines: list[Row]) -> Iterator[tuple[str, Thing]]:
    parts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    families: dict[str, str] = {}
    for row in lines:
        parts[value(row, "resource")][value(row, "part")].append(value(row, "text"))
        if "other" in row:
            families[value(row, "resource")] = value(row, "other")
    for row in names:
        iri, property_ = value(row, "resource"), shorten(value(row, "property"))
        kind = _kind(iri)
        if property_ == "rdfs:label" and kind:
            about = _line(kind, parts[iri])
            yield iri, Thing(iri, value(row, "name"), kind, families.get(iri, ""), about)


def _texts(lines: list[Row], things: Mapping[str, Thing]) -> Mapping[str, str]:
    """Give the words about each thing: its kind, and its line with the whole definition."""
    texts = {iri: thing.kind for iri, thing in things.items()}
    for row in lines:
        iri = value(row, "resource")
        if iri in texts:
            texts[iri] += " " + value(row, "text")
    return texts


def _kind(iri: str) -> str:
    """Give the segment of an IRI that has a page of its own, empty for another."""
    segment, _, rest = iri.removeprefix(BASE).replace("#", "/").partition("/")
    if segment == "ontology":
        return segment
    if segment not in SEGMENTS or segment == "query" or "/" in rest:  # /query/ has its own search
        return ""
    return segment if rest else "scheme"


def _line(kind: str, parts: Mapping[str, list[str]]) -> str:
    told = {part: ", ".join(parts.get(part, ())) for part in _PARTS}
    if told["class"] == kind:  # the kind is shown beside
        told["class"] = ""
    if told["family"]:
        told["family"] = f"version of {told['family']}"
    if len(told["definition"]) > _MOST_DEFINED:
        told["definition"] = told["definition"][:_MOST_DEFINED].rpartition(" ")[0] + " …"
    return " · ".join(filter(None, told.values()))


def _names(rows: list[Row], things: Mapping[str, Thing]) -> Iterator[Name]:
    for row in rows:
        iri = value(row, "resource")
        if iri in things:
            weight, source = _NAMES[shorten(value(row, "property"))]
            yield Name(iri, value(row, "name"), source, weight)
    for iri in things:
        yield Name(iri, iri.rpartition("/")[2].rpartition("#")[2], "identifier", Weight.GIVEN)


def _rank(thing: Thing) -> int:
    """Rank a kind: models first, papers late; a version after what it is a version of."""
    if thing.kind in _FIRST:
        place = _FIRST.index(thing.kind)
    elif thing.kind in _LAST:
        place = len(_FIRST) + 1 + _LAST.index(thing.kind)
    else:
        place = len(_FIRST)
    return 2 * place + (_CONFIGURATION if thing.family else 0)


def _identifiers(
    rows: list[Row], things: Mapping[str, Thing]
) -> Mapping[str, Mapping[int, tuple[str, ...]]]:
    ties: dict[str, dict[int, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for iri in things:
        ties["audiokg:" + iri.removeprefix(BASE)][0][iri] = None
    for row in rows:
        iri = value(row, "resource")
        if iri in things:
            closeness = _CLOSENESS[shorten(value(row, "property"))]
            ties[key_of(value(row, "identifier"))][closeness][iri] = None
    return {key: {c: tuple(iris) for c, iris in by.items()} for key, by in ties.items()}
