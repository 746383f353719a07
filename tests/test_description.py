"""What the endpoint says of itself: service description, VoID, graph store, caching, metrics."""

import asyncio
import gzip
import json
import threading
import time
import urllib.request
from collections import Counter
from concurrent.futures import Executor
from pathlib import Path
from urllib.parse import urlencode

import brotli
import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from audiokg.engine.cache import CachedEngine, is_lasting
from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import Answer, HangUp, QueryRequest
from audiokg.errors import HungUpError
from audiokg.formats import ROWS, TRIPLES, TRIPLES_WRITERS, Format
from audiokg.metadata import describe
from audiokg.snapshot import load_store, read_manifest
from audiokg.terms import AKG, METADATA, PREFIXES, VOCABULARIES, XSD
from audiokg.web.wsgi import HANG_UP
from conftest import ROOT

SD, VOID = VOCABULARIES["sd"], VOCABULARIES["void"]
ASK = {"query": "ASK {}"}
READABLE = [format_ for format_ in TRIPLES if format_.name != "jsonld"]


def read(body: bytes, name: str) -> set[tuple[str, str, str]]:
    quads = ox.parse(body, format=TRIPLES_WRITERS[name])
    return {(str(q.subject), str(q.predicate), str(q.object)) for q in quads}


def values(triples: set[tuple[str, str, str]], predicate: str) -> set[str]:
    return {o.strip("<>") for _, p, o in triples if p == f"<{predicate}>"}


@pytest.mark.parametrize("format_", TRIPLES, ids=lambda f: f.name)
def test_service_description_comes_in_every_format(client: FlaskClient, format_: Format) -> None:
    answer = client.get("/sparql", headers={"Accept": format_.media_type})
    assert answer.status_code == 200
    assert answer.mimetype == format_.media_type
    found = read(answer.data, format_.name)
    assert found == read(client.get("/sparql").data, "ttl")


def test_service_description_says_what_is_on(client: FlaskClient, snapshot: Path) -> None:
    found = read(client.get("/sparql").data, "ttl")
    assert values(found, SD + "endpoint") == {"http://localhost/sparql"}
    assert values(found, SD + "supportedLanguage") == {SD + "SPARQL11Query"}
    assert values(found, SD + "feature") == {SD + "UnionDefaultGraph"}
    assert len(values(found, SD + "resultFormat")) == len(ROWS) + len(TRIPLES)
    assert values(found, SD + "name") == set(read_manifest(snapshot).graphs)


@pytest.fixture(scope="module")
def described(snapshot: Path) -> ox.Store:
    """Give the graph that is described: the union without what describes it."""
    whole, store = load_store(snapshot), ox.Store()
    graphs = [ox.NamedNode(g) for g in read_manifest(snapshot).graphs if g not in METADATA]
    for graph in graphs:
        store.extend(
            ox.Quad(q.subject, q.predicate, q.object)
            for q in whole.quads_for_pattern(None, None, None, graph)
        )
    return store


def count(store: ox.Store, what: str, where: str = "?s ?p ?o") -> str:
    [row] = store.query(f"SELECT (COUNT({what}) AS ?n) {{ {where} }}")  # type: ignore[misc]
    return str(row["n"])


def test_void_counts_the_graph_without_its_description(
    client: FlaskClient, described: ox.Store
) -> None:
    found = read(client.get("/.well-known/void").data, "ttl")
    dataset = "<https://w3id.org/audiokg/void#audiokg>"
    said = {p.strip("<>").removeprefix(VOID): o for s, p, o in found if s == dataset}
    assert said["triples"] == count(described, "*")
    assert said["properties"] == count(described, "DISTINCT ?p")
    assert said["distinctSubjects"] == count(described, "DISTINCT ?s")
    assert said["distinctObjects"] == count(described, "DISTINCT ?o")
    assert said["classes"] == count(described, "DISTINCT ?c", "?s a ?c")
    own = {triple for triple in found if triple[0] == dataset}
    for part, number in (("property", "properties"), ("class", "classes")):
        assert f'"{len(values(own, f"{VOID}{part}Partition"))}"' in said[number]


