"""One worker process, seen from the engine: its pipe, its question, its time, its end."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from audiokg.engine.pipe import is_whole, unpack
from audiokg.engine.protocol import Answer, HangUp, QueryRequest
from audiokg.engine.template import Template, TemplateGoneError
from audiokg.errors import QueryError

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(eq=False, slots=True)
class Question:
    """A query on its way: who waits for its answer, since when, and what it has used."""

    request: QueryRequest
    #: The request as it is sent.
    message: bytes
    hang_up: HangUp | None
    answer: "asyncio.Future[Answer | QueryError]"
    asked: float
    #: Since when a worker has it.
    began: float = 0.0
    #: The processor time of its worker when it was no longer quick.
    used: float | None = None
    is_slow: bool = False
    #: Whether a worker was killed over it.
    was_killed: bool = False

    @property
    def is_unwanted(self) -> bool:
        """Tell whether nobody waits for the answer."""
        return self.answer.done() or (self.hang_up is not None and self.hang_up.is_set())

    def settle(self, reply: Answer | QueryError) -> None:
        """Give the answer, or say why there is none, to who still waits."""
        if not self.answer.done():
            self.answer.set_result(reply)


class Worker(asyncio.Protocol):
    """One worker process and our end of its pipe, heard in one event loop."""

    def __init__(self, pid: int, pipe: socket.socket, template: Template) -> None:
        self.pid = pid
        self.question: Question | None = None
        #: Whether it was made for one question.
        self.is_alone = False
        self._pipe = pipe
        self._template = template
        self._transport: asyncio.Transport | None = None
        #: Whether the pipe was closed at its end: then it ends, or has ended.
        self._is_lost = False
        self._is_dropped = False
        self._received = bytearray()

    async def connect(
        self,
        replied: "Callable[[Worker, Answer | QueryError], None]",
        lost: "Callable[[Worker], None]",
    ) -> None:
        """Begin to hear it: `replied` is told of each reply, `lost` that its pipe has closed."""
        self._replied, self._lost = replied, lost
        loop = asyncio.get_running_loop()
        await loop.create_unix_connection(lambda: self, sock=self._pipe)

    def ask(self, question: Question) -> bool:
        """Hand it a question; false if it is dead."""
        if self._transport is None or self._transport.is_closing():
            return False
        self._transport.write(question.message)
        if self._transport.is_closing():
            return False
        self.question = question
        return True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hear that the pipe is open (asyncio.Protocol)."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Hear a part of a reply (asyncio.Protocol)."""
        self._received += data
        if is_whole(self._received):
            reply, self._received = unpack(self._received), bytearray()
            self._replied(self, reply)

    def connection_lost(self, exc: Exception | None) -> None:
        """Hear that the pipe is closed (asyncio.Protocol)."""
        self._transport, self._is_lost = None, not self._is_dropped
        if self._is_lost:
            self._lost(self)

    def drop(self) -> None:
        """Hear it no more."""
        self._is_dropped = True
        if self._transport:
            self._transport.abort()
        else:
            self._pipe.close()

    def seconds_used(self) -> float:
        """Give the processor time that it has used; the clock where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return time.monotonic()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def end(self) -> None:
        """End it now."""
        try:
            self._template.kill(self.pid)
        except TemplateGoneError:
            if not self._is_lost:  # else its number may be another's
                with suppress(ProcessLookupError):
                    os.kill(self.pid, signal.SIGKILL)

    def exit_code(self) -> int | None:
        """Say how it ended, which may take a while; None if nobody knows."""
        return self._template.bury(self.pid)
