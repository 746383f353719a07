"""What answers requests: what is remembered at once, everything else through the application.

The application is a WSGI program; here it is asked in a thread. A response with an ETag is the same
for the same request as long as the snapshot is, so it is remembered whole, compressed as it was
sent, and a repeated question costs a look-up.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from http import HTTPStatus
from typing import Final

from cachetools import LRUCache
from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.http import parse_date

from audiokg.engine.protocol import Engine, HangUp
from audiokg.keys import make_digest, make_key
from audiokg.web.coding import encode_soon
from audiokg.web.exchange import Request, Response, make_problem
from audiokg.web.observe import Observer
from audiokg.web.protocol.wish import Asked
from audiokg.web.wsgi import Wsgi, call_app, make_environ

#: Answers a request, or gives None for one that it does not take; long work goes to the threads.
Ask = Callable[[Asked, HangUp, Executor], Awaitable[Response | None]]

_LOG = logging.getLogger(__name__)
_FAILED: Final = "The service failed at this request; its log says why."
_OVERHEAD: Final = 1500
#: One response may take this part of the memory for responses.
_SHARE: Final = 8
#: So long a line of the log may wait for others.
_TELL_SECONDS: Final = 0.2
#: What takes queries; it is asked before the application.
_ENDPOINT: Final = "/sparql"
#: Whose threads answer, by the first part of the path. Queries may be slow, and must not keep
#: others from their pages; nor may pages keep those waiting who ask whether the service is well.
_THREADS: Final = {
    **dict.fromkeys(("sparql", "graph-store", "query"), "query"),
    **dict.fromkeys(("health", "ready", "metrics"), "health"),
}
#: All else.
_PAGE: Final = "page"
#: What is not said of a body that is not sent.
_OF_BODY: Final = ("content-length", "content-type", "content-encoding", "content-range")
#: What of a request decides its response, beside method, path, query string and body.
_DECISIVE: Final = ("accept", "accept-encoding", "content-type", "host", "range", "if-range")


class Front:
    """The application, and what stands before it; see exchange.Answerer."""

    def __init__(
        self,
        app: Wsgi,
        observer: Observer,
        rate: RateLimitItem | None = None,
        direct: Ask | None = None,
        engine: Engine | None = None,
        threads: int = 32,
        size: int = 64 << 20,
    ) -> None:
        """Take the application, and what one client may ask in a time, if that is limited.

        `direct` is asked before the application, of the `engine`, which begins and ends with the
        server.
        """
        self._app = app
        self._direct = direct
        self._engine = engine
        self._rate = rate
        self._asked = MovingWindowRateLimiter(MemoryStorage())
        self._observer = observer
        self._telling: asyncio.TimerHandle | None = None
        self._pools = {
            kind: ThreadPoolExecutor(threads, kind) for kind in {_PAGE, *_THREADS.values()}
        }
        self._responses: LRUCache[bytes, Response] = LRUCache(size, getsizeof=_size)
        self._largest = size // _SHARE

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin, in a loop that does not run yet."""
        if self._engine:
            self._engine.attend(loop)

    def end(self) -> None:
        """End, when that loop does not run any more."""
        if self._engine:
            self._engine.close()
        self._observer.tell()

    def recall(self, request: Request) -> Response | None:
        """Give a response that is remembered, or tell a client that it asks too often."""
        if self._rate and not self._asked.hit(self._rate, request.client):
            detail = f"More than {self._rate} from one address; ask more slowly."
            return make_problem(429, detail, {"retry-after": "1"})
        request.key = _make_key(request)
        found = self._responses.get(request.key)
        if found is None:
            return None
        self._observer.remembered.inc()
        return _meet_conditions(found, request.method, request.headers)

    async def answer(self, request: Request) -> Response | None:
        """Find the response, and remember it if it lasts; None if the client left first."""
        try:
            response = await self._find(request)
        except Exception:
            _LOG.exception("a request to %s failed", request.path)
            response = make_problem(500, _FAILED)
        if request.hang_up.is_set():
            return None
        if self._is_lasting(response):
            self._responses[request.key] = response
        return _meet_conditions(response, request.method, request.headers)

    def saw(self, request: Request, response: Response | None) -> None:
        """Hear what was sent, for the log."""
        self._observer.saw(request.method, request.path, response, request.seconds)
        if self._telling is None:
            loop = asyncio.get_running_loop()
            self._telling = loop.call_later(_TELL_SECONDS, self._tell)

    def _tell(self) -> None:
        self._telling = None
        self._observer.tell()

    def _is_lasting(self, response: Response) -> bool:
        """Tell whether a response may be remembered; a file may be another one the next time."""
        is_tagged = response.status == HTTPStatus.OK and response.header("etag")
        return bool(is_tagged) and not response.path and _size(response) <= self._largest

    async def _find(self, request: Request) -> Response:
        first, headers = request.path.lstrip("/").partition("/")[0], request.headers
        threads = self._pools[_THREADS.get(first, _PAGE)]
        if request.path == _ENDPOINT and self._direct:
            sent = headers.get("content-type", ""), request.body, headers.get("accept", "")
            asked = Asked(request.method, request.query_string.encode(), *sent)
            if response := await self._direct(asked, request.hang_up, threads):
                return await encode_soon(response, headers.get("accept-encoding", ""))
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(threads, call_app, self._app, make_environ(request))


def _make_key(request: Request) -> bytes:
    decisive = [request.headers.get(name, "") for name in _DECISIVE]
    return make_key(request.method, request.target, make_digest(request.body), decisive)


def _meet_conditions(response: Response, method: str, headers: dict[str, str]) -> Response:
    """Say 304 to a client that has the response already, 412 where it wants another one.

    RFC 9110, sections 13.1.1 to 13.1.4 and 13.2.2.
    """
    tag = response.header("etag")
    if not tag or response.status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        return response
    wanted, known = headers.get("if-match", ""), headers.get("if-none-match", "")
    if wanted and not _has_tag(wanted, tag, is_weak=False):
        return make_problem(412, "This has changed meanwhile: its ETag is none of If-Match.")
    if not _is_of(response, headers.get("if-unmodified-since", ""), otherwise=True):
        return make_problem(412, "This has changed meanwhile: it is newer than you ask for.")
    is_read = method in ("GET", "HEAD")
    is_same = (  # one of the two is there: a date beside tags was left out before
        _has_tag(known, tag, is_weak=True)
        if known
        else is_read and _is_of(response, headers.get("if-modified-since", ""))
    )
    if not is_same:
        return response
    if not is_read:
        return make_problem(412, "This is as it was: its ETag is one of If-None-Match.")
    kept = [(name, value) for name, value in response.headers if name.lower() not in _OF_BODY]
    return Response(HTTPStatus.NOT_MODIFIED, kept, b"", response.notes)


def _has_tag(listed: str, tag: str, *, is_weak: bool) -> bool:
    """Tell whether a list of tags has one (RFC 9110, section 8.8.3.2)."""
    tags = [one.strip() for one in listed.split(",")]
    if is_weak:
        tags, tag = [one.removeprefix("W/") for one in tags], tag.removeprefix("W/")
    return "*" in tags or (tag in tags and not tag.startswith("W/"))


def _is_of(response: Response, date: str, *, otherwise: bool = False) -> bool:
    """Tell whether a response is of a date or older; otherwise, if either has none."""
    of = parse_date(response.header("last-modified")) if date else None
    known = parse_date(date) if of else None
    return of <= known if of and known else otherwise


def _size(response: Response) -> int:
    return len(response.body) + _OVERHEAD
