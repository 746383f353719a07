"""What a proposal of identity is made of: candidates with how and score, and how sure it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from audiokg.terms import shorten

MOST_CANDIDATES: Final = 5


class Certainty(StrEnum):
    """How sure a proposal is; `NONE` where nothing fits: the row is of something new."""

    CERTAIN = "certain"
    LIKELY = "likely"
    UNSURE = "unsure"
    NONE = "none"


def weakest(certainties: Iterable[Certainty]) -> Certainty:
    """Give the least sure of some."""
    return max(certainties, key=list(Certainty).index)


@dataclass(frozen=True)
class Candidate:
    """A resource that a row may refer to, how it was found, and how well it fits (0 to 100)."""

    iri: str
    how: str
    score: float


@dataclass(frozen=True)
class Part:
    """What a row may refer to of one kind, the best first.

    Candidates of a part that is `NONE` only resemble what the row says.
    """

    certainty: Certainty
    candidates: tuple[Candidate, ...] = ()
    note: str = ""

    @property
    def decided(self) -> tuple[str, ...]:
        """Give what is certain or likely."""
        sure = self.certainty in (Certainty.CERTAIN, Certainty.LIKELY)
        return tuple(candidate.iri for candidate in self.candidates[:1]) if sure else ()


@dataclass(frozen=True)
class Proposal:
    """What a row may refer to: a publication (no part for a list of things alone), and a thing."""

    paper: Part | None
    thing: Part

    @property
    def parts(self) -> tuple[Part, ...]:
        """Give the parts that there are."""
        return (self.thing,) if self.paper is None else (self.paper, self.thing)

    @property
    def certainty(self) -> Certainty:
        """Give the certainty of the weakest part; unsure goes before none."""
        said = {part.certainty for part in self.parts}
        return Certainty.UNSURE if Certainty.UNSURE in said else weakest(said)

    @property
    def decided(self) -> tuple[str, ...]:
        """Give all that is certain or likely."""
        return tuple(iri for part in self.parts for iri in part.decided)


def make_part(certainty: Certainty, candidates: Iterable[Candidate], note: str = "") -> Part:
    """Make a part: each resource once, the best first, no more than a reader takes in."""
    best: dict[str, Candidate] = {}
    for candidate in sorted(candidates, key=lambda one: (-one.score, one.iri, one.how)):
        best.setdefault(candidate.iri, candidate)
    return Part(certainty, tuple(best.values())[:MOST_CANDIDATES], note)


def describe(part: Part) -> str:
    """Write the candidates of a part, with how and how well they fit."""
    found = ", ".join(f"{shorten(one.iri)} ({one.how}, {one.score:g})" for one in part.candidates)
    return "; ".join(filter(None, (found, part.note)))
