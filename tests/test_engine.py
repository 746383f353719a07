"""The engine under good and hostile queries."""

import contextlib
import os
import signal
import socket
import threading
import time
from ctypes.util import find_library
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiokg.binding import TOKEN
from audiokg.engine import worker
from audiokg.engine.federation import find_calls
from audiokg.engine.handle import Worker
from audiokg.engine.local import LocalEngine
from audiokg.engine.pipe import pack, receive, unpack
from audiokg.engine.precheck import check_query
from audiokg.engine.protocol import Answer, Limits, QueryRequest
from audiokg.engine.stores import Stores
from audiokg.engine.template import Template
from audiokg.errors import (
    FormatNotFittingError,
    QueryError,
    QueryOutOfMemoryError,
    QueryRefusedError,
    QuerySyntaxError,
    QueryTimeoutError,
    QueryTooLargeError,
    ResultTooLargeError,
    SnapshotError,
    WorkerCrashedError,
)
from audiokg.terms import BASE
from conftest import LIMITS

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
GREEDY = "SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?d))) AS ?x) { ?a ?b ?c . ?d ?e ?f }"
DEEP = "SELECT * " + "{" * 20_000 + "}" * 20_000
SLOW_TO_PLAN = "SELECT * { ?s ?p " + "[ ?p " * 300 + "?o" + " ]" * 300 + " }"
#: So that a query gets past the pre-check and does its worst in a worker.
NO_PRECHECK = Limits(timeout=5.0, memory=256 << 20, depth=10**9, patterns=10**9, query=10**9)


@pytest.fixture(scope="module")
def exposed(snapshot: Path) -> LocalEngine:
    return LocalEngine(snapshot, NO_PRECHECK)


@pytest.fixture(scope="module", autouse=True)
def closing(exposed: LocalEngine) -> object:
    yield
    exposed.close()


def ask(engine: LocalEngine, text: str = "ASK {}", **more: object) -> bytes:
    return engine.answer(QueryRequest(text, **more)).body  # type: ignore[arg-type]


def test_bound_terms_are_terms_not_text(engine: LocalEngine) -> None:
    hostile = ox.Literal('" } DROP ALL #')
    text = "SELECT ?name ?m { ?m <http://www.w3.org/2000/01/rdf-schema#label> ?name }"
    assert b'"bindings":[]' in ask(engine, text, bindings={"name": hostile})
    moshi = ask(engine, text, bindings={"name": ox.Literal("Moshi")})
    assert b"https://w3id.org/audiokg/model/moshi" in moshi


def test_dataset_of_the_request_takes_the_place_of_from(engine: LocalEngine) -> None:
    count = "SELECT (COUNT(*) AS ?n) FROM <https://w3id.org/audiokg/graph/claims> { ?s ?p ?o }"
    inside = ask(engine, count, rows_format="csv")
    other = ask(
        engine,
        count,
        rows_format="csv",
        default_graphs=("https://w3id.org/audiokg/graph/conflicts",),
    )
    everything = ask(engine, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", rows_format="csv")
    assert len({inside, other, everything}) == 3
    unknown = ask(engine, count, rows_format="csv", default_graphs=("https://example.org/",))
    assert unknown == b"n\r\n0\r\n"


def test_relative_iri_is_one_of_the_graph_unless_the_query_has_a_base(engine: LocalEngine) -> None:
    text = "SELECT (<model/encodec> AS ?iri) {}"
    for base, start in ("", BASE), ("BASE <https://x.org/y> ", "https://x.org/"):
        answer = engine.answer(QueryRequest(base + text, rows_format="csv"))
        assert answer.body.decode().split() == ["iri", f"{start}model/encodec"]


def test_syntax_error_has_line_and_column(engine: LocalEngine) -> None:
    with pytest.raises(QuerySyntaxError) as stopped:
        ask(engine, "SELECT *\nWHERE { ?s ?p }")
    assert (stopped.value.line, stopped.value.column) == (2, 16)


def test_format_that_does_not_fit_the_form_is_refused(engine: LocalEngine) -> None:
    with pytest.raises(FormatNotFittingError, match="text/turtle"):
        ask(engine, "CONSTRUCT WHERE { ?s ?p ?o }", triples_format=None)
    with pytest.raises(FormatNotFittingError, match="sparql-results"):
        ask(engine, "ASK {}", rows_format=None)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (ENDLESS, QueryTimeoutError),
        (SLOW_TO_PLAN, QueryTimeoutError),
        (GREEDY, QueryOutOfMemoryError),
        (DEEP, WorkerCrashedError),
        ("SELECT * { " + "OPTIONAL { " * 5000 + "}" * 5001, WorkerCrashedError),
    ],
    ids=["endless", "slow to plan", "greedy", "deep", "deep optional"],
)
def test_hostile_query_is_ended_and_others_are_answered(
    exposed: LocalEngine, text: str, error: type[QueryError]
) -> None:
    caught: list[QueryError] = []

    def attack() -> None:
        try:
            ask(exposed, text)
        except QueryError as stopped:
            caught.append(stopped)

    attacker = threading.Thread(target=attack)
    attacker.start()
    slowest = 0.0
    while attacker.is_alive():
        started = time.monotonic()
        ask(exposed)
        slowest = max(slowest, time.monotonic() - started)
    assert [type(stopped) for stopped in caught] == [error]
    assert slowest < 1.0
    ask(exposed)


