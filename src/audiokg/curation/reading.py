"""What each variable of a query has to be and to have: the side of a query that data can lack."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from audiokg.curation.patterns import Reader, Way, turn
from audiokg.terms import RDF_TYPE, expand

#: What the build computes from other properties: nobody can fill it in.
_COMPUTED: Final = {expand("akg:computedBitrateKbps"), expand("akg:bitsPerToken")}


@dataclass(frozen=True)
class Need:
    """One of some properties, with one value where `value` is a term in N-Triples' notation."""

    properties: frozenset[str]
    value: str = ""


@dataclass(frozen=True)
class Part:
    """What stands for one variable: an instance of a class, what it must have, what is shown."""

    classes: frozenset[str]
    needed: frozenset[Need]
    shown: frozenset[Need]


@dataclass
class _Variable:
    """What a way says of one variable; `reached` is what leads to it where it may be absent."""

    classes: set[str] = field(default_factory=set)
    needed: set[Need] = field(default_factory=set)
    shown: set[Need] = field(default_factory=set)
    reached: set[Need] = field(default_factory=set)

    def as_part(self) -> Part:
        """Make a part; what is reached only by OPTIONAL has to be reached."""
        needed = frozenset(self.needed or (not self.classes and self.reached) or ())
        return Part(frozenset(self.classes), needed, frozenset(self.shown) - needed)


def read_parts(text: str) -> frozenset[Part]:
    """Read the variables of a query, in each of its ways, as parts.

    Raises QuerySyntaxError for a query that cannot be read.
    """
    reader = Reader.of(text)
    return frozenset(part for way in reader.read() for part in _parts(way, reader.values))


def _parts(way: Way, values: Mapping[str, set[str]]) -> Iterator[Part]:
    variables: dict[str, _Variable] = defaultdict(_Variable)
    for pattern in way:
        subject, reached = variables[pattern.subject], variables[pattern.object]
        properties = pattern.properties - _COMPUTED
        value = "" if is_variable(pattern.object) else pattern.object
        if properties == {RDF_TYPE}:
            subject.classes |= _classes(pattern.object, values)
        elif properties and pattern.is_optional:
            subject.shown.add(Need(properties, value))
            reached.reached.add(Need(turn(properties)))
        elif properties:
            subject.needed.add(Need(properties, value))
            reached.needed.add(Need(turn(properties)))
    return (found.as_part() for name, found in variables.items() if is_variable(name))


def is_variable(token: str) -> bool:
    """Tell whether a token is a variable."""
    return token.startswith(("?", "$"))


def _classes(term: str, values: Mapping[str, set[str]]) -> set[str]:
    terms = values.get(term, set()) if is_variable(term) else {term}
    return {one.strip("<>") for one in terms}