#: Class, property, what holds the partition of its values, and of what -> the same in the graph.
PARTITIONS = {
    "akg:AudioLanguageModel akg:trainedOn void:classPartition void:class akg:Dataset": (
        "?s a akg:AudioLanguageModel ; akg:trainedOn ?o . ?o a akg:Dataset"
    ),
    "akg:AudioTokenizer akg:frameRateHz void-ext:datatypePartition void-ext:datatype xsd:decimal": (
        "?s a akg:AudioTokenizer ; akg:frameRateHz ?o . FILTER(DATATYPE(?o) = xsd:decimal)"
    ),
}
_PROLOGUE = "".join(f"PREFIX {prefix}: <{iri}> " for prefix, iri in PREFIXES.items())


@pytest.mark.parametrize("path", PARTITIONS)
def test_partitions_are_counted(path: str, engine: LocalEngine, described: ox.Store) -> None:
    class_, property_, holds, of, value = path.split()
    asked = f"""{_PROLOGUE} SELECT ?n {{
      ?class void:class {class_} ; void:propertyPartition ?property .
      ?property void:property {property_} ; {holds} [ {of} {value} ; void:triples ?n ] }}"""
    body = engine.answer(QueryRequest(asked, "csv")).body.decode()
    asked = f"{_PROLOGUE} SELECT (COUNT(*) AS ?n) {{ {PARTITIONS[path]} }}"
    [row] = described.query(asked)  # type: ignore[misc]
    assert body.split() == ["n", row["n"].value]
    assert row["n"].value != "0"


def test_every_property_is_counted(engine: LocalEngine, described: ox.Store) -> None:
    asked = """SELECT ?property ?n {
      <https://w3id.org/audiokg/void#audiokg> void:propertyPartition ?part .
      ?part void:property ?property ; void:triples ?n }"""
    body = engine.answer(QueryRequest(_PROLOGUE + asked, "csv")).body.decode()
    found = dict(line.split(",") for line in body.split()[1:])
    triples = described.quads_for_pattern(None, None, None, ox.DefaultGraph())
    counted = Counter(triple.predicate.value for triple in triples)
    assert found == {property_: str(number) for property_, number in counted.items()}


def test_every_linkset_counts_the_links_of_one_predicate(
    engine: LocalEngine, described: ox.Store
) -> None:
    asked = """SELECT ?set ?target ?predicate ?n {
      <https://w3id.org/audiokg/void#audiokg> void:subset ?set .
      ?set a void:Linkset ; void:objectsTarget ?target ;
        void:linkPredicate ?predicate ; void:triples ?n }"""
    body = engine.answer(QueryRequest(_PROLOGUE + asked, "csv")).body.decode()
    rows = [line.split(",") for line in body.split()[1:]]
    found = {(target, predicate): int(n) for _, target, predicate, n in rows}
    assert len({row[0] for row in rows}) == len(rows) == len(found)
    targets = {target for target, _ in found}
    counted = Counter(
        (target, quad.predicate.value)
        for quad in described
        for target in targets
        if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(target)
    )
    assert found == counted
    assert found["https://github.com/", AKG + "hasCodeRepository"] > 300


def test_predicates_of_one_name_have_a_linkset_each() -> None:
    store, other = ox.Store(), ox.NamedNode("https://github.com/a/b")
    predicates = [PREFIXES["schema"] + "sameAs", PREFIXES["owl"] + "sameAs", AKG + "hasWeights"]
    for predicate in predicates:
        store.add(ox.Quad(ox.NamedNode("x:a"), ox.NamedNode(predicate), other))
    elsewhere = ox.NamedNode("https://archive.org/https://github.com/a/b")
    for value in (elsewhere, ox.Literal(other.value)):
        store.add(ox.Quad(ox.NamedNode("x:a"), ox.NamedNode(AKG + "noLink"), value))
    said = describe(store, "1.0", "2026-01-01")
    linking = {
        triple.subject.value.partition("#")[2]: triple.object.value
        for triple in said
        if isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.NamedNode)
        if triple.predicate.value == VOID + "linkPredicate"
    }
    names = ["links-github-schema.sameAs", "links-github-owl.sameAs", "links-github-akg.hasWeights"]
    assert linking == dict(zip(names, predicates, strict=True))


