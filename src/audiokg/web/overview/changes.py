"""What is new: between two versions of a list that the graph reads, and in its own files."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from audiokg.terms import BASE
from audiokg.web.overview.missing import Thing
from audiokg.web.questions import Row, value
from audiokg.web.tables import Table

_COLUMNS = ("change", "modified", "section", "line", "name", "title", "thing", "label")
_ADDED_OR_DROPPED: Final = ("added", "dropped")


@dataclass(frozen=True)
class Line:
    """A line of a list that another version does not have, and what it refers to."""

    change: str
    line: int
    section: str
    name: str
    title: str
    things: tuple[Thing, ...]


@dataclass(frozen=True)
class File:
    """A file of the graph: its resource, and the day of its last change."""

    modified: str
    thing: Thing

    @property
    def kind(self) -> str:
        """Give the segment of the resource."""
        return self.thing.iri.removeprefix(BASE).partition("/")[0]


def read_lines(rows: Sequence[Row], entries: Sequence[Row]) -> list[Line]:
    """Read the rows of the example query, and of changes-entries.rq, which tells what they are."""
    things: dict[tuple[str, str], list[Thing]] = defaultdict(list)
    for row in entries:
        place = value(row, "change"), value(row, "line")
        things[place].append(Thing(value(row, "thing"), value(row, "label")))
    return [
        Line(
            *(value(row, "change"), int(value(row, "line")), value(row, "section")),
            *(value(row, "name"), value(row, "title")),
            things=tuple(things[value(row, "change"), value(row, "line")]),
        )
        for row in rows
    ]


def read_files(rows: Sequence[Row]) -> list[File]:
    """Read the rows of changes-newest.rq."""
    return [
        File(value(row, "modified"), Thing(value(row, "thing"), value(row, "label")))
        for row in rows
    ]


def group_lines(lines: Sequence[Line]) -> dict[str, list[tuple[str, list[Line]]]]:
    """Group by change and section."""
    by_change = {
        change: [line for line in lines if line.change == change] for change in _ADDED_OR_DROPPED
    }
    return {
        change: [(section, list(same)) for section, same in groupby(some, lambda one: one.section)]
        for change, some in by_change.items()
    }


def count_files(files: Sequence[File]) -> list[tuple[str, list[tuple[str, int]]]]:
    """Count the files of each kind for each day, the newest day first."""
    counted = Counter((file.modified, file.kind) for file in files)
    days = sorted({file.modified for file in files}, reverse=True)
    return [
        (day, sorted((kind, number) for (other, kind), number in counted.items() if other == day))
        for day in days
    ]


def tabulate(version: str, lines: Sequence[Line], files: Sequence[File]) -> Table:
    """Make the twins of the page: the lines first, then the files."""
    changed = [
        {
            **{"change": line.change, "section": line.section, "line": line.line},
            **{"name": line.name, "title": line.title},
            "thing": [thing.iri for thing in line.things],
        }
        for line in lines
    ]
    modified = [
        {
            **{"change": "modified", "modified": file.modified},
            **{"thing": file.thing.iri, "label": file.thing.label},
        }
        for file in files
    ]
    document = {"version": version, "released": False}
    document |= {"speechTrident": changed, "files": modified}
    return Table(document, _COLUMNS, [*changed, *modified])
