"""What changed between two releases, as a reader would tell it: a fact a line.

A fact of which there is one before and one after has changed; it is not one fact less and another
more. What the build made of the changes follows from them, and is told apart.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from audiokg.release.change import ABOUT, SECTIONS, Change
from audiokg.release.facts import Facts, Said, Value, is_part, owner_of
from audiokg.release.parts import is_place, match_parts, natural
from audiokg.terms import BASE, DCTERMS_MODIFIED, GRAPH, RDF_TYPE, expand

_LABELS: Final = (expand("rdfs:label"), expand("skos:prefLabel"))
_DEPRECATED: Final = expand("owl:deprecated")
_REPLACED: Final = expand("dcterms:isReplacedBy")
_EVIDENCE: Final = ox.NamedNode(expand("akg:Evidence"))
_CONFLICTS: Final = GRAPH + "conflicts"
#: What is told of a conflict; the rest names statements, by number.
_OF_CONFLICTS: Final = (ABOUT, expand("akg:claimedProperty"), expand("akg:preferredValue"))
#: What a release itself changes in the head of the ontology.
_ONTOLOGY: Final = BASE + "ontology"
_OF_A_RELEASE: Final = frozenset(
    map(
        expand,
        (
            *("owl:versionIRI", "owl:versionInfo", "owl:priorVersion"),
            *("dcterms:bibliographicCitation", "dcterms:modified"),
        ),
    )
)


def compare_facts(old: Facts, new: Facts) -> list[Change]:
    """Tell what changed, by section and resource."""
    owners = {owner_of(node) for node in (*old.said, *new.said)}
    whole = [change for owner in owners for change in _of_resource(old, new, owner)]
    told = {change.node for change in whole}
    told |= {GRAPH + node.removeprefix(BASE) for node in told}
    pairs = match_parts(old, new, owners - told)
    changes = [*whole, *_of_nodes(old, new, pairs, told)]
    order = list(SECTIONS)
    return sorted(
        changes,
        key=lambda one: (
            *(order.index(one.section), natural(one.subject), natural(one.node)),
            *(one.predicate, str(one)),
        ),
    )


def _of_resource(old: Facts, new: Facts, owner: str) -> Iterator[Change]:
    """Tell of a resource that it is new, or no more there."""
    if owner.startswith(GRAPH) or not owner.startswith(BASE):
        return
    before, after = old.has(owner), new.has(owner)
    if after and not before:
        yield Change("resource", "new", owner, graphs=_graphs(new.said[owner], new))
    if before and not after:
        yield Change("resource", "gone", owner, graphs=_graphs(old.said[owner], old))


def _of_nodes(old: Facts, new: Facts, pairs: Mapping[str, str], told: set[str]) -> Iterator[Change]:
    for node in {*old.said, *new.said}:
        if owner_of(node) in told:
            continue
        if _is_of_one(old, new, node):
            yield from _of_address(old, new, node, told)
        elif not is_part(node):
            yield from _of_node(old, new, node, node)
        elif node.startswith(_CONFLICTS):
            yield from _of_conflict(old, new, node)
    for before, after in pairs.items():
        yield from _of_node(old, new, before, after)
    yield from _of_parts(old, "removed", set(pairs), told)
    yield from _of_parts(new, "added", set(pairs.values()), told)


def _is_of_one(old: Facts, new: Facts, node: str) -> bool:
    """Tell whether a node is an address elsewhere of which only one release speaks."""
    return not node.startswith(BASE) and old.has(node) != new.has(node)


def _of_address(old: Facts, new: Facts, node: str, told: set[str]) -> Iterator[Change]:
    """Tell of an address elsewhere, unless the file that speaks of it is told as a whole."""
    facts, kind = (new, "added") if new.has(node) else (old, "removed")
    if not set(_graphs(facts.said[node], facts)) <= told:
        yield _whole(facts, kind, node)


def _of_parts(facts: Facts, kind: str, paired: set[str], told: set[str]) -> Iterator[Change]:
    for node in facts.said:
        if is_part(node) and node not in paired and owner_of(node) not in told and facts.has(node):
            yield _whole(facts, kind, node)


def _whole(facts: Facts, kind: str, node: str) -> Change:
    stated = facts.stated(node)
    triples = tuple((node, name, one) for name in sorted(stated) for one in stated[name])
    gone, come = (triples, ()) if kind == "removed" else ((), triples)
    graphs = _graphs(facts.said[node], facts)
    return Change(_section(facts, node), kind, node, graphs=graphs, removed=gone, added=come)


def _of_node(old: Facts, new: Facts, before: str, after: str) -> Iterator[Change]:
    """Tell which facts of a node are not those of before."""
    was, is_ = old.said.get(before, {}), new.said.get(after, {})
    section = _section(new if after in new.said else old, after)
    for name in sorted({*was, *is_}):
        gone, come = _difference(was.get(name, {}), is_.get(name, {}))
        is_said = name == _REPLACED and _DEPRECATED in is_  # with the withdrawal
        if (gone or come) and _is_told(after, name) and not is_said:
            yield from _Property(old, new, before, after, name, section).tell(gone, come)


def _is_told(node: str, property_: str) -> bool:
    """Tell whether a property is told: no day of a file, place in a list, or mark of a release."""
    is_day = node.startswith(GRAPH) and property_ == DCTERMS_MODIFIED
    is_mark = node == _ONTOLOGY and property_ in _OF_A_RELEASE
    return not is_day and not is_mark and not is_place(owner_of(node), property_)


def _difference(
    was: Mapping[Value, frozenset[str]], is_: Mapping[Value, frozenset[str]]
) -> tuple[list[Value], list[Value]]:
    """Give the values of one side alone; links to parts are told with the part."""
    gone = [value for value in was if value not in is_ and not _links_to_part(value)]
    come = [value for value in is_ if value not in was and not _links_to_part(value)]
    return sorted(gone, key=str), sorted(come, key=str)


def _links_to_part(value: Value) -> bool:
    return isinstance(value, ox.NamedNode) and is_part(value.value)


@dataclass(frozen=True)
class _Property:
    """A property of a node, before and after."""

    old: Facts
    new: Facts
    before: str
    after: str
    name: str
    section: str

    def tell(self, gone: list[Value], come: list[Value]) -> Iterator[Change]:
        """Tell of one value for another, else of each that is gone or has come."""
        was = self.old.said.get(self.before, {}).get(self.name, {})
        is_ = self.new.said.get(self.after, {}).get(self.name, {})
        if len(was) == len(is_) == 1:
            yield self._change("changed", gone, come)
            return
        for value in gone:
            yield self._change("removed", [value], [])
        for value in come:
            yield self._change("added", [], [value])

    def _change(self, kind: str, gone: list[Value], come: list[Value]) -> Change:
        graphs = self._graphs(gone, come)
        by_people = graphs & (self.old.files | self.new.files)
        return Change(
            self._place(kind, come) if by_people else "follows",
            self._kind(kind, come),
            self.after,
            self.name,
            tuple(gone),
            tuple(come),
            tuple(sorted(by_people or graphs)),
            tuple((self.before, self.name, value) for value in gone),
            tuple((self.after, self.name, value) for value in come),
        )

    def _graphs(self, gone: Iterable[Value], come: Iterable[Value]) -> frozenset[str]:
        was = self.old.said.get(self.before, {}).get(self.name, {})
        is_ = self.new.said.get(self.after, {}).get(self.name, {})
        found = [was[value] for value in gone] + [is_[value] for value in come]
        return frozenset().union(*found)

    def _place(self, kind: str, come: list[Value]) -> str:
        is_whole = self._kind(kind, come) in ("renamed", "withdrawn")
        return "resource" if is_whole else self.section

    def _kind(self, kind: str, come: list[Value]) -> str:
        """Name what a change of this very property means for a resource."""
        if is_part(self.after):
            return kind
        if self.name in _LABELS and kind == "changed":
            return "renamed"
        is_true = [value.value for value in come] == ["true"]
        return "withdrawn" if self.name == _DEPRECATED and is_true else kind


def _of_conflict(old: Facts, new: Facts, node: str) -> Iterator[Change]:
    """Tell of a conflict by what it is about, not by the statements, which have numbers."""
    sides: list[Said] = [facts.said.get(node, {}) for facts in (old, new)]
    gone, come = (
        tuple(
            (node, name, one)
            for name in _OF_CONFLICTS
            for one in sorted(side.get(name, {}), key=str)
        )
        for side in sides
    )
    if gone != come:
        kind = "changed" if gone and come else "removed" if gone else "added"
        yield Change("follows", kind, node, graphs=(_CONFLICTS,), removed=gone, added=come)


def _section(facts: Facts, node: str) -> str:
    """Say in which section a change of a node stands."""
    kinds = facts.said.get(node, {}).get(RDF_TYPE, {})
    if _EVIDENCE in kinds or node.startswith(GRAPH):
        return "evidence"
    is_row = is_part(node) and owner_of(node).startswith(expand("source:"))
    return "source" if is_row else "fact"


def _graphs(said: Said, facts: Facts) -> tuple[str, ...]:
    found = {graph for values in said.values() for graphs in values.values() for graph in graphs}
    return tuple(sorted(found & facts.files))
