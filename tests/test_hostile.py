"""The real server under hostile queries, hostile bytes, and clients that never finish.

The corpus (hostile.py) runs once, side by side, while health is asked for all the time; each test
then looks at one outcome.
"""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from audiokg.engine.local import LocalEngine
from audiokg.engine.precheck import check_query
from audiokg.engine.protocol import Answer, QueryRequest
from audiokg.errors import QueryError
from audiokg.formats import ROWS, TRIPLES
from audiokg.web.negotiation import HTML, accepts_html, choose
from conftest import LIMITS, free_port, wait_until_ready
from hostile import ENDLESS, Hostile, corpus

#: Only for the names of the cases; the outcomes are of an address that listens.
CORPUS = corpus("http://127.0.0.1:1/")
CHEAP = "ASK {}"
COUNT_ENDLESS = f"SELECT (COUNT(*) AS ?n) {{ {ENDLESS} }}"
TIMEOUT = 0.4
#: What a time limit may be overrun by, in seconds: until the worker is stopped and the answer sent.
GRACE = 1.0
#: Slowest health query allowed; longest that any connection may stay open without a word.
HEALTH, HANG = 1.0, 15.0
ATTACKERS = 6
BUSY_TRIES, BUSY_PAUSE = 100, 0.1
PROBLEM = "application/problem+json"
#: Not one of these may be seen by a client or in the log.
TRACES = (b"Traceback", b"panicked at", b'File "/', b"overflowed its stack", b"root:x:0")


class Outcome(NamedTuple):
    """What a client got, and how long it waited."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def problem(self) -> dict[str, object]:
        """Read the body as a problem document."""
        read: dict[str, object] = json.loads(self.body)
        return read


@dataclass(frozen=True)
class Server:
    """A server that was started for the hostile tests, and its log."""

    port: int
    log: Path

    def ask(self, text: bytes | str = CHEAP, timeout: float | None = None) -> Outcome:
        """Post a query on a connection of its own; the answer must be as long as it says."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        path = "/sparql" if timeout is None else f"/sparql?timeout={timeout}"
        headers = {"Content-Type": "application/sparql-query", "Connection": "close"}
        started = time.monotonic()
        try:
            connection.request("POST", path, text, headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        lower = {name.lower(): value for name, value in answer.getheaders()}
        return Outcome(answer.status, lower, body, time.monotonic() - started)


@dataclass(frozen=True)
class Health:
    """The longest that a health query took meanwhile, and those that were not answered."""

    slowest: float
    failures: list[str]
    count: int


@dataclass(frozen=True)
class Siege:
    """What came of the whole corpus."""

    outcomes: dict[str, Outcome]
    health: Health
    connections: list[bytes]


class Listener:
    """Counts the connections to an address on loopback; it never answers."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}/"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, peer = self._socket.accept()
            except OSError:
                return
            connection.settimeout(0.2)
            try:
                self.seen.append(connection.recv(1000) or repr(peer).encode())
            except OSError as error:
                self.seen.append(repr(error).encode())
            connection.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


@pytest.fixture(scope="module")
def target(
    snapshot: Path, listener: Listener, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Run `audiokg serve` apart from the other tests, with its log kept."""
    one = Server(free_port(), tmp_path_factory.mktemp("hostile") / "log")
    private = (listener.address + "on-the-list", f"http://localhost:{listener.port}/on-the-list")
    environment = os.environ | {
        "AUDIOKG_SNAPSHOT": str(snapshot),
        "AUDIOKG_PORT": str(one.port),
        "AUDIOKG_SERVICES": " ".join(("https://query.wikidata.org/sparql", *private)),
    }
    with one.log.open("wb") as log:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("audiokg"), "serve"],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_ready(process, f"http://127.0.0.1:{one.port}")
        yield one
    finally:
        process.terminate()
        process.wait(20)


def watch_health(server: Server, work: Callable[[], None]) -> Health:
    """Ask for health again and again while something else is done."""
    worker = threading.Thread(target=work)
    worker.start()
    slowest, failures, count = 0.0, [], 0
    while worker.is_alive():
        try:
            # Another text each time, so that no cache answers.
            outcome = server.ask(f"{CHEAP} # {uuid.uuid4()}")
        except (OSError, http.client.HTTPException) as error:
            failures.append(repr(error))
        else:
            count += 1
            slowest = max(slowest, outcome.seconds)
            if outcome.status != 200:
                failures.append(f"{outcome.status} {outcome.body!r}")
        time.sleep(0.05)
    worker.join()
    return Health(slowest, failures, count)


def assert_healthy(health: Health) -> None:
    assert not health.failures
    assert health.slowest < HEALTH
    assert health.count > 5


