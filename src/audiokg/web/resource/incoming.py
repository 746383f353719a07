"""What points at a resource: counted by property, a page of fifty at a time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from typing import Final

from audiokg.sites import Link, link_to
from audiokg.terms import expand
from audiokg.web.questions import Row, value
from audiokg.wording import inverse_of, place_of

PAGE: Final = 50
#: How many a page shows before somebody asks for all.
FIRST: Final = 8
#: Said already where narrower properties say it of each.
_GENERAL: Final = {expand("akg:usesTokenizer"), expand("akg:usesComponent")}


@dataclass(frozen=True)
class User:
    """What points at a resource, or at configurations or parts of it, `through` which it does."""

    link: Link
    through: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Pointing:
    """What points at a resource by one property; `start` is the number of the first of `users`."""

    iri: str
    heading: str
    number: int
    users: tuple[User, ...]
    start: int = 1

    @property
    def end(self) -> int:
        """Give the number of the last that is shown."""
        return self.start + len(self.users) - 1

    @property
    def page(self) -> int:
        """Give the number of the page, counted from 1."""
        return (self.start - 1) // PAGE + 1

    @property
    def pages(self) -> int:
        """Give the number of pages there are."""
        return ceil(self.number / PAGE)

    def part(self, start: int, length: int) -> "Pointing":
        """Give so many from a number on, counted from 1."""
        shown = self.users[start - 1 : start - 1 + length]
        return Pointing(self.iri, self.heading, self.number, shown, start)


def read_pointing(rows: Sequence[Row]) -> list[Pointing]:
    """Read all that points at a resource from queries/page/incoming.rq, by property."""
    found = []
    for iri, group in groupby(rows, key=lambda row: value(row, "property")):
        same = list(group)
        users = tuple(_users(same))
        heading = inverse_of(iri, value(same[0], "propertyLabel"))
        found.append(Pointing(iri, heading, len(users), users))
    return sorted(found, key=lambda pointing: place_of(pointing.iri))


def _users(rows: Iterable[Row]) -> Iterator[User]:
    """Read each user once; through what it points is said where it does not do so itself."""
    for _, group in groupby(rows, key=lambda row: value(row, "from")):
        same = list(group)
        is_direct = any("through" not in row for row in same)
        ways = () if is_direct else ((value(r, "through"), value(r, "throughLabel")) for r in same)
        link = link_to(value(same[0], "from"), value(same[0], "fromLabel"))
        yield User(link, tuple(link_to(*way) for way in ways))


def first_of(pointing: Sequence[Pointing]) -> list[Pointing]:
    """Give the first of each, but for what other properties say already of each."""
    told = {user.link for each in pointing if each.iri not in _GENERAL for user in each.users}
    return [
        each.part(1, FIRST)
        for each in pointing
        if each.iri not in _GENERAL or not {user.link for user in each.users} <= told
    ]


def turn_page(pointing: Sequence[Pointing], iri: str, page: int) -> Pointing | None:
    """Give one page of what points at a resource by one property; None where there is none."""
    start = (page - 1) * PAGE + 1
    found = next((each for each in pointing if each.iri == iri), None)
    return found.part(start, PAGE) if found and 1 <= start <= found.number else None
