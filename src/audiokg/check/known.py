"""What the graph knows, by name: for who writes a file and for messages about what is misspelt."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from audiokg.errors import InputError
from audiokg.names import Index, Match, Name, Weight, letters
from audiokg.queries import read_query
from audiokg.terms import BASE

#: Kind of resource that people add -> the broadest class of what stands in its folder.
KINDS: Final = {
    "model": "akg:Model",
    "dataset": "akg:Dataset",
    "publication": "akg:Publication",
    "benchmark": "akg:Benchmark",
    "organisation": "foaf:Organization",
    "person": "foaf:Person",
}
_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MOST: Final = 3
#: How much worse than the best another suggestion may be, of a hundred.
_CLOSE: Final = 3.0
#: What is less near than this is no suggestion.
_FAR: Final = 45.0


class Known:
    """The resources, concepts and terms of a graph, with their classes and names; read when asked.

    Names are compared as the search does it (audiokg.names).
    """

    def __init__(self, store: ox.Store, root: Path) -> None:
        """Take a store of the graph, and the folder that has queries/curate/."""
        self._store, self._root = store, root
        self._indexes: dict[tuple[str, ...], Index] = {}

    @cached_property
    def classes(self) -> dict[str, set[str]]:
        """Give all classes of each thing."""
        classes: dict[str, set[str]] = defaultdict(set)
        for thing, _, class_ in self.ask("classes"):
            classes[thing].add(class_)
        return dict(classes)

    def own_classes(self, thing: str) -> list[str]:
        """Give the classes that its file gives to a thing."""
        return sorted({own for one, own, _ in self.ask("classes") if one == thing})

    @cached_property
    def names(self) -> dict[str, list[str]]:
        """Give the names of each thing, the end of its IRI the last."""
        names: dict[str, list[str]] = {thing: [] for thing in self.classes}
        for thing, name in self.ask("names"):
            if thing in names:
                names[thing].append(name)
        for thing, own in names.items():
            own.append(local_name(thing))
        return names

    def find(self, text: str, class_: str) -> list[str]:
        """Give the things of a class that have exactly this name, but for case and punctuation."""
        asked = letters(text)
        return [
            thing
            for thing, names in self.names.items()
            if class_ in self.classes[thing] and any(letters(name) == asked for name in names)
        ]

    def nearest(self, text: str, *among: str) -> list[Match]:
        """Give the few things with the nearest names, of some classes or IRIs that begin so."""
        index = self._index(among)
        words = _WORD.sub(" ", text)
        found = index.search(words) or index.suggest(words)
        least = max(_FAR, found[0].score - _CLOSE) if found else 0
        return [match for match in found if match.score >= least][:_MOST]

    def ask(self, query: str) -> Iterator[tuple[str, ...]]:
        """Ask the graph a query of queries/curate/; absent values are empty."""
        return ask(self._store, self._root, query)

    def kinds(self) -> Iterator[tuple[str, ...]]:
        """Give each class with itself and every class above it, as pages read it."""
        return ask(self._store, self._root, "curation-kinds", "page")

    def _index(self, among: tuple[str, ...]) -> Index:
        if among not in self._indexes:
            chosen = [thing for thing in self.names if self._is_one(thing, among)]
            names = (
                Name(thing, name, "", Weight.LABEL if number == 0 else Weight.OTHER)
                for thing in chosen
                for number, name in enumerate(self.names[thing])
            )
            self._indexes[among] = Index(names, {}, {})
        return self._indexes[among]

    def _is_one(self, thing: str, among: tuple[str, ...]) -> bool:
        return thing.startswith(among) or not self.classes[thing].isdisjoint(among)


def ask(
    store: ox.Store, root: Path, query: str, folder: str = "curate"
) -> Iterator[tuple[str, ...]]:
    """Ask a store a query of a folder of queries/; absent values are empty."""
    path = root / "queries" / folder / f"{query}.rq"
    solutions = store.query(read_query(path).text)
    if not isinstance(solutions, ox.QuerySolutions):
        raise InputError(f"{path}: expected SELECT")
    for row in solutions:
        yield tuple(value.value if value else "" for value in row)


def local_name(iri: str) -> str:
    """Give the end of an IRI as words: the id of a resource, the name of a term."""
    end = re.split(r"[/#]", iri)[-1]
    return end if iri.startswith(BASE) and "#" not in iri else _WORD.sub(" ", end)
