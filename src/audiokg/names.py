"""Find things by name: exact, then as a beginning, then by words, then with errors of typing.

Names are compared without case, accents and punctuation. The index holds some ten thousand names;
a search reads sorted lists, and asks rapidfuzz (https://rapidfuzz.github.io/RapidFuzz/) for what is
spelt nearly so.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from itertools import chain, pairwise
from typing import Final, TypeVar

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA


class Weight(IntEnum):
    """Whose name it is: our label, another name, what a source prints, an author of the work."""

    LABEL = 0
    OTHER = 1
    GIVEN = 2
    AUTHOR = 3


@dataclass(frozen=True)
class Name:
    """A name of a thing; `source` tells a reader what sort of name it is."""

    thing: str
    text: str
    source: str
    weight: Weight = Weight.LABEL


@dataclass(frozen=True)
class Match:
    """A thing that was found, the name that it was found by, how, and how well (0 to 100)."""

    thing: str
    name: Name
    how: str
    score: float


#: How -> the score of a match by a name of each weight.
_SCORES: Final = {
    "exact": (100.0, 99.0, 96.0, 92.0),
    "prefix": (90.0, 90.0, 88.0, 76.0),
    "words": (80.0, 80.0, 78.0, 74.0),
    "spelling": (75.0, 75.0, 74.0, 70.0),
    "words with spelling": (68.0, 68.0, 67.0, 64.0),
    "description": (50.0, 50.0, 50.0, 50.0),
}
_NEAR: Final = 78.0
_NEAR_WORD: Final = 75.0
_SHORTEST_NEAR: Final = 4
_MOST_NEAR: Final = 40
_FAR: Final = 55.0
_LAST: Final = "\U0010ffff"
#: Of one name for another, one stroke in seven may be wrong; short names are told apart by each.
_MISSPELT: Final = 0.85
_SHORTEST_MISSPELT: Final = 5
_NUMBER: Final = re.compile(r"\d+")
_T = TypeVar("_T")


def fold(text: str) -> str:
    """Write a text without case, accents and punctuation: words with one space between."""
    plain = unicodedata.normalize("NFKD", text.replace("+", " plus ")).casefold()
    kept = (sign if sign.isalnum() else " " for sign in plain if not unicodedata.combining(sign))
    return " ".join("".join(kept).split())


def letters(text: str) -> str:
    """Write a text as its letters and digits alone, without case and accents: `--` is nothing."""
    return fold(text).replace(" ", "")


def is_near(one: str, other: str) -> bool:
    """Tell whether two names, given as `letters`, are the same, or one misspelt.

    Names with other numbers are other names: a new version, another size.
    """
    if one == other:
        return bool(one)
    if min(len(one), len(other)) < _SHORTEST_MISSPELT:
        return False
    if _NUMBER.findall(one) != _NUMBER.findall(other):
        return False
    return OSA.normalized_similarity(one, other, score_cutoff=_MISSPELT) > 0


class Index:
    """The names of things, ready to be searched; safe to share, as it never changes."""

    def __init__(
        self, names: Iterable[Name], lines: Mapping[str, str], ranks: Mapping[str, int]
    ) -> None:
        """Take names, a line of text about each thing, and its rank: the lower the sooner."""
        self._names = sorted(names, key=lambda name: (name.weight, name.text, name.thing))
        self._ranks = ranks
        by_letters: dict[str, list[int]] = defaultdict(list)
        by_word: dict[str, set[int]] = defaultdict(set)
        things_by_word: dict[str, set[str]] = defaultdict(set)
        self._first: dict[str, int] = {}
        for number, name in enumerate(self._names):
            words = fold(name.text).split()
            by_letters["".join(words)].append(number)
            for word in (*words, *map("".join, pairwise(words))):
                by_word[word].add(number)
                things_by_word[word].add(name.thing)
            self._first.setdefault(name.thing, number)
        for thing, line in lines.items():
            for word in fold(line).split():
                things_by_word[word].add(thing)
        self._by_letters, self._letters = by_letters, sorted(by_letters)
        self._by_word, self._words = by_word, sorted(by_word)
        self._things_by_word, self._all_words = things_by_word, sorted(things_by_word)

    def search(self, text: str) -> list[Match]:
        """Give what a text finds, the best first, each thing once."""
        words = fold(text).split()
        letters = "".join(words)
        if not letters:
            return []
        found = [*self._exact(letters), *self._prefix(letters)]
        if len(letters) > 1:  # one letter begins a word of nearly everything
            found += [*self._with_words(words), *self._described(words)]
        if len(letters) >= _SHORTEST_NEAR and not any(match.how == "exact" for match in found):
            found += [*self._near(letters), *self._with_near_words(words)]
        return self._best(found)

    def suggest(self, text: str, most: int = 5) -> list[Match]:
        """Give what is nearest where a search finds nothing: by rare words, or by spelling."""
        words = [word for word in fold(text).split() if len(word) > 1]
        found = list(self._with_some(words)) or self._spelt_like("".join(words))
        return self._best(found)[:most]

    def _with_some(self, words: list[str]) -> Iterator[Match]:
        """Yield things that have some of the words; among equally many, rare words count more."""
        worth: dict[str, float] = defaultdict(float)
        for word in words:
            things = self._things_by_word.get(word, ())
            for thing in things:
                worth[thing] += (1 + 1 / len(things)) / 2
        for thing, part in worth.items():
            yield from self._matches("description", (self._first[thing],), part / len(words))

    def _spelt_like(self, letters: str) -> Iterator[Match]:
        for spelt, score, _ in process.extract(
            letters, self._letters, scorer=fuzz.ratio, score_cutoff=_FAR, limit=_MOST_NEAR
        ):
            yield from self._matches("spelling", self._by_letters[spelt], score / 100)

    def _exact(self, letters: str) -> Iterator[Match]:
        return self._matches("exact", self._by_letters.get(letters, ()))

    def _prefix(self, letters: str) -> Iterator[Match]:
        for spelt in _beginning(self._letters, letters):
            yield from self._matches("prefix", self._by_letters[spelt])

    def _with_words(self, words: list[str]) -> Iterator[Match]:
        return self._matches("words", _common([self._with_word(word) for word in words]))

    def _with_word(self, word: str) -> set[int]:
        known = _beginning(self._words, word)
        return set(chain.from_iterable(self._by_word[one] for one in known))

    def _near(self, letters: str) -> Iterator[Match]:
        """Yield names that are spelt nearly so, then those that begin nearly so."""
        length = len(letters)
        whole = dict(enumerate(self._letters))
        begun = {place: spelt[:length] for place, spelt in whole.items() if len(spelt) > length}
        for choices, worth in ((whole, 1.0), (begun, 0.95)):
            for _, score, place in process.extract(
                letters, choices, scorer=fuzz.ratio, score_cutoff=_NEAR, limit=_MOST_NEAR
            ):
                names = self._by_letters[self._letters[place]]
                yield from self._matches("spelling", names, worth * score / 100)

    def _with_near_words(self, words: list[str]) -> Iterator[Match]:
        """Yield names with all the words, where a word that no name has stands for its nearest."""
        sets, worth = [], 1.0
        for word in words:
            names, likeness = self._with_word(word), 1.0
            if not names:
                names, likeness = self._with_near_word(word)
            sets.append(names)
            worth *= likeness
        return self._matches("words with spelling", _common(sets), worth)

    def _with_near_word(self, word: str) -> tuple[set[int], float]:
        near = process.extract(
            word, self._words, scorer=fuzz.ratio, score_cutoff=_NEAR_WORD, limit=3
        )
        best = near[0][1] if near else 0.0
        nearest = [known for known, score, _ in near if score == best]
        return set(chain.from_iterable(map(self._by_word.__getitem__, nearest))), best / 100

    def _described(self, words: list[str]) -> Iterator[Match]:
        """Yield things that have all the words, in whichever names and in the line about them."""
        things = _common([self._things_with(word) for word in words])
        return self._matches("description", (self._first[t] for t in things if t in self._first))

    def _things_with(self, word: str) -> set[str]:
        known = _beginning(self._all_words, word)
        return set(chain.from_iterable(self._things_by_word[one] for one in known))

    def _matches(self, how: str, names: Iterable[int], worth: float = 1.0) -> Iterator[Match]:
        scores = _SCORES[how]
        for number in names:
            name = self._names[number]
            yield Match(name.thing, name, how, round(scores[name.weight] * worth, 1))

    def _best(self, found: Iterable[Match]) -> list[Match]:
        best: dict[str, Match] = {}
        for match in sorted(found, key=self._order):
            best.setdefault(match.thing, match)
        return list(best.values())

    def _order(self, match: Match) -> tuple[float, int, int, int, str, str]:
        name = match.name
        rank = self._ranks.get(match.thing, 0)
        return (-match.score, rank, name.weight, len(name.text), name.text, match.thing)


def _beginning(ordered: list[str], start: str) -> list[str]:
    """Give what begins with a text, from an ordered list."""
    return ordered[bisect_left(ordered, start) : bisect_left(ordered, start + _LAST)]


def _common(sets: list[set[_T]]) -> set[_T]:
    return set.intersection(*sets) if sets else set()
