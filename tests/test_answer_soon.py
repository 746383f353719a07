"""Asked from an event loop, an engine gives the same answers, keeps its limits, and is freed."""

import asyncio
import gc
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from socket import socket
from threading import Timer
from types import MappingProxyType

import pytest

from audiokg.engine.cache import CachedEngine
from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import Answer, HangUp, Limits, QueryRequest
from audiokg.engine.template import Template
from audiokg.errors import (
    EngineBusyError,
    HungUpError,
    QueryError,
    QueryRefusedError,
    QuerySyntaxError,
    QueryTimeoutError,
    ResultTooLargeError,
    WorkerCrashedError,
)
from conftest import LIMITS
from test_engine import ENDLESS

Asking = Callable[[QueryRequest], Awaitable[Answer]]
LONG = "SELECT * { ?s ?p ?o } LIMIT 20000"


@pytest.fixture
def small(snapshot: Path) -> Iterator[LocalEngine]:
    engine = LocalEngine(snapshot, LIMITS, workers=2)
    yield engine
    engine.close()


def assert_all_idle(engine: LocalEngine, workers: int = 2) -> None:
    """Assert that all workers are soon there again."""
    for _ in range(200):
        if len(engine.pool.idle) == workers:
            return
        time.sleep(0.02)
    raise AssertionError("a worker has not come back")


def asking(engine: LocalEngine | CachedEngine, *texts: str, **more: float) -> list[Answer]:
    """Ask all of it at once."""

    async def ask() -> list[Answer]:
        with ThreadPoolExecutor(4) as threads:
            return await asyncio.gather(
                *(engine.answer_soon(QueryRequest(t, **more), HangUp(), threads) for t in texts)  # type: ignore[arg-type]
            )

    return asyncio.run(ask())


@pytest.mark.parametrize("text", ["ASK {}", "SELECT ?s { ?s a ?kind } LIMIT 3", LONG])
def test_answers_are_the_same(engine: LocalEngine, text: str) -> None:
    [found] = asking(engine, text)
    assert found.body == engine.answer(QueryRequest(text)).body


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("SELECT", QuerySyntaxError),
        ("CLEAR ALL", QueryRefusedError),
        ("ASK { SERVICE <http://127.0.0.1/> {} }", QueryRefusedError),
        (ENDLESS, QueryTimeoutError),
        ("SELECT * { ?s ?p ?o . ?a ?b ?c }", ResultTooLargeError),
    ],
)
def test_limits_are_the_same(snapshot: Path, text: str, error: type[QueryError]) -> None:
    engine = LocalEngine(snapshot, Limits(timeout=3.0, result=1 << 20), workers=1)
    try:
        with pytest.raises(error):
            asking(engine, text)
        assert asking(engine, "ASK {}")
    finally:
        engine.close()


def test_a_lower_time_limit_is_kept(small: LocalEngine) -> None:
    began = time.monotonic()
    with pytest.raises(QueryTimeoutError, match=r"0\.1 s"):
        asking(small, ENDLESS, timeout=0.1)
    assert time.monotonic() - began < 2


def test_more_questions_than_workers_are_all_answered(small: LocalEngine) -> None:
    texts = [f"SELECT (COUNT(*) AS ?n) {{ ?s a ?kind{number} }}" for number in range(100)]
    assert len({answer.body for answer in asking(small, *texts)}) == 1
    assert_all_idle(small)


def test_who_finds_no_worker_in_time_is_told(snapshot: Path) -> None:
    engine = LocalEngine(snapshot, Limits(timeout=3.0, wait=0.2), workers=1)
    try:
        with pytest.raises(EngineBusyError):
            asking(engine, ENDLESS, "ASK {}")
        assert asking(engine, "ASK {}")
    finally:
        engine.close()