def test_an_editor_finds_the_prefixes_by_asking(engine: LocalEngine) -> None:
    asked = "SELECT ?prefix ?namespace { [] sh:prefix ?prefix ; sh:namespace ?namespace }"
    body = engine.answer(QueryRequest(_PROLOGUE + asked, "csv")).body.decode()
    assert dict(line.split(",") for line in body.split()[1:]) == PREFIXES


def test_an_editor_finds_what_a_class_has_by_asking(engine: LocalEngine) -> None:
    asked = """SELECT DISTINCT ?property ?class ?datatype {
      ?part void:class akg:Dataset ; void:propertyPartition ?of .
      ?of void:property ?property .
      OPTIONAL {
        { ?of void:classPartition/void:class ?class }
        UNION
        { ?of void-ext:datatypePartition/void-ext:datatype ?datatype }
      } }"""
    body = engine.answer(QueryRequest(_PROLOGUE + asked, "csv")).body.decode()
    lines = body.replace(AKG, "").replace(XSD, "").split()
    assert "durationHours,,decimal" in lines
    assert "suitableForTask,Task," in lines


def test_an_editor_finds_the_library_by_asking(engine: LocalEngine) -> None:
    asked = """SELECT ?query ?text {
      ?query a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask ?text }"""
    body = engine.answer(QueryRequest(_PROLOGUE + asked)).body
    found = json.loads(body)["results"]["bindings"]
    library = [*ROOT.glob("queries/example/*.rq"), *ROOT.glob("queries/federated/*.rq")]
    assert len(found) == len(library) > 50
    texts = {row["query"]["value"].rpartition("/")[2]: row["text"]["value"] for row in found}
    answer = engine.answer(QueryRequest(texts["small-codecs"], "csv")).body
    assert answer == (ROOT / "tests" / "expected" / "small-codecs.csv").read_bytes()


def test_description_in_the_store_is_the_document(client: FlaskClient) -> None:
    document = read(client.get("/.well-known/void").data, "ttl")
    assert read(client.get("/graph/void.ttl").data, "ttl") == document
    queries = read(client.get("/query/?format=ttl").data, "ttl")
    assert read(client.get("/graph/query.ttl").data, "ttl") == queries


def test_manifest_counts_the_union(snapshot: Path) -> None:
    store = load_store(snapshot)
    default = store.quads_for_pattern(None, None, None, ox.DefaultGraph())
    assert read_manifest(snapshot).union == sum(1 for _ in default)


@pytest.mark.parametrize("format_", READABLE, ids=lambda f: f.name)
def test_graph_store_gives_one_graph(client: FlaskClient, format_: Format) -> None:
    name = "https://w3id.org/audiokg/graph/model/mimi"
    asked = {"graph": name}
    answer = client.get("/graph-store", query_string=asked, headers={"Accept": format_.media_type})
    assert answer.mimetype == format_.media_type
    assert read(answer.data, format_.name) == read(client.get("/graph/model/mimi.ttl").data, "ttl")


def test_graph_store_gives_the_default_graph(server: str, snapshot: Path) -> None:
    address = f"{server}/graph-store?default&format=nt"
    with urllib.request.urlopen(address, timeout=20) as answer:
        body = answer.read()
    assert body.count(b" .\n") == read_manifest(snapshot).union


