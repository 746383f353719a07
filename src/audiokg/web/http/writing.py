"""Responses as they are sent (RFC 9112, section 4), as fast as the client takes them."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from audiokg.web.exchange import Request, Response, make_problem
from audiokg.web.http.parts import PART, NoRoomError, Room, open_parts
from audiokg.web.observe import GONE

#: So long a client may take nothing of its answer.
SILENT_SECONDS: Final = 30.0
LATER: Final[Mapping[str, str]] = MappingProxyType({"retry-after": "5"})
_BUSY: Final = "Too many large answers are being sent; try again in a while."

_BODILESS: Final = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


def is_bodiless(request: Request, response: Response) -> bool:
    """Tell whether a response is sent without its body (RFC 9110, section 6.4.1)."""
    return request.method == "HEAD" or response.status in _BODILESS


def is_large(request: Request, response: Response) -> bool:
    """Tell whether a response is sent part by part."""
    is_small = not response.path and len(response.body) <= PART
    return not (is_small or is_bodiless(request, response))


class Writer:
    """Writes the responses of one connection, in the event loop."""

    def __init__(self, transport: asyncio.Transport, room: Room) -> None:
        """Take the way to the client, and the room for large bodies."""
        #: More has been written than the client has taken.
        self.is_full = False
        self._transport = transport
        self._room = room
        self._taken: asyncio.Future[None] | None = None
        self._total = 0
        #: What waited and had been written then, and since when that is so.
        self._stuck = 0, 0, 0.0
        # All that is written is taken before there is room for more: what waits is counted then.
        transport.set_write_buffer_limits(PART, 0)

    @property
    def waiting(self) -> int:
        """Give the bytes that wait to be taken."""
        return self._transport.get_write_buffer_size()

    def is_stuck(self, now: float) -> bool:
        """Tell whether the client has taken nothing for too long."""
        waiting = self.waiting
        if self._stuck[:2] != (waiting, self._total):
            self._stuck = waiting, self._total, now
        return waiting > 0 and now - self._stuck[2] > SILENT_SECONDS

    def resume(self) -> None:
        """Hear that the client has taken enough, or is gone."""
        self.is_full = False
        if self._taken and not self._taken.done():
            self._taken.set_result(None)

    def write(self, request: Request, response: Response, *, is_last: bool) -> None:
        """Write a response that is not large, at once."""
        body = b"" if is_bodiless(request, response) else response.body
        self._put(write_head(request, response, is_last=is_last) + body)

    async def send(self, request: Request, response: Response, *, is_last: bool) -> Response:
        """Send a response of any size; gives what was sent, with status 499 if it was cut."""
        if is_large(request, response):
            with ExitStack() as stack:
                try:
                    stack.enter_context(self._room.hold(response.body))
                    parts = stack.enter_context(open_parts(response))
                except (NoRoomError, OSError):
                    response = make_problem(503, _BUSY, LATER)
                else:
                    self._put(write_head(request, response, is_last=is_last))
                    return await self._send_parts(response, parts)
        self.write(request, response, is_last=is_last)
        return response

    async def _send_parts(
        self, response: Response, parts: Iterator[bytes | memoryview]
    ) -> Response:
        length = left = int(response.header("content-length") or len(response.body))
        try:
            for part in parts:
                await self._take()
                self._put(part)
                left -= len(part)
            await self._take()
        except OSError:  # the client is gone, or the file
            left = left or 1
        if not left:
            return response
        self._transport.abort()  # by Content-Length the client sees that more was due
        return replace(
            response, status=GONE, body=b"", notes=response.notes | {"bytes": length - left}
        )

    async def _take(self) -> None:
        """Wait until the client has taken enough. Raises ConnectionResetError if it is gone."""
        await asyncio.sleep(0)  # others have their turn, too, however quick it is
        while self.is_full and not self._transport.is_closing():
            self._taken = asyncio.get_running_loop().create_future()
            await self._taken
        if self._transport.is_closing():
            raise ConnectionResetError

    def _put(self, data: bytes | memoryview) -> None:
        self._total += len(data)
        self._transport.write(data)


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
