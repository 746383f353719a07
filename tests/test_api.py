"""The graph for Python programs: typed answers, resources with sources, nothing left behind."""

import gc
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import networkx
import pyoxigraph as ox
import pytest

import audiokg
from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import Limits
from audiokg.errors import (
    AudioKGError,
    InputError,
    QueryRefusedError,
    QuerySyntaxError,
    QueryTimeoutError,
    QueryTooLargeError,
    SnapshotError,
    ToolError,
)
from audiokg.export.material import Material
from audiokg.finding import find_iri
from audiokg.graph import kept, opened
from audiokg.graph.answers import Table, Triples
from audiokg.graph.opened import Graph
from audiokg.graph.values import IRI, to_term, to_value
from audiokg.snapshot import QUADS, write_snapshot
from audiokg.terms import BASE, GRAPH, XSD, expand
from conftest import ROOT

MODEL = BASE + "model/"
EXPECTED = ROOT / "tests" / "expected"


@pytest.fixture(scope="module")
def graph(snapshot: Path) -> Iterator[Graph]:
    with audiokg.open(snapshot, limits=Limits(timeout=2.0)) as opened_graph:
        yield opened_graph


def test_package_gives_open_and_its_version_alone() -> None:
    assert audiokg.__all__ == ["__version__", "open"]
    with pytest.raises(AttributeError, match="has no attribute 'close'"):
        _ = audiokg.close


def test_question_of_the_library_is_answered_by_its_name(graph: Graph) -> None:
    table = graph.select("small-codecs")
    assert table.csv().encode() == (EXPECTED / "small-codecs.csv").read_bytes()
    assert len(table) == len(list(table)) > 3
    assert set(table[0]) == set(table.columns)
    assert [row["name"] for row in table[:2]] == table.column("name")[:2]


def test_parameters_are_python_values(graph: Graph) -> None:
    rates = graph.select("codecs-at-25-hz-with-one-codebook", rate=12.5).column("frameRate")
    assert rates
    assert all(isinstance(rate, float) and rate <= 12.5 for rate in rates)
    for model in ("model:encodec", IRI(MODEL + "encodec"), graph.get("model/encodec")):
        assert graph.select("depending-on-a-codec", codec=model)[0]["codec"] == MODEL + "encodec"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("<https://a.org/x>", IRI("https://a.org/x")),
        ('"a"@en', "a"),
        ("25", 25),
        ("2.5", 2.5),
        ("1e3", 1000.0),
        ("true", True),
        ('"2024-08-01"^^xsd:date', date(2024, 8, 1)),
        ('"2024-08-01T10:00:00"^^xsd:dateTime', datetime(2024, 8, 1, 10)),
        ('"2024-08"^^xsd:gYearMonth', "2024-08"),
        ('"x"^^xsd:integer', "x"),
    ],
)
def test_values_have_types(graph: Graph, text: str, value: object) -> None:
    [row] = graph.select(f"PREFIX xsd: <{XSD}> SELECT ?x {{ VALUES ?x {{ {text} }} }}")
    assert row["x"] == value
    assert type(row["x"]) is type(value)


@pytest.mark.parametrize(
    "value", [IRI("x:y"), "a\n“b” ?x", 25, 2.5, True, date(2024, 8, 1), datetime(2024, 8, 1, 10)]
)
def test_values_are_bound_as_terms(graph: Graph, value: object) -> None:
    [row] = graph.select("SELECT (?given AS ?x) { }", given=value)
    assert row["x"] == value
    assert to_value(to_term(value)) == value


@pytest.mark.parametrize("name", ["query", "self"])
def test_any_name_is_that_of_a_variable(graph: Graph, name: str) -> None:
    assert graph.select(f"SELECT (?{name} AS ?x) {{ }}", **{name: 25})[0] == {"x": 25}


def test_unbound_is_none(graph: Graph) -> None:
    assert graph.select("SELECT ?x ?y { VALUES ?x { 1 } }")[0] == {"x": 1, "y": None}


def test_rows_become_a_data_frame(graph: Graph) -> None:
    table = graph.select("single-codebook-by-frame-rate")
    frame = table.to_pandas()
    assert list(frame.columns) == list(table.columns)
    assert frame["frameRate"].dtype == float
    assert frame["name"].tolist() == table.column("name")


def test_construct_gives_triples_and_ask_a_truth_value(graph: Graph) -> None:
    triples = graph.query("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 3")
    assert isinstance(triples, Triples)
    assert len(triples) == 3
    assert all(isinstance(triple, ox.Triple) for triple in triples)
    read_back = ox.parse(triples.turtle(), format=ox.RdfFormat.TURTLE)
    assert {quad.triple for quad in read_back} == set(triples)
    assert graph.query("ASK { ?s ?p ?o }") is True
    assert graph.query("ASK { ?s ?s ?s }") is False
    with pytest.raises(QueryRefusedError, match="no SELECT"):
        graph.select("ASK {}")


