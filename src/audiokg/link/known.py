"""What the snapshot knows: the publications, and the reviewed links."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from audiokg.queries import Query, find_query


@dataclass(frozen=True)
class Publication:
    """A publication and what it can be found by; `arxiv` is empty where there is none."""

    iri: str
    title: str
    arxiv: str
    dois: tuple[str, ...]


@dataclass(frozen=True, order=True)
class Link:
    """A reviewed link, the graph it stands in, and whether it starts at a publication."""

    subject: str
    record: str
    graph: str
    is_article: bool


def read_publications(store: ox.Store, library: Mapping[str, Query]) -> list[Publication]:
    """Read the publications, sorted by IRI."""
    titles: dict[str, str] = {}
    arxiv: dict[str, str] = {}
    dois: dict[str, list[str]] = defaultdict(list)
    for row in _rows(store, find_query(library, "known")):
        subject = row["subject"].value
        titles.setdefault(subject, row["title"].value)
        if row["arxiv"]:
            arxiv[subject] = row["arxiv"].value
        if row["doi"] and row["doi"].value not in dois[subject]:
            dois[subject].append(row["doi"].value)
    return [
        Publication(iri, title, arxiv.get(iri, ""), tuple(dois[iri]))
        for iri, title in sorted(titles.items())
    ]


def read_links(store: ox.Store, library: Mapping[str, Query], prefix: str) -> list[Link]:
    """Read the reviewed links to IRIs that begin with `prefix`, sorted."""
    rows = _rows(store, find_query(library, "reviewed"))
    return sorted(
        Link(
            row["subject"].value,
            row["record"].value,
            row["graph"].value,
            row["isPublication"].value == "true",
        )
        for row in rows
        if row["record"].value.startswith(prefix)
    )


def _rows(store: ox.Store, query: Query) -> Iterable[ox.QuerySolution]:
    solutions = store.query(query.text)
    assert isinstance(solutions, ox.QuerySolutions)  # noqa: S101
    return solutions
