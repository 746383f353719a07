"""Connections: who is waited for and how long, what comes in which order, and how they end."""

import asyncio
import gc
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from select import select

import psutil
import pytest

from audiokg.web.http.connection import Connection
from audiokg.web.http.crowd import Crowd
from audiokg.web.http.parts import PART, Room
from audiokg.web.http.reading import Reader
from senders import MOST_CONNECTIONS, MOST_WAITING, SECONDS, App, make_body
from services import start_sender

END = b"HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def get(path: str, more: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: a\r\n{more}\r\n".encode()


@pytest.fixture(scope="module")
def process() -> Iterator[tuple[int, psutil.Process]]:
    with start_sender() as started:
        yield started
        assert say(started[0], b"GET /faults " + END).endswith(b"\r\n\r\n[]")


@pytest.fixture
def port(process: tuple[int, psutil.Process]) -> int:
    return process[0]


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def hear(client: socket.socket) -> bytes:
    """Give all that comes until the other side ends."""
    parts = []
    while part := client.recv(1 << 16):
        parts.append(part)
    return b"".join(parts)


def say(port: int, *sent: bytes, pause: float = 0.05) -> bytes:
    """Send one thing after the other; give all that comes back."""
    with connect(port) as client:
        for one in sent:
            client.sendall(one)
            time.sleep(pause)
        return hear(client)


def statuses(said: bytes) -> list[int]:
    return [int(one) for one in re.findall(rb"HTTP/1\.1 (\d{3}) ", said)]


def wait_for_seen(port: int, path: str, status: int) -> None:
    """Wait until a path was answered so. Raises AssertionError after ten seconds."""
    deadline = time.monotonic() + 10
    while True:
        seen = json.loads(
            say(port, get("/seen", "Connection: close\r\n")).partition(b"\r\n\r\n")[2]
        )
        if [path, status] in [one[1:] for one in seen]:
            return
        assert time.monotonic() < deadline, seen[-5:]
        time.sleep(0.05)


def test_requests_are_answered_in_their_order(port: int) -> None:
    paths = ["/slow/0.3", "/same/9", "/5", "/same/70000", "/slow/0.01", "/same/3", "/80000"]
    said = say(port, b"".join(map(get, paths)) + b"GET /same/1 " + END)
    sizes = [len(b"slow"), 9, 5, 70_000, len(b"slow"), 3, 80_000, 1]
    for size in sizes:
        head, _, said = said.partition(b"\r\n\r\n")
        assert b"content-length: %d" % size in head
        assert said[:size] == (b"slow" if size == len(b"slow") else make_body(size))
        said = said[size:]
    assert said == b""


def test_many_requests_at_once_are_all_answered(port: int) -> None:
    said = say(port, get("/same/20000") * 500, b"GET /same/1 " + END, pause=0)
    assert statuses(said) == [200] * 501


def test_requests_behind_one_that_is_no_request_are_not_answered(port: int) -> None:
    said = say(port, get("/5") + b"G\x00T / HTTP/1.1\r\n\r\n" + get("/5"))
    assert statuses(said) == [200, 400]
    assert said.count(b"connection: close") == 1


def test_requests_behind_the_last_are_not_answered(port: int) -> None:
    assert statuses(say(port, b"GET /slow/0.2 " + END + get("/5"), get("/6"))) == [200]


@pytest.mark.parametrize("path", ["/5", "/70000", "/same/5", "/same/70000", "/file/senders.py"])
def test_head_has_no_body(port: int, path: str) -> None:
    said = say(port, f"HEAD {path} ".encode() + END)
    assert said.endswith(b"\r\n\r\n")
    assert int(re.findall(rb"content-length: (\d+)", said)[0]) >= 5


def test_old_clients_get_one_answer_or_more_if_they_ask(port: int) -> None:
    assert statuses(say(port, b"GET /5 HTTP/1.0\r\n\r\n")) == [200]
    kept = b"GET /5 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    said = say(port, kept * 2 + b"GET /5 HTTP/1.0\r\n\r\n")
    assert statuses(said) == [200] * 3
    assert said.count(b"connection: keep-alive") == 2


def test_who_asks_for_leave_to_send_gets_it(port: int) -> None:
    with connect(port) as client:
        head = b"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n"
        client.sendall(head + b"Connection: close\r\n\r\n")
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert b'"abc"]' in hear(client)


def test_who_asks_for_leave_behind_another_request_gets_it(port: int) -> None:
    head = get("/echo", "Expect: 100-continue\r\nContent-Length: 3\r\n").replace(b"GET", b"POST")
    for first in (get("/slow/0.2"), get("/same/5"), get("/5")):
        with connect(port) as client, client.makefile("rb") as lines:
            client.sendall(first + head)
            while b"100 Continue" not in (line := lines.readline()):
                assert line
            client.sendall(b"abc")
            client.shutdown(socket.SHUT_WR)
            assert b'"abc"]' in lines.read()


def test_offer_of_another_protocol_is_not_taken_and_the_body_is_read(port: int) -> None:
    head = "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: A\r\n"
    post = get("/echo", f"{head}Content-Length: 3\r\n").replace(b"GET", b"POST")
    said = say(port, post, b"abc", get("/5"), b"GET /same/1 " + END)
    assert statuses(said) == [200] * 3
    assert b'"abc"]' in said


