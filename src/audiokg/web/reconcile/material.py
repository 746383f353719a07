"""What reconciliation knows: things, their names, types, facts and identifiers, read once."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Final

from audiokg.identifiers import recognise
from audiokg.names import fold
from audiokg.terms import AKG, BASE, SEGMENTS, XSD, shorten
from audiokg.web.questions import Questions, Row, value
from audiokg.web.reconcile.properties import Path, Property
from audiokg.web.reconcile.spellings import Spelling, Spellings
from audiokg.web.reconcile.vocabulary import Vocabulary, read_vocabulary
from audiokg.web.search.finder import Finder, Thing

#: A value of a fact, as in SPARQL's JSON.
Cell = Mapping[str, str]
Facts = Mapping[str, Mapping[str, tuple[Cell, ...]]]
NUMBERS: Final = {XSD + name for name in ("integer", "decimal", "double", "float")}
#: Kinds of which a table can have a column.
KINDS: Final = frozenset(SEGMENTS) - {"query"}
#: Property that gives a name -> whether the name is ours; authors name no thing.
_NAMES: Final = {
    "rdfs:label": True,
    "skos:prefLabel": True,
    "skos:altLabel": True,
    "skos:hiddenLabel": True,
    "skos:notation": True,
    "dcterms:title": True,
    "akg:nameAsGiven": False,
    "akg:titleAsGiven": False,
    "akg:subjectAsGiven": False,
    "akg:objectAsGiven": False,
}
_FAMILY: Final = ("akg:variantOf", "dcterms:isVersionOf")
#: How closely an identifier is tied to a thing: itself, a page of it, what its paper introduces.
_PAGE: Final = 1
_INTRODUCED: Final = 1


@dataclass(frozen=True)
class Material:
    """All that is reconciled with, as a snapshot never changes."""

    things: Mapping[str, Thing]
    facts: Facts
    types: Mapping[str, frozenset[str]]
    spellings: Spellings
    vocabulary: Vocabulary
    links: Mapping[str, int]
    identifiers: Mapping[str, Mapping[int, tuple[str, ...]]]

    @cached_property
    def introduced(self) -> Mapping[str, tuple[str, ...]]:
        """Give what each publication introduces."""
        found: dict[str, list[str]] = defaultdict(list)
        for iri, facts in self.facts.items():
            for cell in facts.get("akg:introducedIn", ()):
                found[cell["value"]].append(iri)
        return {paper: tuple(iris) for paper, iris in found.items()}

    @cached_property
    def holders(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """Give what has a value of a property, by the words of the value or of its name."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for iri in self.things:
            for name, cells in self.facts[iri].items():
                for cell in cells:
                    thing = self.things.get(cell["value"])
                    text = thing.label if thing else cell["value"]
                    found[name, fold(text)].append(iri)
        return {key: tuple(iris) for key, iris in found.items()}

    def find(self, id_: str) -> Thing | None:
        """Give the thing of an identifier, which may also be its IRI."""
        return self.things.get(id_ if id_ in self.things else BASE + id_)

    def fits(self, iri: str, types: frozenset[str], every: bool = False) -> bool:
        """Tell whether a thing is of one of some types, or of every one; of any if none is said."""
        if iri not in self.things:
            return False
        known = self.types[iri]
        return types <= known if every else not types or bool(types & known)

    def family(self, iri: str) -> frozenset[str]:
        """Give what a thing is a version of, however far away, and itself."""
        found = {iri}
        waiting = [iri]
        while waiting:
            facts = self.facts.get(waiting.pop(), {})
            above = {cell["value"] for name in _FAMILY for cell in facts.get(name, ())}
            waiting += above - found
            found |= above
        return frozenset(found)

    def values(self, iri: str, property_: Property) -> tuple[Cell, ...]:
        """Give the values of a property of a thing, each once."""
        found: dict[tuple[str, str], Cell] = {}
        for path in property_.paths:
            for cell in self._follow(iri, path):
                found.setdefault((cell["type"], cell["value"]), cell)
            if found and not property_.collects:
                break
        return tuple(found.values())

    def _follow(self, iri: str, path: Path) -> Iterator[Cell]:
        first, rest = path[0], path[1:]
        for cell in self.facts.get(iri, {}).get(first, ()):
            if not rest:
                yield cell
            elif cell["type"] == "uri":
                yield from self._follow(cell["value"], rest)

    def identified(self, text: str) -> Mapping[str, int]:
        """Give what an identifier stands for, and how far off: 0 for the thing itself."""
        known = recognise(text)
        keys = known.keys if known else ()
        ties = next((self.identifiers[key] for key in keys if key in self.identifiers), {})
        found: dict[str, int] = {}
        for closeness in sorted(ties):
            if closeness > _PAGE:
                break
            for iri in ties[closeness]:
                found.setdefault(iri, closeness)
                for introduced in self.introduced.get(iri, ()):
                    found.setdefault(introduced, closeness + _INTRODUCED)
        return {iri: far for iri, far in found.items() if iri in self.things}


