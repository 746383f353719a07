"""Properties that can be compared and fetched, and those that are joined from several."""

from dataclasses import dataclass
from typing import Final

Path = tuple[str, ...]


@dataclass(frozen=True)
class Property:
    """What can be compared and fetched: the values at the end of its first path that has any.

    `collects` takes the values of all paths. `identifies` where a value is of one thing alone;
    `excludes` where that thing has one value alone, too, so that another value is of another thing.
    """

    id: str
    name: str
    description: str = ""
    paths: tuple[Path, ...] = ()
    identifies: bool = False
    excludes: bool = False
    collects: bool = False
    range: str = ""


def _through(*properties: str) -> tuple[Path, ...]:
    """Give the ways to properties: of the thing, of its paper, of the paper of its family."""
    of_it = [(name,) for name in properties]
    of_paper = [("akg:introducedIn", name) for name in properties]
    of_family = [("akg:variantOf", "akg:introducedIn", name) for name in properties]
    return (*of_it, *of_paper, *of_family)


#: What tables have a column of, wherever the graph keeps it.
JOINED: Final = (
    Property(
        "arxiv",
        "arXiv identifier",
        "The arXiv identifier of a publication, or of the one that introduces a model.",
        _through("fabio:hasArXivId"),
        identifies=True,
        excludes=True,
    ),
    Property(
        "doi",
        "DOI",
        "The DOI of a publication, or of the one that introduces a model.",
        _through("bibo:doi"),
        identifies=True,
        excludes=True,
    ),
    Property(
        "paper",
        "title of the paper",
        "The title of a publication, or of the one that introduces a model.",
        _through("dcterms:title"),
    ),
    Property(
        "author",
        "authors",
        "The authors of a publication, or of the one that introduces a model, in their order.",
        _through("akg:hasAuthorship"),
    ),
    Property(
        "date",
        "date of release or publication",
        "The day, month or year in which it came out, or its paper did.",
        (("akg:firstReleased",), *_through("dcterms:issued")),
    ),
    Property(
        "address",
        "web address",
        "An address of its page, code or weights, or of itself in another catalogue.",
        (("foaf:page",), ("akg:hasCodeRepository",), ("akg:hasWeights",), ("schema:sameAs",)),
        identifies=True,
        collects=True,
    ),
)
#: Words for these that people write over a column.
WORDS: Final = {
    "arxiv id": "arxiv",
    "authors": "author",
    "homepage": "address",
    "url": "address",
    "year": "date",
    "released": "date",
    "title": "dcterms:title",
    "organisation": "akg:introducedBy",
    "organization": "akg:introducedBy",
    "licence": "dcterms:license",
}
IDENTIFYING: Final = {
    "fabio:hasArXivId",
    "bibo:doi",
    "schema:sameAs",
    "skos:exactMatch",
    "dcterms:hasVersion",
    "foaf:page",
    "akg:hasWeights",
    "akg:hasCodeRepository",
}
#: What says nothing of a thing to someone who has a table.
INTERNAL: Final = {"akg:hasEvidence", "skos:inScheme", "skos:topConceptOf", "akg:claimsOnly"}
