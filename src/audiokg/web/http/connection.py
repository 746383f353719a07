"""One connection: its requests, one after the other, and their answers; who waits for whom."""

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, cast

from audiokg.web.exchange import Answerer, Request, Response
from audiokg.web.http.parts import NoRoomError, Room
from audiokg.web.http.reading import Reader
from audiokg.web.http.writing import LATER, Writer, is_large

_LOG = logging.getLogger(__name__)
#: A client that has not sent its headers by then is gone, or means ill.
HEAD_SECONDS: Final = 10.0
BODY_SECONDS: Final = 15.0
#: A client that is told that this is the end may go on for so long: it has to hear of it.
_LINGER_SECONDS: Final = 2.0
#: A client that has ended its side may still listen, but mostly it is gone.
_HALF_CLOSED_SECONDS: Final = 0.3
#: If more than this comes while a request is answered, the client has to wait.
_AHEAD: Final = 16 << 10
#: So many requests are answered, or parts of them heard, in one turn of the event loop.
_TURN: Final = 4
#: What comes is read here, for all connections: it is heard before anything else comes.
_BUFFER: Final = memoryview(bytearray(16 << 10))
_FULL: Final = "Too many large requests are being sent; try again in a while."
_CROWDED: Final = "Too many clients are connected; try again in a while."
_LATE: Final = "The request did not come in time; send it at once."
_CUT: Final = "The request ends before its end; send it whole."


