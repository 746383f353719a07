"""How things are spelt, and how alike a text and a spelling are.

A text is compared without case, accents and punctuation (audiokg.names.fold), once as words and
once as letters. What differs by more than that is near at best, never the same.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rapidfuzz import fuzz, process

from audiokg.names import fold, letters

#: What a candidate is worth (0 to 100) for the way in which its name is spelt.
SAME: Final = 100.0
_SAME_LETTERS: Final = 99.0
#: A name of a source is worth less than one of our own.
_GIVEN: Final = 3.0
#: A name inside the text, or a text that begins a name, by the share of letters that it covers.
_PART: Final = (72.0, 23.0)
_PART_OF_WORD: Final = (45.0, 35.0)
#: The same but for words that say only what kind of thing it is.
_FILLED: Final = 92.0
_OTHER_ORDER: Final = 0.97
_OTHER_NUMBER: Final = 8.0
#: Who writes a first word that is known has not misspelt another one: HuBERT is no slip for BERT.
_OTHER_START: Final = 10.0
#: What is less alike than this is not looked at.
FAR: Final = 60.0
_SHORTEST_PART: Final = 3
_LAST: Final = "\U0010ffff"
_NUMBER: Final = re.compile(r"\d+")
#: Words that say what kind of thing it is, not which.
# fmt: off
_FILLERS: Final = frozenset((
    "a", "the", "of", "for", "model", "codec", "tokenizer", "tokeniser", "vocoder", "dataset",
    "data", "corpus", "database", "benchmark", "task", "metric", "score", "language",
    "organisation", "company", "inc", "corporation", "lab",
))
# fmt: on


@dataclass(frozen=True)
class Spelling:
    """A name of a thing; `own` where the curators give it, not only a source."""

    thing: str
    text: str
    own: bool

    @cached_property
    def words(self) -> str:
        """Give the words, with one space between."""
        return fold(self.text)

    @cached_property
    def letters(self) -> str:
        """Give the letters without spaces."""
        return letters(self.text)

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """Give the numbers, which tell versions apart."""
        return tuple(_NUMBER.findall(self.words))

    def is_same(self, other: "Spelling") -> bool:
        """Tell whether two differ in case, accents, spaces and punctuation alone.

        Not between digits: Qwen2-57B is no Qwen2.5 7B.
        """
        return self.letters == other.letters and self.numbers == other.numbers

    @cached_property
    def core(self) -> str:
        """Give the letters without words that only say the kind."""
        return "".join(word for word in self.words.split() if word not in _FILLERS)


class Spellings:
    """All spellings, ready to be searched; safe to share, as they never change."""

    def __init__(self, spellings: Iterable[Spelling]) -> None:
        """Take spellings; those that fold to nothing are left out."""
        known = [spelling for spelling in spellings if spelling.letters]
        self._all = sorted(known, key=lambda one: (one.letters, one.thing, not one.own, one.text))
        self._letters = [spelling.letters for spelling in self._all]
        self._words = [spelling.words for spelling in self._all]
        self._longest = max(map(len, self._letters), default=0)
        self._of: dict[str, list[Spelling]] = defaultdict(list)
        self._with_word: dict[str, set[int]] = defaultdict(set)
        for place, spelling in enumerate(self._all):
            self._of[spelling.thing].append(spelling)
            for word in spelling.words.split():
                self._with_word[word].add(place)

    def of(self, thing: str) -> list[Spelling]:
        """Give the spellings of a thing."""
        return self._of.get(thing, [])

    def same(self, text: str) -> list[Spelling]:
        """Give what is spelt as a text, but for case, accents, spaces and punctuation."""
        asked = Spelling("", text, own=True)
        return [one for one in self._with_letters(asked.letters) if one.is_same(asked)]

    def near(self, text: str, fits: Callable[[str], bool]) -> dict[str, tuple[float, Spelling]]:
        """Give each thing that fits and is called nearly so, with its likest spelling."""
        asked = Spelling("", text, own=True)
        best: dict[str, tuple[float, Spelling]] = {}
        if not asked.letters:
            return best
        first = asked.words.split()[0]
        for spelling in self._worth_a_look(asked):
            if not fits(spelling.thing):
                continue
            likeness = compare(asked, spelling)
            if first in self._with_word and not _begins_a_word(first, spelling):
                likeness -= _OTHER_START
            if likeness > best.get(spelling.thing, (FAR, None))[0]:
                best[spelling.thing] = likeness, spelling
        return best

    def _worth_a_look(self, asked: Spelling) -> Iterator[Spelling]:
        found = {place for _, _, place in self._alike(asked)}
        found.update(self._begun_by(asked.letters), self._with_words(asked.words.split()))
        yield from (self._all[place] for place in sorted(found))
        for run in _parts(asked, self._longest):
            yield from self._with_letters(run)

    def _alike(self, asked: Spelling) -> Iterator[tuple[str, float, int]]:
        yield from process.extract(
            asked.letters, self._letters, scorer=fuzz.ratio, score_cutoff=FAR, limit=None
        )
        if " " in asked.words:
            yield from process.extract(
                asked.words, self._words, scorer=fuzz.token_sort_ratio, score_cutoff=70, limit=None
            )

    def _with_words(self, words: Iterable[str]) -> set[int]:
        known = [self._with_word.get(word, set()) for word in words if word not in _FILLERS]
        return set.intersection(*known) if known else set()

    def _begun_by(self, letters: str) -> range:
        begin = bisect_left(self._letters, letters)
        return range(begin, bisect_left(self._letters, letters + _LAST))

    def _with_letters(self, letters: str) -> list[Spelling]:
        begin, end = bisect_left(self._letters, letters), bisect_right(self._letters, letters)
        return self._all[begin:end] if letters else []


def compare(asked: Spelling, known: Spelling) -> float:
    """Say how alike two spellings are, from 0 to 100."""
    if asked.is_same(known):
        likeness = SAME if asked.text == known.text else _SAME_LETTERS
    else:
        likeness = max(
            fuzz.ratio(asked.letters, known.letters),
            _OTHER_ORDER * fuzz.token_sort_ratio(asked.words, known.words),
            _part(known, asked),
            _part(asked, known),
        )
        if asked.core and asked.core == known.core:
            likeness = max(likeness, _FILLED)
        if set(asked.numbers) - set(known.numbers):
            likeness -= _OTHER_NUMBER
    return likeness if known.own else likeness - _GIVEN


def _part(part: Spelling, whole: Spelling) -> float:
    """Say what a name is worth that stands inside another; less where it ends inside a word."""
    if len(part.letters) < _SHORTEST_PART:
        return 0.0
    if set(part.words.split()) <= set(whole.words.split()):
        least, more = _PART
    elif whole.letters.startswith(part.letters):
        least, more = _PART if part.letters in _word_beginnings(whole) else _PART_OF_WORD
    else:
        return 0.0
    return least + more * len(part.letters) / len(whole.letters)


def _begins_a_word(first: str, spelling: Spelling) -> bool:
    return spelling.letters.startswith(first) or f" {first}" in f" {spelling.words}"


def _word_beginnings(spelling: Spelling) -> Iterator[str]:
    """Yield the letters of the first word, of the first two, and so on."""
    letters = ""
    for word in spelling.words.split():
        letters += word
        yield letters


def _parts(asked: Spelling, longest: int) -> Iterator[str]:
    """Yield what may be a name inside a text: its beginnings, and runs of whole words."""
    letters, words = asked.letters, asked.words.split()
    for end in range(_SHORTEST_PART, min(len(letters), longest + 1)):
        yield letters[:end]
    for begin in range(1, len(words)):
        run = ""
        for word in words[begin:]:
            run += word
            if len(run) > longest:
                break
            if len(run) >= _SHORTEST_PART:
                yield run
