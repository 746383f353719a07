"""Write what a comparison proposes: an identity file, stubs, and the decisions without a row.

The folder is laid out as the graph's own, so that what a curator accepts is copied over data/. It
must be new or empty: a proposal that somebody has worked on is never written over.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from audiokg.canonical import canonical
from audiokg.errors import InputError
from audiokg.files import write_text
from audiokg.ingest.diff.candidates import Certainty, Proposal, describe
from audiokg.ingest.diff.decisions import row_iri
from audiokg.ingest.diff.run import Comparison
from audiokg.ingest.diff.stubs import Stubs, make_stubs
from audiokg.ingest.entry import entry_triples
from audiokg.ingest.sources import SOURCES
from audiokg.stub import write_stubs
from audiokg.terms import BASE, GRAPH, XSD
from audiokg.triples import term

_LIKELY: Final = "Proposed, not reviewed"
_OPEN: Final = "Open"


def write_proposal(comparison: Comparison, folder: Path, root: Path) -> list[Path]:
    """Write a proposal into a new folder; give the files.

    Raises InputError for a folder that holds something.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} holds something already; name a new folder with --write")
    stubs = make_stubs(comparison, root)
    identity = folder / "data" / "identity" / f"{comparison.source}.ttl"
    write_text(identity, write_identity(comparison, stubs))
    written = [identity, *write_stubs(stubs.files, folder)]
    if comparison.carried.lost:
        gone = folder / "gone" / f"{comparison.against}.ttl"
        write_text(gone, _write_gone(comparison))
        written.append(gone)
    return written


def write_identity(comparison: Comparison, stubs: Stubs) -> str:
    """Write the identity file of the newer list as canonical Turtle."""
    source = comparison.source
    base = f"{GRAPH}identity/{source}"
    triples = [*_head(base, source, SOURCES[source].read_on)]
    for decision in comparison.carried.kept.values():
        triples += decision.triples(source)
    for ident, proposal in comparison.proposals.items():
        triples += _decide(ident, proposal, comparison, stubs)
    return canonical(triples, base)


def _head(base: str, source: str, day: str) -> Iterator[ox.Triple]:
    graph, date = ox.NamedNode(base), ox.NamedNode(XSD + "date")
    yield ox.Triple(graph, term("dcterms:source"), ox.NamedNode(f"{BASE}source/{source}"))
    yield ox.Triple(graph, term("dcterms:modified"), ox.Literal(day, datatype=date))


def _decide(
    ident: str, proposal: Proposal, comparison: Comparison, stubs: Stubs
) -> Iterator[ox.Triple]:
    row = row_iri(comparison.source, ident)
    for iri in (*proposal.decided, *stubs.of_row.get(ident, ())):
        yield ox.Triple(row, term("akg:refersTo"), ox.NamedNode(iri))
    note = "; ".join(filter(None, (_note(proposal), stubs.problems.get(ident, ""))))
    if note:
        yield ox.Triple(row, term("skos:editorialNote"), ox.Literal(f"{note}.", language="en"))


def _note(proposal: Proposal) -> str:
    """Say what a curator has to decide; nothing where all is certain or new."""
    unsure = [part for part in proposal.parts if part.certainty is Certainty.UNSURE]
    if unsure:
        return f"{_OPEN}: " + "; ".join(map(describe, unsure))
    likely = [part for part in proposal.parts if part.certainty is Certainty.LIKELY]
    return f"{_LIKELY}: " + "; ".join(map(describe, likely)) if likely else ""


def _write_gone(comparison: Comparison) -> str:
    """Write the decisions whose row is gone, each with what the row printed."""
    source = comparison.against
    base = f"{GRAPH}gone/{source}"
    iri = ox.NamedNode(f"{BASE}source/{source}")
    rows = {row.before.ident: row.before for row in comparison.rows if row.before}
    triples = [*_head(base, source, SOURCES[source].read_on)]
    for decision in comparison.carried.lost:
        triples += decision.triples(source)
        if decision.ident in rows:
            triples += entry_triples(rows[decision.ident], iri)
    return canonical(triples, base)
