"""The remote engine: the claims of the protocol again, over real servers on loopback."""

import csv
import io
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient

from audiokg.binding import bind_terms, find_form
from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import HangUp, Limits, QueryRequest
from audiokg.engine.remote import RemoteEngine
from audiokg.errors import (
    EngineBusyError,
    FormatNotFittingError,
    HungUpError,
    InputError,
    QueryError,
    QueryRefusedError,
    QuerySyntaxError,
    QueryTimeoutError,
    ResultTooLargeError,
    WorkerCrashedError,
)
from audiokg.publish import GraphStore, publish
from audiokg.queries import Query, read_library
from audiokg.snapshot import load_store, read_manifest
from audiokg.terms import Term
from audiokg.turtle import read_term
from audiokg.web.app import create_app
from conftest import LIMITS, ROOT, free_port
from services import Proxy, proxy
from test_publish import SERVERS, WITH_UNION, silent

# The same claims as of the local engine: these names are tests, run here over the fixtures below.
from test_sparql import (  # noqa: F401
    test_accept_decides,
    test_dataset_parameters_override_from_also_beside_a_posted_query,
    test_form_shows_an_example_and_results_as_a_table,
    test_get_and_both_posts_give_the_same,
    test_head_and_options_are_answered,
    test_other_methods_are_405,
    test_plus_and_percent_survive_all_three_ways,
    test_post_is_read_by_its_content_type,
    test_problem_is_a_page_for_a_browser,
    test_refused_request_says_why,
    test_rows_come_in_every_format,
    test_triples_come_in_every_format,
)

EXAMPLES, PAGES = read_library("example", ROOT), read_library("page", ROOT)
EXPECTED = ROOT / "tests" / "expected"
WITH_PARAMETERS = [q for q in (*EXAMPLES.values(), *PAGES.values()) if q.parameters]


@pytest.fixture(scope="module", params=SERVERS)
def name(request: pytest.FixtureRequest) -> str:
    server: str = request.param
    return server


@pytest.fixture(scope="module")
def target(
    name: str, snapshot: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GraphStore]:
    with SERVERS[name](tmp_path_factory.mktemp(name)) as address:
        publish(snapshot, address, silent, with_union=WITH_UNION[name])
        yield address


@pytest.fixture(scope="module")
def remote(target: GraphStore) -> Iterator[RemoteEngine]:
    running = RemoteEngine(target.query_url, LIMITS)
    yield running
    running.close()


@pytest.fixture(scope="module")
def patient(target: GraphStore) -> Iterator[RemoteEngine]:
    """Compare answers, not speed: Virtuoso needs more than the two seconds of the tests."""
    running = RemoteEngine(target.query_url, Limits(timeout=20.0))
    yield running
    running.close()


@pytest.fixture(scope="module")
def remote_app(remote: RemoteEngine, snapshot: Path) -> Flask:
    made = create_app(remote, PAGES, EXAMPLES, read_manifest(snapshot))
    made.testing = True
    return made


@pytest.fixture
def client(remote_app: Flask) -> FlaskClient:
    return remote_app.test_client()


def terms_of(query: Query) -> dict[str, Term]:
    return {key: read_term(term) for key, term in query.parameters.items()}


def ask(engine: RemoteEngine | LocalEngine, query: Query, form: str = "csv") -> bytes:
    return engine.answer(QueryRequest(query.text, form, "nt", bindings=terms_of(query))).body


def test_bad_query_is_400_and_says_what_the_endpoint_says(client: FlaskClient, name: str) -> None:
    response = client.get("/sparql", query_string={"query": "SELECT *\nWHERE { ?s ?p }"})
    problem = json.loads(response.data)
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    if name == "oxigraph":
        assert (problem["line"], problem["column"]) == (2, 16)
    else:
        assert "syntax error" in problem["detail"]


