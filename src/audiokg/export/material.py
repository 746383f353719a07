"""What exports are made from: a snapshot, asked by the queries of queries/export/."""

import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from audiokg.errors import SnapshotError
from audiokg.finding import find_iri
from audiokg.queries import Query, read_library
from audiokg.snapshot import Manifest, load_store, read_manifest
from audiokg.terms import BASE, Term

#: One solution; unbound names are absent.
Row = dict[str, Term]
_THINGS: Final = "SELECT DISTINCT ?thing { ?thing a ?kind }"
_PATH: Final = re.compile(r"[^/#]+/[^/#]+")


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

    @cached_property
    def pages(self) -> dict[str, Query]:
        """Read the queries of queries/page/, for what an export says as a page does."""
        return read_library("page", self.root)

    def rows(self, name: str, **terms: Term) -> list[Row]:
        """Answer a SELECT of queries/export/ with some variables bound."""
        return self.rows_of(self.queries[name].text, **terms)

    def rows_of(self, text: str, **terms: Term) -> list[Row]:
        """Answer a SELECT with some variables bound. Raises SnapshotError if it is none."""
        return select(self.store, text, **terms)

    def find(self, name: str) -> ox.NamedNode:
        """Find a resource: an IRI, `model/encodec`, or `encodec` where one thing has that id.

        Raises InputError that says what there is.
        """
        advice = "write its id as in its address: model/encodec"
        return ox.NamedNode(find_iri(name, self._iris, lambda: advice))

    @cached_property
    def _iris(self) -> list[str]:
        things = (row["thing"].value for row in self.rows_of(_THINGS) if "thing" in row)
        return [iri for iri in things if _PATH.fullmatch(iri.removeprefix(BASE))]


def select(store: ox.Store, text: str, **terms: Term) -> list[Row]:
    """Answer a SELECT over a store with some variables bound; else raise SnapshotError."""
    bound = {ox.Variable(key): term for key, term in terms.items()}
    found = store.query(text, substitutions={**bound})
    if not isinstance(found, ox.QuerySolutions):
        raise SnapshotError(f"this is no SELECT: {text}")
    names = [variable.value for variable in found.variables]
    return [_row(names, solution) for solution in found]


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Sort solutions by their values, so that the same snapshot gives the same order."""
    return sorted(rows, key=lambda row: [(key, str(row[key])) for key in sorted(row)])


def _row(names: list[str], solution: ox.QuerySolution) -> Row:
    values = ((name, solution[name]) for name in names)
    return {name: value for name, value in values if isinstance(value, ox.NamedNode | ox.Literal)}
