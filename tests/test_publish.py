"""`publish` against real servers on loopback: Oxigraph, and Virtuoso where it is installed."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from audiokg.engine.protocol import QueryRequest
from audiokg.engine.remote import RemoteEngine
from audiokg.errors import InputError, ServiceError, SnapshotError
from audiokg.publish import GraphStore, publish
from audiokg.snapshot import write_snapshot
from audiokg.terms import GRAPH
from conftest import free_port
from services import wait_until_ready

_VIRTUOSO = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/temporary.db
TransactionFile = {folder}/temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql_port}
CheckpointInterval = 0
CaseMode = 2
NumberOfBuffers = 40000
MaxDirtyBuffers = 30000
DirsAllowed = .
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = {folder}
ServerThreads = 20
Charset = UTF-8
[SPARQL]
ResultSetMaxRows = 100000
MaxQueryExecutionTime = 20
"""


@contextmanager
def running(command: list[str], address: str) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_ready(process, f"{address}?query=ASK%7B%7D")
        yield
    finally:
        process.kill()
        process.wait(20)


@contextmanager
def oxigraph(folder: Path) -> Iterator[GraphStore]:
    """Run the `oxigraph` server, in memory, writable, with a time limit."""
    port = free_port()
    program = str(Path(sys.executable).with_name("oxigraph"))
    command = [program, "serve", "--bind", f"127.0.0.1:{port}", "--timeout-s", "3"]
    target = GraphStore(f"http://127.0.0.1:{port}/store", f"http://127.0.0.1:{port}/query")
    with running(command, target.query_url):
        yield target


@contextmanager
def virtuoso(folder: Path) -> Iterator[GraphStore]:
    """Run Virtuoso with a database of its own; Debian's package is virtuoso-opensource."""
    port, sql_port = free_port(), free_port()
    settings = folder / "virtuoso.ini"
    text = _VIRTUOSO.format(folder=folder, port=port, sql_port=sql_port)
    settings.write_text(text, encoding="utf-8")
    address = f"http://127.0.0.1:{port}"
    target = GraphStore(
        f"{address}/sparql-graph-crud-auth", f"{address}/sparql", login=("dba", "dba")
    )
    with running(["virtuoso-t", "-f", "-c", str(settings)], target.query_url):
        yield target


SERVERS: dict[str, Callable[[Path], AbstractContextManager[GraphStore]]] = {"oxigraph": oxigraph}
# No test of Virtuoso where there is none; but .ci/run installs it, and demands that it is tested.
if shutil.which("virtuoso-t") or "AUDIOKG_ALL_CLIENTS" in os.environ:
    SERVERS["virtuoso"] = virtuoso

#: Whether the server has a default graph of its own, which must be loaded too.
WITH_UNION = {"oxigraph": True, "virtuoso": False}


@pytest.fixture(scope="module", params=SERVERS)
def name(request: pytest.FixtureRequest) -> str:
    server: str = request.param
    return server


@pytest.fixture(scope="module")
def target(name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphStore]:
    with SERVERS[name](tmp_path_factory.mktemp(name)) as address:
        yield address


def graph(name: str, *values: str) -> list[ox.Quad]:
    subject, property_ = ox.NamedNode(f"https://a.org/{name}"), ox.NamedNode("https://a.org/p")
    iri = ox.NamedNode(GRAPH + name)
    return [ox.Quad(subject, property_, ox.Literal(value), iri) for value in values]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    write_snapshot(tmp_path, graph("test/a", "1", '2 é \n\\ "') + graph("test/b", "3"), "1", "2")
    return tmp_path


def silent(step: str) -> None:
    pass


def values(target: GraphStore, graph_name: str) -> bytes:
    engine = RemoteEngine(target.query_url)
    text = f"SELECT ?value {{ GRAPH <{GRAPH}{graph_name}> {{ ?s ?p ?value }} }} ORDER BY ?value"
    try:
        return engine.answer(QueryRequest(text, "tsv")).body
    finally:
        engine.close()


def test_publishing_again_loads_what_does_not_fit_and_nothing_else(
    name: str, target: GraphStore, small: Path, tmp_path: Path
) -> None:
    def go(force: bool = False) -> tuple[int, int]:
        result = publish(small, target, silent, with_union=WITH_UNION[name], force=force)
        return result.loaded, result.skipped

    union = int(WITH_UNION[name])
    assert go() == (2 + union, 0)
    assert go() == (0, 2 + union)
    assert go(force=True) == (2 + union, 0)
    assert values(target, "test/a") == '?value\n"1"\n"2 é \\n\\\\ \\""\n'.encode()
    write_snapshot(tmp_path, graph("test/a", "1") + graph("test/b", "3"), "1", "2")
    assert go() == (1 + union, 1)
    assert values(target, "test/a") == b'?value\n"1"\n'


