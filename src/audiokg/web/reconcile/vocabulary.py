"""The types and properties that a client may name, under any of the spellings they have."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from audiokg.errors import InputError
from audiokg.names import fold
from audiokg.terms import SEGMENTS, expand, shorten
from audiokg.web.questions import Row, value
from audiokg.web.reconcile.properties import IDENTIFYING, INTERNAL, JOINED, WORDS, Property
from audiokg.wording import say_kind, word_for

#: The most steps of a path of properties, as in akg:introducedIn/dcterms:title.
_LONGEST_PATH: Final = 4
_SHOWN: Final = 5


@dataclass(frozen=True)
class Type:
    """A class of things: the classes right above it, and how many things it has."""

    id: str
    name: str
    description: str = ""
    broader: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True)
class Vocabulary:
    """The types and properties by identifier, and by everything else that they are called."""

    types: Mapping[str, Type]
    properties: Mapping[str, Property]
    _type_names: Mapping[str, str] = field(default_factory=dict)
    _property_names: Mapping[str, str] = field(default_factory=dict)

    def type(self, text: str) -> str:
        """Give the identifier of a type, or the segment that a text names. Raises InputError."""
        found = self._type_names.get(_key(text))
        if not found:
            raise InputError(f"There is no type “{_cut(text)}”{_nearest(text, self.types)}.")
        return found

    def property(self, text: str) -> Property:
        """Give the property, or the path of properties, that a text names. Raises InputError."""
        found = self._property_names.get(_key(text))
        if found:
            return self.properties[found]
        steps = text.split("/") if "://" not in text else []
        known = [self._property_names.get(_key(step), "") for step in steps[: _LONGEST_PATH + 1]]
        if not 1 < len(steps) <= _LONGEST_PATH or not all(known):
            near = _nearest(text, self.properties)
            raise InputError(f"There is no property “{_cut(text)}”{near}.")
        return self._join([self.properties[name] for name in known])

    def widen(self, property_: Property) -> Property:
        """Let a property be compared wherever the graph keeps it, as of a model with its paper."""
        joined = (one for one in JOINED if property_.paths == one.paths[:1])
        wide = next(joined, property_)
        return replace(wide, id=property_.id, name=property_.name)

    def _join(self, steps: Sequence[Property]) -> Property:
        """Join properties to a path; of one that has several ways, the first."""
        path = tuple(name for step in steps for name in step.paths[0])
        names = " · ".join(step.name for step in steps)
        return Property("/".join(step.id for step in steps), names, "", (path,))

    def above(self, type_: str) -> frozenset[str]:
        """Give a type with all above it."""
        found: set[str] = set()
        waiting = [type_]
        while waiting:
            one = waiting.pop()
            if one not in found and one in self.types:
                found.add(one)
                waiting += self.types[one].broader
        return frozenset(found)


def read_vocabulary(
    rows: list[Row], counts: Mapping[str, int], used: Collection[str]
) -> Vocabulary:
    """Make the vocabulary of what the graph says of its terms.

    `counts` is of things by type; `used` are the properties that things have.
    """
    types = {type_.id: type_ for type_ in _types(rows, counts)}
    properties = {
        one.id: one for one in (*JOINED, *_properties(rows)) if one.id in used or one in JOINED
    }
    segments = {segment: segment for segment in SEGMENTS}
    words = {word: id_ for word, id_ in WORDS.items() if id_ in properties}
    return Vocabulary(
        types, properties, _by_name(segments, types.values()), _by_name(words, properties.values())
    )


def _by_name(
    known: Mapping[str, str], terms: Iterable[Type] | Iterable[Property]
) -> Mapping[str, str]:
    """Add to known words every spelling of terms; the first that has one keeps it."""
    names = dict(known)
    for term in terms:
        local = term.id.partition(":")[2]
        for name in filter(None, (term.id, expand(term.id), local, term.name)):
            names.setdefault(_key(name), term.id)
    return names


def _types(rows: list[Row], counts: Mapping[str, int]) -> Iterator[Type]:
    """Yield the types that have a name, each with those right above it."""
    told: dict[str, Row] = {}
    above: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        id_ = shorten(value(row, "term"))
        if value(row, "sort") == "class" and _type_name(row):
            told[id_] = row
            above[id_].append(shorten(value(row, "other")))
    for id_, row in told.items():
        broader = tuple(one for one in above[id_] if one in told)
        yield Type(id_, _type_name(row), value(row, "definition"), broader, counts.get(id_, 0))


def _type_name(row: Row) -> str:
    return value(row, "label") or say_kind(value(row, "term"))


def _properties(rows: list[Row]) -> Iterator[Property]:
    for row in rows:
        iri = value(row, "term")
        id_ = shorten(iri)
        if value(row, "sort") != "property" or id_ in INTERNAL or id_.startswith("<"):
            continue
        word = word_for(iri, value(row, "label"))
        name = f"{word.name} ({word.unit})" if word.unit else word.name
        yield Property(
            id_,
            name,
            value(row, "definition"),
            ((id_,),),
            id_ in IDENTIFYING,
            range=shorten(value(row, "other")) if "other" in row else "",
        )


def _key(text: str) -> str:
    return text if "://" in text else " ".join(text.casefold().split())


def _nearest(text: str, known: Mapping[str, Type] | Mapping[str, Property]) -> str:
    """Name the likest that there are, or some."""
    words = set(fold(text.partition(":")[2] or text).split())
    likely = [id_ for id_, term in known.items() if words & set(fold(term.name).split())]
    shown = (likely or list(known))[:_SHOWN]
    return f"; there are {', '.join(shown)} and others" if shown else ""


def _cut(text: str) -> str:
    return text.encode("ascii", "replace").decode()[:60]
