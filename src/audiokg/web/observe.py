"""What operators see: counters for Prometheus, and one line of JSON for each request.

The line of a query has a hash of it, not its text, which may say what somebody works on; set
$AUDIOKG_LOG_QUERIES to have the text. It also has the number of rows.
"""

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from audiokg.engine.protocol import Answer

#: What the log has beside.
Notes = dict[str, str | int]
_LOG = logging.getLogger("audiokg.access")
_BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
#: The client left before its answer (nginx's number).
_GONE = 499
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


class Observer:
    """Counts and logs requests."""

    def __init__(self) -> None:
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
        """Count and log one request; `response` is None if the client left first."""
        status = response.status if response else _GONE
        size = len(response.body) if response else 0
        route = "/" + path.strip("/").partition("/")[0]
        known = route if status < 400 or route == "/sparql" else "other"
        self._requests.labels(known, str(status)).inc()
        self._seconds.labels(known).observe(seconds)
        self._bytes.inc(size)
        if _LOG.isEnabledFor(logging.INFO):
            _LOG.info("%s", _line(method, path, response, seconds))

    def metrics(self) -> bytes:
        """Give everything in the text format of Prometheus."""
        return generate_latest(self.registry)


def note_query(text: str) -> Notes:
    """Note a query for the log: its hash, or its text where that is wanted."""
    if os.environ.get("AUDIOKG_LOG_QUERIES"):
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


def _line(method: str, path: str, response: Seen | None, seconds: float) -> str:
    line: dict[str, str | int | float] = {
        "method": method[:_SHOWN],
        "path": path[:_SHOWN],
        "status": response.status if response else _GONE,
        "bytes": len(response.body) if response else 0,
        "ms": round(seconds * 1000, 2),
    }
    return json.dumps(line | dict(response.notes if response else {}), ensure_ascii=False)