def attack(server: Server, one: Hostile) -> Outcome:
    """Ask a hostile query until the server is not just too busy to try it."""
    outcome = server.ask(one.text, TIMEOUT)
    for _ in range(BUSY_TRIES):
        if "retry-after" not in outcome.headers:
            break
        time.sleep(BUSY_PAUSE)
        outcome = server.ask(one.text, TIMEOUT)
    return outcome


@pytest.fixture(scope="module")
def siege(target: Server, listener: Listener) -> Siege:
    """Run the whole corpus, some at a time."""
    outcomes: dict[str, Outcome] = {}

    def run(one: Hostile) -> None:
        try:
            outcomes[one.name] = attack(target, one)
        except (OSError, http.client.HTTPException) as error:
            outcomes[one.name] = Outcome(0, {}, repr(error).encode(), 0.0)

    def run_all() -> None:
        with ThreadPoolExecutor(ATTACKERS) as pool:
            list(pool.map(run, corpus(listener.address)))

    return Siege(outcomes, watch_health(target, run_all), list(listener.seen))


def test_names_are_unique() -> None:
    assert len({one.name for one in CORPUS}) == len(CORPUS) > 300


@pytest.mark.parametrize("one", CORPUS, ids=lambda one: one.name)
def test_hostile_query_ends_with_an_allowed_status(siege: Siege, one: Hostile) -> None:
    outcome = siege.outcomes[one.name]
    assert outcome.status in one.statuses, outcome.body[:500]


@pytest.mark.parametrize("one", CORPUS, ids=lambda one: one.name)
def test_hostile_query_gets_a_whole_answer_or_a_problem_with_a_remedy(
    siege: Siege, one: Hostile
) -> None:
    outcome = siege.outcomes[one.name]
    if outcome.status == 200:
        assert_whole(outcome)
    else:
        assert_problem(outcome)


@pytest.mark.parametrize("one", CORPUS, ids=lambda one: one.name)
def test_hostile_query_ends_in_time_and_shows_nothing_of_the_inside(
    siege: Siege, one: Hostile
) -> None:
    outcome = siege.outcomes[one.name]
    assert outcome.seconds < TIMEOUT + GRACE + LIMITS.wait
    assert not [trace for trace in TRACES if trace in outcome.body]


def assert_whole(outcome: Outcome) -> None:
    kind = outcome.headers["content-type"]
    if "json" in kind:
        document = json.loads(outcome.body)
        assert "boolean" in document or "bindings" in document["results"]
    else:
        assert kind.startswith("text/turtle")
        assert not outcome.body or outcome.body.rstrip().endswith((b".", b"}"))


def assert_problem(outcome: Outcome) -> None:
    assert outcome.headers["content-type"] == PROBLEM
    problem = outcome.problem
    assert problem["status"] == outcome.status
    detail = str(problem["detail"])
    assert len(detail) > 10
    if outcome.status in (413, 503, 504):
        assert re.search(r"\d", detail), f"no limit: {detail}"
        assert re.search(r"[;,] *(\w+ ?)+", detail), f"no remedy: {detail}"


def assert_no_trace(log: Path) -> None:
    text = log.read_bytes()
    for trace in TRACES:
        before, found, after = text.partition(trace)
        assert not found, (before[-500:] + found + after[:3000]).decode()


def test_health_is_answered_within_a_second_all_the_time(siege: Siege) -> None:
    assert_healthy(siege.health)


def test_nobody_was_connected_to(siege: Siege) -> None:
    assert siege.connections == []


def test_ordinary_query_is_answered_afterwards(siege: Siege, target: Server) -> None:
    text = "SELECT ?s { ?s <http://www.w3.org/2000/01/rdf-schema#label> 'Moshi' }"
    outcome = target.ask(text)
    assert outcome.status == 200
    assert b"https://w3id.org/audiokg/model/moshi" in outcome.body


def test_log_has_no_traceback(siege: Siege, target: Server) -> None:
    assert_no_trace(target.log)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("silent", ["", "SILENT "])
def test_service_on_the_list_at_a_private_address_is_not_connected_to(
    target: Server, listener: Listener, host: str, silent: str
) -> None:
    iri = f"<http://{host}:{listener.port}/on-the-list>"
    outcome = target.ask(f"SELECT * {{ SERVICE {silent}{iri} {{ ?s ?p ?o }} }}")
    assert outcome.status in ((200,) if silent else (400, 403, 502, 503, 504)), outcome.body
    assert listener.seen == []


class Raw(NamedTuple):
    """Bytes to send, and how many answers to wait for; an end of the connection does as well."""

    name: str
    sent: tuple[bytes, ...]
    statuses: frozenset[int]
    answers: int = 1


#: An answer that is no success; or none at all.
NO = frozenset(range(400, 500)) | {501, 503, 504}
ANY = NO | frozenset(range(200, 400))
GET = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: a\r\n"
POST = b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\n"
CLOSE = b"Connection: close\r\n\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n"


