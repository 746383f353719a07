"""What granian calls: remembered responses at once, everything else through the application.

The application is a WSGI program; here it is asked in a thread, while we watch whether the client
is still there (a WSGI program cannot see that), and set its `hang_up` when not. A response with an
ETag is the same for the same request as long as the snapshot is, so it is remembered whole,
compressed as it was sent, and a repeated question costs a look-up.
"""

import asyncio
import hashlib
import io
import re
import sys
import threading
import time
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from cachetools import LRUCache
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from audiokg.web.observe import Observer
from audiokg.web.problems import PROBLEM, write_problem

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[str, str]]
HANG_UP: Final = "audiokg.hang_up"
#: What a view wants to have in the log of its request.
NOTES: Final = "audiokg.notes"

_OVERHEAD: Final = 1500
#: One response may take this part of the memory for responses.
_SHARE: Final = 8
#: Bodies above this are refused here already, before they are read whole by the application.
_LARGEST_BODY: Final = 1 << 20
_READING_SECONDS: Final = 15.0
_QUICK_SECONDS: Final = 0.02
_UNWELCOME: Final = re.compile(r";\s*q=0(\.0{0,3})?\s*$", re.IGNORECASE)
#: What of a request decides its response, beside method, path, query string and body.
_DECISIVE: Final = ("accept", "accept-encoding", "content-type", "host")