def test_a_long_answer_and_a_slow_query_leave_the_loop_free(small: LocalEngine) -> None:
    async def ask() -> float:
        longest, hang_up = 0.0, HangUp()
        with ThreadPoolExecutor(4) as threads:
            waiting = [
                asyncio.ensure_future(small.answer_soon(QueryRequest(text), hang_up, threads))
                for text in (ENDLESS, LONG)
            ]
            for _ in range(200):
                before = time.perf_counter()
                await asyncio.sleep(0.005)
                longest = max(longest, time.perf_counter() - before)
            hang_up.set()
            found = await asyncio.gather(*waiting, return_exceptions=True)
        assert isinstance(found[0], HungUpError)
        assert isinstance(found[1], Answer)
        assert len(found[1].body) > 1 << 20
        return longest

    assert asyncio.run(ask()) < 0.25


def test_who_hangs_up_frees_the_worker(small: LocalEngine) -> None:
    async def ask() -> None:
        hang_up = HangUp()
        with ThreadPoolExecutor(2) as threads:
            waiting = asyncio.ensure_future(
                small.answer_soon(QueryRequest(ENDLESS), hang_up, threads)
            )
            await asyncio.sleep(0.3)
            hang_up.set()
            with pytest.raises(HungUpError):
                await waiting

    asyncio.run(ask())
    assert_all_idle(small)
    assert asking(small, "ASK {}", "ASK { }")


@pytest.mark.parametrize("pause", [0.0, 0.05, 0.5])
def test_a_worker_killed_in_the_middle_is_replaced(small: LocalEngine, pause: float) -> None:
    async def ask() -> None:
        pids = [one.pid for one in small.pool.idle]
        with ThreadPoolExecutor(2) as threads:
            waiting = asyncio.ensure_future(
                small.answer_soon(QueryRequest(ENDLESS, timeout=3.0), HangUp(), threads)
            )
            await asyncio.sleep(pause)
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            with pytest.raises((QueryTimeoutError, WorkerCrashedError)):
                await waiting

    asyncio.run(ask())
    assert asking(small, "ASK {}", "ASK { }")
    assert_all_idle(small)


def test_a_question_that_is_stopped_frees_the_worker(small: LocalEngine) -> None:
    async def ask() -> None:
        with ThreadPoolExecutor(2) as threads:
            waiting = asyncio.ensure_future(
                small.answer_soon(QueryRequest(ENDLESS), HangUp(), threads)
            )
            await asyncio.sleep(0.1)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting

    asyncio.run(ask())
    assert_all_idle(small)


def test_a_question_that_waits_for_a_worker_can_be_stopped(small: LocalEngine) -> None:
    async def ask() -> None:
        with ThreadPoolExecutor(1) as threads:
            first = [
                asyncio.ensure_future(
                    small.answer_soon(QueryRequest(ENDLESS, timeout=0.2), HangUp(), threads)
                )
                for _ in range(2)
            ]
            await asyncio.sleep(0.05)
            waiting = asyncio.ensure_future(
                small.answer_soon(QueryRequest("ASK {}"), HangUp(), threads)
            )
            await asyncio.sleep(0.05)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            found = await asyncio.gather(*first, return_exceptions=True)
            assert [type(error) for error in found] == [QueryTimeoutError] * 2

    asyncio.run(ask())
    assert_all_idle(small)
    assert asking(small, "ASK {}")


def test_cache_answers_both_ways_of_asking(small: LocalEngine) -> None:
    cached = CachedEngine(small)
    [first] = asking(cached, "ASK {}")
    assert cached.answer(QueryRequest("ASK {}")) is first
    assert asking(cached, "ASK {}")[0] is first


def test_who_waits_for_a_worker_does_not_keep_one_from_coming_back(small: LocalEngine) -> None:
    """Threads that wait for a worker may be all that there are."""

    async def ask() -> float:
        loop, began = asyncio.get_running_loop(), time.monotonic()
        with ThreadPoolExecutor(2) as threads:
            long = [
                asyncio.ensure_future(
                    small.answer_soon(QueryRequest(f"{LONG} # {number}"), HangUp(), threads)
                )
                for number in range(2)
            ]
            await asyncio.sleep(0.01)
            waiting = [
                loop.run_in_executor(threads, small.answer, QueryRequest("ASK {}"))
                for _ in range(8)
            ]
            await asyncio.gather(*long, *waiting)
        return time.monotonic() - began

    assert asyncio.run(ask()) < small._limits.wait


