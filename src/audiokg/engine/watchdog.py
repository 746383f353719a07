"""How long a question may go on, and what it means that its worker died."""

import logging
import signal

from audiokg.engine.handle import Question, Worker
from audiokg.engine.protocol import Limits, QueryRequest, out_of_memory
from audiokg.errors import (
    EngineBusyError,
    HungUpError,
    QueryError,
    QueryOutOfMemoryError,
    QueryTimeoutError,
    WorkerCrashedError,
)

_LOG = logging.getLogger(__name__)
#: A query that has not been quick, and computes for so long still, is slow.
_COMPUTING_SECONDS = 0.03
GONE = "the client is gone"


class Watchdog:
    """Keeps the time limits, and workers for quick queries: only so many may be slow at a time."""

    def __init__(self, limits: Limits, most_slow: int) -> None:
        self._limits = limits
        self._most_slow = most_slow
        self._slow = 0

    def why_stop(self, one: Worker, question: Question, now: float) -> QueryError | None:
        """Say why a question may not go on in its worker, if so."""
        if question.is_unwanted:
            return HungUpError(GONE)
        limit = self._limit(question.request)
        if now - question.began >= limit:
            return QueryTimeoutError(_overrun(limit))
        if question.is_slow or now - question.began < self._limits.quick:
            return None
        # It is slow if it computes: on a busy machine it may have waited only.
        used = one.seconds_used()
        if question.used is None:
            question.used = used
        elif used - question.used >= _COMPUTING_SECONDS:
            if self._slow == self._most_slow:
                message = "too many long queries are running; try again in a few seconds"
                return EngineBusyError(message)
            self._slow += 1
            question.is_slow = True
        return None

    def forget(self, question: Question) -> None:
        """Take a question for ended."""
        if question.is_slow:
            self._slow -= 1
        question.is_slow, question.used = False, None

    def explain(self, question: Question, code: int | None) -> QueryError | None:
        """Say what an exit code of its worker means; None if another one may try."""
        if code == -signal.SIGABRT:
            # The engine also aborts when it sorts some mixtures of values, and does not say which.
            return QueryOutOfMemoryError(f"{out_of_memory(self._limits)}, or leave out ORDER BY")
        if code == -signal.SIGALRM:
            return QueryTimeoutError(_overrun(self._limit(question.request)))
        _LOG.warning("a worker died with exit code %s", code)
        if code != -signal.SIGKILL:
            return WorkerCrashedError("the query crashed its worker process; simplify it")
        if question.was_killed:
            return WorkerCrashedError("the worker process was killed twice; try again")
        question.was_killed = True
        return None

    def _limit(self, request: QueryRequest) -> float:
        return min(request.timeout or self._limits.timeout, self._limits.timeout)


def _overrun(limit: float) -> str:
    return f"the query ran longer than {limit:g} s; make it more specific or add LIMIT"
