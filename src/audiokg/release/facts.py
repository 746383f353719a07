"""Read what a dump says as facts, and the difference between two dumps as lines.

A dump is sorted N-Quads, so its lines are its quads, and two dumps differ by the lines that only
one of them has. Facts are read for what is concerned alone, from both.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from audiokg.errors import InputError
from audiokg.terms import AKG, BASE, DCTERMS_MODIFIED, GRAPH, expand

Value = ox.NamedNode | ox.Literal
#: What is said of a node: property -> value -> the graphs that say so.
Said = Mapping[str, Mapping[Value, frozenset[str]]]
#: Counts of the graph, which change with every fact and are none.
_COUNTS: Final = GRAPH + "void"
#: What was written by people, beside the graphs that are files.
_WRITTEN: Final = (GRAPH + "query",)
#: In the order in which a name is looked for.
_NAMES: Final = tuple(
    map(expand, ("rdfs:label", "skos:prefLabel", "dcterms:title", "foaf:name", "akg:nameAsGiven"))
)


@dataclass(frozen=True)
class Delta:
    """The lines of N-Quads that a later dump does not have any more, and has beside."""

    removed: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def concerned(self) -> frozenset[str]:
        """Give the resources of which something else is said than before."""
        lines = (line for line in (*self.removed, *self.added) if _graph(line) != _COUNTS)
        return frozenset(owner_of(_subject(line)) for line in lines)


@dataclass(frozen=True)
class Facts:
    """What a dump says of some nodes; `files` are the graphs that people wrote.

    `names` has the names of all nodes, whatever the facts are about.
    """

    said: Mapping[str, Said]
    files: frozenset[str]
    names: Mapping[str, str] = field(repr=False)

    def stated(self, node: str) -> dict[str, list[Value]]:
        """Give what people wrote of a node, without what the build made of it."""
        said = self.said.get(node, {})
        kept = {
            name: [value for value, graphs in values.items() if graphs & self.files]
            for name, values in said.items()
        }
        return {name: values for name, values in kept.items() if values}

    def has(self, node: str) -> bool:
        """Tell whether anybody wrote of a node."""
        return bool(self.stated(node))


def owner_of(iri: str) -> str:
    """Give the resource that a node belongs to: of a part, the address without `#…`.

    Terms of the ontology are resources of their own.
    """
    return iri if iri.startswith(AKG) else iri.partition("#")[0]


def is_part(iri: str) -> bool:
    """Tell whether a node of ours is a part of a resource, known by what it says, not by name."""
    return iri.startswith(BASE) and owner_of(iri) != iri


def read_lines(content: bytes) -> frozenset[str]:
    """Read a dump as its lines. Raises InputError for a blank node, which cannot be followed."""
    # Bytes: of text, splitlines also cuts at marks that may stand in a literal.
    lines = frozenset(line.decode() for line in content.splitlines(keepends=True))
    blank = next((line for line in lines if _has_blank_node(line)), "")
    if blank:
        raise InputError(f"a blank node has no name to follow it by; give it an IRI: {blank}")
    return lines


def compare_lines(old: Collection[str], new: Collection[str]) -> Delta:
    """Give the lines that only one of two dumps has, sorted."""
    return Delta(tuple(sorted(set(old) - set(new))), tuple(sorted(set(new) - set(old))))


def read_facts(lines: Collection[str], owners: Collection[str]) -> Facts:
    """Read what a dump says of some resources and of their parts, and the names of all nodes."""
    wanted = sorted(line for line in lines if owner_of(_subject(line)) in owners)
    said: dict[str, dict[str, dict[Value, frozenset[str]]]] = {}
    for quad in _parse(line for line in wanted if _graph(line) != _COUNTS):
        subject, value, graph = quad.subject, quad.object, quad.graph_name
        assert isinstance(subject, ox.NamedNode)  # noqa: S101 (read_lines)
        assert isinstance(value, Value)  # noqa: S101
        assert isinstance(graph, ox.NamedNode)  # noqa: S101
        values = said.setdefault(subject.value, {}).setdefault(quad.predicate.value, {})
        values[value] = values.get(value, frozenset()) | {graph.value}
    return Facts(said, frozenset(_files(lines)), _read_names(lines))


def _files(lines: Iterable[str]) -> Iterator[str]:
    """Yield the graphs that are files: those say of themselves when they were last changed."""
    yield from _WRITTEN
    for line in lines:
        subject, predicate, _ = line.split(" ", 2)
        if predicate == f"<{DCTERMS_MODIFIED}>" and subject.strip("<>") == _graph(line):
            yield _graph(line)


def _read_names(lines: Iterable[str]) -> dict[str, str]:
    marks = [f" <{name}> " for name in _NAMES]
    named = (line for line in lines if any(mark in line for mark in marks))
    found: dict[str, tuple[int, str]] = {}
    for quad in _parse(named):
        if quad.predicate.value in _NAMES and isinstance(quad.object, ox.Literal):
            assert isinstance(quad.subject, ox.NamedNode)  # noqa: S101 (read_lines)
            rank = _NAMES.index(quad.predicate.value), quad.object.value
            found[quad.subject.value] = min(rank, found.get(quad.subject.value, rank))
    return {node: name for node, (_, name) in found.items()}


def _parse(lines: Iterable[str]) -> Iterator[ox.Quad]:
    yield from ox.parse("".join(lines), format=ox.RdfFormat.N_QUADS)


def _subject(line: str) -> str:
    return line.split(" ", 1)[0].strip("<>")


def _graph(line: str) -> str:
    return line.rsplit(" ", 2)[1].strip("<>")


def _has_blank_node(line: str) -> bool:
    subject, _, rest = line.split(" ", 2)
    return subject.startswith("_:") or rest.startswith("_:")
