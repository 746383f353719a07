"""What exports are made from: a snapshot, asked by the queries of queries/export/."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from audiokg.engine.protocol import Term
from audiokg.errors import InputError, SnapshotError
from audiokg.queries import Query, read_library
from audiokg.snapshot import Manifest, load_store, read_manifest
from audiokg.terms import BASE

#: One solution; unbound names are absent.
Row = dict[str, Term]
_IDENTS = "SELECT DISTINCT ?thing { ?thing a ?kind }"


class Material:
    """A snapshot in memory. Its queries are our own, so no worker is needed."""

    def __init__(self, folder: Path, root: Path) -> None:
        """Take the folder of a snapshot and that of the graph's own files."""
        self.folder, self.root = folder, root

    @cached_property
    def store(self) -> ox.Store:
        """Load the snapshot. Raises SnapshotError if there is none."""
        return load_store(self.folder)

    @cached_property
    def manifest(self) -> Manifest:
        """Read its manifest. Raises SnapshotError if there is none."""
        return read_manifest(self.folder)

    @cached_property
    def queries(self) -> dict[str, Query]:
        """Read the queries of queries/export/."""
        return read_library("export", self.root)

    def rows(self, name: str, **terms: Term) -> list[Row]:
        """Answer a SELECT of queries/export/ with some variables bound."""
        bound = {ox.Variable(key): term for key, term in terms.items()}
        found = self.store.query(self.queries[name].text, substitutions={**bound})
        if not isinstance(found, ox.QuerySolutions):
            raise SnapshotError(f"queries/export/{name}.rq is no SELECT")
        names = [variable.value for variable in found.variables]
        return [_row(names, solution) for solution in found]

    def find(self, name: str) -> ox.NamedNode:
        """Find a resource: an IRI, `model/encodec`, or `encodec` where one thing has that id.

        Raises InputError that says what there is.
        """
        known = self._by_ident.get(name.removeprefix(BASE)) or self._by_ident.get(name, [])
        if len(known) == 1:
            return ox.NamedNode(known[0])
        if known:
            choices = ", ".join(iri.removeprefix(BASE) for iri in known)
            raise InputError(f"“{name}” may be {choices}; write one of them")
        raise InputError(f"no resource “{name}”; write its id as in its address: model/encodec")

    @cached_property
    def _by_ident(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in self._paths():
            for key in (path, path.partition("/")[2]):
                found.setdefault(key, []).append(BASE + path)
        return found

    def _paths(self) -> Iterator[str]:
        solutions = self.store.query(_IDENTS)
        assert isinstance(solutions, ox.QuerySolutions)  # noqa: S101
        for solution in solutions:
            thing = solution["thing"]
            if isinstance(thing, ox.NamedNode) and thing.value.startswith(BASE):
                path = thing.value.removeprefix(BASE)
                if path.count("/") == 1 and "#" not in path:
                    yield path


def _row(names: list[str], solution: ox.QuerySolution) -> Row:
    values = ((name, solution[name]) for name in names)
    return {name: value for name, value in values if isinstance(value, ox.NamedNode | ox.Literal)}