@dataclass(frozen=True)
class Response:
    """A whole response."""

    status: int
    headers: Headers
    body: bytes
    notes: dict[str, str | int] = field(default_factory=dict)

    def header(self, name: str) -> str:
        """Give a header by its name in lower case, empty if there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")


class Front:
    """The application as granian's RSGI (https://github.com/emmett-framework/granian)."""

    def __init__(
        self,
        app: Wsgi,
        observer: Observer,
        rate: str = "",
        threads: int = 32,
        size: int = 64 << 20,
    ) -> None:
        """Take the application; `rate` limits each client (“20/second”), empty: it does not."""
        self._app = app
        self._rate = parse(rate) if rate else None
        self._asked = MovingWindowRateLimiter(MemoryStorage())
        self._observer = observer
        self._pool = ThreadPoolExecutor(threads, "request")
        self._responses: LRUCache[Hashable, Response] = LRUCache(size, getsizeof=_size)
        self._largest = size // _SHARE

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        started = time.perf_counter()
        response: Response | None
        try:
            headers = _headers(scope)
            self._welcome(scope.client.rsplit(":", 1)[0])
            body = await _read(scope, headers, protocol)
            response = await self._respond(scope, headers, body, protocol)
        except _Refusal as refusal:
            response = refusal.response
        if response is not None:
            protocol.response_bytes(response.status, response.headers, response.body)
        seconds = time.perf_counter() - started
        self._observer.saw(scope.method, scope.path, response, seconds)

    def _welcome(self, client: str) -> None:
        """Let a client in. Raises _Refusal if it has asked too often."""
        if self._rate and not self._asked.hit(self._rate, client):
            refusal = _Refusal(429, f"More than {self._rate} from one address; ask more slowly.")
            refusal.response.headers.append(("retry-after", "1"))
            raise refusal

    async def _respond(
        self, scope: Any, headers: dict[str, str], body: bytes, protocol: Any
    ) -> Response | None:
        key = _key(scope, headers, body)
        found = self._responses.get(key)
        if found is not None:
            self._observer.remembered.inc()
            return _unless_known(found, headers)
        response = await self._run(_environ(scope, headers, body), protocol)
        if response and response.status == 200 and response.header("etag"):
            if _size(response) <= self._largest:
                self._responses[key] = response
            return _unless_known(response, headers)
        return response

    async def _run(self, environ: dict[str, Any], protocol: Any) -> Response | None:
        """Run the application in a thread; None if the client left first."""
        hang_up = environ[HANG_UP] = threading.Event()
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._pool, _call, self._app, environ)
        # Most answers come before it is worth the effort to watch the client.
        if (await asyncio.wait({running}, timeout=_QUICK_SECONDS))[0]:
            return running.result()
        leaving = asyncio.ensure_future(protocol.client_disconnect())
        try:
            await asyncio.wait({running, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                return running.result()
            hang_up.set()
            await running
            return None
        finally:
            leaving.cancel()


class _Refusal(Exception):  # noqa: N818
    """A request that is not handed to the application."""

    def __init__(self, status: int, detail: str) -> None:
        document = write_problem(HTTPStatus(status), HTTPStatus(status).phrase, detail)
        headers = [
            ("content-type", PROBLEM),
            ("connection", "close"),
            ("cache-control", "no-store"),
            ("access-control-allow-origin", "*"),
            ("x-content-type-options", "nosniff"),
        ]
        self.response = Response(status, headers, document.encode())


def _headers(scope: Any) -> dict[str, str]:
    """Read the headers, lines of one name joined (RFC 9110, section 5.3).

    Raises _Refusal for a request without one Host (RFC 9112, section 3.2), and for a coded body.
    """
    headers: dict[str, str] = {}
    for name, value in scope.headers.items():
        joins = name in headers and name != "content-length"
        headers[name] = f"{headers[name]}, {value}" if joins else value
    if scope.http_version == "1.1" and ("host" not in headers or "," in headers["host"]):
        raise _Refusal(400, "A request names one host, in the header Host.")
    if headers.get("content-encoding", "identity") != "identity":
        raise _Refusal(415, "A coded body is not taken; send it without Content-Encoding.")
    if "accept-encoding" in headers:
        headers["accept-encoding"] = _welcome_codings(headers["accept-encoding"])
    return headers


def _welcome_codings(accepted: str) -> str:
    """Leave out what is not welcome (q=0), which Flask-Compress would take for welcome."""
    codings = [part.strip() for part in accepted.split(",")]
    return ", ".join(part for part in codings if not _UNWELCOME.search(part))


async def _read(scope: Any, headers: dict[str, str], protocol: Any) -> bytes:
    """Read the body, if there is one. Raises _Refusal if it is too long or does not come."""
    if scope.method in ("GET", "HEAD") and "content-length" not in headers:
        return b""
    too_long = _Refusal(413, f"A request has at most {_LARGEST_BODY} bytes; send less.")
    if int(headers.get("content-length") or 0) > _LARGEST_BODY:
        raise too_long
    chunks: list[bytes] = []
    length = 0
    try:
        async with asyncio.timeout(_READING_SECONDS):
            async for chunk in protocol:
                length += len(chunk)
                if length > _LARGEST_BODY:
                    raise too_long
                chunks.append(chunk)
    except TimeoutError as error:
        raise _Refusal(408, "The request did not come in time; send it at once.") from error
    if length < int(headers.get("content-length") or 0):
        raise _Refusal(400, "The request is shorter than its Content-Length says; send it whole.")
    return b"".join(chunks)


def _key(scope: Any, headers: dict[str, str], body: bytes) -> Hashable:
    digest = hashlib.blake2b(body, digest_size=16).digest() if body else b""
    decisive = tuple(headers.get(name, "") for name in _DECISIVE)
    return scope.method, scope.path, scope.query_string, digest, decisive


def _unless_known(response: Response, headers: dict[str, str]) -> Response:
    """Say 304 to a client that has the response already (RFC 9110, section 13.1.2)."""
    known = headers.get("if-none-match", "")
    etag = response.header("etag").removeprefix("W/")
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    if not known or not (etag in tags or "*" in tags):
        return response
    kept = [
        (name, value)
        for name, value in response.headers
        if name.lower() not in ("content-length", "content-type", "content-encoding")
    ]
    return Response(304, kept, b"", response.notes)


def _call(app: Wsgi, environ: dict[str, Any]) -> Response:
    status, headers = 500, []
    notes = environ[NOTES] = {}

    def start(line: str, given: Headers, _error: object = None) -> None:
        nonlocal status, headers
        status, headers = int(line.split(" ", 1)[0]), given

    parts = app(environ, start)
    try:
        body = b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close:
            close()
    return Response(status, [(name.lower(), value) for name, value in headers], body, notes)


def _environ(scope: Any, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """Make the environment of PEP 3333; the path as bytes in Latin-1, as that asks."""
    host, _, port = str(headers.get("host") or scope.authority or scope.server).partition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope.path).decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": headers.get("content-type", ""),
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rsplit(":", 1)[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        # The body is here already, whole: how it came is no matter any more.
        if name not in ("content-type", "content-length", "transfer-encoding"):
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    return environ


def _size(response: Response) -> int:
    return len(response.body) + _OVERHEAD