@dataclass(frozen=True)
class Known:
    """How Virtuoso 7.2.5 (Debian) answers the queries of a library, as far as it was tried."""

    #: The error that it gives, each time.
    fails: Mapping[str, str]
    #: It gives other rows, each time.
    differs: Set[str]
    #: It gives no row, or nearly always none.
    is_empty: Set[str]
    #: It gives no answer in time, at times.
    is_late: Set[str]
    #: It gives the same in one database and not in the next, or follows a path of any length.
    is_unstable: Set[str]

    def check(self, query: str, found: list[str], kept: list[str]) -> None:
        """Assert what is claimed of an answer, its head first; each claim held in every run."""
        if query in self.fails:
            assert found == [self.fails[query]]
            return
        if query in self.is_late and found == [QueryTimeoutError.__name__]:
            return
        assert found[0] == kept[0]  # so it was 200, with the same columns
        assert len(found) > 1 or len(kept) == 1 or query in self.is_empty
        if query not in self.is_unstable:
            # A list of differences that is too long is as wrong as one that is too short.
            assert (found == kept) == (query not in self.differs)
        elif query not in self.differs:
            assert set(found[1:]) & set(kept[1:]) or len(kept) == 1


def follow_any_length(library: Mapping[str, Query]) -> set[str]:
    return {name for name, query in library.items() if re.search(r"[\w)][*+][\s/)]", query.text)}


#: Tried in 22 fresh databases, and what follows paths of any length in 62. Seen: a triple of two
#: graphs counts twice in its union (rows repeat); GROUP_CONCAT keeps no order, which SPARQL does
#: not promise either; errors about numeric range, REPLACE, its stack. Not all causes are known.
#:
#: In a third of the databases trained-and-evaluated-on-one-corpus had 1 to 6 of 39 rows, up to two
#: of them wrong, and in a quarter derived-from-librivox had 1 of 11: with status 200, and nothing
#: in the head that says so. Both follow paths of any length. The other examples that do, and are in
#: no list, had all rows each time; yet only that a row is right is claimed of them.
EXAMPLES_KNOWN = Known(
    fails={
        "codecs-at-25-hz-with-one-codebook": "WorkerCrashedError",
        "codecs-below-a-bitrate": "WorkerCrashedError",
        "datasets-for-a-task": "WorkerCrashedError",
        "identity-suspects": "WorkerCrashedError",
        "open-low-rate-speech-codecs": "WorkerCrashedError",
    },
    differs={
        *("accounting", "codec-configurations", "depending-on-a-codec", "quantization-methods"),
        *("sharing-a-tokenizer", "single-codebook-by-frame-rate", "streaming-codecs"),
    },
    is_empty=set(),
    is_late=set(),
    is_unstable=follow_any_length(EXAMPLES),
)

#: Tried as often. It writes what BOUND says as 0 and 1 (map, settings), counts a triple of two
#: graphs twice (property-uses, search-links), gives rows twice in spite of DISTINCT (standing),
#: makes text of unbound parts (compare), mixes up rows (list-models), loses rows (conflicts-all,
#: property-examples) or all (compare-near, leaderboard, lineage-sources), has others (terms,
#: reconcile-facts), refuses one (reconcile-terms), and has classes of its own (completions).
#: In half of the databases lineage had more rows than we have, and in half search-lines fewer;
#: once compare-near had rows, half of them right, and on a busy machine no answer in time.
PAGES_KNOWN = Known(
    fails={"reconcile-terms": "QuerySyntaxError"},
    differs={
        *("compare", "compare-near", "completions", "conflicts-all", "leaderboard"),
        *("lineage-sources", "list-models", "map", "property-examples", "property-uses"),
        *("reconcile-facts", "search-links", "settings", "standing", "terms"),
    },
    is_empty={"compare-near", "leaderboard", "lineage-sources"},
    is_late={"compare-near"},
    is_unstable=follow_any_length(PAGES) | {"lineage", "search-lines"},
)
#: Pages whose GROUP_CONCAT holds a set, in no promised order.
CONCATENATING = {"map"}


@pytest.mark.parametrize("known", [EXAMPLES_KNOWN, PAGES_KNOWN], ids=["examples", "pages"])
def test_what_is_known_is_known_of_queries_that_there_are(known: Known) -> None:
    library = EXAMPLES if known is EXAMPLES_KNOWN else PAGES
    assert {*known.fails, *known.differs, *known.is_empty, *known.is_late} <= set(library)


