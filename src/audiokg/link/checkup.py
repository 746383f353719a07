"""One run of `audiokg link check`: visit what leads out of the graph, keep what was found."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from audiokg.errors import InputError
from audiokg.link.health import Finding, Health, State, Verdict, read_health, write_health
from audiokg.link.journal import Journal
from audiokg.link.outgoing import Outgoing, choose_links, find_outgoing
from audiokg.link.rounds import Outcome, Round, go_round


@dataclass(frozen=True)
class Checkup:
    """What a run brought: the health of all links, and how many were left for another run."""

    health: Health
    visited: int
    left: int


def check_links(root: Path, paths: Collection[Path], file: Path, how: Round) -> Checkup:
    """Visit the links, those first that were not visited for longest, and write the health file.

    Raises InputError for a path without a link, a Turtle file or a health file that does not read.
    """
    if how.manners.tries < 1 or how.most < 1:
        raise InputError("--tries and --most must be at least 1")
    before = read_health(file)
    known = before.states if before else {}
    outgoing = find_outgoing(root)
    chosen = choose_links(outgoing, root, paths)
    first = date.min
    chosen.sort(key=lambda link: (known[link].checked_on if link in known else first, link))
    journal = Journal(file.with_suffix(".journal.jsonl"))
    outcome = go_round(chosen, journal, how)
    health = _take_in(known, outgoing, outcome, date.fromisoformat(how.day))
    write_health(file, health)
    journal.remove()
    return Checkup(health, len(outcome.findings), len(outcome.left))


def summarise(checkup: Checkup) -> Iterator[str]:
    """Say in lines what a run found and what to edit."""
    states = checkup.health.states.values()
    counts = Counter(state.finding.verdict for state in states)
    yield ", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict)
    for state in states:
        if state.is_broken:
            where = ", ".join(map(str, state.places))
            yield f"{where}: broken since {state.since}: {state.link} {state.finding.said}"
    for state in states:
        if state.finding.verdict is Verdict.MOVED:
            for place in (place for place in state.places if place.is_ours):
                yield f"{place}: moved: {state.link} → {state.finding.to}"
    yield f"{checkup.visited} links visited"
    if checkup.left:
        yield f"{checkup.left} links left for another run: too many of one host, or it is silent"


def _take_in(known: Mapping[str, State], outgoing: Outgoing, outcome: Outcome, day: date) -> Health:
    states = {}
    for link, places in outgoing.items():
        finding = outcome.findings.get(link)
        before = known.get(link)
        if finding:
            after = before.follow(finding, day) if before else _first(link, finding, day)
            states[link] = replace(after, places=places)
        elif before:
            states[link] = replace(before, places=places)
    return Health(day, states, len(outgoing) - len(states))


def _first(link: str, finding: Finding, day: date) -> State:
    return State(link, finding, day, day, ())
