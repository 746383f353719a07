"""What comes in and goes out: requests read as HTTP asks, whole responses."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

from werkzeug.http import parse_date

from audiokg.web.headers import COMMON, PASSING
from audiokg.web.problems import PROBLEM, write_problem

Headers = list[tuple[str, str]]
_NONE: Final[Mapping[str, str]] = MappingProxyType({})
#: Bodies above this are refused here already, before they are read whole by the application.
_LARGEST_BODY: Final = 1 << 20
_TOO_LONG: Final = f"A request has at most {_LARGEST_BODY} bytes; send less."
_READING_SECONDS: Final = 15.0
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
_UNWELCOME: Final = re.compile(r";\s*q=0(\.0{0,3})?\s*$", re.IGNORECASE)


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


class Refusal(Exception):  # noqa: N818
    """A request that is not handed to the application."""

    def __init__(self, status: int, detail: str) -> None:
        self.response = make_problem(status, detail, {"connection": "close"})


def make_problem(status: int, detail: str, headers: Mapping[str, str] = _NONE) -> Response:
    """Make a response that says what is wrong."""
    document = write_problem(HTTPStatus(status), HTTPStatus(status).phrase, detail)
    said = {"content-type": PROBLEM, "cache-control": PASSING, **headers}
    common = [(name.lower(), value) for name, value in COMMON.items()]
    return Response(status, [*said.items(), *common], document.encode())


def read_headers(scope: Any) -> dict[str, str]:
    """Read the headers, lines of one name joined (RFC 9110, section 5.3).

    Raises Refusal for a request without one Host (RFC 9112, section 3.2), for a coded body, and
    for a method in small letters, which is another one (RFC 9110, section 9.1).
    """
    if scope.method != scope.method.upper():
        raise Refusal(501, "There is no such method; write it in capital letters, as GET is.")
    headers: dict[str, str] = {}
    for name, value in scope.headers.items():
        joins = name in headers and name != "content-length"
        headers[name] = f"{headers[name]}, {value}" if joins else value
        if len(headers[name]) > _LONGEST_HEADER:
            raise Refusal(431, f"The header {name} is too long; {_LONGEST_HEADER} bytes are taken.")
    host = headers.get("host")
    if not _HOST.fullmatch(host or "") and (host is not None or scope.http_version == "1.1"):
        raise Refusal(400, "A request names one host, in the header Host.")
    if headers.get("content-encoding", "identity") != "identity":
        raise Refusal(415, "A coded body is not taken; send it without Content-Encoding.")
    _settle_conditions(headers)
    if "range" in headers:  # parts of what is coded could not be joined
        headers.pop("accept-encoding", None)
    if "accept-encoding" in headers:
        headers["accept-encoding"] = _welcome_codings(headers["accept-encoding"])
    return headers


def _settle_conditions(headers: dict[str, str]) -> None:
    """Leave out dates that are none, or beside which tags stand (RFC 9110, section 13)."""
    for tags, date in _CONDITIONS:
        if tags in headers:
            headers.pop(date, None)
    for date, conditional in _DATES:
        if not _may_be_date(headers.get(date, "")):
            del headers[date]
            headers.pop(conditional, None)


def _may_be_date(value: str) -> bool:
    try:
        parse_date(value)
    except (OverflowError, ValueError):  # of dates beyond all calendars
        return False
    return True


def _welcome_codings(accepted: str) -> str:
    """Leave out what is not welcome (q=0), which Flask-Compress would take for welcome.

    And “*” with it, which means all others (RFC 9110, section 12.5.3).
    """
    codings = [part.strip() for part in accepted.split(",")]
    welcome = [part for part in codings if not _UNWELCOME.search(part)]
    if len(welcome) < len(codings):
        welcome = [part for part in welcome if not part.startswith("*")]
    return ", ".join(welcome)


async def read_body(scope: Any, headers: dict[str, str], protocol: Any) -> bytes:
    """Read the body, if there is one. Raises Refusal if it is too long or does not come."""
    if scope.method in ("GET", "HEAD") and "content-length" not in headers:
        return b""
    if int(headers.get("content-length") or 0) > _LARGEST_BODY:
        raise Refusal(413, _TOO_LONG)
    chunks: list[bytes] = []
    length = 0
    try:
        async with asyncio.timeout(_READING_SECONDS):
            async for chunk in protocol:
                length += len(chunk)
                if length > _LARGEST_BODY:
                    raise Refusal(413, _TOO_LONG)
                chunks.append(chunk)
    except TimeoutError as error:
        raise Refusal(408, "The request did not come in time; send it at once.") from error
    if length < int(headers.get("content-length") or 0):
        raise Refusal(400, "The request is shorter than its Content-Length says; send it whole.")
    return b"".join(chunks)
