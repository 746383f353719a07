"""Lists that the graph makes itself: the works of a kind, newest first, in Speech Trident's form.

A row of that list has a month, a name, the title of a paper and a link; a work of which the graph
does not know all four is left out. A month that is not stated is that of the arXiv identifier,
whose first digits are the year and month of submission (https://info.arxiv.org/help/arxiv_identifier.html).
"""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from audiokg.errors import InputError
from audiokg.export.lists import WORKS, export_list, link, write_table
from audiokg.export.material import Material
from audiokg.export.solutions import Row, plain_row, value
from audiokg.terms import expand

_MONTH: Final = re.compile(r"\d{4}-\d\d")
_ARXIV: Final = re.compile(r"^(\d\d)(\d\d)\.\d{4,5}")


@dataclass(frozen=True)
class Kind:
    """A kind of work: its class, and the heading that Speech Trident gives it."""

    iri: str
    heading: str


KINDS: Final = {
    "language-model": Kind(expand("akg:AudioLanguageModel"), "Speech/Audio Language Models"),
    "codec": Kind(expand("akg:AudioTokenizer"), "Speech/Audio Codec Models"),
    "representation-model": Kind(
        expand("akg:RepresentationModel"), "Speech/Audio Representation Models"
    ),
}
_BY_CLASS: Final = {kind.iri: kind for kind in KINDS.values()}
_TITLE: Final = "# Large audio models\n"


def choose_list(material: Material, name: str) -> ox.NamedNode:
    """Find a kind of KINDS, or a resource. Raises InputError that says what there is."""
    if name in KINDS:
        return ox.NamedNode(KINDS[name].iri)
    try:
        return material.find(name)
    except InputError as error:
        raise InputError(f"{error}; or a kind of work: {', '.join(KINDS)}") from error


def export_lists(material: Material, chosen: Sequence[ox.NamedNode]) -> bytes:
    """Write a list as it is, or the works of some kinds. Raises InputError for both at once."""
    kinds = [_BY_CLASS[node.value] for node in chosen if node.value in _BY_CLASS]
    if len(kinds) == len(chosen):
        return _write(material, kinds)
    if len(chosen) > 1:
        raise InputError("one list at a time, or kinds of work alone; leave the others out")
    return export_list(material, chosen[0])


def export_additions(material: Material, chosen: Sequence[ox.NamedNode]) -> bytes:
    """Write the rows that the graph has for a list and the list has not.

    Raises InputError for what is no list of the three kinds of work.
    """
    [source, *others] = chosen
    sections = {row["section"].value for row in material.rows("list-entries", source=source)}
    kinds = [kind for kind in KINDS.values() if kind.heading in sections]
    if others or not kinds:
        raise InputError("name one list in the form of Speech Trident: speech-trident-v4")
    return _write(material, kinds, _known(material, source))


def _known(material: Material, source: ox.NamedNode) -> frozenset[str]:
    rows = material.rows("list-known", source=source)
    return frozenset(row["thing"].value for row in rows)


def _write(material: Material, kinds: Iterable[Kind], known: Container[str] = ()) -> bytes:
    parts = [_TITLE]
    for kind in kinds:
        rows = material.rows("list-works", **{"class": ox.NamedNode(kind.iri)})
        works = list(_works(map(plain_row, rows), known))
        if works:
            parts.append("\n".join(write_table(kind.heading, WORKS, works)) + "\n")
    return "\n".join(parts).encode()


def _works(rows: Iterable[Row], known: Container[str]) -> list[Row]:
    """Make a row of the list of each work, newest first, then by name."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if value(row, "model") not in known:
            found.setdefault(value(row, "model"), []).append(row)
    works = [_work(own) for own in found.values()]
    complete = (work for work in works if work["date"]["value"] and work["links"]["value"])
    by_name = sorted(complete, key=lambda work: value(work, "name").casefold())
    return sorted(by_name, key=lambda work: value(work, "date"), reverse=True)


def _work(rows: Sequence[Row]) -> Row:
    first = rows[0]
    texts = {
        "date": _month(value(first, "released"), value(first, "arxiv")),
        "name": value(first, "name"),
        "title": value(first, "title"),
        "links": ", ".join(_links(rows)),
    }
    return {name: {"type": "literal", "value": text} for name, text in texts.items()}


def _month(released: str, arxiv: str) -> str:
    if _MONTH.match(released):
        return released[:7]
    found = _ARXIV.match(arxiv)
    return f"20{found[1]}-{found[2]}" if found else ""


def _links(rows: Sequence[Row]) -> Iterator[str]:
    arxiv, doi, page = (value(rows[0], name) for name in ("arxiv", "doi", "page"))
    papers = (f"https://arxiv.org/abs/{arxiv}", f"https://doi.org/{doi}", page)
    address = next((a for a, known in zip(papers, (arxiv, doi, page), strict=True) if known), "")
    if address:
        yield link("paper", address)
    for code in sorted({value(row, "code") for row in rows} - {""}):
        yield link("code", code)