def test_who_has_ended_its_side_gets_a_quick_answer(port: int) -> None:
    for sent in (get("/5"), get("/same/5"), get("/8000000"), get("/5") * 3, get("/9") * 300):
        with connect(port) as client:
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            said = hear(client)
        assert statuses(said) == [200] * sent.count(b"GET")
        assert len(said) > 8_000_000 or b"8000000" not in sent


def test_request_that_ends_before_its_end_is_refused(port: int) -> None:
    for sent in (b"GET /5 HT", b"POST /5 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"):
        with connect(port) as client:
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            assert statuses(hear(client)) == [400]


def test_who_leaves_is_no_longer_answered(port: int) -> None:
    with connect(port) as client:
        client.sendall(get("/slow/11.5"))
        time.sleep(0.1)
    wait_for_seen(port, "/slow/11.5", 0)


def test_what_who_leaves_has_asked_before_is_not_looked_for(port: int) -> None:
    with connect(port) as client:
        client.sendall(get("/slow/0.1") + get("/slow/12.5") + get("/slow/12.6"))
        time.sleep(0.05)
    wait_for_seen(port, "/slow/12.5", 0)
    assert b"/slow/12.6" not in say(port, b"GET /seen " + END)


def test_who_takes_all_at_last_breaks_nothing(port: int) -> None:
    for number in range(2, 12):
        with connect(port) as client:
            client.sendall(get("/same/60000") * number)
            client.shutdown(socket.SHUT_WR)
            time.sleep(0.05)
            assert statuses(hear(client)) == [200] * number


