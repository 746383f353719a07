"""The health of links, as the last runs found it: one JSON file beside the snapshot."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from audiokg.errors import InputError
from audiokg.files import write_text
from audiokg.link.outgoing import Place
from audiokg.snapshot import snapshot_folder


class Verdict(StrEnum):
    """What a visit found."""

    OK = "ok"
    MOVED = "moved"
    GONE = "gone"
    REFUSED = "refused"
    DOWN = "down"
    ODD = "odd"


#: What each verdict means for a reader.
MEANINGS: Final[Mapping[Verdict, str]] = {
    Verdict.OK: "answers",
    Verdict.MOVED: "answers elsewhere, for good",
    Verdict.GONE: "the site says that there is nothing (404, 410)",
    Verdict.REFUSED: "the site does not let programs in; a browser may see it",
    Verdict.DOWN: "no answer this time; perhaps later",
    Verdict.ODD: "neither an answer nor a clear no: a certificate, redirects without end, …",
}
#: A link is broken when it has been so for this many days, seen on the first and the last of them.
BROKEN_AFTER: Final[Mapping[Verdict, int]] = {
    Verdict.GONE: 1,
    Verdict.ODD: 7,
    Verdict.DOWN: 30,
}


@dataclass(frozen=True)
class Finding:
    """What one visit found: a verdict, the words of it, and where the link leads now."""

    verdict: Verdict
    said: str = ""
    to: str = ""


@dataclass(frozen=True)
class State:
    """What is known of a link. `since` is the day on which it was first found so."""

    link: str
    finding: Finding
    since: date
    checked_on: date
    places: tuple[Place, ...]

    @property
    def is_broken(self) -> bool:
        """Tell whether it has been in trouble for long enough."""
        days = BROKEN_AFTER.get(self.finding.verdict)
        return days is not None and (self.checked_on - self.since).days >= days

    def follow(self, finding: Finding, day: date) -> "State":
        """Take in a later visit.

        Where a link was gone, a site that is down or refuses says nothing new.
        """
        silent = finding.verdict in (Verdict.DOWN, Verdict.REFUSED)
        if silent and self.finding.verdict in (Verdict.GONE, Verdict.ODD):
            return self
        same = finding.verdict is self.finding.verdict
        return replace(self, finding=finding, since=self.since if same else day, checked_on=day)

    def as_json(self) -> dict[str, Any]:
        """Give it as a JSON object."""
        return {
            "link": self.link,
            **asdict(self.finding),
            "broken": self.is_broken,
            "since": self.since.isoformat(),
            "checkedOn": self.checked_on.isoformat(),
            "places": [place.as_json() for place in self.places],
        }


@dataclass(frozen=True)
class Health:
    """The states of all links that were ever looked up and still stand in the graph.

    `unseen` counts those that no run has looked up yet.
    """

    checked_on: date
    states: Mapping[str, State] = field(default_factory=dict)
    unseen: int = 0


def health_file() -> Path:
    """Give the file: $AUDIOKG_LINK_HEALTH, else link/health.json beside the snapshot."""
    chosen = os.environ.get("AUDIOKG_LINK_HEALTH")
    return Path(chosen).absolute() if chosen else snapshot_folder() / "link" / "health.json"


def write_health(path: Path, health: Health) -> None:
    """Write the file; the same findings give the same bytes."""
    document = {
        "checkedOn": health.checked_on.isoformat(),
        "unseen": health.unseen,
        "links": [health.states[link].as_json() for link in sorted(health.states)],
    }
    write_text(path, json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def read_health(path: Path) -> Health | None:
    """Read the file; None where there is none. Raises InputError if it cannot be read."""
    if not path.is_file():
        return None
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        states = [_read_state(entry) for entry in document["links"]]
        day = date.fromisoformat(document["checkedOn"])
        return Health(day, {state.link: state for state in states}, int(document["unseen"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        said = f"{path}: this is no result of “audiokg link check”; remove it and run that again"
        raise InputError(said) from error


def _read_state(entry: Mapping[str, Any]) -> State:
    return State(
        link=entry["link"],
        finding=Finding(Verdict(entry["verdict"]), entry["said"], entry["to"]),
        since=date.fromisoformat(entry["since"]),
        checked_on=date.fromisoformat(entry["checkedOn"]),
        places=tuple(Place(place["file"], place["line"]) for place in entry["places"]),
    )