def test_graph_that_is_ours_no_more_is_named_and_kept(
    name: str, target: GraphStore, tmp_path: Path
) -> None:
    write_snapshot(tmp_path, graph("test/old", "1"), "1", "2")
    publish(tmp_path, target, silent, with_union=WITH_UNION[name])
    write_snapshot(tmp_path, graph("test/new", "1"), "1", "2")
    result = publish(tmp_path, target, silent, with_union=WITH_UNION[name])
    assert GRAPH + "test/old" in result.left_over
    assert values(target, "test/old") == b'?value\n"1"\n'


def test_missing_union_is_said(small: Path, tmp_path: Path) -> None:
    with oxigraph(tmp_path) as empty, pytest.raises(ServiceError, match="--union"):
        publish(small, empty, silent)


def test_wrong_password_is_said_at_once(target: GraphStore, small: Path, name: str) -> None:
    if name == "oxigraph":  # asks for none
        return
    wrong = GraphStore(target.store_url, target.query_url, ("dba", "wrong"))
    with pytest.raises(ServiceError, match=r"401.*password"):
        publish(small, wrong, silent, force=True)


def test_address_that_is_none_is_refused(small: Path) -> None:
    with pytest.raises(InputError, match="http://"):
        publish(small, GraphStore("localhost:7878/store", "http://a.org/"), silent)


def test_no_snapshot_nothing_is_asked(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="audiokg build"):
        publish(tmp_path, GraphStore("http://a.org/", "http://a.org/"), silent)


class _Faulty(BaseHTTPRequestHandler):
    """Hands on what it gets, after the faults of its server: a status, or `lost`."""

    server: "FaultyServer"

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        fault = self.server.faults.pop(0) if self.server.faults else self.server.always
        if fault.isdigit():
            self._say(int(fault))
        elif fault == "lost":
            self._say(204)
        else:
            url = self.server.upstream + "?" + self.path.partition("?")[2]
            kind = {"Content-Type": self.headers["Content-Type"]}
            self._say(httpx.put(url, content=body, headers=kind).status_code)

    def _say(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Retry-After", "7")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


class FaultyServer(ThreadingHTTPServer):
    def __init__(self, upstream: str, *faults: str, always: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Faulty)
        self.upstream, self.faults, self.always = upstream, list(faults), always


@contextmanager
def faulty(target: GraphStore, *faults: str, always: str = "") -> Iterator[GraphStore]:
    server = FaultyServer(target.store_url, *faults, always=always)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}/store"
        yield GraphStore(url, target.query_url)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphStore]:
    with oxigraph(tmp_path_factory.mktemp("plain")) as address:
        yield address


def test_failure_that_passes_is_tried_again_when_the_server_says(
    plain: GraphStore, small: Path
) -> None:
    rests: list[float] = []
    with faulty(plain, "503", "429") as target:
        result = publish(small, target, silent, with_union=True, force=True, rest=rests.append)
    assert (result.loaded, rests) == (3, [7.0, 7.0])


def test_graph_that_got_lost_is_named(plain: GraphStore, tmp_path: Path) -> None:
    write_snapshot(tmp_path, graph("lost/a", "1") + graph("lost/b", "3"), "1", "2")
    with faulty(plain, "", "lost") as target, pytest.raises(ServiceError) as stopped:
        publish(tmp_path, target, silent, with_union=True)
    assert f"{GRAPH}lost/b: 0 triples, not 1" in str(stopped.value) or "lost/a" in str(
        stopped.value
    )
    assert "again" in str(stopped.value)
    assert publish(tmp_path, plain, silent, with_union=True).loaded == 1


def test_three_failures_in_a_row_end_it(plain: GraphStore, small: Path) -> None:
    with (
        faulty(plain, always="500") as target,
        pytest.raises(ServiceError, match=r"3 graphs in a row failed: .*500"),
    ):
        publish(small, target, silent, with_union=True, force=True, rest=lambda seconds: None)


def test_server_that_is_gone_is_said(small: Path) -> None:
    gone = f"http://127.0.0.1:{free_port()}/"
    with pytest.raises(ServiceError, match="cannot be reached"):
        publish(small, GraphStore(gone, gone), silent)