def test_graph_store_works_for_nobody_who_is_gone(client: FlaskClient) -> None:
    gone = HangUp()
    gone.set()
    answer = client.get("/graph-store?default&format=nt", environ_overrides={HANG_UP: gone})
    assert (answer.status_code, answer.get_json(force=True)["title"]) == (503, "The client is gone")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/graph-store", 400),
        ("/graph-store?default&graph=https://w3id.org/audiokg/graph/derived", 400),
        ("/graph-store?graph=x:a&graph=x:b", 400),
        ("/graph-store?graph=https://w3id.org/audiokg/graph/nothing", 404),
        ("/graph-store?default&format=docx", 406),
    ],
)
def test_graph_store_says_what_is_wrong(client: FlaskClient, address: str, status: int) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "foo",
        "../x",
        "?x",
        "#x",
        ":",
        "//x/y",
        "1x:y",
        "x_y:z",
        "é:y",
        "<x>",
        "<http://a/>",
        "http://a b/",
        "http://a/\n",
        "x:\0",
        'http://a/"',
        "http://a/%zz",
    ],
)
@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("/graph-store", "graph"),
        ("/sparql?query=ASK%7B%7D", "default-graph-uri"),
        ("/sparql?query=ASK%7B%7D", "named-graph-uri"),
    ],
)
def test_a_graph_is_named_by_an_absolute_iri(
    client: FlaskClient, address: str, key: str, name: str
) -> None:
    answer = client.get(f"{address}{'&' if '?' in address else '?'}{urlencode({key: name})}")
    assert answer.status_code == 400
    assert json.loads(answer.data)["detail"].startswith(f"“{key}” takes an absolute IRI")


@pytest.mark.parametrize("name", ["x:", "mailto:a@b", "X-y.z+1:a", "http://a/%20", "http://é/?ü#ö"])
def test_a_graph_that_there_is_not_is_404_where_one_is_fetched(
    client: FlaskClient, name: str
) -> None:
    assert client.get("/graph-store", query_string={"graph": name}).status_code == 404
    asked = {"query": "ASK {}", "default-graph-uri": name}
    assert client.get("/sparql", query_string=asked).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_graph_store_is_read_only(client: FlaskClient, method: str) -> None:
    answer = client.open("/graph-store?default", method=method)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    "address", ["/sparql?query=ASK%7B%7D", "/model/mimi", "/graph-store?default"]
)
def test_head_is_get_without_a_body(client: FlaskClient, address: str) -> None:
    got, head = client.get(address), client.head(address)
    assert head.status_code == 200
    assert head.data == b""
    assert head.headers["ETag"] == got.headers["ETag"]
    assert head.headers["Content-Length"] == got.headers["Content-Length"]


def test_options_tells_the_methods(client: FlaskClient) -> None:
    answer = client.options("/sparql")
    assert answer.status_code == 200
    assert {"GET", "HEAD", "POST", "OPTIONS"} <= set(answer.headers["Allow"].split(", "))
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("address", ["/sparql?query=ASK%7B%7D", "/model/mimi", "/static/style.css"])
def test_who_has_an_answer_gets_it_not_again(client: FlaskClient, address: str) -> None:
    first = client.get(address, buffered=True)
    assert "max-age" in first.headers["Cache-Control"]
    tag = {"If-None-Match": first.headers["ETag"]}
    again = client.get(address, headers=tag, buffered=True)
    assert (again.status_code, again.data) == (304, b"")
    other = client.get(address, headers={"If-None-Match": '"other"'}, buffered=True)
    assert (other.status_code, other.data) == (200, first.data)


def test_formats_have_different_tags(client: FlaskClient) -> None:
    tags = {
        client.get("/sparql", query_string=ASK | {"format": f.name}).headers["ETag"] for f in ROWS
    }
    assert len(tags) == len(ROWS)