def get(path: str, version: str = "HTTP/1.1") -> tuple[bytes, ...]:
    return (f"GET {path} {version}\r\nHost: a\r\n".encode("latin-1") + CLOSE,)


PATHS = {
    "up": "/../../../../etc/passwd",
    "up-escaped": "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "up-escaped-slashes": "/..%2f..%2f..%2fetc%2fpasswd",
    "up-escaped-twice": "/%252e%252e/%252e%252e/etc/passwd",
    "up-overlong": "/%c0%ae%c0%ae/etc/passwd",
    "up-backslash": "/..\\..\\etc\\passwd",
    "up-from-static": "/static/../../../../../etc/passwd",
    "up-from-static-escaped": "/static/%2e%2e/%2e%2e/templates/home.html",
    "up-from-static-slashes": "/static/..%2f..%2fapp.py",
    "up-from-graph": "/graph/../../../etc/passwd",
    "up-from-model": "/model/..%2f..%2fetc%2fpasswd",
    "absolute-from-static": "/static//etc/passwd",
    "two-slashes": "//etc/passwd",
    "two-slashes-host": "//a.example/%2e%2e",
    "nul": "/model/a%00b",
    "nul-suffix": "/model/mimi%00.ttl",
    "nul-static": "/static/style.css%00.html",
    "line-end": "/model/a%0d%0aX-Injected:%20yes",
    "bad-escape": "/model/%zz",
    "cut-escape": "/model/%",
    "not-utf-8": "/model/%ff%fe",
    "quote": "/model/%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "bracket": "/model/a%3E%20%3Fp%20%3Fo%20%7D%20%23",
    "iri-breaking-graph": "/graph/%20%3C%3E%7B%7D",
    "long": "/model/" + "a" * 60_000,
    "deep": "/a" * 20_000,
    "deep-graph": "/graph" + "/a" * 5000,
    "dots": "/model/" + "." * 5000,
    "suffixes": "/model/mimi" + ".ttl" * 1000,
    "format-unknown": "/model/mimi?format=%0d%0aX-Injected:%20yes",
    "method-override": "/sparql?query=ASK{}&_method=DELETE",
}
#: Name -> query string of /sparql; each tries to leave the value that it stands in.
PARAMETERS = {
    "format": "query=ASK%7B%7D&format=json%0d%0aX-Injected:%20yes",
    "query": "query=ASK%7B%7D%0d%0aX-Injected:%20yes",
    "query-of-error": "query=SELECT%0d%0aX-Injected:%20yes%0d%0a%0d%0a",
    "graph": "query=ASK%7B%7D&default-graph-uri=x:%0d%0aX-Injected:%20yes",
    "graph-of-file": "query=ASK%7B?s?p?o%7D&default-graph-uri=file:///etc/passwd",
    "graph-nul": "query=ASK%7B%7D&default-graph-uri=x:%00",
    "graph-surrogate": "query=ASK%7B%7D&default-graph-uri=x:%ed%a0%80",
    "graph-relative": "query=ASK%7B%7D&default-graph-uri=//a:b",
    "graph-colon-only": "query=ASK%7B%7D&default-graph-uri=:",
    "graph-percent": "query=ASK%7B%7D&named-graph-uri=x:%25zz",
    "graph-brackets": "query=ASK%7B%7D&named-graph-uri=x://%5b%5d%5b",
    "graphs-150": "query=ASK%7B%7D" + "&named-graph-uri=x:g" * 150,
    "graphs-5000": "query=ASK%7B%7D" + "&named-graph-uri=x:g" * 5000,
    "timeout-infinite": "query=ASK%7B%7D&timeout=inf",
    "timeout-nan": "query=ASK%7B%7D&timeout=nan",
    "timeout-negative": "query=ASK%7B%7D&timeout=-1",
    "timeout-tiny": "query=ASK%7B%7D&timeout=1e-300",
    "timeout-huge": "query=ASK%7B%7D&timeout=1e300",
    "timeout-long": "query=ASK%7B%7D&timeout=" + "9" * 5000,
    "timeout-digits": "query=ASK%7B%7D&timeout=%D9%A1",
    "timeout-twice": "query=ASK%7B%7D&timeout=1&timeout=x",
    "semicolons": "query=ASK%7B%7D;update=DROP%20ALL",
    "no-value": "query",
    "no-name": "=ASK%7B%7D",
    "ampersands": "&" * 50_000,
    "brackets": "query[]=ASK%7B%7D&query[0]=1",
    "utf-8-raw": "query=ASK{}#\xff\xfe",
}
HEADERS = {
    "one-of-60000": b"X-A: " + b"a" * 60_000 + b"\r\n",
    "one-of-2000000": b"X-A: " + b"a" * 2_000_000 + b"\r\n",
    "99": b"".join(b"X-%d: a\r\n" % n for n in range(80)),
    "20000": b"".join(b"X-%d: a\r\n" % n for n in range(20_000)),
    "accept-of-60000": b"Accept: " + b"text/html;q=0.1," * 4000 + b"\r\n",
    "accept-of-semicolons": b"Accept: " + b";" * 60_000 + b"\r\n",
    "accept-of-quotes": b"Accept: text/html;a=" + b'"\\' * 20_000 + b"\r\n",
    "accept-of-commas": b"Accept: " + b"," * 60_000 + b"\r\n",
    "accept-broken-quality": b"Accept: text/csv;q=1e999,text/csv;q=nan,text/csv;q=-1\r\n",
    "accept-not-ascii": b"Accept: \xff\xfe/\xe4;q=\xb2\r\n",
    "accept-repeated": b"Accept: text/csv\r\n" * 50,
    "host-missing-then-two": b"Host: b\r\n",
    "host-hostile": b"X-Forwarded-Host: a\r\nX-Forwarded-For: ' OR 1=1\r\nForwarded: for=\"\r\n",
    "folded": b"X-A: a\r\n b: c\r\n",
    "without-colon": b"X-A a\r\n",
    "with-space": b"X-A : a\r\n",
    "with-nul": b"X-A: a\0b\r\n",
    "with-return": b"X-A: a\rX-Injected: yes\r\n",
    "expect": b"Expect: 100-continue\r\n",
    "expect-other": b"Expect: the-unexpected\r\n",
    "upgrade-h2c": b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: A\r\n",
    "range": b"Range: bytes=0-0,1-1,2-2," + b"3-," * 2000 + b"\r\n",
    "if-none-match": b"If-None-Match: " + b'"a",' * 10_000 + b"\r\n",
    "if-modified": b"If-Modified-Since: the day before\r\n",
    "encodings": b"Accept-Encoding: " + b"gzip;q=0.1," * 5000 + b"\r\n",
    "cookies": b"Cookie: " + b"a=b;" * 10_000 + b"\r\n",
    "authorization": b"Authorization: Basic " + b"=" * 5000 + b"\r\n",
    "proxy": b"Proxy: http://127.0.0.1:1/\r\n",
}
METHODS = ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "QUERY", "BREW", "get")
#: The request, then silence. The end of the connection is as right as an answer.
SILENT = {
    "nothing": b"",
    "one-byte": b"G",
    "line-cut": b"GET /spa",
    "headers-cut": GET + b"X-A: ",
    "headers-never-end": GET,
    "body-missing": POST + b"Content-Length: 6\r\n\r\n",
    "body-cut": POST + b"Content-Length: 1000\r\n\r\nASK {}",
    "chunk-size-missing": CHUNKED + b"\r\n",
    "chunk-size-cut": CHUNKED + b"\r\n6",
    "chunk-cut": CHUNKED + b"\r\n6\r\nASK",
    "chunks-never-end": CHUNKED + b"\r\n6\r\nASK {}\r\n",
    "continue-awaited": POST + b"Content-Length: 6\r\nExpect: 100-continue\r\n\r\n",
    "tls-hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 40,
    "http-2-preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "http-2-preface-cut": b"PRI * HTTP/2.0\r\n\r\nSM",
}
BODIES: dict[str, tuple[bytes, frozenset[int]]] = {
    "length-too-short": (POST + b"Content-Length: 3\r\n" + CLOSE + b"ASK {}", ANY),
    "length-negative": (POST + b"Content-Length: -1\r\n" + CLOSE + b"ASK {}", NO),
    "length-plus": (POST + b"Content-Length: +6\r\n" + CLOSE + b"ASK {}", NO),
    "length-no-number": (POST + b"Content-Length: six\r\n" + CLOSE + b"ASK {}", NO),
    "length-hexadecimal": (POST + b"Content-Length: 0x6\r\n" + CLOSE + b"ASK {}", NO),
    "length-empty": (POST + b"Content-Length: \r\n" + CLOSE + b"ASK {}", NO),
    "length-beyond-64-bits": (POST + b"Content-Length: 99999999999999999999\r\n" + CLOSE, NO),
    "length-of-a-terabyte": (POST + b"Content-Length: 1099511627776\r\n" + CLOSE, NO),
    "lengths-two-equal": (POST + b"Content-Length: 6\r\n" * 2 + CLOSE + b"ASK {}", ANY),
    "lengths-two": (POST + b"Content-Length: 6\r\nContent-Length: 7\r\n" + CLOSE + b"ASK {} ", NO),
    "lengths-in-one": (POST + b"Content-Length: 6, 7\r\n" + CLOSE + b"ASK {} ", NO),
    "length-missing": (POST + CLOSE, NO),
    "length-and-chunked": (CHUNKED + b"Content-Length: 3\r\n" + CLOSE + b"0\r\n\r\n", NO),
    "chunked": (CHUNKED + CLOSE + b"3\r\nASK\r\n3\r\n {}\r\n0\r\n\r\n", frozenset({200})),
    "chunked-extended": (
        CHUNKED + CLOSE + b'6;a="b"\r\nASK {}\r\n0\r\nX-Trailer: a\r\n\r\n',
        ANY,
    ),
    "chunked-bytewise": (
        CHUNKED + CLOSE + b"1\r\n \r\n" * 5000 + b"6\r\nASK {}\r\n0\r\n\r\n",
        frozenset({200}),
    ),
    "chunked-too-large": (
        CHUNKED + CLOSE + b"100000\r\n" + b" " * 0x100000 + b"\r\n6\r\nASK {}\r\n0\r\n\r\n",
        frozenset({413}),
    ),
    "chunk-size-bad": (CHUNKED + CLOSE + b"zz\r\nASK {}\r\n0\r\n\r\n", NO),
    "chunk-size-negative": (CHUNKED + CLOSE + b"-6\r\nASK {}\r\n0\r\n\r\n", NO),
    "chunk-size-huge": (CHUNKED + CLOSE + b"ffffffffffffffffff\r\nASK {}\r\n", NO),
    "chunk-of-wrong-size": (CHUNKED + CLOSE + b"3\r\nASK {}\r\n0\r\n\r\n", NO),
    "encoding-unknown": (POST + b"Transfer-Encoding: gzip\r\n" + CLOSE + b"ASK {}", NO),
    "encoding-twice": (CHUNKED + b"Transfer-Encoding: chunked\r\n" + CLOSE + b"0\r\n\r\n", NO),
    "encoding-hidden": (
        POST + b"Transfer-Encoding: xchunked\r\nContent-Length: 6\r\n" + CLOSE + b"ASK {}",
        NO,
    ),
    "content-gzipped-bomb": (
        POST + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n" + CLOSE + b"\x1f\x8b\x08\x00",
        NO,
    ),
}
BODIES |= {
    f"type-{name}": (
        b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: "
        + kind
        + b"\r\nContent-Length: 6\r\n"
        + CLOSE
        + b"ASK {}",
        NO | {200} if name == "charset-quoted" else NO,
    )
    for name, kind in {
        "empty": b"",
        "slashes": b"/" * 5000,
        "multipart": b"multipart/form-data; boundary=" + b"a" * 5000,
        "multipart-without-boundary": b"multipart/form-data",
        "charset-unknown": b"application/sparql-query; charset=nothing",
        "charset-code": b"application/sparql-query; charset=rot13",
        "charset-quoted": b'application/sparql-query; charset="',
        "charset-continued": b"application/sparql-query; charset*0*=x''%ff; charset*1=a",
        "not-ascii": b"application/\xff\xfe",
    }.items()
}
LINES: dict[str, tuple[bytes, frozenset[int], int]] = {
    "version-1.0": (b"GET /sparql?query=ASK%7B%7D HTTP/1.0\r\n\r\n", frozenset({200}), 1),
    "version-1.0-kept": (
        b"GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        frozenset({200}),
        1,
    ),
    "version-0.9": (b"GET /health\r\n\r\n", NO | {505}, 1),
    "version-unknown": (b"GET /health HTTP/9.9\r\nHost: a\r\n\r\n", NO | {505}, 1),
    "version-long": (b"GET /health HTTP/" + b"1" * 5000 + b"\r\n\r\n", NO | {505}, 1),
    "host-missing": (b"GET /health HTTP/1.1\r\n" + CLOSE, ANY, 1),
    "line-ends-bare": (b"GET /health HTTP/1.1\nHost: a\nConnection: close\n\n", ANY, 1),
    "empty-lines-first": (b"\r\n" * 10 + GET + CLOSE, ANY, 1),
    "noise": (bytes(range(256)) * 40 + b"\r\n\r\n", NO, 1),
    "spaces-first": (b"   " + GET + CLOSE, NO, 1),
    "target-absolute": (b"GET http://a/health HTTP/1.1\r\nHost: a\r\n" + CLOSE, ANY, 1),
    "target-of-others": (b"GET http://127.0.0.1:1/ HTTP/1.1\r\nHost: a\r\n" + CLOSE, ANY, 1),
    "target-star": (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n" + CLOSE, ANY, 1),
    "target-with-space": (b"GET /sparql?query=ASK {} HTTP/1.1\r\nHost: a\r\n" + CLOSE, NO, 1),
    "target-empty": (b"GET  HTTP/1.1\r\nHost: a\r\n" + CLOSE, NO, 1),
    "method-of-60000": (b"A" * 60_000 + b" / HTTP/1.1\r\nHost: a\r\n" + CLOSE, NO, 1),
    "pipelined": ((GET + b"\r\n") * 20, frozenset({200}), 20),
    "pipelined-with-an-error": (
        GET + b"\r\n" + b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n" + GET + CLOSE,
        frozenset({200, 404}),
        3,
    ),
    "pipelined-after-a-post": (
        POST + b"Content-Length: 6\r\n\r\nASK {}" + GET + CLOSE,
        frozenset({200}),
        2,
    ),
}


def _raw_cases() -> Iterator[Raw]:
    for name, sent in SILENT.items():
        yield Raw(f"silent-{name}", (sent,), NO | {100})
    for name, (sent, statuses) in BODIES.items():
        yield Raw(f"body-{name}", (sent,), statuses)
    for name, (sent, statuses, answers) in LINES.items():
        yield Raw(f"line-{name}", (sent,), statuses, answers)
    for name, header in HEADERS.items():
        yield Raw(f"header-{name}", (GET + header + CLOSE,), ANY)
    for name, path in PATHS.items():
        yield Raw(f"path-{name}", get(path), ANY if "?" in path else NO | {301, 302, 308})
    for name, parameters in PARAMETERS.items():
        yield Raw(f"parameter-{name}", get(f"/sparql?{parameters}"), ANY)
    for method in METHODS:
        line = method.encode() + b" /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: a\r\n"
        yield Raw(f"method-{method}", (line + CLOSE,), ANY if method in ("HEAD", "OPTIONS") else NO)
    yield Raw("slow-header", (GET, *[b"X-A: a\r\n"] * 20), NO)
    yield Raw("slow-body", (POST + b"Content-Length: 600\r\n\r\n", *[b" "] * 20), NO)


RAWS = tuple(_raw_cases())


class Heard(NamedTuple):
    """All that came back, the statuses in it, and whether we gave up waiting."""

    data: bytes
    statuses: list[int]
    hung: bool


def exchange(port: int, raw: Raw) -> Heard:
    """Send bytes, a second apart where there are several; listen until the end or the answers."""
    deadline = time.monotonic() + HANG + GRACE
    data = b""
    with socket.create_connection(("127.0.0.1", port), timeout=HANG) as connection:
        threading.Thread(target=_send, args=(connection, raw.sent), daemon=True).start()
        while len(_statuses(data)) < raw.answers and (left := deadline - time.monotonic()) > 0:
            connection.settimeout(left)
            try:
                received = connection.recv(1 << 16)
            except TimeoutError:
                break
            except OSError:
                received = b""
            if not received:
                return Heard(data, _statuses(data), hung=False)
            data += received
    statuses = _statuses(data)
    return Heard(data, statuses, hung=len(statuses) < raw.answers)


def _send(connection: socket.socket, parts: tuple[bytes, ...]) -> None:
    for number, part in enumerate(parts):
        time.sleep(1.0 if number else 0.0)
        try:
            connection.sendall(part)
        except OSError:
            return


def _statuses(data: bytes) -> list[int]:
    found = [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", data)]
    return [status for status in found if status != 100]


class Shelling(NamedTuple):
    """What came of all raw requests, and of two endless queries meanwhile."""

    results: dict[str, Heard]
    endless: list[Outcome]
    health: Health


@pytest.fixture(scope="module")
def shelling(target: Server) -> Shelling:
    """Send every raw request, all side by side, so that the silent ones cost their time once."""
    results: dict[str, Heard] = {}
    endless: list[Outcome] = []

    def run(raw: Raw) -> None:
        try:
            results[raw.name] = exchange(target.port, raw)
        except OSError as error:
            results[raw.name] = Heard(repr(error).encode(), [0], hung=False)

    def run_all() -> None:
        with ThreadPoolExecutor(len(SILENT) + 20) as pool:
            slow = [pool.submit(target.ask, COUNT_ENDLESS) for _ in range(2)]
            list(pool.map(run, RAWS))
            endless.extend(one.result() for one in slow)

    health = watch_health(target, run_all)
    return Shelling(results, endless, health)


def test_endless_queries_end_at_the_default_limit(shelling: Shelling) -> None:
    assert {outcome.status for outcome in shelling.endless} <= {503, 504}
    assert 9.0 < max(outcome.seconds for outcome in shelling.endless) < 10.0 + GRACE


@pytest.mark.parametrize("raw", RAWS, ids=lambda raw: raw.name)
def test_raw_request_is_answered_or_the_connection_ended(shelling: Shelling, raw: Raw) -> None:
    got = shelling.results[raw.name]
    assert not got.hung, f"nothing for {HANG:g} s after {got.data[:200]!r}"
    assert set(got.statuses) <= raw.statuses, got.data[:500]


@pytest.mark.parametrize("raw", RAWS, ids=lambda raw: raw.name)
def test_raw_request_injects_nothing_and_shows_nothing_of_the_inside(
    shelling: Shelling, raw: Raw
) -> None:
    data = shelling.results[raw.name].data
    assert not re.search(rb"(?mi)^x-injected:", data.partition(b"\r\n\r\n")[0])
    assert not [trace for trace in TRACES if trace in data]


def test_health_is_answered_within_a_second_during_raw_requests(
    shelling: Shelling,
) -> None:
    assert_healthy(shelling.health)


@pytest.mark.parametrize("name", ["headers-never-end", "body-cut", "chunk-cut"])
def test_crowd_of_clients_that_never_finish_stops_nobody(target: Server, name: str) -> None:
    """More of them than the server has threads."""
    crowd = [socket.create_connection(("127.0.0.1", target.port)) for _ in range(150)]
    try:
        for one in crowd:
            one.sendall(SILENT[name])
        assert_healthy(watch_health(target, lambda: time.sleep(1.5)))
    finally:
        for one in crowd:
            one.close()


def test_crowd_of_clients_that_do_not_read_stops_nobody(target: Server) -> None:
    """The answer is remembered, so that only sending it is left to do."""
    query = urllib.parse.quote("SELECT * { ?s ?p ?o } LIMIT 10000")
    request = f"GET /sparql?query={query} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    assert exchange(target.port, Raw("first", (request,), ANY)).statuses == [200]
    crowd = [socket.create_connection(("127.0.0.1", target.port)) for _ in range(60)]
    try:
        for one in crowd:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.sendall(request)
        assert_healthy(watch_health(target, lambda: time.sleep(2)))
    finally:
        for one in crowd:
            one.close()


def test_crowd_of_endless_queries_that_hang_up_stops_nobody(target: Server) -> None:
    query = urllib.parse.quote(COUNT_ENDLESS)
    request = f"GET /sparql?query={query} HTTP/1.1\r\nHost: a\r\n\r\n".encode()

    def hang_up() -> None:
        for _ in range(40):
            with socket.create_connection(("127.0.0.1", target.port)) as one:
                one.sendall(request)
                time.sleep(0.03)

    assert_healthy(watch_health(target, hang_up))


def test_client_that_hangs_up_frees_its_worker(target: Server) -> None:
    """Two slow queries fill the slow places; when their clients leave, a third finds one."""
    request = f"GET /sparql?query={urllib.parse.quote(COUNT_ENDLESS)} HTTP/1.1\r\nHost: a\r\n\r\n"
    crowd = [socket.create_connection(("127.0.0.1", target.port)) for _ in range(12)]
    for one in crowd:
        one.sendall(request.encode())
    time.sleep(1.0)
    for one in crowd:
        one.close()
    time.sleep(0.5)
    outcome = target.ask(COUNT_ENDLESS + " # again", TIMEOUT)
    assert outcome.status in (503, 504)
    assert outcome.seconds > TIMEOUT * 0.9, outcome.body


def test_upgrade_to_a_web_socket_is_no_way_in(target: Server) -> None:
    upgrade = (
        b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    for path in (b"/sparql?query=ASK%7B%7D", b"/health", b"/"):
        sent = b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n" + upgrade
        got = exchange(target.port, Raw("web-socket", (sent,), ANY))
        assert got.statuses == [200], got.data


def test_server_is_well_after_all_of_this(target: Server) -> None:
    assert_healthy(watch_health(target, lambda: time.sleep(1)))
    assert_no_trace(target.log)


WORDS = (
    *("SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "WHERE", "FROM", "NAMED", "GRAPH", "OPTIONAL"),
    *("UNION", "MINUS", "FILTER", "EXISTS", "NOT", "BIND", "AS", "VALUES", "UNDEF", "SERVICE"),
    *("SILENT", "DISTINCT", "REDUCED", "ORDER", "BY", "GROUP", "HAVING", "LIMIT", "OFFSET"),
    *("COUNT", "SUM", "GROUP_CONCAT", "CONCAT", "STR", "IF", "COALESCE", "REGEX", "IN", "BOUND"),
    *("PREFIX", "BASE", "INSERT", "DATA", "LOAD", "DROP", "a", "true", "false"),
    *("?s", "?p", "?o", "$x", "*", "1", "0.5", "1e3", "-1", "'x'", '"y"', "'''z'''", "'x'@en"),
    *("<x:a>", "<>", "x:a", ":", "_:b", "[]", "()", "<http://127.0.0.1:1/>", "^^", "<<", ">>"),
    *("{", "}", "(", ")", "[", "]", ".", ";", ",", "|", "/", "^", "!", "+", "?", "||", "&&"),
    *("=", "!=", "<", ">", "<=", "-", "#", "\n", "'", '"', "\\", "\\u0041", "\0", "\ufeff", "é"),
)
#: Pieces that parse when put side by side, so that some soups reach the evaluation.
PATTERNS = (
    "?s ?p ?o .",
    "?o ?q ?r .",
    "?s a* ?o .",
    "?s (a|!<x:p>)+ ?r .",
    "OPTIONAL { ?s ?p ?x }",
    "MINUS { ?s ?p ?o }",
    "{ ?s ?p ?o } UNION { ?o ?p ?s }",
    "GRAPH ?g { ?s ?p ?o }",
    "FILTER EXISTS { ?s ?p ?o }",
    "FILTER(STRLEN(STR(?o)) > 3)",
    "FILTER REGEX(STR(?o), '(a*)*b')",
    "VALUES ?s { 1 UNDEF 'x' }",
    "[] ?p [ ?q ?r ] .",
    "(1 ?s) ?p ?o .",
    "{ SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s }",
    "SERVICE <http://127.0.0.1:1/> { ?s ?p ?o }",
)
HEADS = ("SELECT *", "ASK", "DESCRIBE *", "SELECT (COUNT(*) AS ?c)", "CONSTRUCT { ?s ?p ?o } WHERE")
TAILS = ("", "LIMIT 10", "ORDER BY ?o", "OFFSET 5", "GROUP BY ?s", "HAVING(1 > 0)", "VALUES ?s {}")
SOUPS = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)
GLUED = st.lists(st.sampled_from(WORDS), max_size=60).map("".join)
MEALS = st.builds(
    lambda head, patterns, tail: f"{head} {{ {' '.join(patterns)} }} {tail}",
    st.sampled_from(HEADS),
    st.lists(st.sampled_from(PATTERNS), max_size=5),
    st.sampled_from(TAILS),
)


def check_outcome(engine: LocalEngine, text: str) -> None:
    try:
        check_query(text, LIMITS)
        answer = engine.answer(QueryRequest(text, timeout=0.3))
    except QueryError as error:
        assert str(error)
    else:
        assert isinstance(answer, Answer)


@given(text=SOUPS | GLUED | st.text(max_size=200))
@settings(max_examples=300)
def test_soup_of_tokens_gives_an_answer_or_a_query_error(engine: LocalEngine, text: str) -> None:
    check_outcome(engine, text)


@given(text=MEALS)
@settings(max_examples=20)
def test_soup_of_patterns_gives_an_answer_or_a_query_error(engine: LocalEngine, text: str) -> None:
    check_outcome(engine, text)


@given(text=SOUPS, cut=st.integers(0, 40))
@settings(max_examples=50)
def test_service_in_a_soup_is_refused(engine: LocalEngine, text: str, cut: int) -> None:
    """An engine without a list answers nothing that has SERVICE outside strings and comments."""
    query = f"SELECT * {{ {text[:cut]} SERVICE <http://127.0.0.1:1/> {{ ?s ?p ?o }} }}"
    if not set("#'\"\\<") & set(text[:cut]):
        with pytest.raises(QueryError):
            engine.answer(QueryRequest(query, timeout=0.3))


KINDS = (
    *(format_.media_type for format_ in (*ROWS, *TRIPLES, HTML)),
    *("*/*", "text/*", "application/*", "*", "image/png", "/", "*/json", "", "text/html/x"),
)
PARTS = st.builds(
    lambda kind, parameters: kind + "".join(f";{parameter}" for parameter in parameters),
    st.sampled_from(KINDS),
    st.lists(
        st.sampled_from(
            ("q=1", "q=0", "q=0.5", "q=", "q=x", "q=-1", "q=1e9", "q=nan", "q", '"', "")
        )
        | st.from_regex(r"q=[0-9.]{0,6}", fullmatch=True)
        | st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=8),
        max_size=3,
    ),
)
HEADER = st.lists(PARTS, max_size=8).map(",".join) | st.text(
    st.characters(min_codepoint=32, max_codepoint=255), max_size=80
)


@given(HEADER)
def test_any_accept_header_chooses_a_format_or_none(header: str) -> None:
    accept = parse_accept_header(header, MIMEAccept)
    for formats in (ROWS, TRIPLES, (*ROWS, HTML)):
        assert choose(accept, formats) in (*formats, None)
    assert accepts_html(accept) in (True, False)


@given(kind=st.sampled_from(ROWS), quality=st.floats(0.001, 1), others=st.lists(PARTS, max_size=4))
def test_type_that_is_refused_is_never_chosen(
    kind: object, quality: float, others: list[str]
) -> None:
    media_type = kind.media_type  # type: ignore[attr-defined]
    header = f"{media_type};q=0, */*;q={quality:.3f}"
    chosen = choose(parse_accept_header(header, MIMEAccept), ROWS)
    assert chosen is not None
    assert chosen.media_type != media_type


@given(HEADER)
@settings(max_examples=50)
def test_any_accept_header_gets_an_answer_or_406(app: object, header: str) -> None:
    client: FlaskClient = app.test_client()  # type: ignore[attr-defined]
    response = client.get("/sparql", query_string={"query": CHEAP}, headers={"Accept": header})
    assert response.status_code in (200, 406)
