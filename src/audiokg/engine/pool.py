"""The worker processes: idle ones, who waits for one, and new ones for those that died."""

import asyncio
import logging
import threading
import time
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

from audiokg.engine.handle import LOOK_SECONDS, Worker, stop_if_set
from audiokg.engine.protocol import HangUp, Limits
from audiokg.engine.template import Template, TemplateGoneError
from audiokg.errors import EngineBusyError, SnapshotError

_LOG = logging.getLogger(__name__)
_RETRY_SECONDS = 1.0
_BUSY = "all workers are busy; try again in a few seconds"


class Pool:
    """So many workers over a snapshot. Safe to use from several threads."""

    def __init__(self, folder: Path, limits: Limits, size: int) -> None:
        """Start the workers. Raises SnapshotError if the snapshot cannot be loaded."""
        self._folder = folder
        self._limits = limits
        self._turn = threading.Lock()
        self._waiting: deque[Future[Worker]] = deque()
        self._closed = threading.Event()
        self._replacing = threading.Lock()
        self.template = Template.start(folder, limits)
        self.idle = [self.make() for _ in range(size)]

    @property
    def is_closed(self) -> bool:
        """Tell whether there are no workers any more."""
        return self._closed.is_set()

    def take_now(self) -> Worker | None:
        """Take an idle worker if there is one. Raises EngineBusyError if there are no more.

        It is the one that was idle for the shortest time: the processor still has its memory.
        """
        with self._turn:
            return self._pop()

    def want(self) -> Future[Worker]:
        """Ask for a worker: to be used and put back, or given up."""
        wish: Future[Worker] = Future()
        with self._turn:
            one = self._pop()
            if one is None:
                self._waiting.append(wish)
                return wish
        wish.set_result(one)
        return wish

    def take(self, deadline: float, hang_up: HangUp | None) -> Worker:
        """Wait for a worker. Raises EngineBusyError, or HungUpError."""
        wish = self.want()
        try:
            while (left := deadline - time.monotonic()) > 0:
                stop_if_set(hang_up)
                with suppress(TimeoutError):
                    return wish.result(min(left, LOOK_SECONDS))
            raise EngineBusyError(_BUSY)
        except BaseException:
            self.give_up(wish)
            raise

    async def take_soon(self, deadline: float, hang_up: HangUp) -> Worker:
        """Wait for a worker without holding up the event loop; see `take`."""
        stop_if_set(hang_up)
        if one := self.take_now():
            return one
        wish = self.want()
        try:
            waiting = asyncio.wrap_future(wish)
            # Looked at, so that asyncio does not log it beside: `wish` has it as well.
            waiting.add_done_callback(lambda done: done.cancelled() or done.exception())
            await asyncio.wait({waiting}, timeout=deadline - time.monotonic())
            stop_if_set(hang_up)
            if not wish.done():
                raise EngineBusyError(_BUSY)
            return wish.result()
        except BaseException:
            self.give_up(wish)
            raise

    def give_up(self, wish: Future[Worker]) -> None:
        """Wait no longer."""
        if not wish.cancel() and wish.exception() is None:
            self.put(wish.result())

    def put(self, one: Worker) -> None:
        """Give a worker to who has waited longest, or let it idle."""
        with self._turn:
            if self.is_closed:
                one.end()
                return
            while self._waiting:
                wish = self._waiting.popleft()
                if wish.set_running_or_notify_cancel():
                    break
            else:
                self.idle.append(one)
                return
        wish.set_result(one)

    def replace(self, one: Worker) -> None:
        """End a worker, and put a new one in its place."""
        one.end()
        with self._replacing:
            while not self.is_closed:
                try:
                    new = self.make()
                except OSError as error:
                    self._mend(error)
                else:
                    self.put(new)
                    return

    def make(self, files: int = 0) -> Worker:
        """Make a worker that may open so many files. Raises OSError if none can be made."""
        pid, connection = self.template.fork(files)
        return Worker(pid, connection, self.template)

    def close(self) -> None:
        """End all workers."""
        with self._turn:
            self._closed.set()
            idle, self.idle = self.idle, []
            waiting, self._waiting = self._waiting, deque()
        for one in idle:
            one.end()
        for wish in waiting:
            if wish.set_running_or_notify_cancel():
                wish.set_exception(EngineBusyError(_BUSY))
        with self._replacing:
            self.template.close()

    def _pop(self) -> Worker | None:
        if self.is_closed:
            raise EngineBusyError(_BUSY)
        return self.idle.pop() if self.idle else None

    def _mend(self, why: OSError) -> None:
        """Load the snapshot anew if the template is gone; the old workers go on meanwhile."""
        _LOG.error("no worker could be started: %s; trying again", why)
        if not isinstance(why, TemplateGoneError):
            self._closed.wait(_RETRY_SECONDS)  # no more files may be opened
            return
        self.template.close()
        try:
            self.template = Template.start(self._folder, self._limits)
        except (SnapshotError, OSError) as error:
            _LOG.error("%s", error)
            self._closed.wait(_RETRY_SECONDS)
