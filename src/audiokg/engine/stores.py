"""The snapshot as queries see it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from audiokg.engine.protocol import QueryRequest
from audiokg.snapshot import load_store, read_manifest, store_folder
from audiokg.tokens import TOKEN, is_doubtful, make_detector

#: Without one of these words a query sees the default graph alone; an escape may hide any word.
_WORDS: Final = ("graph", "from", "\\u")
_names_graph: Final = make_detector("GRAPH", "FROM")
#: Numbers of files that the process has open anyway.
_SPARE_FILES: Final = 64


@dataclass(frozen=True)
class Stores:
    """The whole snapshot, and its default graph by itself, which is a third quicker to ask."""

    whole: ox.Store
    union: ox.Store
    #: How many files queries may have to open: none in memory.
    files: int = 0

    def fitting(self, request: QueryRequest) -> ox.Store:
        """Choose the store for a query: the whole one if it may ask for a named graph."""
        chosen = request.default_graphs or request.named_graphs
        return self.whole if chosen or _may_name_graph(request.text) else self.union

    def has_default_only(self, store: ox.Store) -> bool:
        """Tell whether a store is the default graph by itself.

        Then “all graphs” is the same, and the engine need not look at the graph of each quad.
        """
        return store is self.union and store is not self.whole


def _may_name_graph(text: str) -> bool:
    folded = text.casefold()
    if not any(word in folded for word in _WORDS):
        return False
    if "\\u" in folded or is_doubtful(text):
        return True
    return any(map(_names_graph, TOKEN.finditer(text)))


def open_stores(folder: Path) -> Stores:
    """Open a snapshot, in memory or from disk. Raises SnapshotError as load_store does."""
    on_disk = store_folder(folder, read_manifest(folder))
    if on_disk.is_dir():
        # Default graph and named graphs have indexes of their own on disk: one store does for both.
        store = ox.Store.read_only(str(on_disk))
        return Stores(store, store, _SPARE_FILES + 2 * sum(1 for _ in on_disk.iterdir()))
    whole, union = load_store(folder), ox.Store()
    union.bulk_extend(whole.quads_for_pattern(None, None, None, ox.DefaultGraph()))
    return Stores(whole, union)
