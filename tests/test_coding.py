"""Codings of what is answered without Flask: each is the one that Flask-Compress would give."""

import asyncio
import gzip
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Thread, current_thread, main_thread

import brotli
import httpx
import pytest
from flask import Flask

from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import HangUp
from audiokg.web import coding as coding_module
from audiokg.web.coding import CODINGS, SMALLEST, encode, encode_soon
from audiokg.web.exchange import Response
from audiokg.web.protocol.direct import make_direct
from audiokg.web.protocol.wish import Asked

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MANY = "SELECT * { ?s a ?kind } ORDER BY STR(?s) STR(?kind) LIMIT 200"
DECODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": zstd.decompress,
}
#: What clients say, and the coding that they get.
CLIENTS = {
    "": "",
    "identity": "",
    "deflate": "",
    "gzip": "gzip",
    "x-gzip, gzip": "gzip",
    "gzip, deflate": "gzip",
    "gzip, deflate, br": "br",
    "gzip, deflate, br, zstd": "zstd",
    "GZIP": "gzip",
    "gzip;q=1.0, identity; q=0.5": "gzip",
    "br;q=0.5, gzip;q=0.8, *;q=0.1": "gzip",
    "identity, gzip;q=0.5": "",
    "*": "zstd",
    "oops;;q=,=": "",
}


def respond(size: int, status: int = 200) -> Response:
    """Make a response as /sparql gives it."""
    headers = [("content-type", "text/csv"), ("content-length", str(size)), ("etag", '"a"')]
    return Response(status, headers, b"x" * size, {"rows": 1})


@pytest.mark.parametrize(("accepted", "coding"), CLIENTS.items())
def test_a_coded_answer_is_that_of_the_application(
    app: Flask, engine: LocalEngine, accepted: str, coding: str
) -> None:
    async def ask() -> Response | None:
        asked = Asked("GET", str(httpx.QueryParams(query=MANY)).encode(), "", b"", "")
        return await make_direct(engine)(asked, HangUp(), threads)

    with ThreadPoolExecutor(1) as threads:
        plain = asyncio.run(ask())
    assert plain is not None
    found = encode(plain, accepted)
    expected = app.test_client().get(
        "/sparql", query_string={"query": MANY}, headers={"Accept-Encoding": accepted}
    )
    assert found.header("content-encoding") == coding
    assert DECODERS[coding](found.body) == plain.body == DECODERS[coding](expected.data)
    dated = {name.lower(): value for name, value in expected.headers if name != "Date"}
    if coding == "gzip":  # which has a date
        dated["content-length"] = str(len(found.body))
    assert dict(found.headers) == dated


@pytest.mark.parametrize("coding", CODINGS)
def test_a_coded_answer_has_a_tag_and_a_length_of_its_own(coding: str) -> None:
    found = encode(respond(SMALLEST), coding)
    assert found.header("etag") == f'"a:{coding}"'
    assert found.header("content-length") == str(len(found.body))
    assert len(found.body) < SMALLEST
    assert found.notes == {"rows": 1}


@pytest.mark.parametrize(
    ("response", "accepted"),
    [
        (respond(SMALLEST - 1), "gzip"),
        (respond(SMALLEST, 503), "gzip"),
        (respond(SMALLEST), "gzip, " * 1000),
    ],
)
def test_small_answers_problems_and_endless_wishes_stay_plain(
    response: Response, accepted: str
) -> None:
    assert encode(response, accepted) is response


def test_an_answer_without_a_tag_gets_none() -> None:
    plain = Response(200, [("content-type", "text/csv")], b"x" * SMALLEST)
    assert not encode(plain, "gzip").header("etag")


def test_large_answers_are_coded_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    coding: list[Thread] = []

    def note(response: Response, accepted: str) -> Response:
        coding.append(current_thread())
        return encode(response, accepted)

    monkeypatch.setattr(coding_module, "encode", note)
    for size in (64 << 10, (64 << 10) + 1):
        found = asyncio.run(encode_soon(respond(size), "zstd"))
        assert found.header("content-encoding") == "zstd"
    small_one, large_one = coding
    assert small_one is main_thread() is not large_one


def test_a_coded_answer_is_known_by_its_tag(server: str) -> None:
    with httpx.Client(base_url=server) as client:
        plain = client.get("/sparql", params={"query": MANY}, headers={"Accept-Encoding": ""})
        coded = client.get("/sparql", params={"query": MANY}, headers={"Accept-Encoding": "gzip"})
        assert coded.headers["Content-Encoding"] == "gzip"
        assert coded.content == plain.content
        assert coded.headers["ETag"] != plain.headers["ETag"]
        known = {"Accept-Encoding": "gzip", "If-None-Match": coded.headers["ETag"]}
        again = client.get("/sparql", params={"query": MANY}, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Vary"] == coded.headers["Vary"] == "Accept, Accept-Encoding"
