"""SERVICE, by an exact list of addresses: what a query may ask, and the broker that asks it.

A worker that evaluates such a query may open sockets, but the query that it gets names only the
broker, on loopback; the broker knows the real addresses. It connects to public addresses only,
looked at after the name was resolved, follows no redirect, and stops at a time and a size.
"""

import ipaddress
import logging
import re
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

import httpcore

from audiokg.errors import QueryRefusedError
from audiokg.http import AGENT
from audiokg.tokens import (
    TOKEN,
    expand_token,
    is_doubtful,
    is_unclosed,
    make_detector,
    read_prefixes,
    read_tokens,
)

_LOG = logging.getLogger(__name__)
#: What may be asked where nothing else is said: Wikidata's two services, and DBLP's.
SERVICES: Final = (
    "https://query.wikidata.org/sparql",
    "https://query-scholarly.wikidata.org/sparql",
    "https://sparql.dblp.org/sparql",
)
_WORD: Final = re.compile("service", re.IGNORECASE)
_may_call: Final = make_detector("SERVICE")
_SECONDS: Final = 8.0
_POLL_SECONDS: Final = 0.05
_LARGEST: Final = 16 << 20
_LARGEST_QUERY: Final = 1 << 20
_FAILURES: Final = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)


@dataclass(frozen=True)
class Call:
    """A SERVICE clause: the address that it names, and where in the text that stands."""

    address: str
    start: int
    end: int


def find_calls(text: str, allowed: Sequence[str]) -> list[Call]:
    """Find the SERVICE clauses of a query.

    Raises QueryRefusedError for an address that is not on the list, for a variable, and where the
    word stands anywhere else: so nothing that reads the text in another way than we do can find a
    clause that we have not seen.
    """
    if not _WORD.search(text):
        return []
    if is_doubtful(text):
        raise QueryRefusedError(
            "where SERVICE is used, no relative IRI has “#” or “'”; write a space after “less than”"
        )
    calls = list(_calls(text))
    if calls and len(_WORD.findall(text)) != sum(1 + len(_WORD.findall(c.address)) for c in calls):
        raise QueryRefusedError(
            "where SERVICE is used, the word may stand nowhere else, not even in a string or name"
        )
    if not calls and any(map(_may_call, TOKEN.finditer(text))):
        raise QueryRefusedError(
            "SERVICE is written with a space before and after it, and may stand in no prefix"
        )
    for call in calls:
        if call.address not in allowed:
            known = ", ".join(f"<{address}>" for address in allowed) or "none"
            raise QueryRefusedError(
                f"SERVICE {call.address or '?'} is not offered here; what may be asked: {known}"
            )
    return calls


def redirect_calls(text: str, calls: Iterable[Call], broker: Callable[[str], str]) -> str:
    """Put the broker's addresses in the place of those of the clauses."""
    parts, end = [], 0
    for call in calls:
        parts += [text[end : call.start], f"<{broker(call.address)}>"]
        end = call.end
    return "".join([*parts, text[end:]])


