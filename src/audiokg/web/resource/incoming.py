"""What points at a resource: counted by property, a page of fifty at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from typing import Final

from audiokg.terms import expand
from audiokg.web.questions import Row, value
from audiokg.web.sites import Link, link_to
from audiokg.web.wording import inverse_of, place_of

PAGE: Final = 50
#: How many a page shows before somebody asks for all.
FIRST: Final = 8
#: Said already where narrower properties say it of each.
_GENERAL: Final = {expand("akg:usesTokenizer"), expand("akg:usesComponent")}


@dataclass(frozen=True)
class Pointing:
    """What points at a resource by one property; `start` is the number of the first of `links`."""

    iri: str
    heading: str
    number: int
    links: tuple[Link, ...]
    start: int = 1

    @property
    def end(self) -> int:
        """Give the number of the last that is shown."""
        return self.start + len(self.links) - 1

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
        shown = self.links[start - 1 : start - 1 + length]
        return Pointing(self.iri, self.heading, self.number, shown, start)


def read_pointing(rows: Sequence[Row]) -> list[Pointing]:
    """Read all that points at a resource from queries/page/incoming.rq, by property."""
    found = []
    for iri, group in groupby(rows, key=lambda row: value(row, "property")):
        same = list(group)
        links = tuple(link_to(value(row, "from"), value(row, "fromLabel")) for row in same)
        heading = inverse_of(iri, value(same[0], "propertyLabel"))
        found.append(Pointing(iri, heading, len(links), links))
    return sorted(found, key=lambda pointing: place_of(pointing.iri))


def first_of(pointing: Sequence[Pointing]) -> list[Pointing]:
    """Give the first of each, but for what other properties say already of each."""
    told = {link for each in pointing if each.iri not in _GENERAL for link in each.links}
    new = (each for each in pointing if each.iri not in _GENERAL or not set(each.links) <= told)
    return [each.part(1, FIRST) for each in new]


def turn_page(pointing: Sequence[Pointing], iri: str, page: int) -> Pointing | None:
    """Give one page of what points at a resource by one property; None where there is none."""
    start = (page - 1) * PAGE + 1
    found = next((each for each in pointing if each.iri == iri), None)
    return found.part(start, PAGE) if found and 1 <= start <= found.number else None
