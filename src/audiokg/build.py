"""Build the snapshot: read the Turtle, turn claims into preferred facts, list the conflicts.

What is done with claims stands in queries/build/*.rq, run in the order of their names; each names
the graph that takes what it constructs, and sees what the ones before it constructed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox

from audiokg import __version__
from audiokg.errors import InputError
from audiokg.files import scratch, write_bytes
from audiokg.metadata import describe, describe_library, to_turtle
from audiokg.paths import turtle_files
from audiokg.queries import Query, read_library
from audiokg.snapshot import (
    IN_MEMORY,
    VOID,
    Manifest,
    add_quads,
    union_store,
    write_snapshot,
    write_store,
)
from audiokg.terms import DCTERMS_MODIFIED, GRAPH
from audiokg.turtle import TurtleSyntaxError, graph_iri, read_triples

Progress = Callable[[str], None]
#: The graph of what follows from the files alone: arithmetic, roles, identifiers.
DERIVED = "derived"
#: Of Turtle for each triple of the snapshot: ours has 52.
_BYTES = 50


def build(folder: Path, root: Path, progress: Progress = lambda step: None) -> Manifest:
    """Build the snapshot of the files below `root` into `folder`.

    Raises InputError for a file that does not parse; the snapshot before it stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _place(folder, root) as place:
        progress("reading the files")
        store = union_store(read_quads(root), place)
        for query in read_library("build", root).values():
            progress(query.title.lower())
            add_rule(store, query)
        progress("describing the graph")
        modified = _newest(store)
        description = describe(store, __version__, modified)
        library = {**read_library("example", root), **read_library("federated", root)}
        add_quads(store, describe_library(description, library.values()))
        progress("writing the snapshot")
        named = (quad for quad in store if quad.graph_name != ox.DefaultGraph())
        manifest = write_snapshot(folder, named, __version__, modified)
        write_store(folder, store, manifest)
        write_bytes(folder / VOID, to_turtle(description))
        del store  # closes it
    return manifest


@contextmanager
def _place(folder: Path, root: Path) -> Iterator[Path | None]:
    """Give the place of the store that is built: memory, or a folder for a large graph."""
    if sum(path.stat().st_size for path in turtle_files(root)) < IN_MEMORY * _BYTES:
        yield None
        return
    with scratch(folder) as place:
        yield place


def read_quads(root: Path) -> Iterator[ox.Quad]:
    """Read every Turtle file below `root` as the named graph that it is.

    Raises InputError for a file that does not parse.
    """
    return (quad for path in turtle_files(root) for quad in read_graph(path, root))


def read_graph(path: Path, root: Path) -> list[ox.Quad]:
    """Read one file as the named graph that it is. Raises InputError if it does not parse."""
    graph = ox.NamedNode(graph_iri(path, root))
    try:
        triples = read_triples(path.read_text(encoding="utf-8"), graph.value)
    except TurtleSyntaxError as error:
        raise InputError(f"{path}:{error.line}: {error}") from error
    return [ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples]


def add_rule(store: ox.Store, query: Query) -> None:
    """Add what a build rule constructs to its graph, and to the union."""
    graph = ox.NamedNode(GRAPH + query.graph)
    result = store.query(query.text)
    if not query.graph or not isinstance(result, ox.QueryTriples):
        raise InputError(f"queries/build/{query.name}.rq: expected “#+ graph: …” and CONSTRUCT")
    add_quads(store, (ox.Quad(t.subject, t.predicate, t.object, graph) for t in result))


def _newest(store: ox.Store) -> str:
    dated = store.quads_for_pattern(None, ox.NamedNode(DCTERMS_MODIFIED), None, ox.DefaultGraph())
    dates = (quad.object.value for quad in dated if isinstance(quad.object, ox.Literal))
    return max(dates, default="")
