"""The local engine: a pool of worker processes that share the snapshot in memory.

Each worker has a pipe of its own, so that killing one, whenever, leaves nothing locked and nothing
half-read in the others. A query that turns out slow may go on only while enough workers remain for
quick ones.
"""

import asyncio
import logging
import os
import signal
import threading
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from audiokg.engine.federation import Broker, Call, find_calls, redirect_calls
from audiokg.engine.handle import LOOK_SECONDS, Worker, wait, wait_soon
from audiokg.engine.pool import Pool
from audiokg.engine.precheck import check_query
from audiokg.engine.protocol import Answer, HangUp, Limits, QueryRequest, answers, out_of_memory
from audiokg.errors import (
    EndpointError,
    EngineBusyError,
    QueryError,
    QueryOutOfMemoryError,
    QueryRefusedError,
    QueryTimeoutError,
    WorkerCrashedError,
)
from audiokg.snapshot import read_manifest

_LOG = logging.getLogger(__name__)
#: A query that has not been quick, and computes for so long still, is slow.
_COMPUTING_SECONDS = 0.03
#: With fewer workers slow queries would leave none for quick ones; more take memory.
_FEW, _MANY = 6, 16
#: Files and sockets of a worker that asks other endpoints.
_SOCKETS = 32
#: An answer of so many bytes fits in a pipe, so reading it waits for nobody.
_SHORT = 1 << 17


@dataclass(frozen=True)
class _Running:
    """A query in the hands of a worker, since when, and who may hang up."""

    worker: Worker
    request: QueryRequest
    hang_up: HangUp | None
    began: float


