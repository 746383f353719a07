"""Visit many links: many hosts at a time, each by one connection, as its robots.txt asks.

https://www.rfc-editor.org/rfc/rfc9309 says how robots.txt is read; where there is none, everything
may be visited.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.robotparser import RobotFileParser

from audiokg.engine.federation import is_public
from audiokg.http import AGENT
from audiokg.link.health import Finding, Verdict
from audiokg.link.journal import Journal
from audiokg.link.manners import Manners
from audiokg.link.visit import BusyError, Rest, Visitor

_HOSTS: Final = 16
#: After so many silent links in a row a host is left alone.
_SILENT: Final = 3
_LARGEST_ROBOTS: Final = 512 << 10
_LONGEST_PAUSE: Final = 30.0
_CLOSED: Final = Finding(Verdict.REFUSED, "its robots.txt lets no program in")


@dataclass(frozen=True)
class Round:
    """How to go round: the manners, the most links a host, what may be connected to, the day."""

    manners: Manners
    most: int
    day: str
    fits: Callable[[str], bool] = is_public
    rest: Rest = asyncio.sleep
    show: Callable[[str], None] = lambda step: None


@dataclass
class Outcome:
    """What a round found; `left` are links of hosts that gave no answer or have too many."""

    findings: dict[str, Finding] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


def go_round(links: Iterable[str], journal: Journal, how: Round) -> Outcome:
    """Visit the links in their order; those in the journal of this day are not visited again."""
    return asyncio.run(_go(_by_host(links), journal, how))


def _by_host(links: Iterable[str]) -> Mapping[str, list[str]]:
    hosts: dict[str, list[str]] = defaultdict(list)
    for link in links:
        hosts["/".join(link.split("/")[:3])].append(link)
    return hosts


async def _go(hosts: Mapping[str, list[str]], journal: Journal, how: Round) -> Outcome:
    outcome, turn = Outcome(), asyncio.Semaphore(_HOSTS)

    async def call_on(host: str, links: Sequence[str]) -> None:
        async with turn:
            await _call_on(host, links, journal, how, outcome)

    async with asyncio.TaskGroup() as group:
        for host, links in hosts.items():
            group.create_task(call_on(host, links))
    return outcome


async def _call_on(
    host: str, links: Sequence[str], journal: Journal, how: Round, outcome: Outcome
) -> None:
    """Visit the links of one host, until it asks for a rest or is silent."""
    visitor, silent = Visitor(how.manners, how.fits, how.rest), 0
    remembered = [link for link in links if _remember(link, journal, how, outcome)]
    fresh = [link for link in links if link not in outcome.findings]
    wanted = fresh[: max(0, how.most - len(remembered))]
    try:
        robots, pause = await _ask_robots(host, visitor, how) if wanted else (None, 0.0)
        for link in wanted:
            how.show(link)
            closed = robots is not None and _is_closed(robots, link)
            finding = _CLOSED if closed else await visitor.visit(link)
            outcome.findings[link] = finding
            journal.add(f"{how.day} {link}", [("verdict", finding.verdict), *_words(finding)])
            silent = silent + 1 if finding.verdict is Verdict.DOWN else 0
            if silent == _SILENT:
                break
            await how.rest(0.0 if closed else pause)
    except BusyError:
        pass
    finally:
        await visitor.close()
    outcome.left += [link for link in fresh if link not in outcome.findings]


async def _ask_robots(host: str, visitor: Visitor, how: Round) -> tuple[RobotFileParser, float]:
    """Read the robots.txt of a host, and how long it wants us to rest."""
    robots = _read_robots(await visitor.read_text(f"{host}/robots.txt", _LARGEST_ROBOTS))
    asked = min(int(robots.crawl_delay(AGENT) or 0), _LONGEST_PAUSE)
    return robots, max(how.manners.pause, asked)


def _read_robots(text: str) -> RobotFileParser:
    """Read a robots.txt; one that does not parse is as good as none."""
    robots, none = RobotFileParser(), RobotFileParser()
    try:
        robots.parse(text.splitlines())
    except ValueError:  # `Disallow: //[x` is no address, “²” is a digit and no number
        none.parse([])
        return none
    return robots


def _is_closed(robots: RobotFileParser, link: str) -> bool:
    try:
        return not robots.can_fetch(AGENT, link)
    except ValueError:  # no address at all, as the visit will tell
        return False


def _remember(link: str, journal: Journal, how: Round, outcome: Outcome) -> bool:
    """Take the finding of an earlier run of the same day that was stopped."""
    words = dict(journal.find(f"{how.day} {link}") or ())
    if words:
        verdict = Verdict(words["verdict"])
        outcome.findings[link] = Finding(verdict, words["said"], words["to"])
    return bool(words)


def _words(finding: Finding) -> list[tuple[str, str]]:
    return [("said", finding.said), ("to", finding.to)]
