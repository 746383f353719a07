"""Propose the publication that a row of a list links or names.

Certain is an identifier that one publication has, where the title does not say another. A title or
the link of another list alone is likely; a title that is only spelt so, or evidence that does not
agree, is unsure.
"""

from collections.abc import Iterator
from typing import Final

from rapidfuzz import fuzz, process

from audiokg.ingest.diff.candidates import Candidate, Certainty, Part, make_part
from audiokg.ingest.diff.known import PUBLICATION, Found, Known, segment_of
from audiokg.ingest.diff.traits import Traits, title_likeness
from audiokg.names import is_near

_LIKE_TITLE: Final = 60.0
_NEAR_TITLE: Final = 88.0
#: A title that many works could have (“Technical Report”) says nothing.
_TELLING: Final = 16


def propose_paper(row: Traits, known: Known) -> Part:
    """Propose the publication of a row."""
    linked = _publications(known.links, row)
    if linked:
        return _judge_linked(row, linked, known)
    listed = _publications(known.rows, row)
    entitled = _entitled(row, known)
    if not listed and not entitled:
        return make_part(*_near(row, known))
    found = [Candidate(iri, "link of another row", 90.0) for iri in listed]
    found += [Candidate(iri, "title", 88.0) for iri in entitled - listed]
    if len(listed | entitled) > 1:
        return make_part(Certainty.UNSURE, found, "several publications fit")
    [paper] = listed | entitled
    if _has_other_arxiv(row, paper, known):
        return make_part(Certainty.UNSURE, found, "its arXiv identifier is another one")
    if listed and row.title and not _has_title(row, paper, known):
        return make_part(Certainty.UNSURE, found, "its title is another one")
    return make_part(Certainty.LIKELY, found)


def _judge_linked(row: Traits, linked: frozenset[str], known: Known) -> Part:
    """Judge publications that have the very link of a row by what the title says."""
    others = _entitled(row, known) - linked
    how, score = ("arXiv identifier", 100.0) if row.arxiv else ("link", 95.0)
    found = [Candidate(iri, how, score) for iri in linked]
    if others:
        found += [Candidate(iri, "title", 88.0) for iri in others]
        return make_part(Certainty.UNSURE, found, "the title is that of another publication")
    if len(linked) > 1:
        return make_part(Certainty.UNSURE, found, "the links lead to several publications")
    [paper] = linked
    if row.title and not _has_title(row, paper, known):
        return make_part(Certainty.LIKELY, found, "the publication has another title")
    return make_part(Certainty.CERTAIN if row.papers else Certainty.LIKELY, found)


def _near(row: Traits, known: Known) -> tuple[Certainty, list[Candidate], str]:
    near = process.extract(
        row.title, tuple(known.titles), scorer=fuzz.ratio, score_cutoff=_NEAR_TITLE, limit=None
    )
    found = [
        Candidate(iri, "spelling of the title", round(0.8 * score, 1))
        for title, score, _ in near
        if len(title) >= _TELLING and is_near(row.title, title)
        for iri in known.titles[title]
        if not _has_other_arxiv(row, iri, known)
    ]
    return (Certainty.UNSURE if found else Certainty.NONE), found, ""


def _publications(found: Found, row: Traits) -> frozenset[str]:
    return frozenset(_of_segment(found, row))


def _of_segment(found: Found, row: Traits) -> Iterator[str]:
    for link in row.links:
        yield from (iri for iri in found.get(link, ()) if segment_of(iri) == PUBLICATION)


def _entitled(row: Traits, known: Known) -> frozenset[str]:
    telling = len(row.title) >= _TELLING
    return known.titles.get(row.title, frozenset()) if telling else frozenset()


def _has_title(row: Traits, paper: str, known: Known) -> bool:
    titles = known.entitled.get(paper, ())
    return any(title_likeness(row.title, title) >= _LIKE_TITLE for title in titles)


def _has_other_arxiv(row: Traits, paper: str, known: Known) -> bool:
    own = known.addresses.get(paper, frozenset())
    numbers = {link for link in own if link.startswith("arxiv:")}
    return bool(row.arxiv and numbers and not row.arxiv & numbers)
