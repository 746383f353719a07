"""The front as a user meets it: remembered responses, hanging up, rates, metrics, the log."""

import asyncio
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
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import NoReturn
from urllib.parse import quote, urlsplit

import httpx
import pytest

from audiokg.web.exchange import Headers, Request, Response
from audiokg.web.front import Front
from audiokg.web.observe import Observer
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


@pytest.mark.parametrize("codings", ["gzip;q=0", "zstd;q=0.000, gzip; q=0", "br;Q=0", "zstd;q=0,*"])
def test_a_coding_that_is_not_welcome_is_not_used(server: str, codings: str) -> None:
    answer = get(server + "/codec/?format=csv", Accept_Encoding=codings)
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("codings", ["*", "*;q=0.5, identity;q=0", "gzip, identity;q=0"])
def test_any_coding_is_used_where_any_is_welcome(server: str, codings: str) -> None:
    answer = get(server + "/codec/?format=csv", Accept_Encoding=codings)
    assert answer.headers["Content-Encoding"]


CODEC = "/model/encodec"


def ask_raw(server: str, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.request(method, server + path, headers=named, timeout=20)


def test_a_condition_on_tags_holds_whether_it_is_remembered_or_not(server: str) -> None:
    path = f"{CODEC}?at={time.time()}"
    for _ in range(2):
        refused = ask_raw(server, path, If_Match='"x"')
        assert (refused.status_code, refused.json()["status"]) == (412, 412)
    tag = ask_raw(server, path).headers["ETag"]
    assert ask_raw(server, path, If_Match=f'"x", {tag}').status_code == 200
    assert ask_raw(server, path, If_Match="*").status_code == 200
    assert ask_raw(server, path, If_Match=f"W/{tag}").status_code == 412


def test_what_is_posted_is_never_not_modified(server: str) -> None:
    path = "/sparql?query=" + quote("ASK {}")
    tag = ask_raw(server, path).headers["ETag"]
    for known in ("*", tag):
        answer = httpx.post(
            f"{server}/sparql", data={"query": "ASK {}"}, headers={"If-None-Match": known}
        )
        assert (answer.status_code, answer.json()["status"]) == (412, 412)
    answer = httpx.post(
        f"{server}/sparql", data={"query": "ASK {}"}, headers={"If-None-Match": '"x"'}
    )
    assert answer.json()["boolean"] is True


def test_a_tag_counts_more_than_a_date(server: str) -> None:
    later = "Sat, 01 Jan 2050 00:00:00 GMT"
    path = "/static/style.css"
    assert ask_raw(server, path, If_Modified_Since=later).status_code == 304
    asked = {"If_None_Match": '"x"', "If_Modified_Since": later}
    assert ask_raw(server, path, **asked).status_code == 200


def test_a_date_counts_whether_the_response_is_remembered_or_not(server: str) -> None:
    before, later = (f"Sat, 01 Jan {year} 00:00:00 GMT" for year in (2000, 2050))
    path = f"/static/style.css?at={time.time()}"
    for _ in range(2):
        assert ask_raw(server, path, If_Modified_Since=later).status_code == 304
        assert ask_raw(server, path, If_Modified_Since=before).status_code == 200
        assert ask_raw(server, path, If_Unmodified_Since=later).status_code == 200
        refused = ask_raw(server, path, If_Unmodified_Since=before)
        assert (refused.status_code, refused.json()["status"]) == (412, 412)
    at = ask_raw(server, path).headers["Last-Modified"]
    assert ask_raw(server, path, If_Modified_Since=at).status_code == 304
    assert ask_raw(server, path, If_Unmodified_Since=at).status_code == 200


def test_a_date_means_nothing_to_what_has_none(server: str) -> None:
    later = "Sat, 01 Jan 2050 00:00:00 GMT"
    assert ask_raw(server, ASK, If_Modified_Since=later).status_code == 200
    assert ask_raw(server, ASK, If_Unmodified_Since=later).status_code == 200


@pytest.mark.parametrize("codings", ["zstd", "gzip, br"])
def test_parts_of_a_file_are_not_coded_so_that_they_can_be_joined(
    server: str, codings: str
) -> None:
    whole = ask_raw(server, "/static/style.css", Accept_Encoding="identity").content
    parts = [
        ask_raw(server, "/static/style.css", Accept_Encoding=codings, Range=f"bytes={wanted}")
        for wanted in ("0-1999", "2000-")
    ]
    assert [part.status_code for part in parts] == [206, 206]
    assert not any("Content-Encoding" in part.headers for part in parts)
    assert b"".join(part.content for part in parts) == whole


@pytest.mark.parametrize(
    "asked",
    [
        {"Range": "lines=1-2"},
        {"Range": "bytes=-99999999999"},
        {"Range": "bytes=0-9, 20-29"},
        {"Range": "bytes=0-9", "If_Range": 'W/"{tag}"'},
        {"Range": "bytes=0-9", "If_Range": '"another"'},
        {"Range": "bytes=0-9", "If_Range": "Mon, 01 Jan 2035 00:00:00 GMT"},
    ],
)
def test_a_part_that_cannot_be_given_is_the_whole(server: str, asked: dict[str, str]) -> None:
    whole = ask_raw(server, "/static/style.css", Accept_Encoding="identity")
    tag = whole.headers["ETag"].strip('"')
    headers = {name: value.format(tag=tag) for name, value in asked.items()}
    answer = ask_raw(server, "/static/style.css", **headers)
    assert (answer.status_code, answer.content) == (200, whole.content)
    part = ask_raw(server, "/static/style.css", Range="bytes=0-9", If_Range=f'"{tag}"')
    assert (part.status_code, part.content) == (206, whole.content[:10])


def test_a_part_that_is_known_is_not_described(server: str) -> None:
    tag = ask_raw(server, "/static/style.css", Range="bytes=0-9").headers["ETag"]
    answer = ask_raw(server, "/static/style.css", Range="bytes=0-9", If_None_Match=tag)
    assert answer.status_code == 304
    assert "Content-Range" not in answer.headers


def test_a_path_is_decoded_once(server: str) -> None:
    said = json.loads(say(server, _get("/query/%252541")).partition(b"\r\n\r\n")[2])
    assert "%2541" in said["detail"]


def _get(path: str, host: str = "x") -> str:
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("host", ["x", "x:80", "[::1]:80", "127.0.0.1", "xn--a.org"])
def test_a_host_is_a_name_or_an_address(server: str, host: str) -> None:
    assert say(server, _get(ASK, host)).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("host", ["a<b", "a b", "a/b", "a:b", "a, b", "[::1", ""])
def test_another_host_is_refused(server: str, host: str) -> None:
    answer = say(server, _get(ASK, host))
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"access-control-expose-headers" in answer


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/sparql-results+json, text/html;q=0.1", "application/problem+json"),
        ("application/problem+json, text/html;q=0.5", "application/problem+json"),
        ("text/html", "text/html"),
        ("*/*", "application/problem+json"),
    ],
)
def test_a_problem_is_a_page_for_who_likes_pages_best(server: str, accept: str, kind: str) -> None:
    answer = ask_raw(server, "/nowhere", Accept=accept)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].partition(";")[0] == kind


