"""The semantic changelog of a release: what changed since the one before, for readers and programs.

As JSON and as RDF. In RDF each change is a cs:ChangeSet (http://purl.org/vocab/changeset/schema),
with what was removed and added as statements. The exact difference is two files of N-Quads.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from audiokg.rdf import write_triples
from audiokg.release.change import SECTIONS, Change
from audiokg.release.changes import compare_facts
from audiokg.release.facts import Delta, Value, compare_lines, is_part, owner_of, read_facts
from audiokg.release.sentences import Teller
from audiokg.terms import BASE, CHANGESET, DUMP, SEGMENTS, XSD, expand
from audiokg.triples import say, term

Json = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """A change, and how it is said."""

    change: Change
    subject: str
    sentence: str


@dataclass(frozen=True)
class Changelog:
    """What is new in a release; `previous` is empty for the first one, which has counts alone."""

    version: str
    previous: str
    modified: str
    counts: dict[str, int]
    delta: Delta
    entries: tuple[Entry, ...] = ()

    @property
    def main(self) -> list[Entry]:
        """Give what was changed by people, without what follows from it."""
        return [entry for entry in self.entries if entry.change.section != "follows"]

    @property
    def follows(self) -> list[Entry]:
        """Give what follows from the changes."""
        return [entry for entry in self.entries if entry.change.section == "follows"]

    @property
    def summary(self) -> str:
        """Say in a line how much changed."""
        if not self.previous:
            return f"the first release, {self.counts['triples']:,} triples"
        changes = "1 change" if len(self.main) == 1 else f"{len(self.main)} changes"
        return f"{changes} since {self.previous}, {len(self.follows)} that follow from it"

    def group(self) -> dict[str, dict[tuple[str, str], list[Entry]]]:
        """Group by section, then by the address and name of the resource."""
        groups: dict[str, dict[tuple[str, str], list[Entry]]] = {name: {} for name in SECTIONS}
        for entry in self.entries:
            key = entry.change.subject, entry.subject
            groups[entry.change.section].setdefault(key, []).append(entry)
        return {name: group for name, group in groups.items() if group}


def first_changelog(version: str, modified: str, lines: Collection[str]) -> Changelog:
    """Make the changelog of the first release: everything is new, so it only counts."""
    return Changelog(version, "", modified, count_things(lines), Delta((), ()))


def make_changelog(
    version: str, previous: str, modified: str, old: Collection[str], new: Collection[str]
) -> Changelog:
    """Compare the dumps of two releases, given as the lines of their N-Quads."""
    delta = compare_lines(old, new)
    before, after = (read_facts(lines, delta.concerned) for lines in (old, new))
    teller = Teller(before, after)
    changes = compare_facts(before, after)
    entries = tuple(Entry(one, teller.name(one.subject), teller.sentence(one)) for one in changes)
    return Changelog(version, previous, modified, count_things(new), delta, entries)


def count_things(lines: Collection[str]) -> dict[str, int]:
    """Count the triples of the union, and the resources of each kind that have a type."""
    kind = f" <{expand('rdf:type')}> "
    typed = {line.split(" ", 1)[0].strip("<>") for line in lines if kind in line}
    segments = Counter(
        iri.removeprefix(BASE).partition("/")[0]
        for iri in typed
        if iri.startswith(BASE) and owner_of(iri) == iri and not is_part(iri)
    )
    triples = len({line.rsplit(" ", 2)[0] for line in lines})
    known = {name: segments[name] for name in SEGMENTS if segments[name]}
    return {"triples": triples} | known


def write_json(changelog: Changelog) -> bytes:
    """Write the changelog as JSON; terms are those of SPARQL's JSON results."""
    counted = Counter(entry.change.section for entry in changelog.entries)
    delta = changelog.delta
    document: Json = {
        "version": changelog.version,
        "previous": changelog.previous or None,
        "modified": changelog.modified,
        "counts": changelog.counts,
        "changed": {name: counted[name] for name in SECTIONS if counted[name]},
        "quads": {"removed": len(delta.removed), "added": len(delta.added)},
        "changes": [_as_json(entry) for entry in changelog.main],
        "follows": [_as_json(entry) for entry in changelog.follows],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _as_json(entry: Entry) -> Json:
    change = entry.change
    told: Json = {
        "section": change.section,
        "kind": change.kind,
        "sentence": entry.sentence,
        "subject": change.subject,
        "name": entry.subject,
    }
    if is_part(change.node):
        told["part"] = change.node
    if change.predicate:
        told |= {
            "property": change.predicate,
            "old": [_term(value) for value in change.old],
            "new": [_term(value) for value in change.new],
        }
    return told | {"graphs": list(change.graphs)}


def _term(value: Value) -> dict[str, str]:
    if isinstance(value, ox.NamedNode):
        return {"type": "uri", "value": value.value}
    told = {"type": "literal", "value": value.value}
    if value.language:
        return told | {"xml:lang": value.language}
    plain = value.datatype.value == XSD + "string"
    return told if plain else told | {"datatype": value.datatype.value}


def write_rdf(changelog: Changelog) -> bytes:
    """Write the changelog in Turtle."""
    return write_triples(list(_triples(changelog)), "ttl")


def _triples(changelog: Changelog) -> Iterator[ox.Triple]:
    release = f"{DUMP}{changelog.version}/"
    log = f"{release}changelog.ttl"
    yield from say(log, "rdf:type", term("prov:Entity"))
    title = f"What changed in audiokg {changelog.version}"
    yield from say(log, "dcterms:title", ox.Literal(title, language="en"))
    yield from say(log, "dcterms:subject", ox.NamedNode(release))
    yield from say(log, "prov:wasDerivedFrom", ox.NamedNode(release))
    if changelog.previous:
        before = ox.NamedNode(f"{DUMP}{changelog.previous}/")
        yield from say(log, "prov:wasDerivedFrom", before)
        yield from say(release, "prov:wasRevisionOf", before)
    for number, entry in enumerate(changelog.entries, start=1):
        yield from _change_set(log, f"{log}#change-{number}", entry, changelog.modified)


def _change_set(log: str, node: str, entry: Entry, modified: str) -> Iterator[ox.Triple]:
    change = entry.change
    yield from say(log, "dcterms:hasPart", ox.NamedNode(node))
    yield from say(node, "rdf:type", ox.NamedNode(CHANGESET + "ChangeSet"))
    yield from say(node, CHANGESET + "subjectOfChange", ox.NamedNode(change.node))
    yield from say(node, CHANGESET + "createdDate", ox.Literal(modified))
    yield from say(node, CHANGESET + "changeReason", ox.Literal(SECTIONS[change.section]))
    yield from say(node, "rdfs:label", ox.Literal(entry.sentence, language="en"))
    for graph in change.graphs:
        yield from say(node, "dcterms:source", ox.NamedNode(graph))
    for word, triples in (("removal", change.removed), ("addition", change.added)):
        for number, (subject, name, value) in enumerate(triples, start=1):
            statement = f"{node}-{word}-{number}"
            yield from say(node, CHANGESET + word, ox.NamedNode(statement))
            yield from say(statement, "rdf:type", term("rdf:Statement"))
            yield from say(statement, "rdf:subject", ox.NamedNode(subject))
            yield from say(statement, "rdf:predicate", ox.NamedNode(name))
            yield from say(statement, "rdf:object", value)
