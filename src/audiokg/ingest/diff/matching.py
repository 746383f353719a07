"""Find each row of an older list in a newer one: by strongest evidence first, one to one.

Rows of a list have no identity but what they print: their numbers shift with each new row. So a
row is found again by where it leads, its name and its title; what agrees on all comes first.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz, process

from audiokg.ingest.diff.traits import (
    Traits,
    have_other_papers,
    title_likeness,
    traits_of,
)
from audiokg.ingest.entry import Entry
from audiokg.names import is_near


@dataclass(frozen=True)
class Match:
    """A row before and now, by what it was found again, and how surely (0 to 100)."""

    before: Entry
    now: Entry
    how: str
    score: float


@dataclass(frozen=True)
class _Rule:
    """Rows with a common key match, if `fits`; a rule that is not `exact` wants one of each."""

    how: str
    score: float
    keys: Callable[[Traits], Iterator[Hashable]]
    fits: Callable[[Traits, Traits], bool] = lambda before, now: True
    exact: bool = False


_Row = tuple[Entry, Traits]
_LIKE_TITLE: Final = 60.0
_SAME_WORK_TITLE: Final = 85.0
_NEAR_TITLE: Final = 88.0


def _by_all(row: Traits) -> Iterator[Hashable]:
    if row.name or row.title:
        yield (row.links, row.name, row.title, row.section)


def _by_link_name_section(row: Traits) -> Iterator[Hashable]:
    yield from ((link, row.name, row.section) for link in sorted(row.links) if row.name)


def _by_link_name(row: Traits) -> Iterator[Hashable]:
    yield from ((link, row.name) for link in sorted(row.links) if row.name)


def _by_link_title_section(row: Traits) -> Iterator[Hashable]:
    yield from ((link, row.title, row.section) for link in sorted(row.links) if row.title)


def _by_link_title(row: Traits) -> Iterator[Hashable]:
    yield from ((link, row.title) for link in sorted(row.links) if row.title)


def _by_name_title_section(row: Traits) -> Iterator[Hashable]:
    if row.name and row.title:
        yield (row.name, row.title, row.section)


def _by_name_title(row: Traits) -> Iterator[Hashable]:
    if row.name and row.title:
        yield (row.name, row.title)


def _by_title_section(row: Traits) -> Iterator[Hashable]:
    if row.title:
        yield (row.title, row.section)


def _by_link_section(row: Traits) -> Iterator[Hashable]:
    yield from ((link, row.section) for link in sorted(row.links))


def _by_paper_section(row: Traits) -> Iterator[Hashable]:
    yield from ((link, row.section) for link in sorted(row.papers))


def _by_name_section(row: Traits) -> Iterator[Hashable]:
    if row.name:
        yield (row.name, row.section)


def _may_be_renamed(before: Traits, now: Traits) -> bool:
    """Say whether two names may be of one row: nearly the same, or one of them not printed."""
    unnamed = not (before.name and now.name)
    return unnamed or is_near(before.name, now.name)


def _is_like(before: Traits, now: Traits) -> bool:
    like = title_likeness(before.title, now.title) >= _LIKE_TITLE
    return like or bool(before.name and is_near(before.name, now.name))


def _is_retitled(before: Traits, now: Traits) -> bool:
    """Say whether rows of one name are of one work: UniCodec is the name of two."""
    wanted = _SAME_WORK_TITLE if have_other_papers(before, now) else _LIKE_TITLE
    return title_likeness(before.title, now.title) >= wanted


_RULES: Final = (
    _Rule("link, name and title", 100, _by_all, exact=True),
    _Rule("link and name", 98, _by_link_name_section),
    _Rule("link and name, in another section", 95, _by_link_name),
    _Rule("link and title", 90, _by_link_title_section),
    _Rule("link and title, in another section", 85, _by_link_title, _may_be_renamed),
    _Rule("name and title", 90, _by_name_title_section),
    _Rule("name and title, in another section", 85, _by_name_title),
    _Rule("title", 80, _by_title_section, _may_be_renamed),
    _Rule("link", 75, _by_link_section, _is_like),
    _Rule("paper alone", 65, _by_paper_section),
    _Rule("name", 70, _by_name_section, _is_retitled),
)


def match_rows(before: Sequence[Entry], now: Sequence[Entry]) -> list[Match]:
    """Find the rows of an older list in a newer one, in the order of the newer."""
    matcher = _Matcher(before, now)
    for rule in _RULES:
        matcher.apply(rule)
    matcher.apply_spelling()
    return sorted(matcher.matches, key=lambda match: match.now.line)


class _Matcher:
    """The rows that are still to be found, and those that were."""

    def __init__(self, before: Sequence[Entry], now: Sequence[Entry]) -> None:
        self._before: dict[int, _Row] = {n: (e, traits_of(e)) for n, e in enumerate(before)}
        self._now: dict[int, _Row] = {n: (e, traits_of(e)) for n, e in enumerate(now)}
        self.matches: list[Match] = []

    def apply(self, rule: _Rule) -> None:
        """Match what a rule says; equal rows in their order."""
        before, now = _group(self._before, rule), _group(self._now, rule)
        for key, numbers in now.items():
            olds = [n for n in before.get(key, ()) if n in self._before]
            news = [n for n in numbers if n in self._now]
            if rule.exact or len(olds) == len(news) == 1:
                for old, new in zip(olds, news, strict=False):
                    if rule.fits(self._before[old][1], self._now[new][1]):
                        self._take(old, new, rule.how, rule.score)

    def apply_spelling(self) -> None:
        """Match titles that are spelt nearly so, the nearest first; no title is like no other."""
        found = sorted((-score, new, old) for new, old, score in self._near_titles())
        for score, new, old in found:
            if old in self._before and new in self._now:
                self._take(old, new, "spelling of the title", round(-0.8 * score, 1))

    def _near_titles(self) -> Iterator[tuple[int, int, float]]:
        titles: dict[str, dict[int, str]] = defaultdict(dict)
        for old, (_, row) in self._before.items():
            if row.title:
                titles[row.section][old] = row.title
        for new, (_, row) in self._now.items():
            for _, score, old in process.extract(
                row.title, titles[row.section], scorer=fuzz.ratio, score_cutoff=_NEAR_TITLE
            ):
                if _is_misspelt(self._before[old][1], row):
                    yield new, old, score

    def _take(self, old: int, new: int, how: str, score: float) -> None:
        self.matches.append(Match(self._before.pop(old)[0], self._now.pop(new)[0], how, score))


def _is_misspelt(before: Traits, now: Traits) -> bool:
    differ = have_other_papers(before, now)
    return not differ and _may_be_renamed(before, now) and is_near(before.title, now.title)


def _group(rows: dict[int, _Row], rule: _Rule) -> dict[Hashable, list[int]]:
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for number, (_, traits) in rows.items():
        for key in rule.keys(traits):
            groups[key].append(number)
    return groups
