"""Compare the reviewed links with what a service says now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from audiokg.link.known import Link


class Status(StrEnum):
    """What a proposal says of a link."""

    CONFIRMED = "confirmed"
    CHANGED = "changed"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, order=True)
class Proposal:
    """A proposal for one link: `replaces` is the reviewed record that leads to `record` now.

    `found_by` says how a new one was found: arxiv, doi or title.
    """

    subject: str
    status: Status
    record: str
    replaces: str = ""
    found_by: str = ""


def compare(
    links: Iterable[Link],
    now: Mapping[str, str | None],
    found: Mapping[str, Mapping[str, str]],
) -> list[Proposal]:
    """Give all proposals, sorted.

    `now` says of each record that was asked for where it leads (itself, another, None: nowhere);
    records that got no answer are not in it. `found` gives by subject the records that were found,
    each with how.
    """
    reviewed: dict[str, set[str]] = defaultdict(set)
    proposals = set()
    for link in links:
        reviewed[link.subject].add(link.record)
        if link.record in now:
            target = now[link.record]
            reviewed[link.subject].update(filter(None, (target,)))
            proposals.add(_judge(link, target))
        elif link.record in found.get(link.subject, {}):
            proposals.add(Proposal(link.subject, Status.CONFIRMED, link.record))
    for subject, records in found.items():
        for record, how in records.items():
            if record not in reviewed[subject]:
                proposals.add(Proposal(subject, Status.NEW, record, found_by=how))
    return sorted(proposals)


def _judge(link: Link, target: str | None) -> Proposal:
    if target is None:
        return Proposal(link.subject, Status.GONE, link.record)
    if target == link.record:
        return Proposal(link.subject, Status.CONFIRMED, link.record)
    return Proposal(link.subject, Status.CHANGED, target, replaces=link.record)
