"""One worker process, seen from the engine: its pipe, its time, its end."""

import asyncio
import os
import socket
import struct
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from audiokg.engine.protocol import Answer, HangUp, QueryRequest
from audiokg.engine.template import Template
from audiokg.errors import HungUpError, QueryError

#: How often a long query looks whether its client is still there.
LOOK_SECONDS = 0.02
#: The length before a message; -1 before one of over 2 GiB.
_HEAD = struct.Struct("!i")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, eq=False)
class Worker:
    """One worker process and our end of its pipe."""

    pid: int
    connection: Connection
    template: Template

    def send(self, request: QueryRequest) -> bool:
        """Hand it a request; false if it is dead."""
        try:
            self.connection.send(request)
        except OSError:
            return False
        return True

    def has_reply(self, seconds: float) -> bool:
        """Wait for a reply, or the end of the worker."""
        try:
            return self.connection.poll(seconds)
        except OSError:
            return True  # dead: receiving says how

    def size_of_reply(self) -> int:
        """Tell how long the reply is that has come, in bytes; 0 if the worker is dead.

        That stands before it (https://docs.python.org/3/library/multiprocessing.html, Connection).
        """
        pipe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, self.connection.fileno())
        try:
            head = pipe.recv(_HEAD.size, socket.MSG_PEEK)
        except OSError:
            return 0
        finally:
            pipe.detach()
        return int(_HEAD.unpack(head)[0]) if len(head) == _HEAD.size else 0

    def receive(self) -> Answer | QueryError:
        """Read the reply. Raises EOFError or OSError if the worker is dead."""
        reply: Answer | QueryError = self.connection.recv()
        return reply

    def seconds_used(self) -> float:
        """Give the processor time that it has used; the clock where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return time.monotonic()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def end(self) -> None:
        """End it now."""
        self.template.kill(self.pid)
        self.connection.close()

    def exit_code(self) -> int | None:
        """Say how it ended; None if nobody knows."""
        return self.template.bury(self.pid)


def wait(one: Worker, seconds: float, hang_up: HangUp | None) -> bool:
    """Wait for a reply, as long as somebody is there to get it."""
    if hang_up is None:
        return one.has_reply(max(0.0, seconds))
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        if one.has_reply(min(left, LOOK_SECONDS)):
            return True
        stop_if_set(hang_up)
    return one.has_reply(0)


async def wait_soon(one: Worker, seconds: float) -> bool:
    """Wait for a reply without holding up the event loop."""
    loop, pipe = asyncio.get_running_loop(), one.connection.fileno()
    came: asyncio.Future[bool] = loop.create_future()
    loop.add_reader(pipe, _settle, came, True)
    late = loop.call_later(max(0.0, seconds), _settle, came, False)
    try:
        return await came
    finally:
        late.cancel()
        loop.remove_reader(pipe)


def _settle(came: asyncio.Future[bool], value: bool) -> None:
    if not came.done():
        came.set_result(value)


def stop_if_set(hang_up: HangUp | None) -> None:
    """Raise HungUpError if the client is gone."""
    if hang_up is not None and hang_up.is_set():
        raise HungUpError("the client is gone")
