"""What a reader may narrow a report to: choices with counts, one of them chosen in the URL."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import abort, request


@dataclass(frozen=True)
class Choice:
    """One value of a facet: how the URL writes it, how the page writes it, how many have it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class Facet:
    """A facet with its choices; `chosen` is empty where everything is shown."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    chosen: str = ""

    def admits(self, values: Iterable[str]) -> bool:
        """Tell whether something with these values is to be shown."""
        return not self.chosen or self.chosen in values


def read_facet(name: str, label: str, choices: Iterable[Choice]) -> Facet:
    """Read the chosen value of a facet from the URL; abort with 404 if there is no such choice."""
    known = tuple(choices)
    chosen = request.args.get(name, "")
    if chosen and chosen not in {choice.value for choice in known}:
        there = ", ".join(choice.value for choice in known)
        abort(404, f"No {label} is called “{chosen}”; there are: {there}.")
    return Facet(name, label, known, chosen)


def count_choices(values: Iterable[str], labels: Mapping[str, str]) -> list[Choice]:
    """Make a choice of each value, the most frequent first."""
    counted = Counter(values)
    ordered = sorted(counted.items(), key=lambda item: (-item[1], labels.get(item[0], item[0])))
    return [Choice(value, labels.get(value, value), count) for value, count in ordered]


def local_name(iri: str) -> str:
    """Give the last part of an IRI, which is unique within its kind."""
    return iri.rstrip("/").replace("#", "/").rpartition("/")[2]
