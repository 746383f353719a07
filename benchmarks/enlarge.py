"""Graphs of the same shape as ours, many times as large.

Copy 0 is the data as it is. In copy k, everything that a file of data/ describes has a name of its
own: `-copyK` at the end of its IRI and of its file, the number at the end of what it is called and
identified by. A link inside a file stays inside the copy; a link to what another file describes
leads to any of the copies, by lot, so that the copies are one graph and not many. The ontology, its
concepts and all other values are shared. The lot is seeded: the same size gives the same bytes.
"""

import random
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox

from audiokg.build import read_graph
from audiokg.paths import turtle_files
from audiokg.terms import VOCABULARIES

_AKG, _RDFS, _SKOS = (VOCABULARIES[prefix] for prefix in ("akg", "rdfs", "skos"))
_BIBO, _DCTERMS, _FOAF = (VOCABULARIES[prefix] for prefix in ("bibo", "dcterms", "foaf"))
#: Equal values of these are one thing or an accident: shared, they would tie all copies together.
_TELLING = {
    *(_AKG + name for name in ("hasArXivId", "hasCodeRepository", "hasWeights")),
    *(_AKG + name for name in ("nameAsGiven", "subjectAsGiven", "objectAsGiven", "titleAsGiven")),
    *(_SKOS + name for name in ("altLabel", "hiddenLabel", "prefLabel")),
    _RDFS + "label",
    _BIBO + "doi",
    _DCTERMS + "title",
    _FOAF + "page",
    VOCABULARIES["schema"] + "sameAs",
}
_SEED = 1


def enlarge(root: Path, target: Path, times: int) -> None:
    """Write a folder like `root`, with the data so many times."""
    target.mkdir(parents=True)
    for shared in ("ontology", "queries", "shapes"):
        shutil.copytree(root / shared, target / shared)
    files = [path for path in turtle_files(root) if path.is_relative_to(root / "data")]
    graphs = {path: read_graph(path, root) for path in files}
    homes = {
        quad.subject.value: path
        for path, quads in graphs.items()
        for quad in quads
        if isinstance(quad.subject, ox.NamedNode)
    }
    for path, quads in graphs.items():
        folder = target / path.parent.relative_to(root)
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(times):
            file = folder / f"{_name(path.stem, number)}.ttl"
            triples = _Copy(path, number, times, homes).triples(quads)
            ox.serialize(triples, output=file, format=ox.RdfFormat.N_TRIPLES)


def _name(name: str, number: int) -> str:
    return f"{name}-copy{number}" if number else name


class _Copy:
    """One copy of one file."""

    def __init__(self, path: Path, number: int, times: int, homes: Mapping[str, Path]) -> None:
        self._path, self._number, self._times, self._homes = path, number, times, homes
        self._lot = random.Random(f"{_SEED} {path.stem} {number}")  # noqa: S311 - not secret

    def triples(self, quads: Iterable[ox.Quad]) -> Iterator[ox.Triple]:
        for quad in quads:
            subject = quad.subject
            if isinstance(subject, ox.NamedNode):
                subject = self._link(subject)
            yield ox.Triple(subject, quad.predicate, self._value(quad))

    def _value(self, quad: ox.Quad) -> ox.NamedNode | ox.Literal | ox.BlankNode | ox.Triple:
        value, is_telling = quad.object, quad.predicate.value in _TELLING
        if isinstance(value, ox.NamedNode):
            own = ox.NamedNode(_name(value.value, self._number))
            return own if is_telling else self._link(value)
        if not isinstance(value, ox.Literal) or not (is_telling and self._number):
            return value
        text = f"{value.value} {self._number}"
        if value.language:
            return ox.Literal(text, language=value.language)
        return ox.Literal(text, datatype=value.datatype)

    def _link(self, node: ox.NamedNode) -> ox.NamedNode:
        home = self._homes.get(node.value)
        if home is None:
            return node
        number = self._number if home == self._path else self._lot.randrange(self._times)
        return ox.NamedNode(_name(node.value, number))
