"""What the graph knows, ready for finding again what a row means. Read from the files of data/.

The files are read, not a snapshot: what a curator has written a minute ago counts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from audiokg.errors import InputError
from audiokg.ingest.diff.traits import link_key
from audiokg.names import letters
from audiokg.queries import find_query, read_library
from audiokg.terms import BASE
from audiokg.turtle import TurtleSyntaxError, graph_iri, read_triples

_QUERIES: Final = ("known-names", "known-titles", "known-links", "known-rows", "known-works")
_FOLDERS: Final = ("benchmark", "dataset", "identity", "model", "publication", "source")
#: What a row of a list may be about, beside a publication.
THINGS: Final = ("model", "dataset", "benchmark")
PUBLICATION: Final = "publication"

Found = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Known:
    """Names (letters) -> things; titles -> publications; links (keys) -> either.

    `works` are the things that a publication introduces, `papers` the publications of a thing,
    `rows` where the links of decided rows lead; `spelt`, `entitled` and `addresses` are `names`,
    `titles` and `links` the other way round.
    """

    names: Found
    titles: Found
    links: Found
    rows: Found
    works: Found
    papers: Found
    spelt: Found = field(default_factory=dict)
    entitled: Found = field(default_factory=dict)
    addresses: Found = field(default_factory=dict)


def segment_of(iri: str) -> str:
    """Give the segment of a resource: model, publication, ...; nothing for what is none of ours."""
    segment, _, ident = iri.removeprefix(BASE).partition("/")
    return segment if ident and iri.startswith(BASE) and not set(ident) & set("/#") else ""


def read_known(root: Path, without: Collection[str] = ()) -> Known:
    """Read what the files of data/ say, but for the decisions about some sources.

    Raises InputError, with file and line, for Turtle that does not parse, and for a missing query.
    """
    store = _load(root)
    library = read_library("curate", root)
    pairs = {name: set(_pairs(store, find_query(library, name).text)) for name in _QUERIES}
    hidden = {f"{BASE}source/{source}" for source in without}
    rows = [pair[1:] for pair in pairs["known-rows"] if pair[0] not in hidden]
    return make_known(
        [(thing, name) for thing, name in pairs["known-names"] if segment_of(thing) in THINGS],
        [(paper, title) for paper, title in pairs["known-titles"] if _is_paper(paper)],
        [(thing, link) for thing, link in pairs["known-links"] if segment_of(thing)],
        [(thing, link) for thing, link in rows],
        [(thing, paper) for thing, paper in pairs["known-works"]],
    )


def _is_paper(iri: str) -> bool:
    return segment_of(iri) == PUBLICATION


Pairs = Collection[tuple[str, str]]


def make_known(names: Pairs, titles: Pairs, links: Pairs, rows: Pairs, works: Pairs) -> Known:
    """Make what is known from pairs of a thing and its name, title, link, paper."""
    spelt = [(thing, letters(name)) for thing, name in names]
    entitled = [(thing, letters(title)) for thing, title in titles]
    found = [(thing, _key(link)) for thing, link in links]
    return Known(
        names=_by_second(spelt),
        titles=_by_second(entitled),
        links=_by_second(found),
        rows=_by_second([(thing, _key(link)) for thing, link in rows]),
        works=_by_second(works),
        papers=_by_second([(paper, thing) for thing, paper in works]),
        spelt=_by_second([(name, thing) for thing, name in spelt]),
        entitled=_by_second([(title, thing) for thing, title in entitled]),
        addresses=_by_second([(key, thing) for thing, key in found]),
    )


def _key(link: str) -> str:
    return link_key(link) if "://" in link else link.casefold()


def _by_second(pairs: Pairs) -> Found:
    found: dict[str, set[str]] = defaultdict(set)
    for thing, key in pairs:
        if key:
            found[key].add(thing)
    return {key: frozenset(things) for key, things in found.items()}


def _load(root: Path) -> ox.Store:
    store = ox.Store()
    for folder in _FOLDERS:
        for path in sorted((root / "data" / folder).glob("*.ttl")):
            try:
                triples = read_triples(path.read_text(encoding="utf-8"), graph_iri(path, root))
            except TurtleSyntaxError as error:
                raise InputError(f"{path}:{error.line}: {error}") from error
            store.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    return store


def _pairs(store: ox.Store, text: str) -> Iterator[tuple[str, ...]]:
    solutions = store.query(text)
    assert isinstance(solutions, ox.QuerySolutions)  # noqa: S101
    for solution in solutions:
        yield tuple(str(getattr(term, "value", "")) for term in solution)
