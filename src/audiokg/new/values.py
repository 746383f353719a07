"""Turn what people write into values: names into resources, text into literals, as shapes ask."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox
from rapidfuzz import process

from audiokg.check.known import KINDS, Known
from audiokg.check.lexical import literal
from audiokg.errors import InputError
from audiokg.names import Match
from audiokg.new.constraints import Constraint
from audiokg.new.fields import FIELDS, MODELS
from audiokg.stub import Term
from audiokg.terms import AKG, PREFIXES, VOCABULARIES, expand, shorten

#: Classes whose things are addresses; the file that names one says what it is.
_ADDRESSED: Final = {AKG + "CodeRepository", AKG + "Weights"}
_CLASS: Final = VOCABULARIES["owl"] + "Class"
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"{}|\\^`]+")
_NEAR: Final = 60.0
_MOST: Final = 3


@dataclass(frozen=True)
class Values:
    """Reads values for the properties of a kind of resource."""

    known: Known
    constraints: Mapping[str, Mapping[str, Constraint]]

    def constraint(self, kind: str, word: str) -> Constraint:
        """Find what a field or property of a kind asks for. Raises InputError with the nearest."""
        allowed = self.constraints[expand(KINDS[kind])]
        words = {field.word: expand(field.property) for field in FIELDS[kind]}
        words |= {shorten(name): name for name in allowed}
        found = words.get(word) or words.get(f"akg:{word}")
        if found:
            return allowed[found]
        near = process.extract(word, list(words), score_cutoff=_NEAR, limit=_MOST)
        hint = ", ".join(f"{name} ({score:.0f})" for name, score, _ in near)
        fields = ", ".join(field.word for field in FIELDS[kind])
        nearest = f"nearest: {hint}; " if hint else ""
        raise InputError(
            f"a {kind} has no field “{word}”; {nearest}there are: {fields}, source, title"
        )

    def read(self, constraint: Constraint, text: str) -> list[Term]:
        """Read the values that a text gives. Raises InputError that says what to write."""
        text = " ".join(text.split())
        if constraint.class_ in _ADDRESSED or not (constraint.class_ or constraint.datatype):
            return [self._address(constraint, text)]
        if constraint.class_:
            return list(map(ox.NamedNode, self._resources(text, constraint.class_)))
        value = literal(text, constraint.datatype)
        fits = re.search(constraint.pattern, text) and text in (constraint.choices or (text,))
        if value is None or not fits:
            raise InputError(f"“{text}” does not fit: {constraint.message}")
        return [value]

    def others(self, constraint: Constraint, values: list[Term]) -> dict[str, str]:
        """Give the class of each value whose class the same file has to say."""
        if constraint.class_ not in _ADDRESSED:
            return {}
        return {value.value: shorten(constraint.class_) for value in values}

    def classes(self, kind: str, words: tuple[str, ...]) -> tuple[str, ...]:
        """Find the classes that words mean, below the broadest class of a kind."""
        return tuple(self._class(kind, word) for word in words) or (KINDS[kind],)

    def _class(self, kind: str, word: str) -> str:
        if kind == "model" and word.casefold() in MODELS:
            return MODELS[word.casefold()]
        top = expand(KINDS[kind])
        below = [class_ for class_, broader in self.known.kinds() if broader == top]
        found = _named(word) if _named(word) in below else ""
        found = found or next((c for c in self.known.find(word, _CLASS) if c in below), "")
        if found:
            return shorten(found)
        words = ", ".join(MODELS) if kind == "model" else ", ".join(map(shorten, sorted(below)))
        near = [m for m in self.known.nearest(word, _CLASS) if m.thing in below]
        raise InputError(f"no kind of {kind} is called “{word}”; {_shown(near)}there are: {words}")

    def _resources(self, text: str, class_: str) -> Iterator[str]:
        named, exact = _named(text), self.known.find(text, class_)
        if named and class_ in self.known.classes.get(named, ()):
            yield named
        elif len(exact) == 1:
            yield exact[0]
        elif exact:
            names = " and ".join(map(shorten, exact))
            raise InputError(f"“{text}” is the name of {names}; write one of them")
        elif "," in text:
            for part in filter(None, map(str.strip, text.split(","))):
                yield from self._resources(part, class_)
        else:
            near = self.known.nearest(text.partition(":")[2] if named else text, class_)
            kind = shorten(class_)
            hint = _shown(near) or "look at its list, or add it first with audiokg new"
            raise InputError(f"no {kind} is called “{text}”; {hint.removesuffix('; ')}")

    def _address(self, constraint: Constraint, text: str) -> ox.NamedNode:
        address = _named(text) or text
        if constraint.class_ in _ADDRESSED:
            address = address.removesuffix("/").removesuffix(".git")
        if not _ADDRESS.fullmatch(address) or not re.search(constraint.pattern, address):
            raise InputError(f"“{text}” does not fit: {constraint.message}")
        return ox.NamedNode(address)


def read_source(text: str) -> str:
    """Read the address of a document, or the name of a source. Raises InputError for other text."""
    address = _named(text) or text
    if not _ADDRESS.fullmatch(address):
        raise InputError(f"“{text}” is no address of a document: https://…")
    return address


def _named(text: str) -> str:
    """Expand prefix:name of our prefixes; any other text is no name."""
    return expand(text) if text.partition(":")[0] in PREFIXES and " " not in text else ""


def _shown(near: list[Match]) -> str:
    names = (f"{shorten(m.thing)} “{m.name.text}” ({m.score:.0f})" for m in near)
    listed = ", ".join(names)
    return f"nearest: {listed}; " if listed else ""
