"""What a row is recognised by: where it leads, its name, its title; and how like two texts are."""

from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz

from audiokg.identifiers import recognise
from audiokg.ingest.entry import Entry
from audiokg.names import letters

#: A shorter title says too little: “Technical Report”, “System Card”.
_TELLING: Final = 12
_PAPER_KINDS: Final = ("arxiv:", "doi:", "openreview:", "acl:", "dblp:")


@dataclass(frozen=True)
class Traits:
    """What a row is recognised by; `name` and `title` are letters only, empty where none is."""

    links: frozenset[str]
    name: str
    title: str
    section: str

    @property
    def papers(self) -> frozenset[str]:
        """Give the links that are identifiers of papers."""
        return frozenset(link for link in self.links if link.startswith(_PAPER_KINDS))

    @property
    def arxiv(self) -> frozenset[str]:
        """Give the arXiv identifiers, without version."""
        return frozenset(link for link in self.links if link.startswith("arxiv:"))


def traits_of(entry: Entry) -> Traits:
    """Give what a row is recognised by."""
    links = frozenset(filter(None, map(link_key, entry.links)))
    name, title = (letters(entry.texts.get(key, "")) for key in ("name", "title"))
    return Traits(links, name, title, entry.section)


def link_key(link: str) -> str:
    """Give the key of where a link leads; nothing for a link within the page."""
    found = recognise(link) if "://" in link else None
    return found.keys[0] if found else ""


def title_likeness(one: str, other: str) -> float:
    """Say from 0 to 100 how like two titles are; one within the other is as good as the same."""
    short = min(len(one), len(other))
    if short < _TELLING:
        return 100.0 if one == other else fuzz.ratio(one, other)
    if one in other or other in one:
        return 100.0
    return fuzz.ratio(one, other)


def have_other_papers(one: Traits, other: Traits) -> bool:
    """Say whether two rows lead to papers whose identifiers differ."""
    return bool(one.arxiv and other.arxiv and not one.arxiv & other.arxiv)
