"""Remember answers: a snapshot never changes, so one question has one answer.

Not so for a query that asks the clock, a die or another endpoint.
"""

import asyncio
import re
import threading
from concurrent.futures import Executor
from functools import lru_cache
from typing import Final

from cachetools import LRUCache

from audiokg.engine.protocol import Answer, Engine, HangUp, QueryRequest
from audiokg.keys import make_key

#: What may give another answer next time; in a string or a name it costs a little time only. The
#: engine needs no space before it (`DISTINCTRAND()`), and takes a comment behind it.
_WORDS: Final = ("now", "rand", "uuid", "service")
_VOLATILE: Final = re.compile(r"(?:NOW|RAND|UUID)\s*+[(#]|SERVICE", re.IGNORECASE)
#: One answer may take this part of the cache.
_SHARE: Final = 8
_OVERHEAD: Final = 500


@lru_cache(maxsize=32)  # asked by the engine and by the view of the same request
def is_lasting(text: str) -> bool:
    """Tell whether a query has the same answer as long as the snapshot is the same."""
    folded = text.casefold()
    return not any(word in folded for word in _WORDS) or not _VOLATILE.search(text)


class CachedEngine:
    """An engine before which answers are remembered, in at most `size` bytes."""

    def __init__(self, engine: Engine, size: int = 64 << 20) -> None:
        self._engine = engine
        self._answers: LRUCache[bytes, Answer] = LRUCache(size, getsizeof=_size)
        self._turn = threading.Lock()
        self._largest = size // _SHARE

    def answer(self, request: QueryRequest, hang_up: HangUp | None = None) -> Answer:
        """Answer one query; see Engine.answer for what is raised."""
        key = _key(request)
        found = self._recall(key)
        return found or self._keep(key, self._engine.answer(request, hang_up))

    async def answer_soon(
        self, request: QueryRequest, hang_up: HangUp, threads: Executor
    ) -> Answer:
        """Answer one query; see Engine.answer_soon."""
        key = _key(request)
        found = self._recall(key)
        return found or self._keep(key, await self._engine.answer_soon(request, hang_up, threads))

    def attend(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let the engine behind use the server's event loop."""
        self._engine.attend(loop)

    def is_ready(self) -> bool:
        """Tell whether a query would be answered now."""
        return self._engine.is_ready()

    def close(self) -> None:
        """Close the engine behind."""
        self._engine.close()

    def _recall(self, key: bytes | None) -> Answer | None:
        if key is None:
            return None
        with self._turn:
            return self._answers.get(key)

    def _keep(self, key: bytes | None, answer: Answer) -> Answer:
        if key is not None and _size(answer) <= self._largest:
            with self._turn:
                self._answers[key] = answer
        return answer


def _size(answer: Answer) -> int:
    return len(answer.body) + _OVERHEAD


def _key(request: QueryRequest) -> bytes | None:
    """Give the key of a question; None if its answer is not to be remembered."""
    if not is_lasting(request.text):
        return None
    return make_key(
        request.text,
        request.rows_format,
        request.triples_format,
        tuple(sorted((name, str(term)) for name, term in request.bindings.items())),
        request.default_graphs,
        request.named_graphs,
        request.root,
    )