def test_a_slow_question_that_is_stopped_frees_the_worker(small: LocalEngine) -> None:
    async def ask() -> None:
        with ThreadPoolExecutor(1) as threads:
            waiting = asyncio.ensure_future(
                small.answer_soon(QueryRequest(ENDLESS, timeout=0.8), HangUp(), threads)
            )
            await asyncio.sleep(0.5)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            await asyncio.sleep(0.8)

    asyncio.run(ask())
    assert_all_idle(small)


def test_a_closed_engine_says_so_at_once(snapshot: Path, caplog: pytest.LogCaptureFixture) -> None:
    engine = LocalEngine(snapshot, LIMITS, workers=1)

    async def ask() -> None:
        with ThreadPoolExecutor(1) as threads:
            asked = [
                asyncio.ensure_future(engine.answer_soon(QueryRequest(text), HangUp(), threads))
                for text in (ENDLESS, "ASK {}")
            ]
            await asyncio.sleep(0.05)
            engine.close()
            for waiting in asked:
                with pytest.raises(EngineBusyError):
                    await waiting
            with pytest.raises(EngineBusyError):
                await engine.answer_soon(QueryRequest("ASK {}"), HangUp(), threads)

    began = time.monotonic()
    asyncio.run(ask())
    assert time.monotonic() - began < 2
    with pytest.raises(EngineBusyError):
        engine.answer(QueryRequest("ASK {}"))
    assert engine.pool.idle == []
    gc.collect()
    assert "never retrieved" not in caplog.text


def test_a_worker_is_replaced_when_files_can_be_opened_again(
    small: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fork, failures, template = (
        Template.fork,
        [OSError(24, "Too many open files")],
        small.pool.template,
    )

    def fork_later(template: Template, files: int = 0) -> tuple[int, socket]:
        if failures:
            raise failures.pop()
        return fork(template, files)

    monkeypatch.setattr(Template, "fork", fork_later)
    os.kill(small.pool.idle[0].pid, signal.SIGKILL)
    assert asking(small, "ASK {}", "ASK { }")
    for _ in range(200):
        if not failures:
            break
        time.sleep(0.02)
    assert not failures
    assert_all_idle(small)
    assert small.pool.template is template
    assert asking(small, "ASK {}", "ASK { }")


def test_workers_that_die_before_the_first_question_are_replaced(snapshot: Path) -> None:
    engine = LocalEngine(snapshot, LIMITS, workers=5)
    try:
        os.kill(engine.pool.idle[0].pid, signal.SIGKILL)
        os.kill(engine.pool.idle[3].pid, signal.SIGKILL)
        time.sleep(0.1)
        for _ in range(3):
            assert asking(engine, *(f"ASK {{}} # {number}" for number in range(5)))
            assert_all_idle(engine, 5)
    finally:
        engine.close()


def test_a_worker_whose_template_is_gone_is_ended_too(small: LocalEngine) -> None:
    pids, hang_up = [one.pid for one in small.pool.idle], HangUp()
    os.kill(small.pool.template.process.pid or 0, signal.SIGKILL)
    Timer(0.2, hang_up.set).start()
    with pytest.raises(HungUpError):
        small.answer(QueryRequest(ENDLESS), hang_up)
    time.sleep(0.5)  # by itself it would end with the time limit
    assert sum(map(is_running, pids)) == 1
    assert_all_idle(small)


def is_running(pid: int) -> bool:
    """Tell whether a process goes on; one that has ended may still be listed."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def test_what_cannot_be_sent_costs_no_worker(small: LocalEngine) -> None:
    for _ in range(3):
        with pytest.raises(TypeError):
            small.answer(QueryRequest("ASK {}", bindings=MappingProxyType({})))
    assert asking(small, "ASK {}", "ASK { }")
    assert_all_idle(small)
