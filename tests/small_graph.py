"""A small graph beside the real ontology, for exports of what was meant to break them."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from audiokg.export.material import Material
from audiokg.snapshot import write_snapshot
from audiokg.terms import GRAPH, PREFIXES

#: Marks that formats read as their own, one that XML cannot hold, and one beyond 16 bits.
HOSTILE = 'a\t"b"\n<c> &amp; ]]> | \\ \x07 # --- 😀'
ROOT = Path(__file__).parents[1]


def make_small(folder: Path, graph: str, turtle: str) -> Material:
    """Make a snapshot of the ontology and of one file in Turtle, that may say {hostile}."""
    prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    text = prefixes + turtle.replace("{hostile}", str(ox.Literal(HOSTILE)))
    texts = {
        path.stem: path.read_text("utf-8") for path in sorted((ROOT / "ontology").glob("*.ttl"))
    }
    quads = [quad for name, said in {**texts, graph: text}.items() for quad in _read(said, name)]
    write_snapshot(folder, quads, "0.0.0", "2026-01-02")
    return Material(folder, ROOT)


def _read(text: str, graph: str) -> Iterator[ox.Quad]:
    name = ox.NamedNode(GRAPH + graph)
    for quad in ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri=name.value):
        yield ox.Quad(quad.subject, quad.predicate, quad.object, name)
