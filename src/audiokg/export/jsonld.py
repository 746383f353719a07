"""The whole graph as one JSON-LD document."""

import json
from pathlib import Path

import pyoxigraph as ox

from audiokg.context import make_context
from audiokg.jsonld import compact
from audiokg.snapshot import load_store


def export_jsonld(folder: Path) -> bytes:
    """Write the union of all graphs of the snapshot, compacted; the same snapshot, the same bytes.

    Raises SnapshotError if there is no snapshot.
    """
    store = load_store(folder)
    quads = store.quads_for_pattern(None, None, None, ox.DefaultGraph())
    document = compact((quad.triple for quad in quads), make_context(store))
    document["@graph"].sort(key=lambda node: node["id"])
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
