"""Requests, read from what a client sends, and reasons why something is none that is taken.

httptools parses (Node's llhttp, strict): https://github.com/MagicStack/httptools.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote, urlsplit

from httptools import (
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpParserUpgrade,
    HttpRequestParser,
)

from audiokg.web.exchange import Refusal, Request, make_problem, read_headers

#: What ends a head, and the bytes that are heard at once.
_END: Final = b"\r\n\r\n"
_LEAST: Final = 64
_MOST: Final = 2 << 10
#: Bytes of an address, of it and the headers, of a body.
LONGEST_TARGET: Final = 64 << 10
_LONGEST_HEAD: Final = 128 << 10
LARGEST_BODY: Final = 1 << 20
_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_VERSIONS: Final = ("1.0", "1.1")
#: Which headers say where a body ends (RFC 9112, section 6).
_FRAMING: Final = ("content-length", "transfer-encoding")
_METHOD: Final = re.compile(rb"[!#$%&'*+.^`|~\w-]+ /", re.ASCII)


@dataclass(slots=True, eq=False)
class _Coming:
    """A request that has begun, and what is known of it."""

    request: Request
    target: bytearray = field(default_factory=bytearray)
    lines: list[tuple[str, str]] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    is_in_head: bool = True
    #: How much was heard of the head, or of what stands between and behind parts of the body.
    heard: int = 0
    #: It offers another protocol.
    is_upgrading: bool = False


class Reader:
    """Reads what one client sends; the `requests` are to be taken from it, in their order.

    One that cannot be taken has a refusal, and is the last. `welcome` is called when a client waits
    for leave to send a body.
    """

    def __init__(self, client: str, server: str, welcome: Callable[[], None]) -> None:
        self.requests: deque[Request] = deque()
        #: The last request is known; nothing more is heard.
        self.is_done = False
        self._parties = client, server
        self._welcome = welcome
        self._keeps = True
        self._coming: _Coming | None = None
        self._parser = HttpRequestParser(self)

    @property
    def is_midway(self) -> bool:
        """Tell whether a request has begun and is not whole."""
        return self._coming is not None

    @property
    def held(self) -> int:
        """Give the bytes that are held of the body that is coming."""
        return len(self._coming.body) if self._coming else 0

    @property
    def is_in_body(self) -> bool:
        """Tell whether only the body of a request is missing."""
        return self._coming is not None and not self._coming.is_in_head

    def cut(self, come: bytearray) -> bytes:
        """Take from what has come what is to be heard next: a head, or a part of a body.

        Not the requests behind it, too: they may be very many, and others wait meanwhile.
        """
        size = self._measure(come)
        part = bytes(come[:size])
        del come[:size]
        return part

    def _measure(self, come: bytearray) -> int:
        length = self._coming and self._coming.request.headers.get("content-length")
        if length:
            return min(int(length) - self.held, _MOST)
        end = come.find(_END, 0, _MOST) + len(_END)  # chunks end in the same way
        return max(end, _LEAST) if end >= len(_END) else _MOST

    def hear(self, piece: bytes) -> None:
        """Read on."""
        while piece and not self.is_done:
            piece = self._feed(piece)

    def _feed(self, piece: bytes) -> bytes:
        """Read on; gives what is to be read next."""
        known, rest, is_offered = len(self.requests), b"", False
        try:
            self._parser.feed_data(piece)
        except HttpParserUpgrade as stop:
            is_offered, rest = True, piece[stop.args[0] :]
        except HttpParserError as error:
            if not self.is_done:  # else it comes after the last request
                self.refuse(*_explain(error, piece if len(self.requests) == known else b""))
        if coming := self._coming:
            coming.heard += len(piece) - len(rest)
            if coming.heard > _LONGEST_HEAD:
                self.refuse(431, f"The headers are too long; {_LONGEST_HEAD} bytes are taken.")
        return self._stay() + rest if is_offered and not self.is_done else b""

    def end(self) -> None:
        """Forget everything; nothing more is heard. What this holds holds this, too."""
        self.is_done = True
        self._coming = None
        del self._parser, self._welcome

    def keep_none(self) -> None:
        """Let the request that is coming be the last, if there is one."""
        self._keeps = False
        self.is_done = self.is_done or not self.is_midway

    def refuse(self, status: int, detail: str, headers: Mapping[str, str] = _NONE) -> None:
        """Refuse what is coming, and hear no more."""
        request = self._coming.request if self._coming else Request(*self._parties)
        request.refusal = make_problem(status, detail, headers)
        self._finish(request)
        self.is_done = True

    def _finish(self, request: Request) -> None:
        self._coming = None
        self.requests.append(request)

    def _stay(self) -> bytes:
        """Go on with HTTP/1.1 where a client offers another protocol (RFC 9110, section 7.8).

        The parser takes all that follows for that protocol, be it the body. So another one has to
        be told how the body is sent; gives what tells it.
        """
        coming = self._the_coming()
        coming.is_upgrading = False
        lines = "".join(f"{name}: {said}\r\n" for name, said in coming.lines if name in _FRAMING)
        self._parser = HttpRequestParser(self)
        return f"POST / HTTP/1.1\r\n{lines}\r\n".encode("latin-1")

    def _the_coming(self) -> _Coming:
        assert self._coming  # noqa: S101 (the parser has begun a message)
        return self._coming

    # What httptools calls.

    def on_message_begin(self) -> None:
        """Begin a request. Raises Refusal behind the last one."""
        if self.is_done:
            raise Refusal(400, "Nothing is answered behind the last request.")
        if self._coming is None:  # else one goes on that another parser has begun
            self._coming = _Coming(Request(*self._parties))

    def on_url(self, part: bytes) -> None:
        """Hear a part of the address. Raises Refusal if it is too long."""
        coming = self._the_coming()
        if coming.is_in_head:
            coming.request.method = self._parser.get_method().decode()
            coming.target += part
            if len(coming.target) > LONGEST_TARGET:
                detail = f"The address is too long; {LONGEST_TARGET} bytes are taken. Use POST."
                raise Refusal(414, detail)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Hear a header; one that comes after the body means nothing here."""
        coming = self._the_coming()
        if coming.is_in_head:
            coming.lines.append((name.decode("latin-1").lower(), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        """Read what was said of the request. Raises Refusal if it is not taken."""
        coming, parser = self._the_coming(), self._parser
        if not coming.is_in_head:
            return
        coming.is_in_head, coming.is_upgrading = False, parser.should_upgrade()
        request = coming.request
        request.version = parser.get_http_version()
        if request.version not in _VERSIONS:
            raise Refusal(505, "HTTP/1.1 and HTTP/1.0 are spoken here.")
        if request.method == "CONNECT":
            detail = "Nobody is connected to others from here; use GET or POST."
            raise Refusal(405, detail, {"allow": "GET, HEAD, POST, OPTIONS"})
        host = _read_target(request, coming.target.decode("latin-1"))
        request.headers = read_headers(coming.lines, request.method, request.version, host)
        if int(request.headers.get("content-length", 0)) > LARGEST_BODY:
            raise _too_long()
        is_old = request.version == "1.0"
        # Of an old client that sends chunks, the end is not sure (RFC 9112, section 6.1).
        is_unsure = is_old and "transfer-encoding" in request.headers
        request.is_kept = parser.should_keep_alive() and not is_unsure
        if request.headers.get("expect", "").lower() == "100-continue" and not is_old:
            self._welcome()

    def on_body(self, part: bytes) -> None:
        """Hear a part of the body. Raises Refusal if it is too long."""
        coming = self._the_coming()
        coming.heard = 0
        coming.body += part
        if len(coming.body) > LARGEST_BODY:
            raise _too_long()

    def on_message_complete(self) -> None:
        """Take the request, which is whole."""
        coming = self._the_coming()
        if coming.is_upgrading:  # its body comes only now
            return
        coming.request.body = bytes(coming.body)
        self._finish(coming.request)
        self.is_done = not (coming.request.is_kept and self._keeps)


def _read_target(request: Request, sent: str) -> str:
    """Read path and query string; gives the host, if the address has one.

    RFC 9112, section 3.2. Raises Refusal.
    """
    sent, host = sent.partition("#")[0], ""
    if sent == "*":  # it asks of the server as a whole
        if request.method != "OPTIONS":
            raise Refusal(400, "Only OPTIONS asks of the server as a whole; name a path.")
        sent = "/"
    if not sent.startswith("/"):
        try:
            host = urlsplit(sent).netloc
        except ValueError as error:
            raise Refusal(400, f"The address cannot be read: {error}.") from error
        _, _, sent = sent.partition(f"//{host}")
        sent = sent if sent.startswith("/") else f"/{sent}"
    request.target = sent
    path, _, request.query_string = sent.partition("?")
    request.path = unquote(path) if "%" in path else path
    return host


def _explain(error: HttpParserError, sent: bytes) -> tuple[int, str, Mapping[str, str]]:
    """Say why something is no request that is taken: a status, words, and headers.

    `sent` is where it begins, if that is known.
    """
    if isinstance(error.__context__, Refusal):
        refusal = error.__context__
        return refusal.status, str(refusal), refusal.headers
    if isinstance(error, HttpParserInvalidMethodError) and _METHOD.match(sent):
        return 501, "There is no such method; use GET or POST, in capital letters.", _NONE
    return 400, f"This is not HTTP: {error}.", _NONE


def _too_long() -> Refusal:
    return Refusal(413, f"A request has at most {LARGEST_BODY} bytes; send less.")
