"""The two ways to hold a snapshot, and which part of it a query sees."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from audiokg import snapshot as snapshots
from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import QueryRequest
from audiokg.engine.stores import Stores, open_stores
from audiokg.queries import Query, read_library
from audiokg.snapshot import load_store, read_manifest, store_folder, write_store
from audiokg.turtle import read_term
from conftest import LIMITS, ROOT
from test_engine import ENDLESS

EXAMPLES = read_library("example", ROOT).values()
GRAPHS = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"


@pytest.fixture(scope="module")
def on_disk(
    snapshot: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[LocalEngine]:
    folder = tmp_path_factory.mktemp("disk") / "build"
    shutil.copytree(snapshot, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshots, "IN_MEMORY", 0)
        write_store(folder, load_store(folder), read_manifest(folder))
    assert open_stores(folder).files
    running = LocalEngine(folder, LIMITS)
    yield running
    running.close()


@pytest.mark.parametrize("query", EXAMPLES, ids=lambda query: str(query.name))
def test_answers_from_disk_are_those_from_memory(
    engine: LocalEngine, on_disk: LocalEngine, query: Query
) -> None:
    terms = {name: read_term(term) for name, term in query.parameters.items()}
    asked = QueryRequest(query.text, rows_format="csv", bindings=terms)
    answers = [sorted(one.answer(asked).body.splitlines()) for one in (engine, on_disk)]
    assert answers[0] == answers[1]


def test_named_graphs_are_the_same_from_disk(engine: LocalEngine, on_disk: LocalEngine) -> None:
    asked = QueryRequest(GRAPHS, rows_format="csv")
    found, expected = (set(one.answer(asked).body.split()) for one in (on_disk, engine))
    assert found == expected
    assert len(found) > 1000


def test_workers_on_disk_are_replaced_when_killed(on_disk: LocalEngine) -> None:
    for _ in range(8):
        os.kill(on_disk.pool.idle[-1].pid, signal.SIGKILL)
        assert b"true" in on_disk.answer(QueryRequest("ASK { ?s ?p ?o }")).body


def test_queries_on_disk_have_limits(on_disk: LocalEngine) -> None:
    with pytest.raises(Exception, match="longer than"):
        on_disk.answer(QueryRequest(ENDLESS, timeout=0.5))
    assert on_disk.is_ready()


def test_a_store_of_another_snapshot_is_removed(snapshot: Path, tmp_path: Path) -> None:
    shutil.copytree(snapshot, tmp_path / "build")
    old = tmp_path / "build" / "store-0123456789abcdef"
    old.mkdir()
    manifest = read_manifest(tmp_path / "build")
    write_store(tmp_path / "build", ox.Store(), manifest)
    assert not old.exists()
    assert not store_folder(tmp_path / "build", manifest).exists()


@pytest.mark.parametrize(
    ("text", "is_whole"),
    [
        ("SELECT * { ?s ?p ?o }", False),
        ("SELECT * { graph ?g { ?s ?p ?o } }", True),
        ("SELECT * FROM <x:g> { ?s ?p ?o }", True),
        ("SELECT * from named <x:g> { ?s ?p ?o }", True),
        ("ASK { FILTER EXISTS { GRAPH ?g { ?s ?p ?o } } }", True),
        (r"SELECT * { \u0047RAPH ?g { ?s ?p ?o } }", True),
        ("SELECT * FROM:g { ?s ?p ?o }", True),
        ("SELECT * { ?s ?p x:. GRAPH:g {} }", True),
        ("SELECT * { ?s ?p x:.GRAPH ?g {} }", True),
        ("SELECT * { ?s ?p 5GRAPH ?g {} }", True),
        ("SELECT * { ?s ?p ?o FILTER(?o<5)GRAPH?g{} }", True),
        ("SELECT * { FILTER(1<2)GRAPH:g#>\n{?s ?p ?o} }", True),
        ('SELECT * { FILTER(1<2)#>"""\n GRAPH ?g {?s ?p ?o} #"""\n}', True),
        ("SELECT * { FILTER(1<2&&'a'!='x>')GRAPH ?g {}#'\n}", True),
        ("SELECT * { ?s ?p <http://x.org/graph#from> }", False),
        ("SELECT * { ?s prov:wasDerivedFrom ?o }", False),
        ("SELECT * { ?graph akg:fromEntry <x:graph/from> } # FROM", False),
        ('ASK { ?s ?p \'from GRAPH\', """a " graph"""@en-from }', False),
    ],
)
def test_a_query_that_may_name_a_graph_gets_the_whole_store(text: str, is_whole: bool) -> None:
    stores = Stores(ox.Store(), ox.Store())
    assert stores.fitting(QueryRequest(text)) is (stores.whole if is_whole else stores.union)


def test_a_chosen_dataset_gets_the_whole_store() -> None:
    stores = Stores(ox.Store(), ox.Store())
    for chosen in ({"default_graphs": ("x:g",)}, {"named_graphs": ("x:g",)}):
        assert stores.fitting(QueryRequest("ASK {}", **chosen)) is stores.whole  # type: ignore[arg-type]


ONE, TWO = (f"https://w3id.org/audiokg/graph/model/{name}" for name in ("moshika", "moshiko"))
EACH = "SELECT ?s ?p ?o {} {{ ?s ?p ?o }}"


def lines(engine: LocalEngine, clauses: str, *default_graphs: str) -> list[bytes]:
    text = EACH.format(clauses)
    asked = QueryRequest(text, rows_format="csv", default_graphs=default_graphs)
    return sorted(engine.answer(asked).body.splitlines()[1:])


@pytest.mark.parametrize("kind", ["memory", "disk"])
def test_triple_of_two_graphs_is_one_in_their_merge(
    engine: LocalEngine, on_disk: LocalEngine, kind: str
) -> None:
    chosen = engine if kind == "memory" else on_disk
    one, two = lines(chosen, f"FROM <{ONE}>"), lines(chosen, f"FROM <{TWO}>")
    merged = sorted({*one, *two})
    assert len(merged) < len(one) + len(two)  # some stand in both
    assert lines(chosen, f"FROM <{ONE}> FROM <{TWO}>") == merged
    assert lines(chosen, "", ONE, TWO, ONE) == merged
    assert lines(chosen, f"FROM <{TWO}> FROM <{TWO}>") == two


def test_named_graphs_stand_beside_merged_ones(engine: LocalEngine) -> None:
    clauses = f"FROM <{ONE}> FROM <{TWO}> FROM NAMED <{TWO}>"
    graphs = f"SELECT DISTINCT ?g {clauses} {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    asked = QueryRequest(graphs, rows_format="csv")
    assert engine.answer(asked).body.split() == [b"g", TWO.encode()]
