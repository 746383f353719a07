"""What comes in and goes out: requests read as HTTP asks, whole responses."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, Protocol

from werkzeug.http import parse_date

from audiokg.engine.protocol import HangUp
from audiokg.web.headers import COMMON, PASSING
from audiokg.web.problems import PROBLEM, write_problem

Headers = list[tuple[str, str]]
_NONE: Final[Mapping[str, str]] = MappingProxyType({})
#: A name or address, and a port (RFC 3986, section 3.2.2).
_HOST: Final = re.compile(r"(\[[0-9A-Za-z:.]+\]|[\w.~!$&'()*+;=%-]+)(:\d*)?", re.ASCII)
#: A condition on tags takes the place of one on a date (RFC 9110, section 13.2.2).
_CONDITIONS: Final = (
    ("if-match", "if-unmodified-since"),
    ("if-none-match", "if-modified-since"),
)
#: Dates, and what is not asked for where they are none.
_DATES: Final = (("if-modified-since", ""), ("if-unmodified-since", ""), ("if-range", "range"))
#: Longer ones take a second to be read.
_LONGEST_HEADER: Final = 16 << 10
#: One range of bytes; several at once are not worth it.
_PART: Final = re.compile(r"bytes=(\d+-\d*|-\d+)", re.IGNORECASE)
_UNWELCOME: Final = re.compile(r";\s*q=0(\.0{0,3})?\s*$", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class Request:
    """A request, the names of its headers small; `target` is path and query as they were sent."""

    #: The addresses of both sides; that of the server with its port.
    client: str = ""
    server: str = ""
    method: str = ""
    target: str = ""
    path: str = ""
    query_string: str = ""
    version: str = "1.1"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    #: Why it cannot be taken; then other things may be missing.
    refusal: "Response | None" = None
    #: Whether the client may ask again on the same connection.
    is_kept: bool = False
    #: Set when the client is gone.
    hang_up: HangUp = field(default_factory=HangUp)
    #: By which its response is remembered.
    key: bytes = b""
    #: How long it took to find the response.
    seconds: float = 0.0


@dataclass(frozen=True)
class Response:
    """A whole response; `path` is the file that is its body, if it is one."""

    status: int
    headers: Headers
    body: bytes
    notes: dict[str, str | int] = field(default_factory=dict)
    path: str = ""

    def header(self, name: str) -> str:
        """Give a header by its name in lower case, empty if there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")


class Answerer(Protocol):
    """Who answers the requests of all connections."""

    def recall(self, request: Request) -> Response | None:
        """Give a response that is known at once, or None."""

    async def answer(self, request: Request) -> Response | None:
        """Find the response; None if the client left first."""

    def saw(self, request: Request, response: Response | None) -> None:
        """Hear what was sent; None if the client left."""


class Refusal(Exception):  # noqa: N818
    """A request that is not handed to the application."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] = _NONE) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers


def make_problem(status: int, detail: str, headers: Mapping[str, str] = _NONE) -> Response:
    """Make a response that says what is wrong."""
    document = write_problem(HTTPStatus(status), HTTPStatus(status).phrase, detail)
    said = {"content-type": PROBLEM, "cache-control": PASSING, **headers}
    common = [(name.lower(), value) for name, value in COMMON.items()]
    return Response(status, [*said.items(), *common], document.encode())


def read_headers(
    lines: Iterable[tuple[str, str]], method: str, version: str, host: str = ""
) -> dict[str, str]:
    """Read the headers, lines of one name joined (RFC 9110, section 5.3).

    `host` is that of the address, if there is one: it counts more than the header, which has to
    be there all the same. Raises Refusal for a request without one Host (RFC 9112, section 3.2),
    and for a coded body (section 6.1; RFC 9110, section 8.4).
    """
    headers = _join(lines)
    _settle_host(headers, version, host)
    if headers.get("transfer-encoding", "chunked").lower() != "chunked":
        raise Refusal(501, "No other Transfer-Encoding than chunked is known here.")
    if headers.get("content-encoding", "identity") != "identity":
        raise Refusal(415, "A coded body is not taken; send it without Content-Encoding.")
    _settle_conditions(headers)
    if method != "GET" or not _wants_part(headers):
        headers.pop("range", None)
    if "range" in headers:  # parts of what is coded could not be joined
        headers.pop("accept-encoding", None)
    if "accept-encoding" in headers:
        headers["accept-encoding"] = _welcome_codings(headers["accept-encoding"])
    return headers


def _join(lines: Iterable[tuple[str, str]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in lines:
        if "_" in name:  # it would be taken for the one with “-” (PEP 3333 has CGI's names)
            continue
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
        if len(headers[name]) > _LONGEST_HEADER:
            raise Refusal(431, f"The header {name} is too long; {_LONGEST_HEADER} bytes are taken.")
    return headers


def _settle_host(headers: dict[str, str], version: str, host: str) -> None:
    named = headers.get("host")
    is_missing = named is None and version == "1.0"
    if not (is_missing or _HOST.fullmatch(named or "")) or not _HOST.fullmatch(host or "a"):
        raise Refusal(400, "A request names one host, in the header Host.")
    if host:
        headers["host"] = host


def _settle_conditions(headers: dict[str, str]) -> None:
    """Leave out dates that are none, or beside which tags stand (RFC 9110, section 13)."""
    for tags, date in _CONDITIONS:
        if tags in headers:
            headers.pop(date, None)
    for date, conditional in _DATES:
        if not _may_be_date(headers.get(date, "")):
            del headers[date]
            headers.pop(conditional, None)


def _wants_part(headers: Mapping[str, str]) -> bool:
    """Tell whether a part is to be given; all others may be passed over (RFC 9110, section 14.2).

    On a condition, a strong tag is compared (section 13.1.5). Of dates it could not be told whether
    they are the very same.
    """
    is_sure = headers.get("if-range", '"').startswith('"')
    return is_sure and bool(_PART.fullmatch(headers.get("range", "")))


def _may_be_date(value: str) -> bool:
    try:
        parse_date(value)
    except (OverflowError, ValueError):  # of dates beyond all calendars
        return False
    return True


def _welcome_codings(accepted: str) -> str:
    """Leave out what is not welcome (q=0), which Flask-Compress would take for welcome.

    And “*” with it, which means all others (RFC 9110, section 12.5.3). That “identity” is not
    welcome says nothing of these.
    """
    codings = [part.strip() for part in accepted.split(",")]
    others = [part for part in codings if not part.lower().startswith("identity")]
    welcome = [part for part in codings if not _UNWELCOME.search(part)]
    if any(map(_UNWELCOME.search, others)):
        welcome = [part for part in welcome if not part.startswith("*")]
    return ", ".join(welcome)
