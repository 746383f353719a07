"""What is asked of whom: the services, and for each target the questions in their order."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from audiokg.link.known import Publication
from audiokg.terms import WIKIDATA

SERVICES: Final = {
    # Scholarly articles have a service of their own since May 2025.
    "wikidata": "https://query.wikidata.org/sparql",
    "wikidata-scholarly": "https://query-scholarly.wikidata.org/sparql",
    "dblp": "https://sparql.dblp.org/sparql",
}
Keys = Callable[[Publication], list[str]]


@dataclass(frozen=True)
class Target:
    """A place to link to: `by` maps how to find a publication to its keys, strongest first.

    `articles` and `things` name the queries that say which reviewed links still lead somewhere.
    """

    prefix: str
    by: dict[str, Keys]
    articles: str
    things: str


def _arxiv(publication: Publication) -> list[str]:
    return [str(ox.Literal(publication.arxiv))] if publication.arxiv else []


def _dois_in_capitals(publication: Publication) -> list[str]:
    return [str(ox.Literal(doi.upper())) for doi in publication.dois]


def _doi_addresses(publication: Publication) -> list[str]:
    return [str(ox.NamedNode(f"https://doi.org/{doi}")) for doi in publication.dois]


def _title_in_english(publication: Publication) -> list[str]:
    return [str(ox.Literal(publication.title, language="en"))]


def _title_with_stop(publication: Publication) -> list[str]:
    ended = publication.title.endswith((".", "?", "!"))
    return [str(ox.Literal(publication.title + ("" if ended else ".")))]


TARGETS: Final = {
    "wikidata": Target(
        prefix=WIKIDATA,
        by={"arxiv": _arxiv, "doi": _dois_in_capitals, "title": _title_in_english},
        articles="wikidata-articles",
        things="wikidata-things",
    ),
    "dblp": Target(
        prefix="https://dblp.org/",
        by={"doi": _doi_addresses, "title": _title_with_stop},
        articles="dblp-records",
        things="dblp-records",
    ),
}
