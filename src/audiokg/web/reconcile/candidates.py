"""Candidates for a query: found by name, identifier or property, scored, and at best matched.

A match is a promise, so it takes certainty: one thing alone has the name (a label or other name of
ours, but for case, accents, spaces and punctuation), is of the type asked for, has no rival, and
nothing that is said of it speaks against it; or it alone has the identifier that is given.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import islice
from typing import Final

from audiokg.names import fold
from audiokg.web.reconcile.asked import LONGEST, Given, Query, Reference
from audiokg.web.reconcile.evidence import fit
from audiokg.web.reconcile.material import Material
from audiokg.web.reconcile.properties import Property
from audiokg.web.reconcile.spellings import SAME, Spelling
from audiokg.web.search.finder import Thing

#: What other values weigh against the name.
_PROPERTIES: Final = 0.2
_UNKNOWN: Final = 0.5
#: An identifier that fits, and what the name may add; one that does not fit, for the rest.
_FITTING: Final = 90.0
_CONTRADICTED: Final = 0.6
#: Steps between the identifier and the thing take off so much.
_FAR: Final = 15.0
_OTHER_TYPE: Final = 0.7
#: Values less alike than this speak against a match.
_AGAINST: Final = 0.5
#: What has the identifier that is given is meant where its name is at least so near.
_NEAR_ENOUGH: Final = 75.0
#: So many that may be meant are looked at more closely.
_MOST: Final = 100
#: Names so short are certain only of a type, and as they are written: IS is no “is”.
_SHORT: Final = 3
_WORKS: Final = "publication"


@dataclass(frozen=True)
class Candidate:
    """A thing that may be meant, and why: the parts of its score are the features."""

    thing: Thing
    score: float
    match: bool
    features: Mapping[str, bool | float]


@dataclass(frozen=True)
class _Case:
    """What is known of one candidate before it is scored."""

    iri: str
    name: float
    spelling: Spelling | None
    far: int | None
    of_type: bool
    fits: Mapping[Property, float]
    asked: int

    @property
    def identified(self) -> bool:
        """Tell whether an identifier that is given is its own."""
        return any(fits == 1.0 for one, fits in self.fits.items() if one.identifies)

    @property
    def contradicted(self) -> bool:
        """Tell whether an identifier that is given is not its own."""
        known = [fits for one, fits in self.fits.items() if one.identifies]
        return bool(known) and not any(known)

    @property
    def doubted(self) -> bool:
        """Tell whether a value that is given speaks against it."""
        return self.contradicted or any(
            fits < _AGAINST for one, fits in self.fits.items() if not one.identifies
        )

    @property
    def score(self) -> float:
        """Weigh the name and the values, from 0 to 100."""
        if self.far is not None:
            score = SAME - _FAR * self.far
        elif self.identified:
            score = _FITTING + self.name * (SAME - _FITTING) / SAME
        else:
            values = sum(self.fits.values()) + _UNKNOWN * (self.asked - len(self.fits))
            share = _PROPERTIES if self.asked else 0.0
            score = self.name * (1 - share) + SAME * share * values / max(self.asked, 1)
        score *= _CONTRADICTED if self.contradicted else 1.0
        return round(score * (1.0 if self.of_type else _OTHER_TYPE), 1)


@dataclass(frozen=True)
class _Search:
    """One query over the material, with its types and properties resolved."""

    material: Material
    query: Query
    types: frozenset[str]
    wanted: Mapping[Property, tuple[Given, ...]]

    def cases(self) -> list[_Case]:
        """Give all that may be meant, or the likest of very many."""
        material, text = self.material, self.query.text
        near = material.spellings.near(text, self.is_meant)
        nearest = nlargest(_MOST, near, key=lambda iri: (near[iri][0], iri))
        far = {i: f for i, f in material.identified(text).items() if self.is_meant(i)}
        known = islice(filter(self.is_meant, self._with_values()), _MOST)
        iris = dict.fromkeys((*nearest, *far, *known))
        cases = (self._case(iri, near.get(iri, (0.0, None)), far.get(iri)) for iri in iris)
        return [case for case in cases if case.score]

    def is_of_type(self, iri: str) -> bool:
        """Tell whether a thing is of the types asked for."""
        return self.material.fits(iri, self.types, every=self.query.strictness == "all")

    def is_meant(self, iri: str) -> bool:
        """Tell whether a thing may be shown: types that it should have, it may lack."""
        is_soft = self.query.strictness == "should"
        return iri in self.material.things if is_soft else self.is_of_type(iri)

    def _case(self, iri: str, near: tuple[float, Spelling | None], far: int | None) -> _Case:
        fits = {one: fit(self.material, iri, one, values) for one, values in self.wanted.items()}
        known = {one: value for one, value in fits.items() if value is not None}
        return _Case(iri, *near, far, self.is_of_type(iri), known, len(self.wanted))

    def _with_values(self) -> Iterator[str]:
        """Yield what has an identifier, or where there is no name to look for, any value."""
        has_name = bool(fold(self.query.text))
        for one, values in self.wanted.items():
            for given in map(self._say, values):
                if one.identifies:
                    yield from self.material.identified(given)
                elif not has_name:
                    yield from self.material.holders.get((one.paths[0][0], fold(given)), ())

    def _say(self, given: Given) -> str:
        """Write a value as a text; a thing by its name."""
        thing = self.material.find(given.id) if isinstance(given, Reference) else None
        return thing.label if thing else str(given)

    def certain(self, cases: Iterable[_Case]) -> str:
        """Give the one thing that is meant for certain, empty if there is none."""
        known = {case.iri: case for case in cases if case.of_type}
        named, rivals = self._named()
        identified = [case for case in known.values() if case.identified]
        if identified:
            sure = [case.iri for case in identified if case.iri in named]
            sure = sure or self._heads([case for case in identified if self._may_be(case)])
        elif any(case.far is not None for case in known.values()):
            sure = [case.iri for case in known.values() if case.far == 0]
        else:
            sure = [] if rivals else [iri for iri in named if iri in known]
            sure = sure if self._is_written_so(sure) else []
        return sure[0] if len(sure) == 1 and not known[sure[0]].doubted else ""

    def _named(self) -> tuple[frozenset[str], frozenset[str]]:
        """Give what has the name as its own, and what a source calls so beside it."""
        spelt = self.material.spellings.same(self.query.text)
        same = [one for one in spelt if self.is_of_type(one.thing)]
        own = frozenset(one.thing for one in same if one.own)
        kin = {iri for thing in own for iri in self.material.family(thing)}
        rivals = {
            one.thing
            for one in same
            if self.material.things[one.thing].kind != _WORKS or not own
            if one.thing not in kin and not self.material.family(one.thing) & own
        }
        return own, frozenset(rivals)

    def _may_be(self, case: _Case) -> bool:
        return case.name >= _NEAR_ENOUGH or not fold(self.query.text)

    def _heads(self, cases: Sequence[_Case]) -> list[str]:
        """Leave out versions of what is there itself."""
        iris = {case.iri for case in cases}
        return [iri for iri in iris if not self.material.family(iri) & (iris - {iri})]

    def _is_written_so(self, iris: Iterable[str]) -> bool:
        text = " ".join(self.query.text.split())
        texts = (one.text for iri in iris for one in self.material.spellings.of(iri) if one.own)
        return len(fold(text)) > _SHORT or (bool(self.types) and text in texts)


def find_candidates(material: Material, query: Query) -> list[Candidate]:
    """Give the candidates for a query, the best first.

    Raises InputError for a type or property that there is not.
    """
    known = material.vocabulary
    types = frozenset(map(known.type, query.types))
    wanted: dict[Property, tuple[Given, ...]] = {}
    for one in query.properties:
        property_ = known.widen(known.property(one.property))
        wanted[property_] = (*wanted.get(property_, ()), *one.values)
    if len(query.text) > LONGEST:
        return []
    search = _Search(material, query, types, wanted)
    cases = search.cases()
    certain = search.certain(cases)
    ordered = sorted(cases, key=lambda case: _order(material, case, certain))
    return [_candidate(material, case, certain) for case in ordered[: query.limit]]


def _order(material: Material, case: _Case, certain: str) -> tuple[bool, float, bool, int, str]:
    thing, links = material.things[case.iri], material.links.get(case.iri, 0)
    return (case.iri != certain, -case.score, thing.kind == _WORKS, -links, case.iri)


def _candidate(material: Material, case: _Case, certain: str) -> Candidate:
    name = case.spelling
    features: dict[str, bool | float] = {"name": round(case.name, 1)}
    features |= {"own_name": bool(name and name.own), "type": case.of_type}
    features |= {one.id: round(fits, 3) for one, fits in case.fits.items()}
    features |= {"links": material.links.get(case.iri, 0)}
    return Candidate(material.things[case.iri], case.score, case.iri == certain, features)
