"""The local engine: a pool of worker processes, each with the snapshot in memory.

Each worker has a pipe of its own, so that killing one, whenever, leaves nothing locked and nothing
half-read in the others. A query that turns out slow may go on only while enough workers remain for
quick ones.
"""

import logging
import multiprocessing
import queue
import signal
import threading
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from audiokg.engine import worker
from audiokg.engine.precheck import check_query
from audiokg.engine.protocol import Answer, Limits, QueryRequest
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
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["audiokg.engine.worker"])
_START_SECONDS = 60.0
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
        self._all: set[_Worker] = set()
        started = [_Worker.start(folder, self._limits) for _ in range(workers)]
        for one in started:
            if not one.wait_until_ready():
                for other in started:
                    other.kill()
                raise SnapshotError(f"a worker could not load the snapshot in {folder}")
            self._all.add(one)
            self._idle.put(one)

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
        for one in list(self._all):
            one.kill()

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
            size = self._limits.memory >> 20
            return QueryOutOfMemoryError(
                f"the query needs more than {size} MiB of memory; ask for less"
            )
        if code == -signal.SIGALRM:
            return QueryTimeoutError(_overrun(self._limits.timeout))
        _LOG.warning("a worker died with exit code %s", code)
        return WorkerCrashedError("the query crashed its worker process; simplify it")

    def _replace(self, one: "_Worker") -> None:
        one.kill()
        self._all.discard(one)
        threading.Thread(target=self._add_worker, daemon=True).start()

    def _add_worker(self) -> None:
        while not self._closed.is_set():
            one = _Worker.start(self._folder, self._limits)
            self._all.add(one)
            if one.wait_until_ready():
                self._idle.put(one)
                break
            one.kill()
            self._all.discard(one)
            if not self._closed.wait(_RETRY_SECONDS):
                _LOG.error("a worker could not load the snapshot in %s", self._folder)
        if self._closed.is_set():
            self.close()


@dataclass(frozen=True, eq=False)
class _Worker:
    """One worker process and our end of its pipe."""

    process: BaseProcess
    connection: Connection
    _ending: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def start(cls, folder: Path, limits: Limits) -> "_Worker":
        ours, theirs = _CONTEXT.Pipe()
        process = _CONTEXT.Process(
            target=worker.serve, args=(theirs, folder, limits), daemon=True, name="audiokg-worker"
        )
        process.start()
        theirs.close()
        return cls(process, ours)

    def wait_until_ready(self) -> bool:
        try:
            return self.connection.poll(_START_SECONDS) and bool(self.connection.recv())
        except (EOFError, OSError):
            return False

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

    def exit_code(self) -> int | None:
        self.process.join(1.0)
        return self.process.exitcode

    def kill(self) -> None:
        with self._ending:  # two threads may want it gone; a descriptor is closed only once
            if not self.connection.closed:
                self.process.kill()
                self.process.join(1.0)
                self.connection.close()


def _overrun(limit: float) -> str:
    return f"the query ran longer than {limit:g} s; make it more specific or add LIMIT"
