"""Send responses, so that clients who do not read them cannot fill the memory."""

import asyncio
import fcntl
import os
import re
import socket
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import FileIO
from pathlib import Path
from typing import Any, Final

from audiokg.web.exchange import Response, make_problem
from audiokg.web.observe import GONE

#: Larger bodies are sent as fast as their clients take them; granian holds smaller ones itself.
_LARGE: Final = 256 << 10
#: What a pipe holds at most: less than a large body.
_PIPE: Final = 64 << 10
#: The kernel ends a connection whose client takes nothing for so long (Linux).
_SILENT_SECONDS: Final = 30.0
#: Longer, as a connection asks for more only when a third of its buffer (megabytes) is empty.
_TAKING_SECONDS: Final = 300.0
#: So many bytes of large bodies may wait for their clients.
_MOST_WAITING: Final = 512 << 20
_PART: Final = re.compile(r"bytes (\d+)-(\d+)/\d+")
_BUSY: Final = "Too many large answers are being sent; try again in a while."


class _BusyError(Exception):
    """There is no room for one more large body."""


class Sender:
    """Sends the responses of one server, in its event loop."""

    def __init__(
        self, most_waiting: int = _MOST_WAITING, silent_seconds: float = _SILENT_SECONDS
    ) -> None:
        self._left = most_waiting
        self._waiting: Counter[int] = Counter()
        self._silent_seconds = silent_seconds
        self._has_sent = False

    async def send(self, protocol: Any, response: Response) -> Response:
        """Send a response, or a problem when too much waits; gives what was sent.

        That has status 499 if the client has not taken all.
        """
        if not self._has_sent:  # granian listens now, which it did not at the beginning
            self._has_sent = True
            _end_unread(self._silent_seconds)
        if response.path:
            _send_file(protocol, response)
            return response
        if len(response.body) > _LARGE:
            try:
                with self._hold(response.body):
                    return await _send_large(protocol, response)
            except _BusyError:
                response = make_problem(503, _BUSY, {"retry-after": "5"})
        protocol.response_bytes(response.status, response.headers, response.body)
        return response

    @contextmanager
    def _hold(self, body: bytes) -> Iterator[None]:
        """Count a body that waits: once, if it is remembered and waits for several clients."""
        cost = self._cost(body)
        if cost > self._left:
            raise _BusyError
        self._left -= cost
        self._waiting[id(body)] += 1
        try:
            yield
        finally:
            self._waiting[id(body)] -= 1
            self._left += self._cost(body)
            if not self._waiting[id(body)]:
                del self._waiting[id(body)]

    def _cost(self, body: bytes) -> int:
        """Tell what one more client of a body takes of the room."""
        return _LARGE + (0 if self._waiting[id(body)] else len(body))


def _end_unread(seconds: float) -> None:
    """Let the kernel end connections to this process's ports when a client takes nothing (Linux).

    Accepted sockets have what the listening one has (tcp(7), TCP_USER_TIMEOUT).
    """
    if sys.platform != "linux":
        return
    with suppress(OSError):
        for opened in Path("/dev/fd").iterdir():
            if opened.is_socket():
                with socket.socket(fileno=os.dup(int(opened.name))) as one:
                    _end_unread_of(one, seconds)


def _end_unread_of(one: socket.socket, seconds: float) -> None:
    is_tcp = one.family in (socket.AF_INET, socket.AF_INET6) and one.type == socket.SOCK_STREAM
    if is_tcp and one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(1000 * seconds))


def _send_file(protocol: Any, response: Response) -> None:
    part = _PART.fullmatch(response.header("content-range"))
    sent = response.status, response.headers, response.path
    if part:
        protocol.response_file_range(*sent, int(part[1]), int(part[2]) + 1)
    else:
        protocol.response_file(*sent)


async def _send_large(protocol: Any, response: Response) -> Response:
    """Send a body through a pipe, which granian takes for a file; gives what was sent.

    It reads files as the client takes them, but holds bytes, and streams of them, whole at once.
    """
    reader, writer = _open_pipe()
    leaving = asyncio.ensure_future(_close_when_left(protocol, reader))
    rest = memoryview(response.body)
    try:
        with writer:
            protocol.response_file(response.status, response.headers, f"/dev/fd/{reader.fileno()}")
            while rest:
                rest = rest[writer.write(rest) or 0 :]
                await _room(writer)
                # It was full, as it holds less than there is: granian has opened its end.
                reader.close()
    except (TimeoutError, BrokenPipeError):
        # The client does not read, or is gone. By Content-Length it sees that more was due.
        notes = response.notes | {"bytes": len(response.body) - len(rest)}
        return replace(response, status=GONE, body=b"", notes=notes)
    finally:
        leaving.cancel()
        if not reader.closed:  # its number must not be another's when granian opens it at last
            asyncio.get_running_loop().call_later(_TAKING_SECONDS, reader.close)
    return response


def _open_pipe() -> tuple[FileIO, FileIO]:
    """Make a pipe that never blocks. Raises _BusyError if no more files may be open."""
    try:
        reading, writing = os.pipe()
    except OSError as error:
        raise _BusyError from error
    os.set_blocking(writing, False)
    if sys.platform == "linux" and fcntl.fcntl(writing, fcntl.F_GETPIPE_SZ) > _PIPE:
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, _PIPE)
    return FileIO(reading), FileIO(writing, "wb")


async def _close_when_left(protocol: Any, reader: FileIO) -> None:
    await protocol.client_disconnect()
    reader.close()


async def _room(writer: FileIO) -> None:
    """Wait until a pipe takes more, or nobody reads it. Raises TimeoutError if that takes long."""
    loop = asyncio.get_running_loop()
    has_room = asyncio.Event()
    loop.add_writer(writer, has_room.set)
    try:
        async with asyncio.timeout(_TAKING_SECONDS):
            await has_room.wait()
    finally:
        loop.remove_writer(writer)
