"""What comes in and goes out: requests read as HTTP asks, whole responses."""

import asyncio
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from audiokg.web.problems import PROBLEM, write_problem

Headers = list[tuple[str, str]]
#: Bodies above this are refused here already, before they are read whole by the application.
_LARGEST_BODY: Final = 1 << 20
_READING_SECONDS: Final = 15.0
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
        document = write_problem(HTTPStatus(status), HTTPStatus(status).phrase, detail)
        headers = [
            ("content-type", PROBLEM),
            ("connection", "close"),
            ("cache-control", "no-store"),
            ("access-control-allow-origin", "*"),
            ("x-content-type-options", "nosniff"),
        ]
        self.response = Response(status, headers, document.encode())


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
    if scope.http_version == "1.1" and ("host" not in headers or "," in headers["host"]):
        raise Refusal(400, "A request names one host, in the header Host.")
    if headers.get("content-encoding", "identity") != "identity":
        raise Refusal(415, "A coded body is not taken; send it without Content-Encoding.")
    if "accept-encoding" in headers:
        headers["accept-encoding"] = _welcome_codings(headers["accept-encoding"])
    return headers


def _welcome_codings(accepted: str) -> str:
    """Leave out what is not welcome (q=0), which Flask-Compress would take for welcome."""
    codings = [part.strip() for part in accepted.split(",")]
    return ", ".join(part for part in codings if not _UNWELCOME.search(part))


async def read_body(scope: Any, headers: dict[str, str], protocol: Any) -> bytes:
    """Read the body, if there is one. Raises Refusal if it is too long or does not come."""
    if scope.method in ("GET", "HEAD") and "content-length" not in headers:
        return b""
    too_long = Refusal(413, f"A request has at most {_LARGEST_BODY} bytes; send less.")
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
        raise Refusal(408, "The request did not come in time; send it at once.") from error
    if length < int(headers.get("content-length") or 0):
        raise Refusal(400, "The request is shorter than its Content-Length says; send it whole.")
    return b"".join(chunks)
