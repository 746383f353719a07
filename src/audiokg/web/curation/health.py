"""The health of links, as /links shows it: what needs a hand first."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from audiokg.link.health import MEANINGS, Health, State, Verdict
from audiokg.web.tables import Table

#: How a link is called in the order of the page; `broken` is what has been in trouble long enough.
BROKEN: Final = "broken"
_WORST_FIRST: Final = (
    *(BROKEN, Verdict.GONE, Verdict.MOVED, Verdict.ODD, Verdict.DOWN, Verdict.REFUSED, Verdict.OK),
)
#: What each of them means.
WORDS: Final = {BROKEN: "in trouble for long enough to be mended"} | {
    str(verdict): meaning for verdict, meaning in MEANINGS.items()
}
_COLUMNS: Final = ("link", "state", "said", "to", "since", "checkedOn", "file", "line")


def state_of(state: State) -> str:
    """Name the state of a link."""
    return BROKEN if state.is_broken else str(state.finding.verdict)


def host_of(state: State) -> str:
    """Name the host of a link."""
    return urlsplit(state.link).netloc


def sort_states(health: Health) -> list[State]:
    """Sort the links: the worst first, then by address."""
    order = {name: number for number, name in enumerate(_WORST_FIRST)}
    return sorted(health.states.values(), key=lambda s: (order[state_of(s)], s.link))


def count_states(health: Health) -> list[tuple[str, str, int]]:
    """Count the links of each state, with what that means, in the order of the page."""
    counts = Counter(map(state_of, health.states.values()))
    return [(str(name), WORDS[str(name)], counts[name]) for name in _WORST_FIRST]


def tabulate_links(health: Health | None, shown: Sequence[State]) -> Table:
    """Make the twins; the CSV has a row for each place in which a link stands."""
    documents: list[dict[str, Any]] = [
        {
            "link": state.link,
            "state": state_of(state),
            "said": state.finding.said,
            "to": state.finding.to or None,
            "since": state.since.isoformat(),
            "checkedOn": state.checked_on.isoformat(),
            "places": [place.as_json() for place in state.places],
        }
        for state in shown
    ]
    rows = [{**document, **place} for document in documents for place in document["places"]]
    day = health.checked_on.isoformat() if health else None
    document = {"checkedOn": day, "count": len(documents), "links": documents}
    return Table(document, _COLUMNS, rows)
