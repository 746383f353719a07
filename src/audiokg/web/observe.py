"""What operators see: counters for Prometheus, and one line of JSON for each request.

The line of a query has a hash of it, not its text, which may say what somebody works on; set
$AUDIOKG_LOG_QUERIES to have the text. It also has the number of rows. Requests are noted when they
are answered, and counted and logged some at a time, which takes less of the processor.
"""

import hashlib
import json
import logging
import os
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from audiokg.engine.protocol import Answer

#: What the log has beside.
Notes = dict[str, str | int]
_LOG = logging.getLogger("audiokg.access")
_BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
#: The client left before its answer (nginx's number).
GONE = 499
_encode = json.JSONEncoder(ensure_ascii=False).encode
#: More at a time would hold up others for longer than a millisecond.
_MOST_SEEN: Final = 100
#: Characters of a method or path in the log.
_SHOWN = 200
#: What ends each row of an answer, and how often it stands before the first.
_ROW_ENDS: Final = {
    "json": (b'"}}', 0),
    "xml": (b"</result>", 0),
    "tsv": (b"\n", 1),
    "csv": (b"\r\n", 1),
}


class Seen(Protocol):
    """What is told of a response."""

    @property
    def status(self) -> int:
        """The status code."""

    @property
    def body(self) -> bytes:
        """What was sent."""

    @property
    def notes(self) -> Mapping[str, str | int]:
        """What the log has beside."""


@dataclass(frozen=True, slots=True)
class _Request:
    """A request that was answered, and when that was done."""

    method: str
    path: str
    status: int
    size: int
    notes: Mapping[str, str | int]
    seconds: float
    moment: float


class Observer:
    """Counts and logs requests. Safe to use from several threads."""

    def __init__(self) -> None:
        self._seen: deque[_Request] = deque()
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "audiokg_requests", "Requests", ["route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "audiokg_request_seconds",
            "Seconds from request to response",
            ["route"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._bytes = Counter("audiokg_sent_bytes", "Bytes of bodies", registry=self.registry)
        self.remembered = Counter(
            "audiokg_remembered", "Responses that were remembered", registry=self.registry
        )

    def saw(self, method: str, path: str, response: Seen | None, seconds: float) -> None:
        """Note one request; `response` is None if the client left first."""
        status, size = (response.status, len(response.body)) if response else (GONE, 0)
        notes = response.notes if response else {}
        self._seen.append(_Request(method, path, status, size, notes, seconds, time.time()))
        if len(self._seen) >= _MOST_SEEN:
            self.tell()

    def tell(self) -> None:
        """Count and log what was seen."""
        lines = []
        with suppress(IndexError):  # that was the last one
            while True:
                lines.append(self._count(self._seen.popleft()))
        if lines:
            _LOG.info("%s", "\n".join(lines))

    def metrics(self) -> bytes:
        """Give everything in the text format of Prometheus."""
        self.tell()
        return generate_latest(self.registry)

    def _count(self, request: _Request) -> str:
        """Count a request, and give its line for the log."""
        route = "/" + request.path.strip("/").partition("/")[0]
        known = route if request.status < 400 or route == "/sparql" else "other"
        self._requests.labels(known, str(request.status)).inc()
        self._seconds.labels(known).observe(request.seconds)
        self._bytes.inc(request.size)
        return _line(request)


@cache
def shows_queries() -> bool:
    """Tell whether the log has the texts of queries."""
    return bool(os.environ.get("AUDIOKG_LOG_QUERIES"))


def note_query(text: str) -> Notes:
    """Note a query for the log: its hash, or its text where that is wanted."""
    if shows_queries():
        return {"query": text}
    return {"query": hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()}


def note_answer(answer: Answer) -> Notes:
    """Note the number of rows, counted by their ends: quick.

    A row without any value, or a string that holds such an end, makes it differ by one.
    """
    if not answer.is_rows:
        return {}
    end, before = _ROW_ENDS[answer.format]
    return {"rows": max(0, answer.body.count(end) - before)}


def _line(request: _Request) -> str:
    moment = datetime.fromtimestamp(request.moment, UTC)
    return _encode(
        {
            "time": moment.isoformat(timespec="milliseconds"),
            "method": request.method[:_SHOWN],
            "path": request.path[:_SHOWN],
            "status": request.status,
            "bytes": request.size,
            "ms": round(request.seconds * 1000, 2),
            **request.notes,
        }
    )