@pytest.mark.parametrize(
    "name", ["encodec-24-khz", "model/encodec-24-khz", "model:encodec-24-khz", "EnCodec-24-kHz"]
)
def test_resource_has_facts_with_sources(graph: Graph, name: str) -> None:
    codec = graph.get(name)
    assert codec.iri == MODEL + "encodec-24-khz"
    assert codec.label == "EnCodec 24 kHz mono"
    assert codec.kinds == ("neural audio codec",)
    assert codec["akg:bitrateKbps"] == [1.5, 3.0, 6.0, 12.0, 24.0]
    [source] = codec.facts["akg:bitrateKbps"][0].sources
    assert (source.name, source.place) == (
        "GitHub facebookresearch/encodec",
        "README.md, introduction",
    )
    assert codec.facts["akg:frameRateHz"][0].origin == "computed"
    assert codec["akg:durationHours"] == []


@pytest.mark.parametrize("name", ["mimi", "Mimi", "model/mimi", "model:mimi", MODEL + "mimi"])
def test_exports_find_a_resource_by_what_the_graph_does(
    graph: Graph, material: Material, name: str
) -> None:
    assert graph.find(name) == material.find(name).value == MODEL + "mimi"


def test_id_of_two_resources_is_refused_with_both() -> None:
    with pytest.raises(InputError, match="may be dataset/x, model/x; write one of them"):
        find_iri("x", [MODEL + "x", BASE + "dataset/x"], lambda: "")


def test_every_fact_of_a_file_names_the_documents_of_the_file(graph: Graph) -> None:
    facts = [fact for found in graph.get("encodec").facts.values() for fact in found]
    taken = [fact for fact in facts if fact.origin == "file"]
    assert len(taken) > 3
    assert all("arXiv 2210.13438" in {source.name for source in one.sources} for one in taken)


def test_what_others_say_is_kept_with_the_reason(graph: Graph) -> None:
    said = {one.text: one for one in graph.get("encodec-24-khz").dissents}
    assert said["15,000,000"].source.name == "arXiv 2502.04465"
    assert said["15,000,000"].reason


def test_family_names_its_configurations(graph: Graph) -> None:
    assert IRI(MODEL + "encodec-24-khz") in graph.get("encodec").configurations


def test_resource_as_json_ld_and_turtle_is_that_of_its_page(graph: Graph) -> None:
    codec = graph.get("model/mimi")
    assert codec.jsonld()["label"] == "Mimi"
    assert "mimi" in codec.turtle()
    assert graph.get("query/small-codecs").label == "Small codecs"


def test_merged_resource_says_by_what_it_was_replaced(tmp_path: Path) -> None:
    old, new = ox.NamedNode(MODEL + "old"), ox.NamedNode(MODEL + "new")
    facts = (("owl:deprecated", ox.Literal(True)), ("dcterms:isReplacedBy", new))
    file = ox.NamedNode(GRAPH + "model/old")
    quads = [ox.Quad(old, ox.NamedNode(expand(name)), value, file) for name, value in facts]
    write_snapshot(tmp_path, quads, "0", "2026-01-01")
    with audiokg.open(tmp_path) as small:
        resource = small.get("model:old")
    assert (resource.is_withdrawn, resource.replaced_by) == (True, MODEL + "new")


def test_search_finds_what_is_spelt_nearly_so(graph: Graph) -> None:
    [first, *others] = graph.search("encodek", kind="model")
    assert first.iri == MODEL + "encodec"
    assert first.score > others[0].score
    assert {hit.kind for hit in others} == {"model"}
    assert graph.search("2210.13438")[0].iri == BASE + "publication/arxiv-2210-13438"
    assert len(graph.search("speech", most=3)) == 3


def test_network_is_that_of_the_export(graph: Graph) -> None:
    network = graph.to_networkx()
    assert isinstance(network, networkx.MultiDiGraph)
    assert network.nodes["model:encodec"]["label"] == "EnCodec"
    near = graph.to_networkx("encodec")
    assert near.has_edge("model:encodec-24-khz", "model:encodec")
    assert 5 < len(near) < len(network)


