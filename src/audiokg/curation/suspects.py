"""Identity suspects: two resources that may be one, why, and how near their names are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from audiokg.export.solutions import Row, value
from audiokg.names import fold


@dataclass(frozen=True)
class Suspect:
    """A pair that may be one thing: the weights that both have, the names that both go by.

    `near` says how much of their two labels is the same, in percent.
    """

    one: str
    other: str
    labels: tuple[str, str]
    weights: tuple[str, ...]
    names: tuple[str, ...]
    near: int

    @property
    def why(self) -> str:
        """Say what the two share."""
        shared = [f"a name but for spaces, case and signs: {name}" for name in self.names]
        return "; ".join([*shared, *(f"released weights: {link}" for link in self.weights)])


def read_suspects(
    rows: Iterable[Row], reviewed: Iterable[Row], labels: Mapping[str, str]
) -> list[Suspect]:
    """Read the answers of identity-suspects and of curation-reviewed; nearest first.

    A pair that was found to be two things is left out.
    """
    known = {(value(row, "one"), value(row, "other")) for row in reviewed}
    shared: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        shared[value(row, "one"), value(row, "other")].append(value(row, "shared"))
    pairs = [_read(*pair, shared[pair], labels) for pair in shared if pair not in known]
    return sorted(pairs, key=lambda pair: (-pair.near, pair.one, pair.other))


def _read(one: str, other: str, shared: Iterable[str], labels: Mapping[str, str]) -> Suspect:
    first, second = (labels.get(iri, iri) for iri in (one, other))
    by_kind: dict[bool, list[str]] = {True: [], False: []}
    for text in shared:
        by_kind[text.startswith(("http://", "https://"))].append(text)
    near = round(fuzz.ratio(fold(first), fold(second)))
    return Suspect(one, other, (first, second), tuple(by_kind[True]), tuple(by_kind[False]), near)
