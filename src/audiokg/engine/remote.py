"""The remote engine: the same answers from any SPARQL 1.1 endpoint, over HTTP.

An endpoint knows no bound terms, so they are written into the text (bind_terms). Its answer is
read whole, parsed, and written anew, so that nothing half, foreign or too large is handed on.
"""

import asyncio
import threading
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import Final

import httpx
import pyoxigraph as ox

from audiokg.binding import TOKEN, bind_terms, find_form
from audiokg.context import DECLARATIONS, Json, make_context
from audiokg.engine.federation import find_calls
from audiokg.engine.precheck import check_query
from audiokg.engine.protocol import Answer, HangUp, Limits, QueryRequest, answers
from audiokg.engine.reply import OVERRUN, read_reply, refuse_failure, rewrite_rows
from audiokg.errors import (
    EngineBusyError,
    FormatNotFittingError,
    HungUpError,
    InputError,
    QueryRefusedError,
    QuerySyntaxError,
    QueryTimeoutError,
    ResultTooLargeError,
    WorkerCrashedError,
)
from audiokg.formats import ROWS, TRIPLES
from audiokg.http import AGENT, wanted_wait
from audiokg.rdf import write_triples
from audiokg.rows import TOO_LARGE
from audiokg.snapshot import union_store
from audiokg.tokens import decode_escapes

_ROWS_ACCEPT: Final = "application/sparql-results+json"
_TRIPLES_ACCEPT: Final = "application/n-triples, text/turtle;q=0.5"
_RETRIES, _PAUSE, _GRACE = 2, 0.1, 1.0
_CONNECTIONS = 32
_AGAIN: Final = {502, 503, 504}
#: Failures before any answer began: the same query may be sent again.
_UNANSWERED: Final = (httpx.ConnectError, httpx.ReadError, httpx.WriteError, httpx.ProtocolError)
_LOOK_SECONDS: Final = 0.1
#: Prefixes under which Virtuoso calls its own functions.
_VIRTUOSO: Final = ("bif:", "sql:")