def read_csv(text: str) -> list[str]:
    """Give the names of the columns, and the rows in an order of ours."""
    head, *rows = ("\t".join(row) for row in csv.reader(io.StringIO(text)))
    return [head, *sorted(rows)]


def read_lines(text: str) -> list[str]:
    """Give the head of rows, or none before triples, and the lines in an order of ours."""
    head, *lines = text.splitlines() if text.startswith("?") else ["", *text.splitlines()]
    return [head, *sorted(lines)]


def read_sets(text: str) -> list[str]:
    head, *rows = text.splitlines()
    return [head, *sorted(" ".join(sorted(re.split(r'[\s"]+', row))) for row in rows)]


def find(
    engine: RemoteEngine | LocalEngine, query: Query, form: str, read: Callable[[str], list[str]]
) -> list[str]:
    """Give an answer, its head first; or the name of an error alone."""
    try:
        return read(ask(engine, query, form).decode())
    except QueryError as error:
        return [type(error).__name__]


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_has_the_same_answer(example: str, patient: RemoteEngine, name: str) -> None:
    kept = read_csv((EXPECTED / f"{example}.csv").read_text("utf-8"))
    found = find(patient, EXAMPLES[example], "csv", read_csv)
    if name == "virtuoso":
        EXAMPLES_KNOWN.check(example, found, kept)
    else:
        assert found == kept


@pytest.mark.parametrize("page", PAGES)
def test_page_has_the_same_answer(
    page: str, patient: RemoteEngine, engine: LocalEngine, name: str
) -> None:
    read = read_sets if page in CONCATENATING else read_lines
    kept, found = (find(asked, PAGES[page], "tsv", read) for asked in (engine, patient))
    if name == "virtuoso":
        PAGES_KNOWN.check(page, found, kept)
    else:
        assert found == kept


@pytest.mark.parametrize(
    "path", ["/", "/model/mimi", "/dataset/", "/codec/", "/ontology", "/graph/model/mimi"]
)
def test_pages_are_made(patient: RemoteEngine, snapshot: Path, path: str) -> None:
    client = create_app(patient, PAGES, EXAMPLES, read_manifest(snapshot)).test_client()
    page = client.get(path, headers={"Accept": "text/html"})
    assert (page.status_code, page.mimetype) == (200, "text/html")


def test_unknown_resource_is_404(client: FlaskClient) -> None:
    assert client.get("/model/no-such-model").status_code == 404


def test_json_ld_is_as_compact_as_the_local_one(remote: RemoteEngine, engine: LocalEngine) -> None:
    text = "CONSTRUCT WHERE { <https://w3id.org/audiokg/model/mimi> a ?kind }"
    request = QueryRequest(text, triples_format="jsonld")
    assert json.loads(remote.answer(request).body) == json.loads(engine.answer(request).body)


def test_engine_is_ready_and_says_when_not(remote: RemoteEngine) -> None:
    assert remote.is_ready()
    gone = RemoteEngine(f"http://127.0.0.1:{free_port()}/", LIMITS)
    assert not gone.is_ready()
    with pytest.raises(EngineBusyError, match="cannot be reached"):
        gone.answer(QueryRequest("ASK {}"))


def test_result_that_is_too_large_is_refused_whole(remote: RemoteEngine) -> None:
    small = RemoteEngine(remote._url, Limits(result=10_000))
    with pytest.raises(ResultTooLargeError, match="LIMIT"):
        small.answer(QueryRequest("SELECT * { ?s ?p ?o } LIMIT 1000"))
    small.close()


def test_format_that_does_not_fit_the_form_is_refused(remote: RemoteEngine) -> None:
    with pytest.raises(FormatNotFittingError, match="text/turtle"):
        remote.answer(QueryRequest("CONSTRUCT WHERE { ?s ?p ?o }", triples_format=None))
    with pytest.raises(FormatNotFittingError, match="sparql-results"):
        remote.answer(QueryRequest("ASK {}", rows_format=None))