class LocalEngine:
    """Answers queries in `workers` processes; a third of them may be slow at a time."""

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
        read_manifest(folder)
        self._limits = limits or Limits()
        workers = workers or min(max(_FEW, os.cpu_count() or 0), _MANY)
        self._slow = threading.BoundedSemaphore(max(1, workers // 3))
        self._broker = broker
        self._federating = threading.BoundedSemaphore(max(1, workers // 3))
        self.pool = Pool(folder, self._limits, workers)
        #: For who holds a worker, so that nobody waits here while others wait for it.
        self._holders = ThreadPoolExecutor(workers, "holder")

    def answer(self, request: QueryRequest, hang_up: HangUp | None = None) -> Answer:
        """Answer one query; see Engine.answer for what is raised."""
        if calls := self._check(request):
            return self._federate(request, calls, hang_up)
        try:
            return self._finish(self._start(request, hang_up))
        except _KilledError:
            return self._finish(self._start(request, hang_up))

    async def answer_soon(
        self, request: QueryRequest, hang_up: HangUp, threads: Executor
    ) -> Answer:
        """Answer one query; see Engine.answer_soon. A quick and short one takes no thread."""
        loop = asyncio.get_running_loop()
        if self._check(request):
            return await loop.run_in_executor(threads, self.answer, request, hang_up)
        running = await self._start_soon(request, hang_up)
        if await self._is_short(running):
            try:
                reply = running.worker.receive()
            except (EOFError, OSError):
                pass  # dead: finishing says how
            else:
                self.pool.put(running.worker)
                return _unpack(reply)
        try:
            # Shielded: who has a worker puts it back.
            return await asyncio.shield(loop.run_in_executor(self._holders, self._finish, running))
        except _KilledError:
            return await loop.run_in_executor(threads, self.answer, request, hang_up)

    def is_ready(self) -> bool:
        """Tell whether a worker answers now."""
        return answers(self)

    def close(self) -> None:
        """End all workers."""
        self.pool.close()
        self._holders.shutdown(wait=False)
        if self._broker:
            self._broker.close()

    def _check(self, request: QueryRequest) -> list[Call]:
        """Refuse what no worker may see; give the calls to other endpoints."""
        check_query(request.text, self._limits)
        return find_calls(request.text, self._broker.allowed if self._broker else ())

    def _start(self, request: QueryRequest, hang_up: HangUp | None) -> _Running:
        """Hand a query to a worker, passing over those that died meanwhile."""
        deadline = time.monotonic() + self._limits.wait
        while True:
            one = self.pool.take(deadline, hang_up)
            if one.send(request):
                return _Running(one, request, hang_up, time.monotonic())
            self.pool.replace(one)

    async def _start_soon(self, request: QueryRequest, hang_up: HangUp) -> _Running:
        """Do as _start does."""
        loop = asyncio.get_running_loop()
        deadline = time.monotonic() + self._limits.wait
        while True:
            one = await self.pool.take_soon(deadline, hang_up)
            if one.send(request):
                return _Running(one, request, hang_up, time.monotonic())
            await asyncio.shield(loop.run_in_executor(self._holders, self.pool.replace, one))

    async def _is_short(self, running: _Running) -> bool:
        """Wait a little for a short reply."""
        seconds = min(self._limits.quick, self._limit(running))
        try:
            has_reply = await wait_soon(running.worker, seconds)
        except BaseException:  # the service ends
            self.pool.replace(running.worker)
            raise
        return has_reply and 0 < running.worker.size_of_reply() <= _SHORT

    def _limit(self, running: _Running) -> float:
        return min(running.request.timeout or self._limits.timeout, self._limits.timeout)

    def _finish(self, running: _Running) -> Answer:
        """Wait for the reply. Raises QueryError."""
        try:
            reply = self._wait(running)
        except BaseException:
            self.pool.replace(running.worker)
            raise
        self.pool.put(running.worker)
        return _unpack(reply)

    def _federate(self, request: QueryRequest, calls: list[Call], hang_up: HangUp | None) -> Answer:
        """Answer a query that asks other endpoints, in a worker made for it alone."""
        assert self._broker  # noqa: S101 (without one, every call is refused)
        text = redirect_calls(request.text, calls, self._broker.address_of)
        if not self._federating.acquire(timeout=self._limits.wait):
            raise EngineBusyError("too many queries ask other endpoints; try again in a while")
        try:
            one = self.pool.make(_SOCKETS)
            try:
                one.send(replace(request, text=text))
                reply = self._wait(_Running(one, request, hang_up, time.monotonic()))
            finally:
                one.end()
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

    def _wait(self, running: _Running) -> Answer | QueryError:
        one, hang_up, limit = running.worker, running.hang_up, self._limit(running)
        deadline = running.began + limit
        quick = min(running.began + self._limits.quick, deadline)
        if wait(one, quick - time.monotonic(), hang_up):
            return self._receive(one)
        # It is slow if it computes: on a busy machine it may have waited only.
        used = one.seconds_used()
        while one.seconds_used() - used < _COMPUTING_SECONDS:
            if wait(one, min(LOOK_SECONDS, deadline - time.monotonic()), hang_up):
                return self._receive(one)
            if time.monotonic() >= deadline:
                raise QueryTimeoutError(_overrun(limit))
        if not self._slow.acquire(blocking=False):
            raise EngineBusyError("too many long queries are running; try again in a few seconds")
        try:
            if not wait(one, deadline - time.monotonic(), hang_up):
                raise QueryTimeoutError(_overrun(limit))
            return self._receive(one)
        finally:
            self._slow.release()

    def _receive(self, one: Worker) -> Answer | QueryError:
        try:
            return one.receive()
        except (EOFError, OSError) as error:
            raise self._explain(one.exit_code()) from error

    def _explain(self, code: int | None) -> QueryError:
        if code == -signal.SIGABRT:
            # The engine also aborts when it sorts some mixtures of values, and does not say which.
            return QueryOutOfMemoryError(f"{out_of_memory(self._limits)}, or leave out ORDER BY")
        if code == -signal.SIGALRM:
            return QueryTimeoutError(_overrun(self._limits.timeout))
        _LOG.warning("a worker died with exit code %s", code)
        if code == -signal.SIGKILL:
            return _KilledError("the worker process was killed twice; try again")
        return WorkerCrashedError("the query crashed its worker process; simplify it")


def _unpack(reply: Answer | QueryError) -> Answer:
    if isinstance(reply, QueryError):
        raise reply
    return reply


class _KilledError(WorkerCrashedError):
    """The worker was killed from outside: not the query's fault, so another may try."""


def _plain(error: QueryError, calls: list[Call], broker: Broker) -> QueryError:
    """Say what went wrong with the addresses that the client wrote."""
    said = str(error)
    for call in calls:
        said = said.replace(broker.address_of(call.address), call.address)
    error.args = (said,)
    return error


def _overrun(limit: float) -> str:
    return f"the query ran longer than {limit:g} s; make it more specific or add LIMIT"