class Taker(asyncio.Transport):
    """A client that takes all at once."""

    def __init__(self) -> None:
        super().__init__({"peername": ("a", 1), "sockname": ("b", 2)})
        self.taken = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.taken += len(data)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Have no limits."""

    def is_closing(self) -> bool:
        return False

    def resume_reading(self) -> None:
        """Never be paused."""


def test_large_answer_lets_others_have_their_turn_however_quick_it_is_taken() -> None:
    async def count() -> int:
        room, taker, turns = Room(), Taker(), 0
        connection = Connection(App(room), room, set())
        connection.connection_made(taker)
        asked = get("/same/6400000")
        connection.get_buffer(-1)[: len(asked)] = asked
        connection.buffer_updated(len(asked))
        while taker.taken < 6_400_000:
            await asyncio.sleep(0)
            turns += 1
        return turns

    assert asyncio.run(count()) > 6_400_000 // PART


def test_answer_that_is_cut_is_the_last(port: int, tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(1 << 30)
        with connect(port) as client:
            client.sendall(get(f"/file/{tmp_path}/large") + get("/5"))
            said = client.recv(1000)
            file.truncate(0)
            with suppress(ConnectionResetError):
                said += hear(client)
    assert len(said) < 1 << 30
    assert statuses(said) == [200]


@pytest.mark.parametrize("begun", [b"GET", get("/5")[:-2], get("/5", "Content-Length: 3\r\n")])
def test_request_that_does_not_come_in_time_is_refused(port: int, begun: bytes) -> None:
    started = time.monotonic()
    assert statuses(say(port, begun)) == [408]
    assert SECONDS - 1 < time.monotonic() - started < SECONDS + 5


def test_request_that_comes_drop_by_drop_is_refused(port: int) -> None:
    with connect(port) as client:
        started = time.monotonic()
        client.settimeout(0.2)
        while time.monotonic() - started < SECONDS + 5:
            client.sendall(b"G" if time.monotonic() == started else b"E")
            try:
                said = client.recv(100)
            except TimeoutError:
                continue
            assert statuses(said)[0] in (400, 408)
            return
    raise AssertionError("nobody answers")


@pytest.mark.parametrize("first", [b"", get("/5"), get("/same/70000")])
def test_client_that_says_nothing_is_left(port: int, first: bytes) -> None:
    started = time.monotonic()
    assert statuses(say(port, first)) == [200][: len(first)]
    assert SECONDS - 1 < time.monotonic() - started < SECONDS + 5


def test_answer_may_take_longer_than_a_client_may_be_silent(port: int) -> None:
    said = say(port, get(f"/slow/{SECONDS + 1}") + b"GET /5 HT", b"TP/1.1\r\nHost: a\r\n\r\n")
    assert statuses(said) == [200, 200]


def test_who_still_sends_hears_why_it_is_refused(port: int) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n"
    said = say(port, head, b"a" * 3_000_000, b"a" * 3_000_000)
    assert statuses(said) == [413]
    assert b"send less" in said


def test_crowd_of_silent_clients_makes_room_for_who_comes(port: int) -> None:
    silent = [connect(port) for _ in range(MOST_CONNECTIONS)]
    try:
        for _ in range(5):
            assert statuses(say(port, b"GET /5 " + END)) == [200]
        assert silent[0].recv(1) == b""
    finally:
        for one in silent:
            one.close()


def test_crowd_of_clients_that_wait_is_not_sent_away(port: int) -> None:
    asking = [connect(port) for _ in range(MOST_CONNECTIONS)]
    try:
        for one in asking:
            one.sendall(b"GET /slow/1.5 " + END)
        time.sleep(0.5)
        said = [say(port, b"GET /5 " + END) for _ in range(5)]
        assert [statuses(one) for one in said] == [[503]] * 5
        assert all(b"retry-after" in one for one in said)
        assert [statuses(hear(one)) for one in asking] == [[200]] * MOST_CONNECTIONS
    finally:
        for one in asking:
            one.close()


def test_long_row_of_requests_keeps_nobody_waiting(port: int) -> None:
    times = []
    with ExitStack() as stack:
        client, *hasty = [stack.enter_context(connect(port)) for _ in range(21)]
        for one in hasty:
            row = get("/same/1") * 20_000
            threading.Thread(target=send, args=(one, row), daemon=True).start()
            threading.Thread(target=take, args=(one,), daemon=True).start()
        for _ in range(10):
            started = time.monotonic()
            client.sendall(get("/same/2"))
            assert client.recv(1000).endswith(make_body(2))
            times.append(time.monotonic() - started)
    assert sorted(times)[5] < 0.1, times  # all that has come of the rows takes longer than that


def send(client: socket.socket, data: bytes) -> None:
    with suppress(OSError):
        client.sendall(data)


def take(client: socket.socket) -> None:
    with suppress(OSError):
        hear(client)


def test_bodies_that_do_not_end_take_no_more_memory_than_there_is(
    process: tuple[int, psutil.Process],
) -> None:
    port, server = process
    head = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
    before = server.memory_info().rss
    for _ in range(4):
        clients = [connect(port) for _ in range(40)]
        for client in clients:
            client.sendall(head + b"a" * 900_000)
        time.sleep(0.5)
        refused, *_ = select(clients, [], [], 0)
        assert 5 < len(refused) < 20
        for client in clients:  # so that the server hears of it by an error
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        assert server.memory_info().rss - before < 2 * MOST_WAITING
    wait_for_left(port)


def wait_for_left(port: int) -> None:
    """Wait until nothing waits for anybody. Raises AssertionError after ten seconds."""
    deadline = time.monotonic() + 10
    while not say(port, b"GET /left " + END).endswith(b"\r\n\r\n%d" % MOST_WAITING):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_last_answer_is_the_last_whatever_is_offered(port: int) -> None:
    offer = "Upgrade: x\r\nConnection: close, upgrade\r\nContent-Length: 3\r\n"
    post = get("/echo", offer).replace(b"GET", b"POST") + b"abc"
    with connect(port) as client:
        client.sendall(post + get("/5") + b"GET /5 HT")
        client.shutdown(socket.SHUT_WR)
        assert statuses(hear(client)) == [200]


def test_file_that_cannot_be_read_is_a_problem(port: int) -> None:
    assert statuses(say(port, b"GET /file/nothing " + END)) == [503]


def test_fault_of_ours_ends_the_connection_and_nothing_else(port: int) -> None:
    assert say(port, get("/fail")) == b""
    assert statuses(say(port, b"GET /5 " + END)) == [200]


def test_end_waits_for_answers_and_takes_no_more() -> None:
    with (
        start_sender() as (port, process),
        connect(port) as asking,
        connect(port) as silent,
        connect(port) as taking,
        connect(port) as staying,
        connect(port) as begun,
    ):
        begun.sendall(get("/6")[:5])
        asking.sendall(get("/slow/1.5") + get("/5"))
        taking.sendall(get("/8000000"))
        staying.sendall(get("/5"))
        assert staying.recv(1000)
        time.sleep(0.3)
        process.terminate()
        assert silent.recv(1) == b""
        with pytest.raises(OSError):
            connect(port).close()
        said = hear(asking)
        assert statuses(said) == [200, 200]
        assert said.count(b"connection: close") == 1
        assert len(hear(taking)) > 8_000_000
        assert hear(staying) == b""
        begun.sendall(get("/6")[5:])
        assert statuses(hear(begun)) == [200]
        assert process.wait(10) == 0  # it is not waited for that clients close


def test_closed_connection_is_forgotten_at_once() -> None:
    """What refers to itself would wait for the collector, which comes seldom."""

    async def count() -> int:
        room = Room()
        all_of_them = Crowd(App(room), 10, room)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(all_of_them.connect, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        for sent in (b"", get("/5"), get("/same/5"), get("/100000"), get("/5")[:-2], b"\0"):
            await asyncio.to_thread(ask_and_leave, port, sent)
        await asyncio.sleep(0.5)  # longer than a client that has ended its side is answered
        server.close()
        return sum(isinstance(one, Connection | Reader) for one in gc.get_objects())

    gc.collect()  # what other tests have left
    gc.disable()
    try:
        assert asyncio.run(count()) == 0
    finally:
        gc.enable()


def ask_and_leave(port: int, sent: bytes) -> None:
    with connect(port) as client:
        client.sendall(sent)
        client.settimeout(0.1)
        with suppress(TimeoutError):
            client.recv(100)
