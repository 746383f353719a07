"""Who says what in a conflict: values, and the documents, lines and files that have them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from audiokg.sites import name_of
from audiokg.terms import BASE, GRAPH
from audiokg.web.overview.facets import local_name
from audiokg.web.questions import Row, value

#: Graphs that the build makes, as somebody who says something.
_MADE: Final = {
    GRAPH + "derived": "computed from other figures",
    GRAPH + "preferred": "made from what the sources claim",
}
_YEAR_DIGITS: Final = 4
_SUM: Final = "the sum over the token streams"


@dataclass(frozen=True)
class Value:
    """A value as text; `iri` where it is a thing."""

    text: str
    iri: str = ""

    @property
    def shown(self) -> str:
        """Write it for people: the digits of a large whole number in groups."""
        is_large = self.text.isdecimal() and len(self.text) > _YEAR_DIGITS
        return f"{int(self.text):,}" if is_large else self.text


@dataclass(frozen=True)
class Saying:
    """Who says a value, and where; the value and the words only for what is not preferred."""

    who: str
    iri: str = ""
    line: str = ""
    place: str = ""
    value: Value = Value("")
    verbatim: str = ""

    @property
    def is_made(self) -> bool:
        """Tell whether it is the build that says so."""
        return self.iri in _MADE


def read_values(text: str, things: Mapping[str, str]) -> tuple[Value, ...]:
    """Read a preferred value: one text, or several paths of things with commas between."""
    parts = text.removeprefix("not ").split(", ")
    iris = [BASE + part for part in parts]
    if not all(iri in things for iri in iris):
        return (Value(text),)
    no = "not " if text.startswith("not ") else ""
    return tuple(Value(no + things[iri], iri) for iri in iris)


def read_agreeing(row: Row) -> Saying:
    """Read who says the preferred value: a statement, a document, or a file of the graph."""
    file = value(row, "file")
    if file:
        return Saying(_MADE.get(file, "the curators' file"), file)
    iri = value(row, "source")
    who = value(row, "sourceLabel") or (name_of(iri) if iri else "a curator")
    return Saying(who, iri, value(row, "line"), value(row, "place"))


def read_other(row: Row, things: Mapping[str, str]) -> Saying:
    """Read who says another value: a statement, or the sum that the build has made."""
    iri = value(row, "source") or value(row, "document")
    who = value(row, "sourceLabel") or (name_of(iri) if iri else "a curator")
    claimed = value(row, "other")
    verbatim = value(row, "verbatim")
    said = Value(things[claimed], claimed) if claimed in things else Value(claimed or verbatim)
    if "statement" not in row:
        return Saying(_SUM, value=said)
    return Saying(who, iri, value(row, "line"), value(row, "place"), said, verbatim)


def source_name(saying: Saying) -> str:
    """Name a source by its identifier, another document by its host."""
    if saying.iri.startswith(BASE):
        return local_name(saying.iri)
    return urlsplit(saying.iri).netloc or saying.who.replace(" ", "-")


def source_label(saying: Saying) -> str:
    """Name a source as a page does."""
    return saying.who if saying.iri.startswith(BASE) or not saying.iri else source_name(saying)


def document_place(saying: Saying) -> dict[str, Any]:
    """Give source, line and place, for programs."""
    line = int(saying.line) if saying.line else None
    return {"source": saying.iri or saying.who, "line": line, "place": saying.place or None}
