"""Questions that are answered without Flask: each answer is the one that Flask would give."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from threading import Thread, current_thread, main_thread
from urllib.parse import quote

import pytest
from flask import Flask

from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import Answer, HangUp, QueryRequest
from audiokg.errors import EngineBusyError
from audiokg.web.exchange import Response
from audiokg.web.front import Ask
from audiokg.web.headers import make_tag
from audiokg.web.protocol import direct as direct_module
from audiokg.web.protocol.direct import make_direct
from audiokg.web.protocol.wish import FORM, QUERY, Asked

SELECT = "SELECT ?s { ?s a ?kind } ORDER BY STR(?s) LIMIT 3"
CONSTRUCT = "CONSTRUCT { ?s a ?kind } WHERE { ?s a ?kind } LIMIT 3"
MOMENT = "SELECT (NOW() > ?x AS ?later) { BIND (NOW() AS ?x) }"
ACCEPTS = ("", "*/*", "text/csv", "application/sparql-results+xml", "text/turtle", "image/png")


def get(query: str, accept: str = "", **more: str) -> Asked:
    fields = {"query": query, **more}
    encoded = "&".join(f"{name}={quote(value)}" for name, value in fields.items())
    return Asked("GET", encoded.encode(), "", b"", accept)


def post(kind: str, body: str) -> Asked:
    return Asked("POST", b"", kind, body.encode(), "")


ORDINARY = {
    **{
        f"{accept} {query[:9]}": get(query, accept)
        for accept in ACCEPTS
        for query in (SELECT, CONSTRUCT)
    },
    "moment": get(MOMENT),
    "form": post(FORM, f"query={quote(SELECT)}"),
    "body": post(f"{QUERY}; charset=utf-8", SELECT),
    "format": get(SELECT, "text/turtle", format="tsv"),
    "dataset": get("ASK { ?s ?p ?o }", **{"default-graph-uri": "x:none"}),
    "syntax": get("SELECT * {\n oops }"),
    "update": get("CLEAR ALL"),
    "service": get("ASK { SERVICE <http://127.0.0.1/> {} }"),
    "deep": get("SELECT * " + "{" * 99 + "}" * 99),
    "slow": get("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", timeout="0.2"),
}
EXTRAORDINARY = {
    "page": get(SELECT, "text/html,*/*;q=0.8"),
    "other words": get(SELECT, "application/xhtml+xml"),
    "head": Asked("HEAD", b"query=ASK%7B%7D", "", b"", ""),
    "options": Asked("OPTIONS", b"", "", b"", ""),
    "no query": Asked("GET", b"", "", b"", ""),
    "two queries": Asked("GET", b"query=ASK%7B%7D&query=ASK%7B%7D", "", b"", ""),
    "no format": get(SELECT, format="docx"),
    "no type": post("text/plain", SELECT),
    "no text": Asked("POST", b"", QUERY, b"\xff\xfe", ""),
    "no time": get(SELECT, timeout="soon"),
    "long": get(SELECT + " #" * 5000),
    "long head": get(SELECT, "text/csv, " * 1000),
    "raw text": Asked("GET", "query=ASK{}→".encode(), "", b"", ""),
}


Direct = Callable[[Asked], Response | None]


@pytest.fixture(scope="module")
def direct(engine: LocalEngine) -> Iterator[Direct]:
    with ThreadPoolExecutor(2) as threads:
        yield partial(run, make_direct(engine), threads)


def run(direct: Ask, threads: Executor, asked: Asked) -> Response | None:
    async def wait() -> Response | None:
        return await direct(asked, HangUp(), threads)

    return asyncio.run(wait())


@pytest.mark.parametrize("asked", ORDINARY.values(), ids=ORDINARY)
def test_a_direct_answer_is_that_of_the_application(
    app: Flask, direct: Direct, asked: Asked
) -> None:
    found = direct(asked)
    if found is None:  # image/png: no format fits
        assert asked.accept == "image/png"
        return
    expected = app.test_client().open(
        "/sparql",
        method=asked.method,
        query_string=asked.query_string.decode(),
        data=asked.body,
        content_type=asked.content_type,
        headers={"Accept": asked.accept} if asked.accept else {},
    )
    assert (found.status, found.body) == (expected.status_code, expected.data)
    dated = {name.lower(): value for name, value in expected.headers if name != "Date"}
    assert dict(found.headers) == dated


@pytest.mark.parametrize("query", [SELECT, CONSTRUCT])
def test_a_large_answer_is_the_same_and_tagged_in_a_thread(
    direct: Direct, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    small = direct(get(query))
    tagging: list[Thread] = []

    def tag(body: bytes, kind: str) -> str:
        tagging.append(current_thread())
        return make_tag(body, kind)

    monkeypatch.setattr(direct_module, "make_tag", tag)
    assert direct(get(query)) == small
    monkeypatch.setattr(direct_module, "_LARGE", 0)
    assert direct(get(query)) == small
    small_one, large_one = tagging
    assert small_one is main_thread() is not large_one


@pytest.mark.parametrize("asked", EXTRAORDINARY.values(), ids=EXTRAORDINARY)
def test_what_is_not_ordinary_is_left_to_the_application(direct: Direct, asked: Asked) -> None:
    assert direct(asked) is None


def test_a_direct_answer_is_noted_for_the_log(direct: Direct) -> None:
    found = direct(get(SELECT))
    assert found is not None
    assert found.notes["rows"] == 3
    assert len(str(found.notes["query"])) == 16


class Crowded:
    """An engine without a free worker."""

    def answer(self, request: QueryRequest, hang_up: HangUp | None = None) -> Answer:
        raise EngineBusyError("all workers are busy; try again in a few seconds")

    async def answer_soon(
        self, request: QueryRequest, hang_up: HangUp, threads: Executor
    ) -> Answer:
        return self.answer(request)

    def attend(self, loop: asyncio.AbstractEventLoop) -> None:
        pass

    def is_ready(self) -> bool:
        return False

    def close(self) -> None: ...


def test_who_finds_no_worker_is_told_when_to_come_back() -> None:
    with ThreadPoolExecutor(1) as threads:
        found = run(make_direct(Crowded()), threads, get(SELECT))
    assert found is not None
    assert (found.status, found.header("retry-after")) == (503, "5")
