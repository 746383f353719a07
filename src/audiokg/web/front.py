"""What granian calls: remembered responses at once, everything else through the application.

The application is a WSGI program; here it is asked in a thread, while we watch whether the client
is still there (a WSGI program cannot see that), and set its `hang_up` when not. A response with an
ETag is the same for the same request as long as the snapshot is, so it is remembered whole,
compressed as it was sent, and a repeated question costs a look-up.
"""

import asyncio
import hashlib
import threading
import time
from collections.abc import Awaitable, Callable, Hashable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any, Final

from cachetools import LRUCache
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from audiokg.engine.protocol import Engine
from audiokg.web.exchange import Refusal, Response, read_body, read_headers
from audiokg.web.observe import Observer
from audiokg.web.protocol.wish import Asked
from audiokg.web.watch import Watch
from audiokg.web.wsgi import HANG_UP, Wsgi, call_app, make_environ

#: Answers a request, or gives None for one that it does not take; long work goes to the threads.
Ask = Callable[[Asked, threading.Event, Executor], Awaitable[Response | None]]

_OVERHEAD: Final = 1500
#: One response may take this part of the memory for responses.
_SHARE: Final = 8
#: So long a line of the log may wait for others.
_TELL_SECONDS: Final = 0.2
#: What is asked before the application, of clients who take no coding.
_DIRECT: Final = "/sparql"
_PLAIN: Final = ("", "identity")
#: What of a request decides its response, beside method, path, query string and body.
_DECISIVE: Final = ("accept", "accept-encoding", "content-type", "host", "range", "if-range")


class Front:
    """The application as granian's RSGI (https://github.com/emmett-framework/granian)."""

    def __init__(
        self,
        app: Wsgi,
        observer: Observer,
        rate: str = "",
        direct: Ask | None = None,
        engine: Engine | None = None,
        threads: int = 32,
        size: int = 64 << 20,
    ) -> None:
        """Take the application; `rate` limits each client (“20/second”), empty: it does not.

        `direct` is asked before the application for what needs no compression, of the `engine`,
        which begins and ends with the server.
        """
        self._app = app
        self._direct = direct
        self._engine = engine
        self._rate = parse(rate) if rate else None
        self._asked = MovingWindowRateLimiter(MemoryStorage())
        self._observer = observer
        self._watch = Watch()
        self._telling: asyncio.TimerHandle | None = None
        self._pool = ThreadPoolExecutor(threads, "request")
        self._responses: LRUCache[Hashable, Response] = LRUCache(size, getsizeof=_size)
        self._largest = size // _SHARE

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin, as granian says before it serves."""
        if self._engine:
            self._engine.attend(loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """End, as granian says when it has served."""
        if self._engine:
            self._engine.close()
        self._observer.tell()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        started = time.perf_counter()
        response: Response | None
        try:
            headers = read_headers(scope)
            self._welcome(scope.client.rsplit(":", 1)[0])
            body = await read_body(scope, headers, protocol)
            response = await self._respond(scope, headers, body, protocol)
        except Refusal as refusal:
            response = refusal.response
        if response is not None and response.path:
            protocol.response_file(response.status, response.headers, response.path)
        elif response is not None:
            protocol.response_bytes(response.status, response.headers, response.body)
        seconds = time.perf_counter() - started
        self._observer.saw(scope.method, scope.path, response, seconds)
        self._tell_later()

    def _tell_later(self) -> None:
        if self._telling is None:
            loop = asyncio.get_running_loop()
            self._telling = loop.call_later(_TELL_SECONDS, self._tell)

    def _tell(self) -> None:
        self._telling = None
        self._observer.tell()

    def _welcome(self, client: str) -> None:
        """Let a client in. Raises Refusal if it has asked too often."""
        if self._rate and not self._asked.hit(self._rate, client):
            refusal = Refusal(429, f"More than {self._rate} from one address; ask more slowly.")
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
        response = await self._run(scope, headers, body, protocol)
        if response and response.status == 200 and response.header("etag"):
            # A file may be another one the next time.
            if not response.path and _size(response) <= self._largest:
                self._responses[key] = response
            return _unless_known(response, headers)
        return response

    async def _answer(
        self, scope: Any, headers: dict[str, str], body: bytes, hang_up: threading.Event
    ) -> Response:
        if self._direct and scope.path == _DIRECT and headers.get("accept-encoding", "") in _PLAIN:
            sent = headers.get("content-type", ""), body, headers.get("accept", "")
            asked = Asked(scope.method, scope.query_string.encode(), *sent)
            if response := await self._direct(asked, hang_up, self._pool):
                return response
        environ = make_environ(scope, headers, body) | {HANG_UP: hang_up}
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, call_app, self._app, environ)

    async def _run(
        self, scope: Any, headers: dict[str, str], body: bytes, protocol: Any
    ) -> Response | None:
        """Find the answer; None if the client left first."""
        with self._watch.over(protocol) as hang_up:
            response = await self._answer(scope, headers, body, hang_up)
        return None if hang_up.is_set() else response


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


def _size(response: Response) -> int:
    return len(response.body) + _OVERHEAD
