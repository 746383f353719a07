"""The front as a user meets it: remembered responses, hanging up, rates, metrics, the log."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from conftest import free_port, wait_until_ready
from test_engine import ENDLESS

ASK = "/sparql?query=" + quote("ASK { ?s ?p ?o }")


@pytest.fixture(scope="module")
def logged(snapshot: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Run a server that lets each client ask 40 times a second; give its address and log."""
    log = tmp_path_factory.mktemp("log") / "server.log"
    port = free_port()
    environment = os.environ | {
        "AUDIOKG_SNAPSHOT": str(snapshot),
        "AUDIOKG_PORT": str(port),
        "AUDIOKG_RATE": "40/second",
    }
    program = Path(sys.executable).with_name("audiokg")
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [program, "serve"], env=environment, stdout=stream, stderr=stream
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(process, address)
        yield address, log
    finally:
        process.terminate()
        process.wait(20)


def get(address: str, **headers: str) -> http.client.HTTPResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer: http.client.HTTPResponse = urllib.request.urlopen(
        urllib.request.Request(address, headers=named), timeout=20
    )
    return answer


def metric(server: str, name: str) -> float:
    text = get(f"{server}/metrics").read().decode()
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))


def test_a_repeated_question_is_remembered(server: str) -> None:
    address = server + "/sparql?query=" + quote(f"ASK {{}} # {time.time()}")
    first = get(address)
    before = metric(server, "audiokg_remembered_total")
    second = get(address)
    assert metric(server, "audiokg_remembered_total") == before + 1
    assert second.read() == first.read()
    kept = {"Content-Type", "ETag", "Cache-Control", "Vary"}
    assert [(k, v) for k, v in second.getheaders() if k.title() in kept] == [
        (k, v) for k, v in first.getheaders() if k.title() in kept
    ]


def test_what_is_remembered_is_not_sent_again(server: str) -> None:
    tag = get(server + ASK).headers["ETag"]
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        with pytest.raises(urllib.error.HTTPError) as caught:
            get(server + ASK, If_None_Match=known)
        assert caught.value.code == 304
        assert caught.value.read() == b""
        assert caught.value.headers["ETag"] == tag


def test_each_form_is_remembered_by_itself(server: str) -> None:
    kinds = ("application/sparql-results+json", "text/csv", "application/sparql-results+xml")
    for _ in range(2):
        assert [
            get(server + ASK, Accept=kind).headers["Content-Type"].split(";")[0] for kind in kinds
        ] == list(kinds)
    codings = [
        get(server + "/model/", Accept="text/html", Accept_Encoding=c) for c in ("gzip", "br")
    ]
    assert [answer.headers["Content-Encoding"] for answer in codings] == ["gzip", "br"]


def test_a_post_is_remembered_by_its_body(server: str) -> None:
    def post(text: str) -> bytes:
        kind = {"Content-Type": "application/sparql-query"}
        request = urllib.request.Request(f"{server}/sparql", text.encode(), kind)
        with urllib.request.urlopen(request, timeout=20) as answer:
            body: bytes = answer.read()
        return body

    assert [
        json.loads(post(text))["boolean"] for text in ("ASK {}", "ASK { <x:a> <x:b> <x:c> }") * 2
    ] == [True, False] * 2


def test_a_connection_is_kept(server: str) -> None:
    split = urlsplit(server)
    assert split.hostname
    connection = http.client.HTTPConnection(split.hostname, split.port, timeout=20)
    for _ in range(3):
        connection.request("GET", ASK)
        assert connection.getresponse().read()
        assert connection.sock is not None
    connection.close()


def test_clients_that_hang_up_free_the_workers(server: str) -> None:
    split = urlsplit(server)
    for _ in range(12):
        with socket.create_connection((split.hostname, split.port), timeout=5) as client:
            query = quote(f"{ENDLESS} # {time.time()}")
            client.sendall(f"GET /sparql?query={query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            time.sleep(0.3)
    started = time.monotonic()
    assert get(server + "/sparql?query=" + quote(f"ASK {{}} # {started}")).status == 200
    assert time.monotonic() - started < 3
    deadline = time.monotonic() + 20
    while metric(server, 'audiokg_requests_total{route="/sparql",status="499"}') < 3:
        assert time.monotonic() < deadline, "the server has not seen that clients left"
        time.sleep(0.2)


def test_too_many_requests_are_told_so(logged: tuple[str, Path]) -> None:
    address, _ = logged
    statuses = []
    for _ in range(60):
        try:
            statuses.append(get(address + "/health").status)
        except urllib.error.HTTPError as error:
            statuses.append(error.code)
            assert error.headers["Retry-After"] == "1"
            assert "40 per 1 second" in json.loads(error.read())["detail"]
    assert statuses[0] == 200
    assert 429 in statuses
    time.sleep(1.1)
    assert get(address + "/health").status == 200


def test_the_log_has_a_line_for_each_request_and_no_query(logged: tuple[str, Path]) -> None:
    address, log = logged
    time.sleep(1.1)
    query = "SELECT * { ?s ?p ?o FILTER(?s != <x:secret>) } LIMIT 3"
    get(address + "/sparql?query=" + quote(query))
    deadline = time.monotonic() + 5
    while '"/sparql"' not in (text := log.read_text(encoding="utf-8")):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    [line] = [line for line in text.splitlines() if '"/sparql"' in line]
    entry = json.loads(line[line.index("{") :])
    assert entry["status"] == 200
    assert re.fullmatch(r"[0-9a-f]{16}", entry["query"])
    assert entry["ms"] > 0
    assert entry["rows"] == 3
    assert "secret" not in text


def say(address: str, text: str, *, is_cut: bool = False) -> bytes:
    """Send raw text and read what comes; `is_cut` ends the sending there."""
    url = urlsplit(address)
    with socket.create_connection((str(url.hostname), url.port or 80), timeout=10) as line:
        line.sendall(text.encode())
        if is_cut:
            line.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: line.recv(65536), b""))


POST = "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}\r\n{}"


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (POST.format("application/sparql-query", 6, "", "ASK {}"), 200),
        (POST.format("Application/SPARQL-Query", 6, "", "ASK {}"), 200),
        (POST.format("application/sparql-query", 6, "Content-Encoding: gzip\r\n", "ASK {}"), 415),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    ],
)
def test_a_request_is_whole_plain_and_names_its_host(
    server: str, request_text: str, status: int
) -> None:
    answer = say(server, request_text.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1))
    assert answer.startswith(f"HTTP/1.1 {status}".encode())


def test_a_query_that_was_cut_is_not_answered(server: str) -> None:
    text = POST.format("application/sparql-query", 50, "Connection: close\r\n", "ASK {}")
    assert b" 200 " not in say(server, text, is_cut=True)


def test_lines_of_one_header_are_one_header(server: str) -> None:
    text = (
        f"GET {ASK} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        "Accept: application/sparql-results+xml\r\nAccept: text/csv;q=0.2\r\n\r\n"
    )
    assert b"application/sparql-results+xml" in say(server, text)


@pytest.mark.parametrize("codings", ["gzip;q=0", "zstd;q=0.000, gzip; q=0", "br;Q=0"])
def test_a_coding_that_is_not_welcome_is_not_used(server: str, codings: str) -> None:
    answer = get(server + "/codec/?format=csv", Accept_Encoding=codings)
    assert "Content-Encoding" not in answer.headers
