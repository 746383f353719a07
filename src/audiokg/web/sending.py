"""Send responses, so that clients who do not read them cannot fill the memory."""

import asyncio
import os
import re
import socket
import sys
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Any, Final

from audiokg.web.exchange import Response, make_problem

#: Larger bodies are sent as fast as their clients take them; granian keeps smaller ones itself.
_LARGE: Final = 256 << 10
#: Who takes nothing for so long gets no more.
_TAKING_SECONDS: Final = 30.0
#: So many bytes of large bodies may wait for their clients.
_MOST_WAITING: Final = 512 << 20
_PART: Final = re.compile(r"bytes (\d+)-(\d+)/\d+")
_BUSY: Final = "Too many large answers are being sent; try again in a while."


class Sender:
    """Sends the responses of one server, in its event loop."""

    def __init__(self, most_waiting: int = _MOST_WAITING) -> None:
        self._left = most_waiting

    async def send(self, protocol: Any, response: Response) -> Response | None:
        """Send a response, or a problem when too much waits; None if the client left before.

        Gives what was sent.
        """
        size = len(response.body)
        if response.path:
            _send_file(protocol, response)
            return response
        if size > _LARGE and size <= self._left:
            return response if await self._send_large(protocol, response) else None
        if size > _LARGE:
            response = make_problem(503, _BUSY, {"retry-after": "5"})
        protocol.response_bytes(response.status, response.headers, response.body)
        return response

    async def _send_large(self, protocol: Any, response: Response) -> bool:
        """Send what the client takes; tells whether it has taken all."""
        size = len(response.body)
        self._left -= size
        try:
            await _send_piped(protocol, response)
        except (TimeoutError, BrokenPipeError):
            # It does not read, or is gone. By Content-Length it sees that more was due.
            return False
        finally:
            self._left += size
        return True


def end_unread(seconds: float = _TAKING_SECONDS) -> None:
    """Let the kernel end connections to this process's ports when a client takes nothing (Linux).

    Accepted sockets have what the listening one has (tcp(7), TCP_USER_TIMEOUT).
    """
    if sys.platform != "linux":
        return
    for opened in Path("/dev/fd").iterdir():
        with suppress(OSError), socket.socket(fileno=os.dup(int(opened.name))) as one:
            if one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(1000 * seconds))


def _send_file(protocol: Any, response: Response) -> None:
    part = _PART.fullmatch(response.header("content-range"))
    sent = response.status, response.headers, response.path
    if part:
        protocol.response_file_range(*sent, int(part[1]), int(part[2]) + 1)
    else:
        protocol.response_file(*sent)


async def _send_piped(protocol: Any, response: Response) -> None:
    """Send a body through a pipe, which granian takes for a file.

    It reads files as the client takes them, but holds bytes, and streams of them, whole at once.
    Raises TimeoutError for a client that takes nothing, BrokenPipeError for one that is gone.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    rest = memoryview(response.body)
    with FileIO(writing, "wb") as pipe:
        try:
            protocol.response_file(response.status, response.headers, f"/dev/fd/{reading}")
            # More than a pipe holds, so granian has opened its end when there is room again.
            rest = await _write(pipe, rest)
        finally:
            os.close(reading)
        while rest:
            rest = await _write(pipe, rest)


async def _write(pipe: FileIO, rest: memoryview) -> memoryview:
    """Write what a pipe takes, and wait until it takes more or nobody reads it; gives the rest."""
    rest = rest[pipe.write(rest) or 0 :]
    loop = asyncio.get_running_loop()
    has_room = asyncio.Event()
    loop.add_writer(pipe, has_room.set)
    try:
        async with asyncio.timeout(_TAKING_SECONDS):
            await has_room.wait()
    finally:
        loop.remove_writer(pipe)
    return rest