@pytest.mark.parametrize("address", ["/health", "/ready", "/metrics"])
def test_what_tells_of_a_moment_is_not_kept(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


@pytest.mark.parametrize("function", ["NOW()", "rand()", "UUID()", "StrUUID()"])
def test_a_query_with_another_answer_each_time_is_not_kept(
    client: FlaskClient, function: str
) -> None:
    answer = client.get("/sparql", query_string={"query": f"SELECT ({function} AS ?x) {{}}"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


@pytest.mark.parametrize(
    ("coding", "decode"), [("gzip", gzip.decompress), ("br", brotli.decompress)]
)
def test_large_answers_are_compressed(client: FlaskClient, coding: str, decode: object) -> None:
    plain = client.get("/model/")
    packed = client.get("/model/", headers={"Accept-Encoding": coding})
    assert packed.headers["Content-Encoding"] == coding
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert decode(packed.data) == plain.data  # type: ignore[operator]
    assert packed.headers["ETag"] != plain.headers["ETag"]
    tag = {"If-None-Match": packed.headers["ETag"], "Accept-Encoding": coding}
    assert client.get("/model/", headers=tag).status_code == 304


class Counting:
    """An engine that counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def answer(self, request: QueryRequest, hang_up: HangUp | None = None) -> Answer:
        self.asked.append(request.text)
        return Answer("json", True, request.text.encode() * 10)

    async def answer_soon(
        self, request: QueryRequest, hang_up: HangUp, threads: Executor
    ) -> Answer:
        return self.answer(request)

    def attend(self, loop: asyncio.AbstractEventLoop) -> None:
        pass

    def is_ready(self) -> bool:
        return True

    def close(self) -> None:
        self.asked.append("closed")


def test_cache_asks_once_for_one_question() -> None:
    behind = Counting()
    cached = CachedEngine(behind, size=20_000)
    same = [cached.answer(QueryRequest("ASK {}")) for _ in range(3)]
    assert same[0] is same[1] is same[2]
    for other in (
        QueryRequest("ASK { }"),
        QueryRequest("ASK {}", rows_format="xml"),
        QueryRequest("ASK {}", default_graphs=("x:g",)),
        QueryRequest("ASK {}", named_graphs=("x:g",)),
        QueryRequest("ASK {}", bindings={"x": ox.Literal("1")}),
    ):
        cached.answer(other)
    assert len(behind.asked) == 6
    for _ in range(2):
        cached.answer(QueryRequest("SELECT (NOW() AS ?now) {}"))
    assert len(behind.asked) == 8


def test_cache_is_bounded_in_bytes() -> None:
    behind = Counting()
    cached = CachedEngine(behind, size=20_000)
    questions = [QueryRequest(f"ASK {{}} #{number}") for number in range(100)]
    for question in questions:
        cached.answer(question)
    cached.answer(questions[-1])
    assert len(behind.asked) == 100
    cached.answer(questions[0])
    assert len(behind.asked) == 101
    large = QueryRequest("ASK {} #" + "x" * 400)
    for _ in range(2):
        cached.answer(large)
    assert len(behind.asked) == 103


@pytest.mark.parametrize(
    ("text", "lasting"),
    [
        ("ASK { ?s ?p ?now }", True),
        ("ASK { ?s ?p ?known FILTER(?known) }", True),
        ("SELECT (now() AS ?x) {}", False),
        ("SELECT (STRUUID () AS ?x) {}", False),
        ("SELECT (RAND # of what\n () AS ?x) {}", False),
        ("SELECT (SUM(DISTINCTRAND()) AS ?x) {}", False),
        ("SELECT * { ?s ?p ?o } ORDER BYRAND()", False),
        ("ASK { SERVICE<x:y> {} }", False),
    ],
)
def test_what_lasts(text: str, lasting: bool) -> None:
    assert is_lasting(text) is lasting


def test_who_hangs_up_frees_the_worker(snapshot: Path) -> None:
    engine = LocalEngine(snapshot, workers=1)
    try:
        gone = HangUp()
        threading.Timer(0.5, gone.set).start()
        started = time.monotonic()
        endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
        with pytest.raises(HungUpError):
            engine.answer(QueryRequest(endless), gone)
        assert json.loads(engine.answer(QueryRequest("ASK {}")).body)["boolean"] is True
        assert time.monotonic() - started < 5
    finally:
        engine.close()
