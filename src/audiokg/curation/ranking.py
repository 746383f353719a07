"""What to do next: gaps, ranked by how many questions of the library would gain by filling one.

A gap is a thing and a property that nobody gives of it. A question gains if it asks for things of
that kind which have everything else that it needs: either it needs the property, and the thing
comes into its answer, or it shows the property where there is one, and the answer gets fuller. What
a FILTER would say of a value that nobody knows is left open: the question *could* gain.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from audiokg.curation.reading import Need, Part, read_parts
from audiokg.queries import Query
from audiokg.terms import expand

#: What a list of /missing calls a property -> the properties that questions read it by; `^`: those
#: that lead to the thing. How long a dataset is, is computed from what is said of its size.
PROPERTIES: Final[Mapping[str, tuple[str, ...]]] = {
    "ability to stream": ("akg:streaming",),
    "address of weights": ("akg:hasWeights",),
    "audio domain": ("akg:audioDomain",),
    "bitrate": ("akg:bitrateKbps",),
    "code repository": ("akg:hasCodeRepository",),
    "codebook size": ("akg:codebookSize",),
    "date": ("dcterms:issued",),
    "DOI": ("bibo:doi",),
    "frame rate": ("akg:frameRateHz",),
    "input modality": ("akg:inputModality",),
    "language": ("dcterms:language",),
    "licence": ("dcterms:license",),
    "link to another collection": ("schema:sameAs", "skos:exactMatch"),
    "list of authors": ("akg:hasAuthorship",),
    "maker": ("akg:introducedBy",),
    "month of release": ("akg:firstReleased",),
    "number of codebooks": ("akg:codebookCount",),
    "number of parameters": ("akg:parameterCount",),
    "output modality": ("akg:outputModality",),
    "paper": ("akg:introducedIn",),
    "quantization method": ("akg:quantizationMethod",),
    "sample rate": ("akg:sampleRateHz",),
    "size": ("^akg:sizeOf", "akg:durationHours"),
    "task": ("akg:supportsTask",),
    "tokenizer or encoder": ("akg:usesTokenizer", "akg:usesEncoder"),
    "training corpus": ("akg:trainedOn",),
    "way of access": ("akg:access",),
}
#: Topics of questions about the graph and its sources: they gain nothing by a gap being filled.
_ABOUT_US: Final = {"What is missing", "Where sources disagree", "Sources and coverage"}


@dataclass(frozen=True)
class Thing:
    """A thing with its classes (those above included), and the properties that it has.

    `values` has the properties with the values that a question asks for by name; `references` is
    the number of things that refer to it.
    """

    classes: AbstractSet[str]
    properties: AbstractSet[str]
    values: AbstractSet[tuple[str, str]] = field(default_factory=frozenset)
    references: int = 0

    def meets(self, need: Need) -> bool:
        """Tell whether it has what is needed."""
        if need.value:
            return any((name, need.value) in self.values for name in need.properties)
        return not need.properties.isdisjoint(self.properties)


@dataclass(frozen=True)
class Missing:
    """A gap: the thing, and what is missing of it as PROPERTIES calls it."""

    thing: str
    label: str
    what: str


@dataclass(frozen=True)
class Ranked:
    """A gap with the names of the questions that would get one more row, and a fuller one."""

    gap: Missing
    more: tuple[str, ...]
    fuller: tuple[str, ...]
    references: int

    @property
    def gain(self) -> int:
        """Count the questions."""
        return len(self.more) + len(self.fuller)


@dataclass(frozen=True)
class Library:
    """What the questions of the library ask for, by name."""

    parts: Mapping[str, AbstractSet[Part]]

    @classmethod
    def read(cls, queries: Iterable[Query]) -> "Library":
        """Read the questions about the field; those about the graph itself are left out."""
        asked = (query for query in queries if query.topic not in _ABOUT_US)
        return cls({query.name: read_parts(query.text) for query in asked})

    def asks_for(self, what: str) -> list[tuple[str, Part]]:
        """Give the parts that a property of this name matters to, each with its question."""
        wanted = properties_of(what)
        return [
            (name, part)
            for name, parts in self.parts.items()
            for part in parts
            if any(need.properties & wanted for need in part.needed | part.shown)
        ]

    def named_values(self) -> set[tuple[str, str]]:
        """Give the values that questions name, each with its property."""
        return {
            (name, need.value)
            for parts in self.parts.values()
            for part in parts
            for need in part.needed | part.shown
            for name in need.properties
            if need.value
        }


def rank(gaps: Iterable[Missing], library: Library, things: Mapping[str, Thing]) -> list[Ranked]:
    """Rank the gaps that a question would gain by, the most useful first."""
    asked = {what: library.asks_for(what) for what in PROPERTIES}
    ranked = (_weigh(gap, asked[gap.what], things[gap.thing]) for gap in gaps)
    return sorted((one for one in ranked if one.gain), key=_place)


@cache
def properties_of(what: str) -> frozenset[str]:
    """Give the properties that questions read something by, as IRIs."""
    return frozenset(
        "^" + expand(name[1:]) if name.startswith("^") else expand(name)
        for name in PROPERTIES[what]
    )


def _place(one: Ranked) -> tuple[int, int, str, str, str]:
    return -one.gain, -one.references, one.gap.label.casefold(), one.gap.thing, one.gap.what


def _weigh(gap: Missing, asked: Iterable[tuple[str, Part]], thing: Thing) -> Ranked:
    properties = properties_of(gap.what)
    more, fuller = dict[str, None](), dict[str, None]()
    for name, part in asked:
        gain = _gain(part, properties, thing)
        if gain:
            (more if gain == "more" else fuller)[name] = None
    return Ranked(gap, tuple(more), tuple(sorted(fuller.keys() - more.keys())), thing.references)


def _gain(part: Part, properties: frozenset[str], thing: Thing) -> str:
    """Say whether a part would get more rows, or fuller ones, from a thing; empty if neither."""
    if part.classes and part.classes.isdisjoint(thing.classes):
        return ""
    lacking = [need for need in part.needed if not thing.meets(need)]
    if lacking:
        return "more" if all(need.properties & properties for need in lacking) else ""
    shown = (need for need in part.shown if need.properties & properties)
    return "fuller" if any(not thing.meets(need) for need in shown) else ""
