"""The local engine: a pool of worker processes that share the snapshot in memory.

Each worker has a pipe of its own, so that killing one, whenever, leaves nothing locked and nothing
half-read in the others. A query that turns out slow may go on only while enough workers remain for
quick ones.
"""

import asyncio
import os
import threading
from concurrent.futures import Executor, wait
from dataclasses import replace
from pathlib import Path

from audiokg.engine.federation import Broker, Call, find_calls, redirect_calls
from audiokg.engine.handle import Question
from audiokg.engine.pipe import pack
from audiokg.engine.pool import Pool
from audiokg.engine.precheck import check_query
from audiokg.engine.protocol import Answer, HangUp, Limits, QueryRequest, answers
from audiokg.errors import EndpointError, EngineBusyError, QueryError, QueryRefusedError

#: With fewer workers slow queries would leave none for quick ones; more take memory.
_FEW, _MANY = 8, 16
#: Files and sockets of a worker that asks other endpoints.
_SOCKETS = 32
#: How often a thread that waits looks whether the event loop still runs.
_LOOK_SECONDS = 1.0
_ENDED = "this service ends; ask again in a few seconds"


class LocalEngine:
    """Answers queries in `workers` processes; a quarter of them may be slow at a time.

    The pipes of the workers are heard in one event loop: that of the server (`attend`), or, if
    none is named before the first question, one in a thread of the engine.
    """

    def __init__(
        self,
        folder: Path,
        limits: Limits | None = None,
        workers: int | None = None,
        broker: Broker | None = None,
    ) -> None:
        """Start the workers, enough for the machine; without a broker, SERVICE is refused.

        Raises SnapshotError if there is no snapshot that can be loaded.
        """
        self._limits = limits or Limits()
        workers = workers or min(max(_FEW, os.cpu_count() or 0), _MANY)
        self._broker = broker
        self._federating = asyncio.Semaphore(max(1, workers // 4))
        self.pool = Pool(folder, self._limits, workers)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._is_closed = False

    def attend(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hear the workers in a loop that does not run yet, and is going to."""
        with self._starting:
            if self._loop is None:
                loop.run_until_complete(self.pool.open())
                self._loop = loop

    def answer(self, request: QueryRequest, hang_up: HangUp | None = None) -> Answer:
        """Answer one query; see Engine.answer for what is raised. Not for an event loop."""
        calls = self._check(request)
        loop = self._find_loop()
        asking = asyncio.run_coroutine_threadsafe(self._ask(request, calls, hang_up), loop)
        try:
            while not wait((asking,), _LOOK_SECONDS).done:
                if not loop.is_running():
                    raise EngineBusyError(_ENDED)
            return asking.result()
        finally:
            asking.cancel()

    async def answer_soon(
        self, request: QueryRequest, hang_up: HangUp, threads: Executor
    ) -> Answer:
        """Answer one query; see Engine.answer_soon. No thread is taken in the attended loop."""
        calls = self._check(request)
        loop = self._find_loop()
        asking = self._ask(request, calls, hang_up)
        if loop is asyncio.get_running_loop():
            return await asking
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asking, loop))

    def is_ready(self) -> bool:
        """Tell whether a worker answers now."""
        return answers(self)

    def close(self) -> None:
        """End all workers. Not for an event loop that attends to them."""
        with self._starting:
            was_closed, self._is_closed = self._is_closed, True
        if was_closed:
            return
        loop = self._loop or self._start_loop()
        if self._thread:
            asyncio.run_coroutine_threadsafe(self._shut(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            self._thread.join()
            loop.close()
        elif not loop.is_closed():  # else this process ends, and with it the workers
            loop.run_until_complete(self.pool.close())
        if self._broker:
            self._broker.close()

    async def _shut(self) -> None:
        await self.pool.close()
        if asked := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(asked, timeout=_LOOK_SECONDS)

    def _find_loop(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._is_closed:
                raise EngineBusyError(_ENDED)
            return self._loop or self._start_loop()

    def _start_loop(self) -> asyncio.AbstractEventLoop:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="engine", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.pool.open(), self._loop).result()
        return self._loop

    def _check(self, request: QueryRequest) -> list[Call]:
        """Refuse what no worker may see; give the calls to other endpoints."""
        check_query(request.text, self._limits)
        return find_calls(request.text, self._broker.allowed if self._broker else ())

    async def _ask(
        self, request: QueryRequest, calls: list[Call], hang_up: HangUp | None
    ) -> Answer:
        if calls:
            return await self._federate(request, calls, hang_up)
        question = _make_question(request, hang_up)
        self.pool.ask(question)
        return _unpack(await self._wait(question))

    async def _federate(
        self, request: QueryRequest, calls: list[Call], hang_up: HangUp | None
    ) -> Answer:
        """Answer a query that asks other endpoints, in a worker made for it alone."""
        assert self._broker  # noqa: S101 (without one, every call is refused)
        text = redirect_calls(request.text, calls, self._broker.address_of)
        try:
            async with asyncio.timeout(self._limits.wait):
                await self._federating.acquire()
        except TimeoutError as error:
            message = "too many queries ask other endpoints; try again in a while"
            raise EngineBusyError(message) from error
        try:
            question = _make_question(replace(request, text=text), hang_up)
            await self.pool.ask_alone(question, _SOCKETS)
            reply = await self._wait(question)
        except OSError as error:
            raise EngineBusyError("no worker could be started; try again") from error
        finally:
            self._federating.release()
        if isinstance(reply, QueryRefusedError):
            reply = EndpointError(str(reply))
        try:
            return _unpack(reply)
        except QueryError as error:
            raise _plain(error, calls, self._broker) from None

    async def _wait(self, question: Question) -> Answer | QueryError:
        try:
            return await question.answer
        except asyncio.CancelledError:
            self.pool.stop(question)
            raise


def _make_question(request: QueryRequest, hang_up: HangUp | None) -> Question:
    loop = asyncio.get_running_loop()
    return Question(request, pack(request), hang_up, loop.create_future(), loop.time())


def _unpack(reply: Answer | QueryError) -> Answer:
    if isinstance(reply, QueryError):
        raise reply
    return reply


def _plain(error: QueryError, calls: list[Call], broker: Broker) -> QueryError:
    """Say what went wrong with the addresses that the client wrote."""
    said = str(error)
    for call in calls:
        said = said.replace(broker.address_of(call.address), call.address)
    error.args = (said,)
    return error
