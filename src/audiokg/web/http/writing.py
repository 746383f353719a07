"""The first line and the headers of a response, as they are sent (RFC 9112, section 4)."""

import time
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from audiokg.web.exchange import Request, Response

_BODILESS: Final = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


def is_bodiless(request: Request, response: Response) -> bool:
    """Tell whether a response is sent without its body (RFC 9110, section 6.4.1)."""
    return request.method == "HEAD" or response.status in _BODILESS


def write_head(request: Request, response: Response, *, is_last: bool) -> bytes:
    """Write what comes before the body; `is_last`: the connection ends with this response."""
    lines = [_status_line(response.status), _date_line(int(time.time()))]
    lines += [f"{name}: {value}\r\n" for name, value in response.headers if name != "date"]
    if not (is_bodiless(request, response) or response.header("content-length")):
        lines.append(f"content-length: {len(response.body)}\r\n")
    if is_last:
        lines.append("connection: close\r\n")
    elif request.version == "1.0":
        lines.append("connection: keep-alive\r\n")
    lines.append("\r\n")
    return "".join(lines).encode("latin-1", "replace")


@lru_cache(maxsize=64)
def _status_line(status: int) -> str:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"


@lru_cache(maxsize=1)
def _date_line(seconds: int) -> str:
    return f"date: {formatdate(seconds, usegmt=True)}\r\n"
