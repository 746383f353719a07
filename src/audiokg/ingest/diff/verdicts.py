"""Say of each row of a newer list what has become of it: same, moved, changed, new, gone, ..."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from audiokg.ingest.diff.matching import Match, match_rows
from audiokg.ingest.diff.traits import Traits, link_key, traits_of
from audiokg.ingest.entry import Entry, Unreadable
from audiokg.ingest.markdown import read_cell
from audiokg.names import letters


class Verdict(StrEnum):
    """What has become of a row, in the order in which a curator reads them."""

    UNREADABLE = "unreadable"
    DUPLICATE = "duplicate"
    NEW = "new"
    CHANGED = "changed"
    MOVED = "moved"
    GONE = "gone"
    SAME = "same"


@dataclass(frozen=True)
class Change:
    """One thing that a row prints otherwise than before."""

    what: str
    before: str
    now: str


@dataclass(frozen=True)
class RowVerdict:
    """A row, before and now (None where it is not), and what has become of it.

    `repeats` is the row that a duplicate repeats, `fault` what cannot be read in its place.
    """

    verdict: Verdict
    before: Entry | None = None
    now: Entry | None = None
    changes: tuple[Change, ...] = ()
    how: str = ""
    score: float = 0.0
    repeats: Entry | None = None
    fault: Unreadable | None = None

    @property
    def ident(self) -> str:
        """Give the id that the row has now; none if it is gone or stands outside of a table."""
        if self.now:
            return self.now.ident
        return self.fault.ident if self.fault else ""


#: What a row prints -> what a change of it is called; links are compared by where they lead.
_PRINTED: Final = {
    **{"name": "name", "title": "title", "date": "date"},
    **{"authors": "authors", "size": "size", "venue": "venue"},
}
_SHORTEST_TITLE: Final = 12
_ENOUGH_SHOWN: Final = 2


def compare(before: Sequence[Entry], rows: Iterable[Entry | Unreadable]) -> list[RowVerdict]:
    """Compare a list with what was read of it before; rows that are gone come last."""
    given = list(rows)
    now = [row for row in given if isinstance(row, Entry)]
    faults = [row for row in given if isinstance(row, Unreadable)]
    broken = dict(_find_broken(faults, before, now))
    claimed = {entry.ident for entry in broken.values()}
    matches = match_rows([entry for entry in before if entry.ident not in claimed], now)
    found = claimed | {match.before.ident for match in matches}
    gone = [RowVerdict(Verdict.GONE, before=entry) for entry in before if entry.ident not in found]
    unreadable = [
        RowVerdict(Verdict.UNREADABLE, before=broken.get(number), fault=fault)
        for number, fault in enumerate(faults)
    ]
    verdicts = [*_matched(matches), *_unmatched(matches, now), *unreadable]
    return [*sorted(verdicts, key=_line), *sorted(gone, key=_line)]


def _line(row: RowVerdict) -> tuple[int, str]:
    place = row.now or row.fault or row.before
    return (place.line if place else 0, row.ident)


def _matched(matches: Sequence[Match]) -> Iterator[RowVerdict]:
    moved = set(_moved(matches))
    for number, match in enumerate(matches):
        changes = tuple(_changes(match.before, match.now))
        verdict = Verdict.CHANGED if changes else Verdict.SAME
        if number in moved:
            change = Change("place", match.before.locator, match.now.locator)
            verdict, changes = (verdict if changes else Verdict.MOVED), (*changes, change)
        yield RowVerdict(verdict, match.before, match.now, changes, match.how, match.score)


def _changes(before: Entry, now: Entry) -> Iterator[Change]:
    for key, what in _PRINTED.items():
        old, new = before.texts.get(key, ""), now.texts.get(key, "")
        if old != new:
            yield Change(what, old, new)
    if traits_of(before).links != traits_of(now).links:
        yield Change("link", " ".join(before.links), " ".join(now.links))
    elif before.texts.get("links") != now.texts.get("links"):
        old, new = before.texts.get("links", ""), now.texts.get("links", "")
        yield Change("spelling of the link", old, new)
    if before.section != now.section:
        yield Change("section", before.section, now.section)


def _moved(matches: Sequence[Match]) -> Iterator[int]:
    """Yield the matches that do not keep the order which most rows of their section keep."""
    sections: dict[str, list[int]] = defaultdict(list)
    for number, match in enumerate(matches):
        if match.before.section == match.now.section:
            sections[match.now.section].append(number)
    for numbers in sections.values():
        kept = _longest_rise([matches[number].before.line for number in numbers])
        yield from (number for place, number in enumerate(numbers) if place not in kept)


def _longest_rise(values: Sequence[int]) -> set[int]:
    """Give the places of a longest rising subsequence, by patience sorting."""
    ends: list[int] = []
    places: list[int] = []
    previous: list[int] = []
    for place, value in enumerate(values):
        pile = bisect_left(ends, value)
        previous.append(places[pile - 1] if pile else -1)
        ends[pile : pile + 1] = [value]  # a lower end of that pile, or a new pile
        places[pile : pile + 1] = [place]
    kept = set()
    place = places[-1] if places else -1
    while place >= 0:
        kept.add(place)
        place = previous[place]
    return kept


def _unmatched(matches: Sequence[Match], now: Sequence[Entry]) -> Iterator[RowVerdict]:
    known = {match.now.line for match in matches}
    first: dict[Hashable, Entry] = {}
    for entry in sorted(now, key=lambda entry: (entry.line not in known, entry.line)):
        repeated = next((first[key] for key in _work_keys(entry) if key in first), None)
        if entry.line not in known:
            verdict = Verdict.DUPLICATE if repeated else Verdict.NEW
            yield RowVerdict(verdict, now=entry, repeats=repeated)
        for key in _work_keys(entry):
            first.setdefault(key, entry)


def _work_keys(entry: Entry) -> Iterator[Hashable]:
    """Yield what two rows of one work share: a link and the name, or without a name the title."""
    row = traits_of(entry)
    for link in sorted(row.links):
        yield (link, row.name) if row.name else (link, "", row.title)


def _find_broken(
    faults: Sequence[Unreadable], before: Sequence[Entry], now: Sequence[Entry]
) -> Iterator[tuple[int, Entry]]:
    """Yield by number the broken rows that still show which row they were.

    Two of link, name and title show it, unless a sound row shows the same.
    """
    sound = {key for entry in now for key in _work_keys(entry)}
    missing = [
        (entry, traits_of(entry)) for entry in before if not sound.intersection(_work_keys(entry))
    ]
    claimed: set[str] = set()
    for number, fault in enumerate(faults):
        cell = read_cell(fault.text)
        links, printed = set(map(link_key, cell.links)), letters(cell.text)
        found = [entry for entry, row in missing if _shows(links, printed, row)]
        if len(found) == 1 and found[0].ident not in claimed:
            claimed.add(found[0].ident)
            yield number, found[0]


def _shows(links: set[str], printed: str, row: Traits) -> bool:
    has_title = len(row.title) >= _SHORTEST_TITLE and row.title in printed
    shown = (bool(links & row.links), bool(row.name) and row.name in printed, has_title)
    return sum(shown) >= _ENOUGH_SHOWN