def test_bound_terms_are_terms_not_text(remote: RemoteEngine) -> None:
    hostile = ox.Literal('" } DROP ALL #')
    text = "SELECT ?name ?m { ?m <http://www.w3.org/2000/01/rdf-schema#label> ?name }"
    found = remote.answer(QueryRequest(text, bindings={"name": hostile})).body
    assert json.loads(found)["results"]["bindings"] == []
    moshi = remote.answer(QueryRequest(text, bindings={"name": ox.Literal("Moshi")})).body
    assert b"https://w3id.org/audiokg/model/moshi" in moshi


SERVICE = "SERVICE <http://a.org/> { ?s ?p ?o }"


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ {SERVICE} }}",
        f"SELECT * {{ {SERVICE.lower()} }}",
        f"SELECT * {{ \\u0053{SERVICE[1:]} }}",
        f'SELECT * {{ ?s ?p "\\u0022 . {SERVICE} # " }}',
        'DEFINE get:soft "replace" SELECT * FROM <http://a.org/> { ?s ?p ?o }',
        "SELECT (bif:http_get('http://a.org/') AS ?x) {}",
        "PREFIX x: <bif:> SELECT (x:http_get('http://a.org/') AS ?x) {}",
        "SELECT (<BIF:http_get>('http://a.org/') AS ?x) {}",
    ],
)
def test_endpoint_is_asked_for_nothing_but_its_own_data(text: str) -> None:
    engine = RemoteEngine(f"http://127.0.0.1:{free_port()}/", LIMITS)
    with pytest.raises(QueryRefusedError):
        engine.answer(QueryRequest(text))


def test_client_that_hangs_up_is_let_go_at_once() -> None:
    hang_up = HangUp()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        engine = RemoteEngine(f"http://127.0.0.1:{listener.getsockname()[1]}/", LIMITS)
        threading.Timer(0.2, hang_up.set).start()
        started = time.monotonic()
        with pytest.raises(HungUpError):
            engine.answer(QueryRequest("ASK {}"), hang_up)
        assert time.monotonic() - started < 1.0
    engine.close()


