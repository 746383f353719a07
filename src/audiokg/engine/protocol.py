"""What an engine is: it answers one query, whole, within limits, or says why not."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Protocol

from audiokg.errors import QueryError
from audiokg.terms import Term


class HangUp:
    """Set when the client is gone: nobody waits for the answer any more. Safe between threads.

    A threading.Event is ten times as large, and nobody waits for one.
    """

    __slots__ = ("_is_set",)

    def __init__(self) -> None:
        self._is_set = False

    def set(self) -> None:
        """Say that the client is gone."""
        self._is_set = True

    def is_set(self) -> bool:
        """Tell whether the client is gone."""
        return self._is_set


@dataclass(frozen=True)
class Limits:
    """What one query may take. Times in seconds, sizes in bytes."""

    timeout: float = 10.0
    memory: int = 1 << 30
    result: int = 64 << 20
    query: int = 100_000
    depth: int = 40
    patterns: int = 400
    #: How long a query may wait for a worker.
    wait: float = 5.0
    #: A query that runs longer than this is slow; only some workers may be slow at a time.
    quick: float = 0.25


@dataclass(frozen=True)
class QueryRequest:
    """A query, the formats wanted for rows and for triples, bound terms, and the dataset.

    A format is None where no format fits what the client accepts. `default_graphs` and
    `named_graphs`, where there is one of either, take the place of FROM and FROM NAMED. `root` is
    the IRI that JSON-LD has at its top.
    """

    text: str
    rows_format: str | None = "json"
    triples_format: str | None = "ttl"
    bindings: Mapping[str, Term] = field(default_factory=dict)
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    timeout: float | None = None
    root: str = ""


@dataclass(frozen=True)
class Answer:
    """A whole answer: the format that it is in, and its bytes."""

    format: str
    is_rows: bool
    body: bytes


class Engine(Protocol):
    """Answers queries. Safe to call from several threads."""

    def answer(self, request: QueryRequest, hang_up: HangUp | None = None) -> Answer:
        """Answer one query, whole; stop soon after `hang_up` is set.

        Raises one of the classes below QueryError (errors.py), each with what to do.
        """
        ...

    async def answer_soon(
        self, request: QueryRequest, hang_up: HangUp, threads: Executor
    ) -> Answer:
        """Answer as `answer` does, without holding up the event loop; waiting has threads."""
        ...

    def attend(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the event loop of the server, which is about to run, for the engine's own."""
        ...

    def is_ready(self) -> bool:
        """Tell whether a query would be answered now."""
        ...

    def close(self) -> None:
        """Stop answering and free everything."""
        ...


def answers(engine: Engine) -> bool:
    """Tell whether an engine answers a query that asks for nothing."""
    try:
        engine.answer(QueryRequest("ASK {}"))
    except QueryError:
        return False
    return True


def out_of_memory(limits: Limits) -> str:
    """Say that a query needs too much memory."""
    return f"the query needs more than {limits.memory >> 20} MiB of memory; ask for less"
