"""Workers are of one snapshot, and nobody is left behind."""

import asyncio
import os
import resource
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import suppress
from pathlib import Path
from threading import Event

import psutil
import pyoxigraph as ox
import pytest

from audiokg.engine.federation import Broker
from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import Limits, QueryRequest
from audiokg.engine.template import Template
from audiokg.snapshot import write_snapshot
from conftest import LIMITS

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } # "


def write(folder: Path, triples: int) -> None:
    """Write a snapshot of so many triples."""
    graph, node = ox.NamedNode("https://example.org/g"), ox.NamedNode("https://example.org/n")
    quads = [ox.Quad(node, node, ox.Literal(number), graph) for number in range(triples)]
    write_snapshot(folder, quads, "0.0.0", "2026-01-02")


@pytest.fixture
def changing(tmp_path: Path) -> Iterator[tuple[LocalEngine, Path]]:
    """An engine of two workers over a snapshot of five triples, and its folder."""
    write(tmp_path, 5)
    engine = LocalEngine(tmp_path, LIMITS, workers=2)
    yield engine, tmp_path
    engine.close()


def ask(engine: LocalEngine, text: str) -> str:
    return engine.answer(QueryRequest(text, "csv")).body.decode().split()[1]


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(300):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come about in time")


def end_template_and_one(engine: LocalEngine) -> None:
    assert ask(engine, COUNT) == "5"  # now its loop hears the workers
    os.kill(engine.pool.template.process.pid or 0, signal.SIGKILL)
    os.kill(engine.pool.idle[0].pid, signal.SIGKILL)


def test_answers_stay_those_of_one_snapshot(
    changing: tuple[LocalEngine, Path], caplog: pytest.LogCaptureFixture
) -> None:
    engine, folder = changing
    write(folder, 7)
    end_template_and_one(engine)
    wait_for(lambda: "start the service anew" in caplog.text)
    assert {ask(engine, COUNT + str(number)) for number in range(20)} == {"5"}


def test_the_same_snapshot_is_loaded_anew(changing: tuple[LocalEngine, Path]) -> None:
    engine, folder = changing
    write(folder, 5)
    before = engine.pool.template
    end_template_and_one(engine)
    wait_for(lambda: engine.pool.template is not before and len(engine.pool.idle) == 2)
    assert {ask(engine, COUNT + str(number)) for number in range(20)} == {"5"}


def test_a_worker_that_nobody_wants_any_more_is_buried(snapshot: Path, tmp_path: Path) -> None:
    shutil.copytree(snapshot, tmp_path / "copy")
    service = "http://127.0.0.1:9/"
    broker = Broker((service,), fits=lambda address: True)
    engine = LocalEngine(tmp_path / "copy", LIMITS, workers=1, broker=broker)

    async def give_up() -> None:
        text = f"SELECT * {{ SERVICE <{service}> {{ ?s ?p ?o }} }}"
        asking = asyncio.ensure_future(
            engine.answer_soon(QueryRequest(text), Event(), None)  # type: ignore[arg-type]
        )
        await asyncio.sleep(0.001)
        asking.cancel()
        with pytest.raises((asyncio.CancelledError, CancelledError)):
            await asking

    try:
        for _ in range(20):
            asyncio.run(give_up())
        wait_for(lambda: len(engine.pool.idle) == 1)
        template = psutil.Process(engine.pool.template.process.pid)
        wait_for(lambda: _bury(engine) and len(template.children()) == 1)
    finally:
        engine.close()


def _bury(engine: LocalEngine) -> bool:
    """Give the template a task, before each of which it buries the dead."""
    pid, pipe = engine.pool.template.fork()
    pipe.close()
    return engine.pool.template.bury(pid) is not None


def test_a_worker_is_asked_for_where_no_file_can_be_opened(
    snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the two ends of its pipe are opened; else the template would be taken for dead."""
    template = Template.start(snapshot, Limits())
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    ends, opened = socket.socketpair(), []
    monkeypatch.setattr(socket, "socketpair", lambda: ends)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (ends[1].fileno() + 20, before[1]))
        with suppress(OSError):
            while True:
                opened.append(os.open(os.devnull, os.O_RDONLY))
        pid, pipe = template.fork()
        pipe.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
        for number in opened:
            os.close(number)
        template.close()
    assert pid > 0
