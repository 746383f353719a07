"""The process that workers are copies of: it loads the snapshot once and forks on demand.

A fork shares the loaded snapshot and takes milliseconds, so a killed worker is replaced at once,
and many workers cost the memory of one. Only this process can tell how its children ended, so it
is asked.
"""

import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ctypes.util import find_library
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import recv_handle, sendfds
from pathlib import Path
from types import ModuleType

from audiokg.engine import worker
from audiokg.engine.protocol import Limits
from audiokg.errors import SnapshotError

_CONTEXT = multiprocessing.get_context("spawn")
_SPAWNING = threading.Lock()
_START_SECONDS = 120.0
_FORK, _KILL, _BURY = "fork", "kill", "bury"
_DYING_SECONDS, _STEP = 1.0, 0.01
#: No exit code.
_ALIVE = 1 << 16


class TemplateGoneError(OSError):
    """The template does not answer any more."""


@dataclass(frozen=True, eq=False)
class Template:
    """Our end of the process; safe to use from several threads."""

    process: BaseProcess
    control: Connection
    #: The same, to send files by: where no more can be opened, a worker can still be asked for.
    line: socket.socket
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def start(cls, folder: Path, limits: Limits) -> "Template":
        """Start the process. Raises SnapshotError if it cannot load the snapshot."""
        ours, theirs = _CONTEXT.Pipe()
        process = _CONTEXT.Process(
            target=_serve, args=(theirs, folder, limits), daemon=True, name="audiokg-template"
        )
        with _without_main(), _without_interrupts(), _with_allocator():
            process.start()
        theirs.close()
        try:
            if not ours.poll(_START_SECONDS):
                raise EOFError
            problem: str = ours.recv()
        except (EOFError, OSError) as error:
            process.kill()
            raise SnapshotError(f"the snapshot in {folder} could not be loaded") from error
        if problem:
            raise SnapshotError(problem)
        return cls(process, ours, socket.socket(fileno=os.dup(ours.fileno())))

    def fork(self, files: int = 0) -> tuple[int, socket.socket]:
        """Make a worker that may open so many files and sockets.

        Gives its process id and our end of its pipe. Raises TemplateGoneError, or another OSError
        if we may open no more files.
        """
        ours, theirs = socket.socketpair()
        with self._turn:
            try:
                self.control.send((_FORK, files))
                sendfds(self.line, [theirs.fileno()])
                pid: int = self.control.recv()
            except (EOFError, OSError) as error:
                ours.close()
                raise TemplateGoneError("the template process is gone") from error
            finally:
                theirs.close()
        return pid, ours

    def kill(self, pid: int) -> None:
        """End a worker now. Raises TemplateGoneError."""
        self._tell(_KILL, pid)

    def bury(self, pid: int) -> int | None:
        """Give the exit code of a worker whose pipe has closed; None if it is unknown."""
        try:
            return self._tell(_BURY, pid)
        except TemplateGoneError:
            return None

    def _tell(self, task: str, pid: int) -> int | None:
        with self._turn:
            try:
                self.control.send((task, pid))
                code: int | None = self.control.recv()
            except (EOFError, OSError) as error:
                raise TemplateGoneError("the template process is gone") from error
        return code

    def close(self) -> None:
        """End the process; its workers end when their pipes close."""
        with self._turn:  # nobody may use its number for the file that is opened next
            self.control.close()
            self.line.close()
        self.process.join(_DYING_SECONDS)
        self.process.kill()
        self.process.join(_DYING_SECONDS)


@contextmanager
def _without_main() -> Iterator[None]:
    """Hide the main module of the program, which a spawned process would run again.

    Ours needs nothing of it, and a script that opens the graph at its top level would open it there
    once more (https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods).
    """
    with _SPAWNING:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Let a process that is started now, and its copies, never see Ctrl-C: we end them."""
    resource_tracker.ensure_running()  # it would let Ctrl-C in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@cache
def _find_allocator() -> str | None:
    with suppress(OSError):  # where it is not known, it is looked for with files in /tmp
        return find_library("jemalloc")
    return None


@contextmanager
def _with_allocator() -> Iterator[None]:
    """Let a process that is started now allocate by jemalloc, if it is installed.

    Queries ask for much memory in small pieces (benchmarks/README.md). If $LD_PRELOAD is set, if
    only to nothing, it stays.
    """
    found = None if "LD_PRELOAD" in os.environ else _find_allocator()
    if found:
        os.environ["LD_PRELOAD"] = found
    try:
        yield
    finally:
        if found:
            del os.environ["LD_PRELOAD"]


def _serve(control: Connection, folder: Path, limits: Limits) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with suppress(BrokenPipeError):  # our parent has been stopped meanwhile
        try:
            stores, context = worker.load(folder, limits)
        except SnapshotError as error:
            control.send(str(error))
            return
        control.send("")
    dying: set[int] = set()
    while True:
        try:
            task, number = control.recv()
        except (EOFError, OSError):
            for pid in dying:
                _wait(pid, 0)
            os._exit(0)  # what is in memory need not be freed piece by piece
        dying = {pid for pid in dying if _wait(pid) == _ALIVE}
        if task == _KILL and _wait(number) == _ALIVE:
            os.kill(number, signal.SIGKILL)
            dying.add(number)  # giving back its memory may take it a second: nobody waits for that
        if task != _FORK:
            control.send(_bury(number) if task == _BURY else None)
            continue
        handle = recv_handle(control)
        pid = os.fork()
        if pid == 0:
            try:
                control.close()
                worker.serve(socket.socket(fileno=handle), stores, context, limits, number)
            finally:
                os._exit(0)  # whatever happened: a copy must never go on as the template
        os.close(handle)
        control.send(pid)


def _bury(pid: int) -> int | None:
    """Wait for a child to end by itself, else kill it; say how it ended, None if it is unknown."""
    deadline = time.monotonic() + _DYING_SECONDS
    while (code := _wait(pid)) == _ALIVE and time.monotonic() < deadline:
        time.sleep(_STEP)
    if code == _ALIVE:
        os.kill(pid, signal.SIGKILL)
        code = _wait(pid, 0)
    return code


def _wait(pid: int, how: int = os.WNOHANG) -> int | None:
    """Say how a child ended, `_ALIVE` if it has not; None if it is none, or no more."""
    try:
        ended, status = os.waitpid(pid, how)
    except ChildProcessError:
        return None
    return os.waitstatus_to_exitcode(status) if ended else _ALIVE