MISTAKES: dict[str, tuple[Callable[[Graph], object], type[AudioKGError], str]] = {
    "resource": (lambda g: g.get("encodek"), InputError, "near to it are model/encodec,"),
    "prefix": (lambda g: g.get("nope:x"), InputError, "unknown prefix 'nope'"),
    "IRI": (lambda g: g.get("https://a.org/x"), InputError, "nothing is known of"),
    "question": (lambda g: g.query("small-codec"), InputError, "near to it are small-codecs"),
    "parameter": (lambda g: g.query("small-codecs", x=1), InputError, "there are: most"),
    "number": (lambda g: g.query("small-codecs", most="x"), InputError, "is no whole number"),
    "name of our own parameter": (
        lambda g: g.select("small-codecs", **{"query": 1, "self": 2}),
        *(InputError, "“query” is no parameter of small-codecs"),
    ),
    "no name": (lambda g: g.query("SELECT * {}", **{"(": 1}), InputError, r"no variable \?\("),
    "variable": (lambda g: g.query("SELECT * {}", x=1), InputError, r"no variable \?x"),
    "value": (lambda g: g.query("ASK { ?x ?y ?z }", x=[]), InputError, "is no value of a query"),
    "kind": (lambda g: g.search("x", kind="codek"), InputError, "there are: architecture"),
    "syntax": (lambda g: g.query("SELECT * {"), QuerySyntaxError, "ends too early"),
    "update": (lambda g: g.query("DELETE WHERE { ?s ?p ?o }"), QueryRefusedError, "read-only"),
    "service": (
        lambda g: g.query("ASK { SERVICE <https://a.org/> { ?s ?p ?o } }"),
        *(QueryRefusedError, "is not offered"),
    ),
    "depth": (lambda g: g.query("ASK " + "{" * 99 + "}" * 99), QueryTooLargeError, "nested"),
    "time": (
        lambda g: g.query("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"),
        *(QueryTimeoutError, "ran longer than 2 s"),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_told_in_a_sentence_and_the_graph_goes_on(graph: Graph, mistake: str) -> None:
    make, error, message = MISTAKES[mistake]
    with pytest.raises(error, match=message):
        make(graph)
    assert graph.query("ASK {}") is True


@pytest.mark.parametrize("missing", ["pandas", "networkx"])
def test_missing_library_says_which_extra_brings_it(
    graph: Graph, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for loaded in (missing, "audiokg.export.network"):
        monkeypatch.setitem(sys.modules, loaded, None)
    table = Table(b'{"head": {"vars": []}, "results": {"bindings": []}}')
    makers: dict[str, Callable[[], object]] = {
        "pandas": table.to_pandas,
        "networkx": graph.to_networkx,
    }
    with pytest.raises(ToolError, match=rf'pip install "audiokg\[{missing}\]"'):
        makers[missing]()


def test_server_is_asked_in_place_of_the_snapshot(server: str) -> None:
    with audiokg.open(engine=f"{server}/sparql") as remote:
        assert remote.get("encodec").label == "EnCodec"
        text = remote.select("small-codecs").csv()
        assert text.encode() == (EXPECTED / "small-codecs.csv").read_bytes()
        with pytest.raises(InputError, match="made from a snapshot"):
            remote.to_networkx()


def workers_of(graph: Graph) -> list[int]:
    engine = graph._questions.engine
    assert isinstance(engine, LocalEngine)
    return [engine.pool.template.process.pid or 0, *(one.pid for one in engine.pool.idle)]


def wait_until_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(map(is_running, pids)):
        time.sleep(0.05)
    assert [pid for pid in pids if is_running(pid)] == []


def is_running(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False


def test_closed_graph_leaves_no_process(snapshot: Path) -> None:
    with audiokg.open(snapshot) as closed:
        pids = workers_of(closed)
        assert all(map(is_running, pids))
    wait_until_gone(pids)


def test_forgotten_graph_leaves_no_process(snapshot: Path) -> None:
    forgotten = audiokg.open(snapshot)
    pids = workers_of(forgotten)
    del forgotten
    gc.collect()
    wait_until_gone(pids)


SCRIPT = """
import audiokg
graph = audiokg.open()
print(graph.get("encodec").label)
print(graph._questions.engine.pool.template.process.pid)
"""


def test_script_needs_no_main_guard_and_no_close(snapshot: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    environment = os.environ | {"AUDIOKG_SNAPSHOT": str(snapshot)}
    done = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, timeout=60
    )
    label, pid = done.stdout.split()
    assert (label, done.stderr, done.returncode) == ("EnCodec", "", 0)
    wait_until_gone([int(pid)])


def test_installed_package_builds_its_snapshot_once_and_keeps_it(
    snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUDIOKG_SNAPSHOT", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(kept, "IN_WHEEL", ROOT)
    monkeypatch.setattr(kept, "build", lambda folder, root: shutil.copytree(snapshot, folder))
    folder = kept.find_snapshot()
    assert folder.parent == tmp_path / "audiokg"
    assert folder.name.startswith(audiokg.__version__)
    built = (folder / QUADS).stat().st_mtime_ns
    with audiokg.open() as graph:
        assert graph.query("ASK { ?s ?p ?o }") is True
    assert (folder / QUADS).stat().st_mtime_ns == built


def test_checkout_without_a_snapshot_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUDIOKG_SNAPSHOT", raising=False)
    with pytest.raises(SnapshotError, match="run “audiokg build” first"):
        opened.open_graph()
