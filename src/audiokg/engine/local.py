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
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from audiokg.engine.precheck import check_query
from audiokg.engine.protocol import Answer, Limits, QueryRequest, out_of_memory
from audiokg.engine.template import Template
from audiokg.errors import (
    EngineBusyError,
    QueryError,
    QueryOutOfMemoryError,
    QueryTimeoutError,
    SnapshotError,
    WorkerCrashedError,
)
from audiokg.snapshot import read_manifest

_LOG = logging.getLogger(__name__)
_RETRY_SECONDS = 1.0


class LocalEngine:
    """Answers queries in `workers` processes; a third of them may be slow at a time."""

    def __init__(self, folder: Path, limits: Limits | None = None, workers: int = 6) -> None:
        """Start the workers. Raises SnapshotError if there is no snapshot that can be loaded."""
        read_manifest(folder)
        self._folder = folder
        self._limits = limits or Limits()
        self._idle: queue.Queue[_Worker] = queue.Queue()
        self._slow = threading.BoundedSemaphore(max(1, workers // 3))
        self._closed = threading.Event()
        self._replacing = threading.Lock()
        self._template = Template.start(folder, self._limits)
        for _ in range(workers):
            self._idle.put(self._make_worker())

    def answer(self, request: QueryRequest) -> Answer:
        """Answer one query; see Engine.answer for what is raised."""
        check_query(request.text, self._limits)
        one = self._take(request)
        try:
            reply = self._ask(one, request)
        except BaseException:
            self._replace(one)
            raise
        self._idle.put(one)
        if isinstance(reply, QueryError):
            raise reply
        return reply

    def is_ready(self) -> bool:
        """Tell whether a worker answers now."""
        try:
            self.answer(QueryRequest("ASK {}"))
        except QueryError:
            return False
        return True

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

    def _take(self, request: QueryRequest) -> "_Worker":
        """Take an idle worker and hand it the request, passing over those that died meanwhile."""
        deadline = time.monotonic() + self._limits.wait
        while not self._closed.is_set():
            try:
                one = self._idle.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if one.send(request):
                return one
            self._replace(one)
        raise EngineBusyError("all workers are busy; try again in a few seconds")

    def _ask(self, one: "_Worker", request: QueryRequest) -> Answer | QueryError:
        limit = min(request.timeout or self._limits.timeout, self._limits.timeout)
        quick = min(self._limits.quick, limit)
        if one.has_reply(quick):
            return self._receive(one)
        if quick == limit:
            raise QueryTimeoutError(_overrun(limit))
        if not self._slow.acquire(blocking=False):
            raise EngineBusyError("too many long queries are running; try again in a few seconds")
        try:
            if not one.has_reply(limit - quick):
                raise QueryTimeoutError(_overrun(limit))
            return self._receive(one)
        finally:
            self._slow.release()

    def _receive(self, one: "_Worker") -> Answer | QueryError:
        try:
            return one.receive()
        except (EOFError, OSError) as error:
            raise self._explain(one.exit_code()) from error

    def _explain(self, code: int | None) -> QueryError:
        if code == -signal.SIGABRT:
            return QueryOutOfMemoryError(out_of_memory(self._limits))
        if code == -signal.SIGALRM:
            return QueryTimeoutError(_overrun(self._limits.timeout))
        _LOG.warning("a worker died with exit code %s", code)
        return WorkerCrashedError("the query crashed its worker process; simplify it")

    def _replace(self, one: "_Worker") -> None:
        one.end()
        with self._replacing:
            while not self._closed.is_set():
                try:
                    self._idle.put(self._make_worker())
                    return
                except OSError:
                    self._restart_template()

    def _make_worker(self) -> "_Worker":
        pid, connection = self._template.fork()
        return _Worker(pid, connection, self._template)

    def _restart_template(self) -> None:
        """Load the snapshot anew; try for as long as it takes, the old workers go on meanwhile."""
        _LOG.error("the template process is gone; loading %s again", self._folder)
        self._template.close()
        try:
            self._template = Template.start(self._folder, self._limits)
        except SnapshotError as error:
            _LOG.error("%s", error)
            self._closed.wait(_RETRY_SECONDS)


@dataclass(frozen=True, eq=False)
class _Worker:
    """One worker process and our end of its pipe."""

    pid: int
    connection: Connection
    template: Template

    def send(self, request: QueryRequest) -> bool:
        try:
            self.connection.send(request)
        except OSError:
            return False
        return True

    def has_reply(self, seconds: float) -> bool:
        try:
            return self.connection.poll(seconds)
        except OSError:
            return True  # dead: receiving says how

    def receive(self) -> Answer | QueryError:
        reply: Answer | QueryError = self.connection.recv()
        return reply

    def end(self) -> None:
        self.template.kill(self.pid)
        self.connection.close()

    def exit_code(self) -> int | None:
        return self.template.bury(self.pid)


def _overrun(limit: float) -> str:
    return f"the query ran longer than {limit:g} s; make it more specific or add LIMIT"