@dataclass(frozen=True)
class Reader:
    """Reads the material when first asked, and keeps it."""

    questions: Questions
    finder: Finder
    _kept: list[Material] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    @property
    def material(self) -> Material:
        """Give the material. Raises QueryError where the engine cannot answer."""
        with self._lock:
            if not self._kept:
                self._kept.append(_read(self.questions, self.finder))
        return self._kept[0]


def _read(questions: Questions, finder: Finder) -> Material:
    catalogue = finder.catalogue
    facts = _facts(questions.rows("reconcile-facts"))
    withdrawn = {iri for iri, about in facts.items() if "owl:deprecated" in about}
    things = {
        iri: thing
        for iri, thing in catalogue.things.items()
        if thing.kind in KINDS and iri not in withdrawn
    }
    terms = questions.rows("reconcile-terms")
    used = {name for iri in things for name in facts[iri]}
    plain = read_vocabulary(terms, {}, used)
    types = {
        iri: frozenset({thing.kind}).union(
            *(plain.above(shorten(c["value"])) for c in facts.get(iri, {}).get("rdf:type", ()))
        )
        for iri, thing in things.items()
    }
    counts = Counter(type_ for all_ in types.values() for type_ in all_)
    links = {value(r, "resource"): int(value(r, "count")) for r in questions.rows("search-links")}
    spellings = Spellings(_spellings(questions.rows("search-names"), things))
    vocabulary = read_vocabulary(terms, counts, used)
    return Material(things, facts, types, spellings, vocabulary, links, catalogue.identifiers)


def _facts(rows: list[Row]) -> Facts:
    """Put facts in order by thing and property; nodes of statements are no values to show.

    Numbers come by size, all else as the query gives it.
    """
    facts: dict[str, dict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        cell = row["value"]
        if cell["type"] == "uri" and _is_node(cell["value"]):
            continue
        facts[value(row, "resource")][shorten(value(row, "property"))].append(cell)
    return {
        iri: {name: tuple(sorted(cells, key=_size)) for name, cells in about.items()}
        for iri, about in facts.items()
    }


def _size(cell: Cell) -> float:
    return float(cell["value"]) if cell.get("datatype") in NUMBERS else 0.0


def _is_node(iri: str) -> bool:
    """Tell whether an IRI is of a node of a statement, which has no page."""
    return iri.startswith(BASE) and "#" in iri and not iri.startswith(AKG)


def _spellings(rows: list[Row], things: Mapping[str, Thing]) -> Iterator[Spelling]:
    seen: dict[tuple[str, str], bool] = {}
    for row in rows:
        own = _NAMES.get(shorten(value(row, "property")))
        key = value(row, "resource"), value(row, "name")
        if own is not None and key[0] in things:
            seen[key] = own or seen.get(key, False)
    for (thing, text), own in seen.items():
        yield Spelling(thing, text, own)