def test_a_mistake_in_a_query_is_a_page_where_its_answer_would_be(server: str) -> None:
    for accept, kind in (
        ("application/sparql-results+json, text/html;q=0.1", "application/problem+json"),
        ("text/html, */*;q=0.8", "text/html"),
    ):
        answer = ask_raw(server, "/sparql?query=oops", Accept=accept)
        assert answer.status_code == 400
        assert answer.headers["Content-Type"].partition(";")[0] == kind


@pytest.mark.parametrize("more", [{"Accept": "text/html"}, {"Accept-Encoding": "gzip"}])
def test_a_crowd_with_slow_queries_keeps_nobody_from_pages(
    server: str, more: dict[str, str]
) -> None:
    """Their queries wait in threads of their own, of which there are fewer than ask here."""
    is_over, statuses = Event(), set()

    def go_on_asking(number: int) -> None:
        while not is_over.is_set():
            query = f"{ENDLESS} # {number} {time.time()}"
            asked = {"query": query, "timeout": "3"}
            statuses.add(asking.get("/sparql", params=asked, headers=more).status_code)

    many = httpx.Limits(max_connections=None)
    with (
        httpx.Client(base_url=server, timeout=30, limits=many) as asking,
        httpx.Client(base_url=server, timeout=30) as waiting,
        ThreadPoolExecutor(64) as crowd,
    ):
        waiting.get("/health")
        for number in range(64):
            crowd.submit(go_on_asking, number)
        time.sleep(1.0)
        slowest = 0.0
        for _ in range(4):
            started = time.monotonic()
            assert waiting.get("/health").status_code == 200
            slowest = max(slowest, time.monotonic() - started)
        is_over.set()
    assert statuses == {503}
    assert slowest < 1.0


