"""The snapshot as queries see it."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from audiokg.engine.protocol import QueryRequest
from audiokg.snapshot import load_store

#: Without one of these a query sees the default graph alone; an escape may hide any word.
_NAMED: Final = re.compile(r"GRAPH|FROM|\\u", re.IGNORECASE)


@dataclass(frozen=True)
class Stores:
    """The whole snapshot, and its default graph by itself, which is a third quicker to ask."""

    whole: ox.Store
    union: ox.Store

    def fitting(self, request: QueryRequest) -> ox.Store:
        """Choose the store for a query: the whole one if it may ask for a named graph."""
        chosen = request.default_graphs or request.named_graphs
        return self.whole if chosen or _NAMED.search(request.text) else self.union


def open_stores(folder: Path) -> Stores:
    """Load a snapshot into memory. Raises SnapshotError as load_store does."""
    whole, union = load_store(folder), ox.Store()
    union.bulk_extend(whole.quads_for_pattern(None, None, None, ox.DefaultGraph()))
    return Stores(whole, union)