class RemoteEngine:
    """Asks one endpoint, which must show the union of its named graphs as its default graph."""

    def __init__(self, url: str, limits: Limits | None = None) -> None:
        """Open a pool of connections; nothing is asked yet. Raises InputError."""
        self._url = check_url(url)
        self._limits = limits or Limits()
        self._context: Json | None = None
        self._making = threading.Lock()
        self._waiting = ThreadPoolExecutor(_CONNECTIONS, "remote")
        self._http = httpx.Client(
            headers={"User-Agent": AGENT},
            limits=httpx.Limits(max_connections=_CONNECTIONS),
        )

    def answer(self, request: QueryRequest, hang_up: HangUp | None = None) -> Answer:
        """Answer one query; see Engine.answer for what is raised. SERVICE is refused."""
        check_reach(request.text, self._limits)
        is_rows = find_form(request.text) in ("SELECT", "ASK")
        wanted = request.rows_format if is_rows else request.triples_format
        if wanted is None:
            form, formats = ("SELECT and ASK", ROWS) if is_rows else ("CONSTRUCT", TRIPLES)
            types = ", ".join(item.media_type for item in formats)
            raise FormatNotFittingError(f"{form} answer with one of {types}")
        accept = _ROWS_ACCEPT if is_rows else _TRIPLES_ACCEPT
        media_type, body = self._ask_while_wanted(request, accept, hang_up)
        try:
            written = self._rewrite(is_rows, wanted, media_type, body, request.root)
        except (SyntaxError, ValueError) as error:
            message = "the endpoint's answer broke off or is no result; try again"
            raise WorkerCrashedError(message) from error
        return Answer(wanted, is_rows, written)

    async def answer_soon(
        self, request: QueryRequest, hang_up: HangUp, threads: Executor
    ) -> Answer:
        """Answer one query; see Engine.answer_soon."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(threads, self.answer, request, hang_up)

    def attend(self, loop: asyncio.AbstractEventLoop) -> None:
        """Do nothing: it waits in threads."""

    def is_ready(self) -> bool:
        """Tell whether the endpoint answers now."""
        return answers(self)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()
        self._waiting.shutdown(wait=False, cancel_futures=True)

    def _rewrite(
        self, is_rows: bool, wanted: str, media_type: str, body: bytes, root: str
    ) -> bytes:
        """Parse an answer and write it in the wanted format. Raises ValueError, SyntaxError."""
        if is_rows:
            return rewrite_rows(wanted, media_type, body, self._limits)
        triples = read_reply(media_type, body)
        context = self._jsonld_context() if wanted == "jsonld" else {}
        written = write_triples(triples, wanted, context, root)
        if len(written) > self._limits.result:
            raise ResultTooLargeError(TOO_LARGE)
        return written

    def _jsonld_context(self) -> Json:
        """Make the context from the ontology as the endpoint has it, once."""
        with self._making:
            if self._context is None:
                declared = self.answer(QueryRequest(DECLARATIONS, triples_format="nt")).body
                self._context = make_context(
                    union_store(ox.parse(declared, format=ox.RdfFormat.N_TRIPLES))
                )
            return self._context

    def _ask_while_wanted(
        self, request: QueryRequest, accept: str, hang_up: HangUp | None
    ) -> tuple[str, bytes]:
        """Ask, as long as somebody is there to get the answer.

        HTTP cannot be interrupted while the endpoint thinks, so a thread waits in our place, and
        drops what comes when nobody wants it any more.
        """
        if hang_up is None:
            return self._ask(request, accept, None)
        asked = self._waiting.submit(self._ask, request, accept, hang_up)
        while not wait_for([asked], timeout=_LOOK_SECONDS).done:
            if hang_up.is_set():
                asked.cancel()
                raise HungUpError("the client is gone")
        return asked.result()

    def _ask(self, request: QueryRequest, accept: str, hang_up: HangUp | None) -> tuple[str, bytes]:
        """Send the query, again after safe failures; give the media type and the body."""
        limit = min(request.timeout or self._limits.timeout, self._limits.timeout)
        deadline = time.monotonic() + limit + _GRACE
        sent = self._make_request(request, accept, limit)
        for tries_left in range(_RETRIES, -1, -1):
            try:
                answer = self._send(sent)
            except _UNANSWERED as error:
                if not tries_left or time.monotonic() > deadline:
                    message = "the endpoint cannot be reached; try again in a few seconds"
                    raise EngineBusyError(message) from error
                time.sleep(_PAUSE)
                continue
            wait = wanted_wait(answer.headers) if answer.status_code in _AGAIN else None
            if tries_left and wait is not None and time.monotonic() + wait < deadline:
                answer.close()
                time.sleep(wait)
                continue
            body = self._read(answer, deadline, hang_up)
            refuse_failure(answer, body, request.text)
            return answer.headers.get("Content-Type", "").partition(";")[0].strip(), body
        raise AssertionError("the last try answers or raises")

    def _make_request(self, request: QueryRequest, accept: str, limit: float) -> httpx.Request:
        fields: dict[str, str | list[str]] = {"query": bind_terms(request.text, request.bindings)}
        if request.default_graphs:
            fields["default-graph-uri"] = list(request.default_graphs)
        if request.named_graphs:
            fields["named-graph-uri"] = list(request.named_graphs)
        timeout = httpx.Timeout(limit + _GRACE, pool=self._limits.wait)
        try:
            return self._http.build_request(
                "POST", self._url, data=fields, headers={"Accept": accept}, timeout=timeout
            )
        except UnicodeEncodeError as error:
            raise QuerySyntaxError("the query is not Unicode text") from error

    def _send(self, sent: httpx.Request) -> httpx.Response:
        """Send and read the head of the answer. Raises what _UNANSWERED names, and QueryError."""
        try:
            return self._http.send(sent, stream=True)
        except httpx.PoolTimeout as error:
            message = "too many queries are running; try again in a few seconds"
            raise EngineBusyError(message) from error
        except httpx.ConnectTimeout as error:
            message = "the endpoint cannot be reached; try again in a few seconds"
            raise EngineBusyError(message) from error
        except httpx.TimeoutException as error:
            raise QueryTimeoutError(OVERRUN) from error

    def _read(self, answer: httpx.Response, deadline: float, hang_up: HangUp | None) -> bytes:
        """Read an answer, no more of it than the limits allow. Raises QueryError."""
        body = bytearray()
        try:
            for part in answer.iter_bytes():
                body += part
                if len(body) > self._limits.result:
                    raise ResultTooLargeError(TOO_LARGE)
                if hang_up and hang_up.is_set():
                    raise HungUpError("the client is gone")
                if time.monotonic() > deadline:
                    raise QueryTimeoutError(OVERRUN)
        except httpx.TimeoutException as error:
            raise QueryTimeoutError(OVERRUN) from error
        except httpx.HTTPError as error:
            raise WorkerCrashedError("the endpoint's answer broke off; try again") from error
        finally:
            answer.close()
        return bytes(body)


def check_reach(text: str, limits: Limits) -> None:
    """Check a query as the local engine does, and that it keeps the endpoint to its own data.

    Endpoints differ in when they decode code points, which may end a string (section 19.2 of
    SPARQL 1.1), so both readings must pass. Virtuoso's own words reach its files and the network.
    Raises QueryError.
    """
    for reading in {text, decode_escapes(text)}:
        check_query(reading, limits)
        find_calls(reading, ())
        for found in TOKEN.finditer(reading):
            word = found.group().lower()
            if word == "define" or word.removeprefix("<").startswith(_VIRTUOSO):
                raise QueryRefusedError(f"{found.group()} is not SPARQL, and not offered here")


def check_url(url: str) -> str:
    """Give the URL back. Raises InputError for what is no http(s) URL."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise InputError(f"“{url}” is no URL: {error}") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise InputError(f"“{url}” is no URL of a service; write http://host:port/path")
    return url