def _calls(text: str) -> Iterator[Call]:
    tokens = read_tokens(text)
    if any(is_unclosed(token.group()) for token in tokens):
        raise QueryRefusedError("a string has no end; close it, where SERVICE is used")
    prefixes = read_prefixes(tokens)
    for number, token in enumerate(tokens):
        if token.group().upper() == "SERVICE" and token.lastgroup == "word":
            rest = [t for t in tokens[number + 1 : number + 3] if t.group().upper() != "SILENT"]
            if rest:
                named = rest[0]
                yield Call(expand_token(named.group(), prefixes), named.start(), named.end())


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public net."""
    return ipaddress.ip_address(address).is_global


class _Connections(httpcore.SyncBackend):
    """Connects to the very address that was looked at, so that a name cannot change in between."""

    def __init__(self, fits: Callable[[str], bool]) -> None:
        super().__init__()
        self._fits = fits

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect. Raises httpcore.ConnectError if the name leads to a private address."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} is not known") from error
        addresses = [str(entry[4][0]) for entry in found]
        if not all(map(self._fits, addresses)):
            raise httpcore.ConnectError(f"{host} leads to a private address")
        return super().connect_tcp(addresses[0], port, timeout, local_address, socket_options)


class Broker:
    """Asks the services on the list for the workers; listens on loopback."""

    def __init__(
        self, allowed: Sequence[str] = SERVICES, fits: Callable[[str], bool] = is_public
    ) -> None:
        """Start it. `fits` says which IP addresses may be connected to."""
        self.allowed = tuple(allowed)
        self._secret = secrets.token_urlsafe(24)
        self._server = _Server(self, _Connections(fits))
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True
        )
        self._thread.start()

    def address_of(self, service: str) -> str:
        """Give the address on loopback that stands for a service."""
        port = self._server.server_address[1]
        return f"http://127.0.0.1:{port}/{self._secret}/{self.allowed.index(service)}"

    def find(self, path: str) -> str | None:
        """Find the service that a path stands for; None for a path that we have not given out."""
        _, secret, number = (*path.split("/"), "", "")[:3]
        known = secrets.compare_digest(secret, self._secret) and number.isdigit()
        return self.allowed[int(number)] if known and int(number) < len(self.allowed) else None

    def close(self) -> None:
        """Stop it."""
        self._server.shutdown()
        self._server.server_close()
        self._server.pool.close()
        self._thread.join(1.0)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, broker: Broker, connections: _Connections) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.broker = broker
        self.pool = httpcore.ConnectionPool(network_backend=connections, max_connections=8)

    def handle_error(self, request: object, client_address: object) -> None:
        """Note that a worker has left before its answer came; other errors go to the log."""
        if not isinstance(sys.exception(), ConnectionError):
            _LOG.exception("the broker failed for %s", client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        """Hand a query on, and the whole answer back."""
        service = self.server.broker.find(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        if service is None or length > _LARGEST_QUERY:
            self._say(HTTPStatus.NOT_FOUND, "text/plain", b"this broker knows no such service")
            return
        query = self.rfile.read(length)
        try:
            self._say(HTTPStatus.OK, *self._ask(service, query))
        except (*_FAILURES, _RemoteError) as error:
            said = f"{service}: {str(error) or 'no answer in time'}"
            self._say(HTTPStatus.BAD_GATEWAY, "text/plain", said.encode())

    def _ask(self, service: str, query: bytes) -> tuple[str, bytes]:
        headers: dict[bytes | str, bytes | str] = {
            "Content-Type": self.headers.get("Content-Type", "application/sparql-query"),
            "Accept": "application/sparql-results+json",
            "User-Agent": AGENT,
        }
        limits = dict.fromkeys(("connect", "read", "write", "pool"), _SECONDS)
        with self.server.pool.stream(
            "POST", service, headers=headers, content=query, extensions={"timeout": limits}
        ) as answer:
            if answer.status != HTTPStatus.OK:  # a redirect, too
                raise _RemoteError(f"it answered {answer.status}")
            body = b"".join(_bounded(answer.iter_stream()))
            kinds = [value for name, value in answer.headers if name.lower() == b"content-type"]
        return (kinds or [b"application/sparql-results+json"])[0].decode("latin-1"), body

    def _say(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: the worker's query is logged with the request it belongs to."""


class _RemoteError(Exception):
    """A service that answered with something else than a result."""


def _bounded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    length, deadline = 0, time.monotonic() + _SECONDS
    for chunk in chunks:
        if time.monotonic() > deadline:  # each part may come in time, and the whole not
            raise _RemoteError("its answer takes too long")
        length += len(chunk)
        if length > _LARGEST:
            raise _RemoteError(f"its answer is larger than {_LARGEST >> 20} MiB")
        yield chunk
