"""Propose the model (dataset, benchmark) that a row of a list presents.

Certain is what the row's publication introduces under the name that the row prints. A name alone
is never certain, and unsure where it is the name of several works or the row has another paper.
"""

from typing import Final

from rapidfuzz import fuzz, process

from audiokg.ingest.diff.candidates import Candidate, Certainty, Part, make_part, weakest
from audiokg.ingest.diff.known import THINGS, Known, segment_of
from audiokg.ingest.diff.traits import Traits
from audiokg.ingest.entry import Entry
from audiokg.names import is_near, letters

_NEAR_NAME: Final = 85.0
_NAME_AND_WORK: Final = 100.0
_NOTHING_NAMED: Final = "the row names nothing beside the publication"


def propose_thing(entry: Entry, row: Traits, paper: Part, known: Known, segment: str) -> Part:
    """Propose what a row presents; `segment` is that of what its section lists."""
    papers = paper.decided or tuple(candidate.iri for candidate in paper.candidates)
    works = {thing for iri in papers for thing in known.works.get(iri, ())}
    if not row.name:
        return _propose_unnamed(entry, works, paper, known)
    agreeing = works & known.names.get(row.name, frozenset())
    if len(agreeing) == 1:
        note = _shared_name(row, known)
        found = [Candidate(iri, "publication and name", _NAME_AND_WORK) for iri in agreeing]
        return make_part(paper.certainty, found, note)
    return _propose_named(row, works, paper, known, segment)


def _propose_unnamed(entry: Entry, works: set[str], paper: Part, known: Known) -> Part:
    """Propose for a row without a name: its title may begin with one, as in “X: a model of …”."""
    if not works:
        return make_part(Certainty.CERTAIN, (), _NOTHING_NAMED)
    begins = letters(entry.texts.get("title", "").partition(":")[0])
    called = {work for work in works if begins in known.spelt.get(work, ())}
    found = [Candidate(iri, "publication", 70.0) for iri in works]
    found += [Candidate(iri, "publication and title", 90.0) for iri in called]
    if len(called) == 1:
        return make_part(weakest((Certainty.LIKELY, paper.certainty)), found)
    return make_part(Certainty.UNSURE, found, "the row gives no name")


def _propose_named(row: Traits, works: set[str], paper: Part, known: Known, segment: str) -> Part:
    called = {t for t in known.names.get(row.name, ()) if segment_of(t) == segment or t in works}
    linked = {t for link in row.links for t in known.links.get(link, ()) if segment_of(t) in THINGS}
    both = called & linked
    if len(both) == 1:
        found = [Candidate(iri, "link and name", 95.0) for iri in both]
        alone = len(called) == len(linked) == 1 and not works
        return make_part(Certainty.CERTAIN if alone else Certainty.LIKELY, found)
    found = [Candidate(iri, "publication, under another name", 70.0) for iri in works]
    found += [Candidate(iri, "link, under another name", 72.0) for iri in linked]
    found += [Candidate(iri, "name", 80.0 if _may_be(row, iri, known) else 65.0) for iri in called]
    if len(called | works | linked) == 1 and _is_alone(row, called, known, segment):
        return make_part(Certainty.LIKELY, found)
    if found:
        return make_part(Certainty.UNSURE, found, _why(works, called))
    return _near_names(row, paper, known, segment)


def _near_names(row: Traits, paper: Part, known: Known, segment: str) -> Part:
    near = process.extract(
        row.name, tuple(known.names), scorer=fuzz.ratio, score_cutoff=_NEAR_NAME, limit=None
    )
    found = [
        Candidate(iri, "spelling of the name", round(0.7 * score, 1))
        for name, score, _ in near
        if is_near(row.name, name)
        for iri in known.names[name]
        if segment_of(iri) == segment
    ]
    if any(_may_be(row, candidate.iri, known) for candidate in found):
        return make_part(Certainty.UNSURE, found)
    if paper.decided and row.name not in row.title:
        # Words that describe a study stand in the column of names, too.
        return make_part(Certainty.UNSURE, found, "the publication is known, this name is not")
    return make_part(Certainty.NONE, found)


def _may_be(row: Traits, thing: str, known: Known) -> bool:
    """Say whether nothing speaks against a thing: it has no paper, or the row leads to none."""
    return not (known.papers.get(thing) and row.papers)


def _is_alone(row: Traits, called: set[str], known: Known, segment: str) -> bool:
    """Say whether a name may decide: no paper speaks for another work of that name.

    Models share names often, and their papers tell them apart; a dataset is found by its name.
    """
    without_paper = segment != "model" or not any(known.papers.get(iri) for iri in called)
    return bool(called) and without_paper and all(_may_be(row, iri, known) for iri in called)


def _why(works: set[str], called: set[str]) -> str:
    if len(called) > 1:
        return "the name is that of several works"
    if works:
        return "the publication is known for something of another name"
    if called:
        return "what has this name appeared in another publication"
    return "the link is known for something of another name"


def _shared_name(row: Traits, known: Known) -> str:
    shared = len(known.names.get(row.name, ())) > 1
    return "other works have this name, too; the publication tells them apart" if shared else ""