def test_result_that_is_too_large_is_refused_whole(engine: LocalEngine) -> None:
    with pytest.raises(ResultTooLargeError, match="LIMIT"):
        ask(engine, "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 100000")


def test_many_endless_queries_leave_workers_for_quick_ones(engine: LocalEngine) -> None:
    def attack() -> None:
        with pytest.raises(QueryError):
            ask(engine, ENDLESS)

    attackers = [threading.Thread(target=attack) for _ in range(8)]
    for attacker in attackers:
        attacker.start()
    time.sleep(0.3)
    started = time.monotonic()
    assert ask(engine) == b'{"head":{},"boolean":true}'
    assert time.monotonic() - started < 1.5
    for attacker in attackers:
        attacker.join()


def test_another_worker_takes_over_from_one_that_is_killed(snapshot: Path) -> None:
    engine = LocalEngine(snapshot, LIMITS, workers=1)
    try:
        killer = threading.Timer(0.1, os.kill, (only_worker(engine).pid, signal.SIGKILL))
        killer.start()
        started = time.monotonic()
        with pytest.raises(QueryTimeoutError):
            ask(engine, ENDLESS)
        assert time.monotonic() - started > LIMITS.timeout
        started = time.monotonic()
        ask(engine)
        assert time.monotonic() - started < 1.0
        os.kill(only_worker(engine).pid, signal.SIGKILL)
        time.sleep(0.1)
        ask(engine)
    finally:
        engine.close()


def test_a_query_whose_worker_was_killed_late_has_time_to_wait_again(snapshot: Path) -> None:
    engine = LocalEngine(snapshot, Limits(timeout=1.0, wait=0.2), workers=1)
    try:
        threading.Timer(0.5, os.kill, (only_worker(engine).pid, signal.SIGKILL)).start()
        with pytest.raises(QueryTimeoutError):
            ask(engine, ENDLESS)
    finally:
        engine.close()


