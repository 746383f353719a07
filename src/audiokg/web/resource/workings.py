"""How a number of a page was computed, as the build computes it: queries/build/01 and 02."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import log2
from typing import Final

from audiokg.amounts import read_number, write_number
from audiokg.terms import expand
from audiokg.web.resource.facts import Fact, Group

#: The build rounds a quotient to so many places.
_PLACES: Final = 2


@dataclass(frozen=True)
class Rule:
    """The properties that a number is computed from, how, and how a reader writes that."""

    inputs: tuple[str, ...]
    compute: Callable[..., Decimal]
    wording: str


_RULES: Final[Mapping[str, Rule]] = {
    expand("akg:frameRateHz"): Rule(
        (expand("akg:sampleRateHz"), expand("akg:hopLength")),
        lambda rate, hop: rate / hop,
        "{} Hz / {} samples {} {} Hz",
    ),
    expand("akg:bitsPerToken"): Rule(
        (expand("akg:codebookSize"),),
        lambda size: Decimal(log2(size)),
        "log₂({}) {} {} bit",
    ),
}


def add_workings(groups: Iterable[Group]) -> list[Group]:
    """Add to each computed number how it was computed, where the page has all that it is from."""
    found = list(groups)
    facts = {fact.iri: fact for group in found for fact in group.facts}
    return [replace(g, facts=tuple(_worked(fact, facts) for fact in g.facts)) for g in found]


def _worked(fact: Fact, facts: Mapping[str, Fact]) -> Fact:
    rule = _RULES.get(fact.iri)
    inputs = [_only_number(facts.get(iri)) for iri in rule.inputs] if rule else []
    known = [number for number in inputs if number]
    if not rule or len(known) < len(rule.inputs):
        return fact
    values = (
        replace(v, working=_say(rule, known, v.term["value"])) if v.origin == "computed" else v
        for v in fact.values
    )
    return replace(fact, values=tuple(values))


def _only_number(fact: Fact | None) -> Decimal | None:
    """Give the number of a fact; None where it has several, from which nothing is computed here."""
    return read_number(fact.values[0].term["value"]) if fact and len(fact.values) == 1 else None


def _say(rule: Rule, inputs: Sequence[Decimal], printed: str) -> str:
    """Write a sum; empty where it gives another number: that one is from somewhere else."""
    exact, result = rule.compute(*inputs), read_number(printed)
    if result is None or round(exact, _PLACES) != round(result, _PLACES):
        return ""
    sign = "=" if exact == result else "≈"
    return rule.wording.format(*map(write_number, inputs), sign, write_number(result))
