"""The worker processes: who answers what, who waits, and new workers for those that died.

All of it happens in one event loop, which hears the pipes of all workers: nothing is locked, and
a worker that has replied gets the next question before its reply is looked at. Processes are
started and ended in threads beside it, since that takes milliseconds.
"""

import asyncio
import logging
import os
import threading
from collections import deque
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from audiokg.engine.handle import Question, Worker
from audiokg.engine.protocol import Answer, Limits
from audiokg.engine.template import Template, TemplateGoneError
from audiokg.engine.watchdog import GONE, Watchdog
from audiokg.errors import (
    EngineBusyError,
    HungUpError,
    QueryError,
    SnapshotError,
    WorkerCrashedError,
)
from audiokg.snapshot import read_manifest

_LOG = logging.getLogger(__name__)
#: How often all questions are looked at.
_LOOK_SECONDS = 0.02
#: Within this time no more questions are begun than there are processors, and one: taking turns
#: costs each the processor's cache. Of six at a time on two processors, p99 was half as long again.
_FRESH_SECONDS = 0.02
_RETRY_SECONDS = 1.0
_BUSY = "all workers are busy; try again in a few seconds"


class Pool:
    """So many workers over a snapshot."""

    def __init__(self, folder: Path, limits: Limits, size: int) -> None:
        """Start the workers. Raises SnapshotError if the snapshot cannot be loaded."""
        self._folder = folder
        self._manifest = read_manifest(folder)
        self._limits = limits
        self._watchdog = Watchdog(limits, most_slow=max(1, size // 4))
        self._most_fresh = (os.cpu_count() or 1) + 1
        self._waiting: deque[Question] = deque()
        self._asked: set[Worker] = set()
        self._looking: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = threading.Event()
        #: One thread to start processes, so that a template that is gone is replaced once.
        self._starter = ThreadPoolExecutor(1, "starter")
        self._ender = ThreadPoolExecutor(1, "ender")
        self.template = Template.start(folder, limits)
        self.idle = [self._make() for _ in range(size)]

    async def open(self) -> None:
        """Begin to hear the workers, in the running event loop."""
        self._loop = asyncio.get_running_loop()
        for one in list(self.idle):  # who is dead already leaves it meanwhile
            await one.connect(self._replied, self._lost)

    async def close(self) -> None:
        """End all workers; who waits is told that there are none."""
        self._closed.set()
        workers, self.idle = [*self.idle, *self._asked], []
        questions = [*self._waiting, *filter(None, map(self._free, workers))]
        self._waiting.clear()
        for one in workers:
            one.drop()
        for question in questions:
            question.settle(EngineBusyError(_BUSY))
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._starter.shutdown(wait=False)
        self._ender.shutdown(wait=False)
        for one in workers:
            one.end()
        self.template.close()  # waits for them

    def ask(self, question: Question) -> None:
        """Give a question to a worker, now or when one is free."""
        if self._closed.is_set():
            question.settle(EngineBusyError(_BUSY))
        else:
            self._waiting.append(question)
            self._hand_out()

    async def ask_alone(self, question: Question, files: int) -> None:
        """Give a question to a worker made for it alone, which may open so many files.

        Raises OSError if none can be made, EngineBusyError after the end.
        """
        if self._closed.is_set():
            raise EngineBusyError(_BUSY)
        making = self._starter.submit(self._make, files)
        try:
            one = await asyncio.wrap_future(making)
        except asyncio.CancelledError:
            making.add_done_callback(_end_made)
            raise
        one.is_alone = True
        try:
            await one.connect(self._replied, self._lost)
            if self._closed.is_set():
                raise EngineBusyError(_BUSY)
            if not self._begin(one, question):
                raise ConnectionResetError("the worker process is dead")
        except BaseException:
            self._give_up(one)
            raise
        self._look_later()

    def stop(self, question: Question) -> None:
        """End the worker of a question that nobody waits for."""
        for one in self._asked:
            if one.question is question:
                self._give_up(one)
                return

    def _hand_out(self) -> None:
        while self._waiting and self.idle and self._has_room():
            question = self._waiting.popleft()
            if question.is_unwanted:
                question.settle(HungUpError(GONE))
            # The worker that answered last: the processor has its memory still.
            elif not self._begin(self.idle.pop(), question):
                self._waiting.appendleft(question)
        if self._waiting or self._asked:
            self._look_later()

    def _has_room(self) -> bool:
        since = self._loop.time() - _FRESH_SECONDS
        fresh = sum(one.question is not None and one.question.began > since for one in self._asked)
        return fresh < self._most_fresh

    def _begin(self, one: Worker, question: Question) -> bool:
        """Give a question to a worker; false if that is dead, which is heard of later."""
        if not one.ask(question):
            return False
        question.began = self._loop.time()
        self._asked.add(one)
        return True

    def _free(self, one: Worker) -> Question | None:
        """Take its question from a worker; None if it has none."""
        question, one.question = one.question, None
        self._asked.discard(one)
        if question:
            self._watchdog.forget(question)
        return question

    def _replied(self, one: Worker, reply: Answer | QueryError) -> None:
        question = self._free(one)
        if question is None:
            return  # nobody asked
        if one.is_alone:
            self._give_up(one)
        else:
            self.idle.append(one)
            self._hand_out()
        question.settle(reply)

    def _lost(self, one: Worker) -> None:
        if one in self.idle:
            self.idle.remove(one)
        self._start(self._mourn(one, self._free(one)))

    def _give_up(self, one: Worker) -> None:
        self._free(one)
        one.drop()
        self._replace(one)

    def _look_later(self) -> None:
        if self._looking is None and not self._closed.is_set():
            self._looking = self._loop.call_later(_LOOK_SECONDS, self._look)

    def _look(self) -> None:
        """Let nothing wait or run for too long, or for nobody."""
        self._looking, now = None, self._loop.time()
        for question in self._waiting:
            if question.is_unwanted:
                question.settle(HungUpError(GONE))
            elif now - question.asked > self._limits.wait:
                question.settle(EngineBusyError(_BUSY))
        self._waiting = deque(one for one in self._waiting if not one.answer.done())
        for one in list(self._asked):
            if one.question and (error := self._watchdog.why_stop(one, one.question, now)):
                one.question.settle(error)
                self._give_up(one)
        self._hand_out()

    async def _mourn(self, one: Worker, question: Question | None) -> None:
        """Replace a worker that died; let another one try, or say why it died."""
        if question:
            code = await self._loop.run_in_executor(self._ender, one.exit_code)
            error = self._watchdog.explain(question, code)
            if error or one.is_alone or self._closed.is_set():
                question.settle(error or WorkerCrashedError("the worker was killed; try again"))
            else:
                question.asked = self._loop.time()
                self._waiting.appendleft(question)
                self._hand_out()
        self._replace(one)

    def _replace(self, one: Worker) -> None:
        """End a worker, and put a new one in its place."""
        if not self._closed.is_set():
            self._start(self._renew(one))

    async def _renew(self, one: Worker) -> None:
        await self._loop.run_in_executor(self._ender, one.end)
        while not (one.is_alone or self._closed.is_set()):
            new = await self._loop.run_in_executor(self._starter, self._remake)
            if new is None:
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            await new.connect(self._replied, self._lost)
            if self._closed.is_set():
                new.drop()  # it ends when its pipe is closed
                return
            # The last to be asked: those that have answered before have their memory at hand.
            self.idle.insert(0, new)
            self._hand_out()
            return

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _make(self, files: int = 0) -> Worker:
        pid, pipe = self.template.fork(files)
        return Worker(pid, pipe, self.template)

    def _remake(self) -> Worker | None:
        """Make a worker, from the snapshot loaded anew if need be; None if that fails now."""
        try:
            try:
                return self._make()
            except TemplateGoneError:
                _LOG.error("the template process is gone; the snapshot is loaded anew")
                self.template.close()
                if read_manifest(self._folder) != self._manifest:
                    message = "the snapshot has been built anew; start the service anew, too"
                    raise SnapshotError(message) from None
                self.template = Template.start(self._folder, self._limits)
                return self._make()
        except (OSError, SnapshotError) as error:
            _LOG.error("no worker could be started: %s; trying again", error)
            return None


def _end_made(making: "Future[Worker]") -> None:
    """End a worker that nobody wants any more."""
    if not making.cancelled() and making.exception() is None:
        made = making.result()
        made.drop()
        made.end()  # so that the template knows to bury it