def test_a_query_whose_workers_are_killed_is_given_up(
    snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fork = Template.fork

    def fork_and_kill(template: Template, files: int = 0) -> tuple[int, socket.socket]:
        pid, connection = fork(template, files)
        threading.Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
        return pid, connection

    monkeypatch.setattr(Template, "fork", fork_and_kill)
    engine = LocalEngine(snapshot, LIMITS, workers=1)
    try:
        with pytest.raises(WorkerCrashedError, match="twice"):
            ask(engine, ENDLESS)
        monkeypatch.undo()
        time.sleep(0.4)
        assert ask(engine) == b'{"head":{},"boolean":true}'
    finally:
        engine.close()


def test_a_new_worker_is_asked_after_those_that_have_answered(snapshot: Path) -> None:
    engine = LocalEngine(snapshot, LIMITS, workers=2)
    try:
        before = {one.pid for one in engine.pool.idle}
        with pytest.raises(QueryTimeoutError):
            ask(engine, ENDLESS, timeout=0.1)
        for _ in range(500):
            if len(engine.pool.idle) == 2:
                break
            time.sleep(0.01)
        new, old = engine.pool.idle
        assert new.pid not in before
        assert old.pid in before
    finally:
        engine.close()


def only_worker(engine: LocalEngine) -> Worker:
    [one] = engine.pool.idle
    return one


def test_killed_worker_is_not_waited_for_but_reaped_later(snapshot: Path) -> None:
    template = Template.start(snapshot, LIMITS)
    try:
        pid, pipe = template.fork()
        template.kill(pid)
        pipe.close()
        for _ in range(500):
            template.bury(os.getpid())  # any task, of none of its children
            if not Path(f"/proc/{pid}").exists():
                break
            time.sleep(0.01)
        assert not Path(f"/proc/{pid}").exists()
        assert template.bury(pid) is None
    finally:
        template.close()


def test_answer_that_cannot_be_sent_for_want_of_memory_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def pack_answer(message: object) -> bytes:
        if isinstance(message, Answer):
            raise MemoryError
        return pack(message)

    monkeypatch.setattr(worker, "pack", pack_answer)
    stores = Stores(ox.Store(), ox.Store())
    message = worker.reply(stores, {}, QueryRequest("ASK {}"), LIMITS)
    assert isinstance(unpack(bytearray(message)), QueryOutOfMemoryError)


def test_worker_whose_answer_is_unwanted_ends_without_a_word(
    snapshot: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    template = Template.start(snapshot, LIMITS)
    try:
        pid, pipe = template.fork()
        pipe.sendall(pack(QueryRequest("SELECT * { ?s ?p ?o } LIMIT 10000")))
        pipe.close()
        assert template.bury(pid) == 0
    finally:
        template.close()
    assert capfd.readouterr().err == ""


def test_worker_lets_who_asks_it_go_on_first(snapshot: Path) -> None:
    template = Template.start(snapshot, LIMITS)
    try:
        pid, pipe = template.fork()
        pipe.sendall(pack(QueryRequest("ASK {}", rows_format="json")))
        assert receive(pipe)
        threads = [int(thread.name) for thread in Path(f"/proc/{pid}/task").iterdir()]
        assert os.SCHED_BATCH in [os.sched_getscheduler(thread) for thread in threads]
        pipe.close()
    finally:
        template.close()


def test_workers_allocate_by_jemalloc_if_it_is_installed(
    snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LD_PRELOAD", raising=False)
    template = Template.start(snapshot, LIMITS)
    try:
        pid, pipe = template.fork()
        maps = Path(f"/proc/{pid}/maps").read_text()
        pipe.close()
    finally:
        template.close()
    assert ("jemalloc" in maps) == (find_library("jemalloc") is not None)
    assert "LD_PRELOAD" not in os.environ


def test_allocator_of_the_environment_stays(
    snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LD_PRELOAD", "libm.so.6")
    template = Template.start(snapshot, LIMITS)
    try:
        maps = Path(f"/proc/{template.process.pid}/maps").read_text()
    finally:
        template.close()
    assert "jemalloc" not in maps
    assert os.environ["LD_PRELOAD"] == "libm.so.6"


def test_template_that_is_killed_is_started_again(snapshot: Path) -> None:
    engine = LocalEngine(snapshot, LIMITS, workers=2)
    try:
        os.kill(engine.pool.template.process.pid or 0, signal.SIGKILL)
        with pytest.raises(QueryTimeoutError):
            ask(engine, ENDLESS)
        for _ in range(100):
            ask(engine)
            if engine.pool.template.process.is_alive():
                break
            time.sleep(0.1)
        else:
            pytest.fail("no template was started")
    finally:
        engine.close()


def test_worker_ends_itself_without_its_parent(snapshot: Path) -> None:
    """The alarm of a worker ends an endless query even if nobody kills it."""
    engine = LocalEngine(snapshot, Limits(timeout=0.5), workers=1)
    try:
        pid, pipe = engine.pool.template.fork()
        with pipe:
            pipe.settimeout(10)
            pipe.sendall(pack(QueryRequest(ENDLESS)))
            with pytest.raises(EOFError):
                receive(pipe)
        assert engine.pool.template.bury(pid) == -signal.SIGALRM
    finally:
        engine.close()


def test_closed_engine_leaves_no_process(snapshot: Path) -> None:
    engine = LocalEngine(snapshot, LIMITS, workers=2)
    pids = [one.pid for one in engine.pool.idle]
    engine.close()
    time.sleep(0.2)
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_worker_opens_no_connection_and_no_file(snapshot: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        engine = LocalEngine(snapshot, NO_PRECHECK, workers=1)
        address = f"<http://127.0.0.1:{listener.getsockname()[1]}/>"
        try:
            _, pipe = engine.pool.template.fork()
            with pipe:
                for silent in ("", "SILENT "):
                    # Straight to a worker, past the pre-check that refuses SERVICE.
                    text = f"SELECT * {{ SERVICE {silent}{address} {{ ?s ?p ?o }} }}"
                    pipe.sendall(pack(QueryRequest(text)))
                    receive(pipe)
            ask(engine, "SELECT * FROM " + address + " { ?s ?p ?o }")
        finally:
            engine.close()
        with pytest.raises(TimeoutError):
            listener.accept()


def test_no_snapshot_no_engine(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="audiokg build"):
        LocalEngine(tmp_path)


SERVICE = "SERVICE <http://a.org/> { ?s ?p ?o }"


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ {SERVICE} }}",
        f"SELECT * {{ {SERVICE.lower()} }}",
        "SELECT * { SERVICE#comment\n<http://a.org/> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT ?where { ?s ?p ?o } }",
        "SELECT * {SERVICESILENT<http://a.org/>{?s ?p ?o}}",
        "PREFIX : <http://a.org/> SELECT * {SERVICE:a{?s ?p ?o}}",
        "PREFIX a: <http://a.org/> SELECT * {SERVICEa:{?s ?p ?o}}",
        "PREFIX a: <http://a.org/> SELECT * {?s a a:.SERVICE<http://a.org/>{?s ?p ?o}}",
        "SELECT * {?s ?p trueSERVICE<http://a.org/>{?s ?p ?o}}",
        "SELECT * {?s ?p 1SERVICE<http://a.org/>{?s ?p ?o}}",
        f"SELECT * {{ ?s ?p ?o FILTER EXISTS {{ {SERVICE} }} }}",
        f"SELECT * {{ {{ SELECT * {{ {SERVICE} }} }} }}",
        f"PREFIX s: <x:> SELECT * {{ ?s s:p '}}' . {SERVICE} }}",
    ],
)
def test_service_is_refused_however_it_is_written(text: str) -> None:
    with pytest.raises(QueryRefusedError, match="SERVICE"):
        find_calls(text, ())


@pytest.mark.parametrize(
    "text",
    [
        'SELECT * { ?service ?p "SERVICE" }',
        "SELECT * { ?s <http://a.org/SERVICE> ?o } # SERVICE",
        "PREFIX ex: <http://a.org/> SELECT * { ?s ex:SERVICE ex:service }",
        "SELECT * { ?s ?p '''{{{{ SERVICE''' }",
        'SELECT * { ?s ?p "a"@service }',
    ],
)
def test_the_word_alone_is_no_service(text: str) -> None:
    check_query(text, LIMITS)
    assert find_calls(text, ()) == []


@pytest.mark.parametrize("verb", ["INSERT DATA {}", "delete where {}", "LOAD <x:>", "DROP ALL"])
def test_update_is_refused(verb: str) -> None:
    with pytest.raises(QueryRefusedError, match="read-only"):
        check_query(f"PREFIX a: <x:>\n{verb}", LIMITS)


@pytest.mark.parametrize(
    "text",
    [
        DEEP,
        "SELECT * { " + "FILTER EXISTS { " * 100 + "}" * 101,
        "SELECT * { ?s " + "/".join(["<x:p>"] * 1000) + " ?o }",
        "SELECT * { FILTER(" + "!" * 10_000 + "true) }",
        "SELECT * { FILTER(" + " || ".join(["true"] * 5000) + ") }",
        "SELECT * { " + "{} UNION " * 5000 + "{} }",
        "SELECT * { ?s ?p " + '"' + "x" * 200_000 + '" }',
    ],
)
def test_too_deep_or_too_large_is_refused_before_a_worker_sees_it(text: str) -> None:
    with pytest.raises(QueryTooLargeError):
        check_query(text, LIMITS)


def test_long_list_of_values_is_fine(engine: LocalEngine) -> None:
    names = " ".join(f'"name {number}"' for number in range(2000))
    ask(engine, f"SELECT * {{ VALUES ?n {{ {names} }} }}")


@given(st.text())
def test_precheck_answers_any_text(text: str) -> None:
    try:
        check_query(text, LIMITS)
    except QueryError as error:
        assert str(error)


#: Texts on which a pattern that looks back takes the square of their length, or more.
SLOW_TO_READ = {
    "a string without an end": 'ASK {} "' + '\\"' * 46_000,
    "a long string without an end": 'ASK {} """' + '\\"""' * 22_000,
    "dots": "a." * 49_000,
    "hyphens": "a-" * 49_000,
    "brackets": "<a" * 49_000,
    "escapes": ":\\" * 49_000,
    "tags": "@a-" * 32_000,
    "quotes": "'" * 99_000,
}


@pytest.mark.parametrize("name", SLOW_TO_READ)
def test_a_text_is_read_in_time_that_grows_with_it(name: str) -> None:
    text = SLOW_TO_READ[name]
    began = time.process_time()
    for reading in (text, f"SERVICE {text}"[:100_000]):
        with contextlib.suppress(QueryError):
            check_query(reading, Limits())
        with contextlib.suppress(QueryError):
            find_calls(reading, ())
        sum(1 for _ in TOKEN.finditer(reading))
    assert time.process_time() - began < 2  # the square of its length takes minutes


@pytest.mark.parametrize("quote", ['"', "'", '"""', "'''"])
def test_what_a_string_without_an_end_may_hide_counts(quote: str) -> None:
    with pytest.raises(QueryTooLargeError, match="nested"):
        check_query(f"ASK {{ }} {quote} " + "{" * 200, Limits())


def test_every_worker_has_a_chance_of_its_own(engine: LocalEngine) -> None:
    bodies = set()
    for _ in range(2):  # each fresh from the template, and asked its first question
        _, pipe = engine.pool.template.fork()
        with pipe:
            pipe.sendall(pack(QueryRequest("SELECT (UUID() AS ?x) {}", "csv")))
            bodies.add(receive(pipe).body)
    assert len(bodies) == 2