def test_many_ask_at_a_time(remote: RemoteEngine) -> None:
    failures: list[QueryError] = []

    def go() -> None:
        try:
            remote.answer(QueryRequest("SELECT * { ?s ?p ?o } LIMIT 10"))
        except QueryError as error:
            failures.append(error)

    threads = [threading.Thread(target=go) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


# What a server does wrong, without a server of either kind.


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with SERVERS["oxigraph"](tmp_path_factory.mktemp("upstream")) as address:
        yield address.query_url


@pytest.fixture
def between(upstream: str) -> Iterator[Proxy]:
    with proxy(upstream) as server:
        yield server


def ask_through(server: Proxy) -> bytes:
    engine = RemoteEngine(server.address, LIMITS)
    try:
        return engine.answer(QueryRequest("SELECT (1 AS ?n) {}", "csv")).body
    finally:
        engine.close()


@pytest.mark.parametrize("faults", [["503"], ["502", "504"], ["nothing"], ["nothing", "503"]])
def test_safe_failure_is_tried_again(between: Proxy, faults: list[str]) -> None:
    between.faults = list(faults)
    assert ask_through(between) == b"n\r\n1\r\n"
    assert len(between.requests) == len(faults) + 1


@pytest.mark.parametrize(
    ("fault", "error", "times"),
    [
        ("400", QuerySyntaxError, 1),
        ("401", QueryRefusedError, 1),
        ("404", QueryRefusedError, 1),
        ("413", ResultTooLargeError, 1),
        ("429", EngineBusyError, 1),
        ("500", WorkerCrashedError, 1),
        ("503", EngineBusyError, 3),
        ("504", QueryTimeoutError, 3),
        ("half", WorkerCrashedError, 1),
        ("html", WorkerCrashedError, 1),
        ("odd", WorkerCrashedError, 1),
        ("deep", WorkerCrashedError, 1),
        ("nothing", EngineBusyError, 3),
    ],
)
def test_failure_is_told_by_its_class(
    between: Proxy, fault: str, error: type[QueryError], times: int
) -> None:
    between.always = fault
    with pytest.raises(error):
        ask_through(between)
    assert len(between.requests) == times


def test_silent_endpoint_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        engine = RemoteEngine(f"http://127.0.0.1:{listener.getsockname()[1]}/", LIMITS)
        started = time.monotonic()
        with pytest.raises(QueryTimeoutError):
            engine.answer(QueryRequest("ASK {}", timeout=0.2))
        engine.close()
    assert time.monotonic() - started < 2.0


@pytest.mark.parametrize("url", ["localhost:7878/query", "file:///etc/passwd", "http://", "x"])
def test_url_of_no_service_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        RemoteEngine(url)


# Writing terms into the text.

IRI = ox.NamedNode("https://a.org/x")


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("ASK { ?x ?p ?xx }", "ASK { <https://a.org/x> ?p ?xx }"),
        ("ASK { $x ?p ?o }", "ASK { <https://a.org/x> ?p ?o }"),
        (
            "SELECT ?x ?y WHERE { ?x ?p ?y }",
            "SELECT (<https://a.org/x> AS ?x) ?y WHERE { <https://a.org/x> ?p ?y }",
        ),
        ("SELECT ?y{?x ?p ?y}", "SELECT ?y{<https://a.org/x> ?p ?y}"),
        ("ASK { ?s ?p '?x' } # ?x", "ASK { ?s ?p '?x' } # ?x"),
        ('ASK { ?s ?p """?x " ?x""" }', 'ASK { ?s ?p """?x " ?x""" }'),
        ("ASK { ?s ?p <https://a.org/?x> }", "ASK { ?s ?p <https://a.org/?x> }"),
        ("ASK { ?s ?p FILTER(BOUND(?x)) }", "ASK { ?s ?p FILTER((true)) }"),
        (
            "SELECT (COUNT(?x) AS ?n) { ?x ?p ?o } GROUP BY ?x ?o ORDER BY ?x DESC(?x)",
            "SELECT (COUNT(<https://a.org/x>) AS ?n) { <https://a.org/x> ?p ?o } "
            "GROUP BY (<https://a.org/x>) ?o ORDER BY (<https://a.org/x>) DESC(<https://a.org/x>)",
        ),
        (
            "SELECT * { ?x ?p ?o }",
            "SELECT * { VALUES ?x { <https://a.org/x> }  <https://a.org/x> ?p ?o }",
        ),
        (
            "SELECT ?o { { SELECT ?x ?o { ?x ?p ?o } } }",
            "SELECT ?o { { SELECT (<https://a.org/x> AS ?x) ?o { <https://a.org/x> ?p ?o } } }",
        ),
    ],
)
def test_term_takes_the_place_of_its_variable_alone(text: str, bound: str) -> None:
    assert bind_terms(text, {"x": IRI}) == bound


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (1 AS ?x) {}",
        "ASK { BIND(1 AS ?x) }",
        "ASK { VALUES ?x { 1 } }",
        "ASK { VALUES (?y ?x) { (1 2) } }",
    ],
)
def test_variable_that_the_query_computes_is_refused(text: str) -> None:
    with pytest.raises(QueryRefusedError, match="computed"):
        bind_terms(text, {"x": IRI})


@pytest.fixture(scope="module")
def store(snapshot: Path) -> ox.Store:
    return load_store(snapshot)


@pytest.mark.parametrize("query", WITH_PARAMETERS, ids=lambda query: query.name)
def test_text_with_terms_answers_as_bound_terms_do(query: Query, store: ox.Store) -> None:
    terms = terms_of(query)
    substitutions: dict[ox.Variable, Term] = {ox.Variable(k): v for k, v in terms.items()}
    by_engine = store.query(query.text, substitutions=substitutions)  # type: ignore[arg-type]
    by_text = store.query(bind_terms(query.text, terms))
    if isinstance(by_engine, ox.QueryBoolean):
        assert by_engine == by_text
        return
    assert not isinstance(by_text, ox.QueryBoolean)
    assert sorted(str(row) for row in by_engine) == sorted(str(row) for row in by_text)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("PREFIX select: <a:> ASK {}", "ASK"),
        ("#SELECT\nCONSTRUCT WHERE {}", "CONSTRUCT"),
        ("BASE <http://select/> describe <x>", "DESCRIBE"),
        ("nonsense", "SELECT"),
    ],
)
def test_form_is_the_first_verb(text: str, form: str) -> None:
    assert find_form(text) == form
