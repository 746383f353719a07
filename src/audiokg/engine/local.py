"""The local engine: a pool of worker processes that share the snapshot in memory.

Each worker has a pipe of its own, so that killing one, whenever, leaves nothing locked and nothing
half-read in the others. A query that turns out slow may go on only while enough workers remain for
quick ones.
"""

import logging
import queue
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

from audiokg.engine.federation import Broker, Call, find_calls, redirect_calls
from audiokg.engine.handle import LOOK_SECONDS, Worker, stop_if_set, wait
from audiokg.engine.precheck import check_query
from audiokg.engine.protocol import Answer, HangUp, Limits, QueryRequest, answers, out_of_memory
from audiokg.engine.template import Template
from audiokg.errors import (
    EndpointError,
    EngineBusyError,
    QueryError,
    QueryOutOfMemoryError,
    QueryRefusedError,
    QueryTimeoutError,
    SnapshotError,
    WorkerCrashedError,
)
from audiokg.snapshot import read_manifest

_LOG = logging.getLogger(__name__)
_RETRY_SECONDS = 1.0
#: A query that has not been quick, and computes for so long still, is slow.
_COMPUTING_SECONDS = 0.03
#: Files and sockets of a worker that asks other endpoints.
_SOCKETS = 32


class LocalEngine:
    """Answers queries in `workers` processes; a third of them may be slow at a time."""

    def __init__(
        self,
        folder: Path,
        limits: Limits | None = None,
        workers: int = 6,
        broker: Broker | None = None,
    ) -> None:
        """Start the workers; without a broker, SERVICE is refused.

        Raises SnapshotError if there is no snapshot that can be loaded.
        """
        read_manifest(folder)
        self._folder = folder
        self._limits = limits or Limits()
        self._idle: queue.Queue[Worker] = queue.Queue()
        self._slow = threading.BoundedSemaphore(max(1, workers // 3))
        self._broker = broker
        self._federating = threading.BoundedSemaphore(max(1, workers // 3))
        self._closed = threading.Event()
        self._replacing = threading.Lock()
        self._template = Template.start(folder, self._limits)
        for _ in range(workers):
            self._idle.put(self._make_worker())

    def answer(self, request: QueryRequest, hang_up: HangUp | None = None) -> Answer:
        """Answer one query; see Engine.answer for what is raised."""
        check_query(request.text, self._limits)
        if calls := find_calls(request.text, self._broker.allowed if self._broker else ()):
            return self._federate(request, calls, hang_up)
        try:
            return self._answer_once(request, hang_up)
        except _KilledError:
            return self._answer_once(request, hang_up)

    def _answer_once(self, request: QueryRequest, hang_up: HangUp | None) -> Answer:
        one = self._take(request, hang_up)
        try:
            reply = self._ask(one, request, hang_up)
        except BaseException:
            self._replace(one)
            raise
        self._idle.put(one)
        if isinstance(reply, QueryError):
            raise reply
        return reply

    def _federate(self, request: QueryRequest, calls: list[Call], hang_up: HangUp | None) -> Answer:
        """Answer a query that asks other endpoints, in a worker made for it alone."""
        assert self._broker  # noqa: S101 (without one, every call is refused)
        text = redirect_calls(request.text, calls, self._broker.address_of)
        if not self._federating.acquire(timeout=self._limits.wait):
            raise EngineBusyError("too many queries ask other endpoints; try again in a while")
        try:
            one = self._make_worker(_SOCKETS)
            try:
                one.send(replace(request, text=text))
                reply = self._ask(one, request, hang_up)
            finally:
                one.end()
        except OSError as error:
            raise EngineBusyError("no worker could be started; try again") from error
        finally:
            self._federating.release()
        if isinstance(reply, QueryRefusedError):
            reply = EndpointError(str(reply))
        if isinstance(reply, QueryError):
            raise _plain(reply, calls, self._broker)
        return reply

    def is_ready(self) -> bool:
        """Tell whether a worker answers now."""
        return answers(self)

    def close(self) -> None:
        """End all workers."""
        self._closed.set()
        while True:
            try:
                self._idle.get_nowait().end()
            except queue.Empty:
                break
        with self._replacing:
            self._template.close()
        if self._broker:
            self._broker.close()

    def _take(self, request: QueryRequest, hang_up: HangUp | None) -> Worker:
        """Take an idle worker and hand it the request, passing over those that died meanwhile."""
        deadline = time.monotonic() + self._limits.wait
        while not self._closed.is_set() and (left := deadline - time.monotonic()) > 0:
            stop_if_set(hang_up)
            try:
                one = self._idle.get(timeout=min(left, LOOK_SECONDS))
            except queue.Empty:
                continue
            if one.send(request):
                return one
            self._replace(one)
        raise EngineBusyError("all workers are busy; try again in a few seconds")

    def _ask(
        self, one: Worker, request: QueryRequest, hang_up: HangUp | None
    ) -> Answer | QueryError:
        limit = min(request.timeout or self._limits.timeout, self._limits.timeout)
        deadline = time.monotonic() + limit
        if wait(one, min(self._limits.quick, limit), hang_up):
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

    def _replace(self, one: Worker) -> None:
        one.end()
        with self._replacing:
            while not self._closed.is_set():
                try:
                    self._idle.put(self._make_worker())
                    return
                except OSError:
                    self._restart_template()

    def _make_worker(self, files: int = 0) -> Worker:
        pid, connection = self._template.fork(files)
        return Worker(pid, connection, self._template)

    def _restart_template(self) -> None:
        """Load the snapshot anew; try for as long as it takes, the old workers go on meanwhile."""
        _LOG.error("the template process is gone; loading %s again", self._folder)
        self._template.close()
        try:
            self._template = Template.start(self._folder, self._limits)
        except SnapshotError as error:
            _LOG.error("%s", error)
            self._closed.wait(_RETRY_SECONDS)


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