class Connection(asyncio.BufferedProtocol):
    """One connection. All of it happens in the event loop."""

    def __init__(
        self,
        answerer: Answerer,
        room: Room,
        others: "set[Connection]",
        *,
        is_welcome: bool = True,
    ) -> None:
        """Take what answers, the room for large bodies, and all open connections.

        Who is not welcome is told to come back later.
        """
        #: When the client will have been silent for too long, if it is waited for.
        self.due = time.monotonic() + HEAD_SECONDS
        self._answerer = answerer
        self._room = room
        self._others = others
        self._is_welcome = is_welcome
        #: What is being answered, and the work on it, if it takes any.
        self._current: Request | None = None
        self._task: asyncio.Task[None] | None = None
        #: What has come and was not looked at; whether that is to be done in the next turn.
        self._ahead = bytearray()
        self._is_due = False
        #: What the room has counted of the body that is coming.
        self._held = 0
        #: The client waits to be told that it may send the body.
        self._is_leave_due = False
        self._is_half_closed = False

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hear that a client is there."""
        self._transport = cast(asyncio.Transport, transport)
        self._writer = Writer(self._transport, self._room)
        client = (transport.get_extra_info("peername") or ("",))[0]
        host, port = (transport.get_extra_info("sockname") or ("", 0))[:2]
        server = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._reader = Reader(client, server, self._welcome)
        self._others.add(self)
        if not self._is_welcome:
            self._reader.refuse(503, _CROWDED, LATER)
            self._go_on()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Give the place where what comes next is to be written."""
        return _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        """Hear a part of what the client says."""
        self._ahead += _BUFFER[:nbytes]
        if not self._is_due:
            self._go_on()

    def eof_received(self) -> bool:
        """Hear that the client says no more; gives whether it may still get an answer."""
        self._is_half_closed = True
        self._go_on()
        if self.is_waiting and not self._writer.is_full:
            return False
        asyncio.get_running_loop().call_later(_HALF_CLOSED_SECONDS, self._give_up)
        return True

    def pause_writing(self) -> None:
        """Hear that the client has to take something first."""
        self._writer.is_full = True

    def resume_writing(self) -> None:
        """Hear that more can be written."""
        self._writer.resume()
        self._go_on_later()  # asyncio does not expect that it is closed here

    def connection_lost(self, exc: Exception | None) -> None:
        """Hear that the connection is closed."""
        self._give_up()
        self._reader.end()
        self._room.change(-self._held)
        self._held = 0
        self._writer.resume()
        self._others.discard(self)

    # What the crowd calls.

    @property
    def is_waiting(self) -> bool:
        """Tell whether the client has to say something next."""
        return not (self._current or self._reader.requests or self._ahead)

    @property
    def is_idle(self) -> bool:
        """Tell whether no answer is lost if this ends."""
        return self.is_waiting and not self._writer.waiting

    def look(self, now: float) -> None:
        """End what has waited for too long."""
        if self._writer.is_stuck(now):
            self.abort()
        elif self.is_idle and now > self.due:
            self._expire()

    def finish(self) -> None:
        """Answer what was read, and what has begun to be, and no more."""
        self._reader.keep_none()
        if self._reader.is_done and not (self._current or self._reader.requests):
            self._transport.close()

    def abort(self) -> None:
        """End at once."""
        self._transport.abort()

    # Requests.

    def _welcome(self) -> None:
        self._is_leave_due = True

    def _hear(self, part: bytes) -> None:
        """Read on; a client has so long for the headers, and so long for the body."""
        before = self._reader.is_midway, self._reader.is_in_body
        self._reader.hear(part)
        self._count()
        if not self._reader.is_in_body:
            self._is_leave_due = False
        if before != (self._reader.is_midway, self._reader.is_in_body):
            self._await_client()

    def _await_client(self) -> None:
        seconds = BODY_SECONDS if self._reader.is_in_body else HEAD_SECONDS
        self.due = time.monotonic() + seconds

    def _count(self) -> None:
        """Count what is held of a body that is coming; there may be no room for it."""
        if held := self._reader.held - self._held:
            try:
                self._room.change(held)
            except NoRoomError:
                self._reader.refuse(503, _FULL, LATER)
                held = -self._held
                self._room.change(held)
            self._held += held

    def _go_on(self) -> None:
        """Answer what has come, as far as nobody has to be waited for."""
        self._is_due = False
        with self._ended_by_faults():
            self._take_turn()

    def _go_on_later(self) -> None:
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._go_on)

    def _take_turn(self) -> None:
        for _ in range(_TURN):
            if self._current or self._writer.is_full or self._transport.is_closing():
                break
            if self._reader.requests:
                self._begin(self._reader.requests.popleft())
            elif self._reader.is_done:
                self._ahead.clear()
                break
            elif self._ahead:
                self._hear(self._reader.cut(self._ahead))
            elif self._is_half_closed and self._reader.is_midway:
                self._reader.refuse(400, _CUT)
            else:
                self._wait()
                break
        else:  # others have waited
            self._go_on_later()
        if len(self._ahead) > _AHEAD:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _wait(self) -> None:
        """Wait for the client, which may wait for us."""
        if self._is_half_closed:
            self._reader.is_done = True
            self._transport.close()
        elif self._is_leave_due and self._reader.is_in_body and not self._reader.held:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._is_leave_due = False

    def _begin(self, request: Request) -> None:
        self._current, started = request, time.perf_counter()
        response = request.refusal or self._answerer.recall(request)
        request.seconds = time.perf_counter() - started
        if response and not is_large(request, response):
            self._writer.write(request, response, is_last=self._is_last)
            self._end(request, response)
        else:
            loop = asyncio.get_running_loop()
            self._task = loop.create_task(self._answer(request, response))

    async def _answer(self, request: Request, response: Response | None) -> None:
        started = time.perf_counter()
        with self._ended_by_faults():
            response = response or await self._answerer.answer(request)
            request.seconds += time.perf_counter() - started
            if response:
                response = await self._writer.send(request, response, is_last=self._is_last)
            self._end(request, response)
            self._go_on()

    @contextmanager
    def _ended_by_faults(self) -> Iterator[None]:
        """End if there is a fault of ours: without this, the client would wait for ever."""
        try:
            yield
        except Exception:
            _LOG.exception("a connection is ended")
            self.abort()

    @property
    def _is_last(self) -> bool:
        return self._reader.is_done and not self._reader.requests

    def _end(self, request: Request, response: Response | None) -> None:
        """Note that a request is answered, and wait for the next one."""
        self._current = None
        self._answerer.saw(request, response)
        if self._is_last:
            self._linger()
        else:
            self._await_client()

    def _linger(self) -> None:
        """Say that this is the end, and let the client close.

        If it still sends, it would not get to read the answer (RFC 9112, section 9.6). Where that
        is not even written, the connection is closed when it is.
        """
        self.due = time.monotonic() + _LINGER_SECONDS
        if self._is_half_closed or self._writer.waiting:
            self._transport.close()
        elif not self._transport.is_closing():
            try:
                self._transport.write_eof()
            except OSError:  # the client is gone; asyncio lets this through
                self.abort()

    def _expire(self) -> None:
        if self._reader.is_midway and not self._reader.is_done:
            self._reader.refuse(408, _LATE)
            self._go_on()
        else:
            self._transport.close()

    def _give_up(self) -> None:
        """Answer nothing more but what is being sent: the client is gone."""
        self._reader.is_done = True
        self._reader.requests.clear()
        self._ahead.clear()
        if self._current:
            self._current.hang_up.set()
        else:
            self._transport.close()
