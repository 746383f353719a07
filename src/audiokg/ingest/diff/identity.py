"""Propose what a row of a list refers to: a publication, and the model or dataset in it."""

from audiokg.ingest.diff.candidates import Candidate, Certainty, Part, Proposal, make_part
from audiokg.ingest.diff.known import Known
from audiokg.ingest.diff.papers import propose_paper
from audiokg.ingest.diff.things import propose_thing
from audiokg.ingest.diff.traits import traits_of
from audiokg.ingest.entry import Entry


def propose(entry: Entry, known: Known, segment: str = "model") -> Proposal:
    """Propose what a row refers to; `segment` is that of what its section lists.

    A row of a section of datasets refers to the dataset alone.
    """
    row = traits_of(entry)
    if segment != "model":
        return Proposal(None, propose_thing(entry, row, Part(Certainty.NONE), known, segment))
    paper = propose_paper(row, known)
    thing = propose_thing(entry, row, paper, known, segment)
    if paper.certainty is Certainty.NONE and thing.decided and not row.papers:
        paper = _paper_of(thing, known) or paper
    return Proposal(paper, thing)


def _paper_of(thing: Part, known: Known) -> Part | None:
    """Propose the publications of a thing that we know; the row itself leads to none."""
    papers = {paper for iri in thing.decided for paper in known.papers.get(iri, ())}
    found = [Candidate(paper, "publication of what the row names", 75.0) for paper in papers]
    return make_part(Certainty.UNSURE, found, "the row leads to no publication") if found else None
