"""Find which part of a resource is which in another release.

Parts are numbered (`#evidence-3`), and a new one may take the number of an old one. So they are
known by what they say: first those that say the same, then those that say nearly the same.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

import pyoxigraph as ox

from audiokg.release.facts import Facts, Value, is_part, owner_of
from audiokg.terms import RDF_TYPE, expand

#: What one part says: properties with values, without its place.
Content = frozenset[tuple[str, Value]]
#: Where something stands in its source; moves when a line is put in before it.
PLACES: Final = frozenset(map(expand, ("akg:line", "akg:sectionLine")))
#: The place in words, which in a list is the number of the row.
_ROW: Final = expand("akg:locator")
#: Below this share of equal facts two parts are not taken for one.
_ALIKE: Final = 0.5
#: What so many parts say tells none of them apart.
_COMMON: Final = 50
#: What two parts must have in common to be one.
_KINDS: Final = (RDF_TYPE, expand("akg:claimedProperty"), expand("akg:claimSubject"))
_DIGITS: Final = re.compile(r"(\d+)")
_SOURCE: Final = expand("source:")


def match_parts(old: Facts, new: Facts, owners: Iterable[str]) -> dict[str, str]:
    """Pair the old parts of resources with the new ones: old IRI -> new IRI."""
    wanted = set(owners)
    before, after = _contents(old, wanted), _contents(new, wanted)
    pairs = {iri: iri for iri in before if before[iri] == after.get(iri)}
    pairs |= _pair_equal(*_left(before, after, pairs))
    return pairs | _pair_alike(*_left(before, after, pairs))


def is_place(owner: str, property_: str) -> bool:
    """Tell whether a property says only where a part of a resource stands."""
    return property_ in PLACES or (property_ == _ROW and owner.startswith(_SOURCE))


def natural(iri: str) -> list[tuple[int, str]]:
    """Order by the text, numbers in it by their size."""
    parts = _DIGITS.split(iri)
    return [(int(part), "") if i % 2 else (0, part) for i, part in enumerate(parts)]


def _contents(facts: Facts, owners: set[str]) -> dict[str, Content]:
    parts = (node for node in facts.said if is_part(node) and owner_of(node) in owners)
    contents = {part: _content(facts, part) for part in sorted(parts, key=natural)}
    return {part: content for part, content in contents.items() if content}


def _content(facts: Facts, part: str) -> Content:
    owner = owner_of(part)
    return frozenset(
        (property_, _without_number(value))
        for property_, values in facts.stated(part).items()
        if not is_place(owner, property_)
        for value in values
    )


def _without_number(value: Value) -> Value:
    """Take the number from the name of a part that another part links to."""
    if isinstance(value, ox.NamedNode) and is_part(value.value):
        return ox.NamedNode(_DIGITS.sub("N", value.value))
    return value


def _left(
    before: Mapping[str, Content], after: Mapping[str, Content], pairs: Mapping[str, str]
) -> tuple[dict[str, Content], dict[str, Content]]:
    taken = set(pairs.values())
    return (
        {iri: content for iri, content in before.items() if iri not in pairs},
        {iri: content for iri, content in after.items() if iri not in taken},
    )


def _pair_equal(before: Mapping[str, Content], after: Mapping[str, Content]) -> dict[str, str]:
    waiting: defaultdict[tuple[str, Content], list[str]] = defaultdict(list)
    for iri, content in after.items():
        waiting[owner_of(iri), content].append(iri)
    pairs = {}
    for iri, content in before.items():
        same = waiting[owner_of(iri), content]
        if same:
            pairs[iri] = same.pop(0)
    return pairs


def _pair_alike(before: Mapping[str, Content], after: Mapping[str, Content]) -> dict[str, str]:
    """Pair the most alike first; of those alike, those of one name, then in their order."""
    scored = sorted(
        (-_likeness(before[old], after[new]), old != new, natural(old), natural(new), old, new)
        for old, new in _candidates(before, after)
    )
    pairs: dict[str, str] = {}
    taken: set[str] = set()
    for likeness, *_, old, new in scored:
        if -likeness >= _ALIKE and old not in pairs and new not in taken:
            pairs[old] = new
            taken.add(new)
    return pairs


def _candidates(
    before: Mapping[str, Content], after: Mapping[str, Content]
) -> set[tuple[str, str]]:
    holders: defaultdict[tuple[str, str, Value], list[str]] = defaultdict(list)
    for iri, content in after.items():
        for property_, value in content:
            holders[owner_of(iri), property_, value].append(iri)
    shared = {
        (old, new)
        for old, content in before.items()
        for property_, value in content
        for new in _rare(holders.get((owner_of(old), property_, value), []))
    }
    return shared | {(iri, iri) for iri in before if iri in after}


def _rare(holders: list[str]) -> list[str]:
    return holders if len(holders) <= _COMMON else []


def _likeness(one: Content, other: Content) -> float:
    """Give the share of equal facts; none where the two are of or about different things."""
    for kind in _KINDS:
        ones, others = ({value for name, value in some if name == kind} for some in (one, other))
        if ones.isdisjoint(others) and (ones or others):
            return 0.0
    return len(one & other) / max(len(one), len(other))
