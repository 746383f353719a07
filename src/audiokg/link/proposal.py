"""Write proposals: a Turtle file to review, and a summary in words."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from audiokg.canonical import canonical
from audiokg.link.compare import Proposal, Status
from audiokg.link.run import Outcome
from audiokg.terms import AKG, BASE, DCTERMS_MODIFIED, DCTERMS_SOURCE, RDF_TYPE, XSD, shorten

_BASE = BASE + "proposal/"


def to_turtle(name: str, outcome: Outcome, services: Iterable[str], day: str) -> str:
    """Write the proposals for one target as canonical Turtle; `day` is that of the run."""
    base = f"{_BASE}{name}"
    head = ox.NamedNode(base)
    date = ox.Literal(day, datatype=ox.NamedNode(XSD + "date"))
    triples = [ox.Triple(head, ox.NamedNode(DCTERMS_MODIFIED), date)]
    triples += [
        ox.Triple(head, ox.NamedNode(DCTERMS_SOURCE), ox.NamedNode(url)) for url in services
    ]
    for number, proposal in enumerate(outcome.proposals, start=1):
        triples += _describe(ox.NamedNode(f"{base}#proposal-{number}"), proposal)
    return canonical(triples, base)


def _describe(node: ox.NamedNode, proposal: Proposal) -> Iterator[ox.Triple]:
    values: Mapping[str, str] = {
        "proposalFor": proposal.subject,
        "proposedLink": proposal.record,
        "replacesLink": proposal.replaces,
    }
    yield ox.Triple(node, ox.NamedNode(RDF_TYPE), ox.NamedNode(AKG + "LinkProposal"))
    yield ox.Triple(node, ox.NamedNode(AKG + "proposalStatus"), ox.Literal(proposal.status))
    for term, iri in values.items():
        if iri:
            yield ox.Triple(node, ox.NamedNode(AKG + term), ox.NamedNode(iri))
    if proposal.found_by:
        yield ox.Triple(node, ox.NamedNode(AKG + "foundBy"), ox.Literal(proposal.found_by))


def summarise(outcome: Outcome) -> Iterator[str]:
    """Say in lines what a run found, and what it could not ask."""
    counts = Counter(proposal.status for proposal in outcome.proposals)
    yield ", ".join(f"{counts[status]} {status}" for status in Status)
    for proposal in outcome.proposals:
        if proposal.status is not Status.CONFIRMED:
            yield " ".join(_words(proposal))
    said = f"{outcome.batches} questions answered"
    yield said + (f", {outcome.remembered} in an earlier run" if outcome.remembered else "")
    for service, failure in sorted(outcome.failures.items()):
        yield f"{service} failed: {failure}"
    if outcome.unasked:
        yield f"{outcome.unasked} keys got no answer; run the same command again to ask for them"


def _words(proposal: Proposal) -> Iterator[str]:
    yield f"{proposal.status}: {shorten(proposal.subject)} {proposal.record}"
    if proposal.replaces:
        yield f"instead of {proposal.replaces}"
    if proposal.found_by:
        yield f"(by {proposal.found_by})"
