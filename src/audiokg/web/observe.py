"""What operators see: counters for Prometheus, and one line of JSON for each request.

The line has a hash of the query, not its text, which may say what somebody works on; set
$AUDIOKG_LOG_QUERIES to have the text.
"""

import hashlib
import json
import logging
import os
from typing import Protocol
from urllib.parse import parse_qs

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

_LOG = logging.getLogger("audiokg.access")
_BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
#: The client left before its answer (nginx's number).
_GONE = 499
#: Characters of a method or path in the log.
_SHOWN = 200


class Seen(Protocol):
    """What is told of a response."""

    @property
    def status(self) -> int:
        """The status code."""

    @property
    def body(self) -> bytes:
        """What was sent."""


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
        self._with_text = bool(os.environ.get("AUDIOKG_LOG_QUERIES"))

    def saw(
        self, method: str, path: str, query_string: str, response: Seen | None, seconds: float
    ) -> None:
        """Count and log one request; `response` is None if the client left first."""
        status = response.status if response else _GONE
        size = len(response.body) if response else 0
        route = "/" + path.strip("/").partition("/")[0]
        known = route if status < 400 or route == "/sparql" else "other"
        self._requests.labels(known, str(status)).inc()
        self._seconds.labels(known).observe(seconds)
        self._bytes.inc(size)
        if _LOG.isEnabledFor(logging.INFO):
            _LOG.info("%s", self._line(method, path, query_string, status, size, seconds))

    def metrics(self) -> bytes:
        """Give everything in the text format of Prometheus."""
        return generate_latest(self.registry)

    def _line(
        self, method: str, path: str, query_string: str, status: int, size: int, seconds: float
    ) -> str:
        line: dict[str, str | int | float] = {
            "method": method[:_SHOWN],
            "path": path[:_SHOWN],
            "status": status,
            "bytes": size,
            "ms": round(seconds * 1000, 2),
        }
        queries = parse_qs(query_string, errors="replace").get("query", [])
        if queries:
            digest = hashlib.blake2b(queries[0].encode("utf-8", "replace"), digest_size=8)
            line["query"] = queries[0] if self._with_text else digest.hexdigest()
        return json.dumps(line, ensure_ascii=False)