@pytest.mark.parametrize(
    "date",
    [
        "Mon, 1 Jan 2020 00:00:99999999999999999999 GMT",
        "Mon, 1 Jan 99999999999 00:00:00 GMT",
        "Mon, 1 Jan 2020 00:00:00 +999999999999999999",
        "yesterday",
    ],
)
@pytest.mark.parametrize("name", ["If-Modified-Since", "If-Unmodified-Since", "If-Range"])
def test_a_date_that_is_none_is_no_condition(server: str, name: str, date: str) -> None:
    for path in ("/search?q=moshi", "/static/icon.svg", "/dump/current/void.ttl"):
        more = {"Range": "bytes=0-9"} if name == "If-Range" else {}
        answer = httpx.get(server + path, headers={name: date, **more}, timeout=20)
        assert answer.status_code == 200


def test_a_header_that_would_take_long_to_read_is_refused(server: str) -> None:
    long = "text/csv;q=0.1, " * 1024
    assert ask_raw(server, ASK, Accept=long[: (16 << 10) - 2]).status_code == 200
    lines = f"Accept: {long[:9000]}*/*\r\n" * 2
    said = say(server, f"GET {ASK} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n")
    assert said.startswith(b"HTTP/1.1 431")
    refused = ask_raw(server, ASK, Accept=f"{long}*/*")
    assert (refused.status_code, refused.json()["status"]) == (431, 431)
    assert "accept" in refused.json()["detail"]


def test_another_host_in_the_first_line_poisons_nothing(server: str) -> None:
    path = f"/opensearch.xml?{time.time()}"
    say(server, f"GET http://evil.example{path} HTTP/1.0\r\n\r\n")
    assert b"evil.example" not in say(server, f"GET {path} HTTP/1.0\r\n\r\n")


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/sparql", "/page"),
        ("/graph-store", "/page"),
        ("/graph-store", "/ready"),
        ("/query/one", "/page"),
        ("/page", "/health"),
    ],
)
def test_crowd_keeps_nobody_waiting_who_wants_something_else(wanted: str, path: str) -> None:
    is_over = Event()

    def app(environ: dict[str, str], start: Callable[[str, Headers], None]) -> list[bytes]:
        if environ["PATH_INFO"] == wanted:
            is_over.wait(20)
        start("200 OK", [])
        return [b"answered"]

    async def ask() -> Response | None:
        front = Front(app, Observer(), threads=2)
        requests = [Request(method="GET", target=wanted, path=wanted) for _ in range(9)]
        crowd = [asyncio.create_task(front.answer(request)) for request in requests]
        await asyncio.sleep(0)
        try:
            return await asyncio.wait_for(front.answer(Request(target=path, path=path)), 10)
        finally:
            is_over.set()
            await asyncio.gather(*crowd)

    response = asyncio.run(ask())
    assert response is not None
    assert response.body == b"answered"


def test_whatever_fails_is_answered_counted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    def fail(environ: object, start: object) -> NoReturn:
        raise ZeroDivisionError

    observer, request = Observer(), Request(method="GET", target="/x", path="/x")

    async def ask() -> Response | None:
        front = Front(fail, observer)
        assert front.recall(request) is None
        response = await front.answer(request)
        front.saw(request, response)
        return response

    response = asyncio.run(ask())
    assert response is not None
    assert (response.status, json.loads(response.body)["status"]) == (500, 500)
    assert 'status="500"' in observer.metrics().decode()
    assert "ZeroDivisionError" in caplog.text
