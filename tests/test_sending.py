"""Large answers and parts of files are sent without filling the memory."""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse, IncompleteRead
from pathlib import Path

import httpx
import psutil
import pytest

from audiokg.web.http.parts import PART
from senders import MOST_WAITING, SECONDS, make_body
from services import start_sender

LARGE = 8 << 20
MOST = MOST_WAITING // (LARGE + 2 * PART)


@dataclass(frozen=True)
class Sending:
    """A server that sends what `senders` makes."""

    port: int
    process: psutil.Process

    def ask(self, name: int | str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}/{name}", timeout=60)

    def begin(self, name: int | str) -> socket.socket:
        """Ask without reading the answer."""
        client = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        client.sendall(f"GET /{name} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return client

    def wait_until_free(self, seconds: float = 60.0) -> None:
        """Wait until nothing waits for clients. Raises AssertionError after so long."""
        end = time.monotonic() + seconds
        while (left := self.ask("left").text) != str(MOST_WAITING):
            assert time.monotonic() < end, left
            time.sleep(0.05)


@pytest.fixture(scope="module")
def sending_server() -> Iterator[Sending]:
    with start_sender() as (port, process):
        yield Sending(port, process)


@pytest.fixture
def sender(sending_server: Sending) -> Iterator[Sending]:
    sending_server.wait_until_free()
    yield sending_server
    sending_server.wait_until_free()


@contextmanager
def all_of(clients: list[socket.socket]) -> Iterator[list[bytes]]:
    """Wait until each client has the beginning of its answer; give these."""
    try:
        yield [client.recv(12) for client in clients]
    finally:
        for client in clients:
            client.close()


@pytest.mark.parametrize("size", [1, PART, PART + 1, (1 << 20) + 7, LARGE])
def test_body_is_sent_whole_and_in_order(sender: Sending, size: int) -> None:
    assert sender.ask(size).content == make_body(size)


def test_slow_client_gets_all_that_it_takes_in_time(sender: Sending) -> None:
    taken = b""
    with sender.begin(LARGE) as client, client.makefile("rb") as lines:
        while lines.readline().strip():
            pass
        while len(taken) < LARGE:
            taken += lines.read(LARGE // 8)
            time.sleep(0.5)  # in all longer than a client may take nothing
    assert taken == make_body(LARGE)


def test_unread_answers_are_bounded_in_number_and_memory(sender: Sending) -> None:
    before = sender.process.memory_info().rss
    with all_of([sender.begin(LARGE) for _ in range(40)]) as heads:
        assert sender.process.memory_info().rss - before < 4 * MOST_WAITING < 40 * LARGE
        sent = heads.count(b"HTTP/1.1 200")
        assert MOST <= sent < 40
        assert heads.count(b"HTTP/1.1 503") == 40 - sent
        sender.wait_until_free()
        assert sender.ask(LARGE).content == make_body(LARGE)


def test_refused_answer_is_a_problem(sender: Sending) -> None:
    refused = sender.ask(MOST_WAITING)
    assert (refused.status_code, refused.json()["status"]) == (503, 503)
    assert refused.headers["Retry-After"]


def test_one_body_for_many_clients_counts_once(sender: Sending) -> None:
    with all_of([sender.begin(f"same/{LARGE}") for _ in range(40)]) as heads:
        assert set(heads) == {b"HTTP/1.1 200"}


@pytest.mark.parametrize("waits", [True, False])
def test_client_that_leaves_makes_room_at_once(sender: Sending, waits: bool) -> None:
    started, files = time.monotonic(), sender.process.num_fds()
    for _ in range(4 * MOST):
        with sender.begin(LARGE) as client:
            assert not waits or client.recv(12) == b"HTTP/1.1 200"
        if waits:
            sender.wait_until_free()
    sender.wait_until_free()
    assert time.monotonic() - started < MOST * SECONDS  # who stays keeps it longer
    assert sender.process.num_fds() < files + MOST


def test_answer_of_which_not_all_was_taken_is_seen_to_be_cut(sender: Sending) -> None:
    with sender.begin(LARGE) as client:
        assert client.recv(1, socket.MSG_PEEK)
        sender.wait_until_free()  # no more is sent
        answer = HTTPResponse(client)
        answer.begin()
        assert answer.length == LARGE
        with pytest.raises((IncompleteRead, ConnectionError)):
            answer.read()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's TCP_USER_TIMEOUT is Linux's")
def test_connection_whose_client_reads_nothing_is_ended(sender: Sending) -> None:
    clients = [sender.begin(LARGE) for _ in range(MOST)]
    ours = {client.getsockname()[1] for client in clients}
    end = time.monotonic() + 60
    with all_of(clients):
        while ours & _peers(sender.process):
            assert time.monotonic() < end
            time.sleep(0.2)


def _peers(process: psutil.Process) -> set[int]:
    return {one.raddr.port for one in process.net_connections("tcp") if one.raddr}


@pytest.mark.parametrize("wanted", ["", "0-0", "1-", "5-9", "-7", "100000-200000"])
def test_a_part_of_a_file_is_that_part(server: str, snapshot: Path, wanted: str) -> None:
    content = (snapshot / "snapshot.nq").read_bytes()
    headers = {"Range": f"bytes={wanted}"} if wanted else {}
    answer = httpx.get(f"{server}/dump/current/snapshot.nq", headers=headers, timeout=30)
    start, _, end = wanted.partition("-")
    expected = content[-int(end) :] if end and not start else content[int(start or 0) :]
    if start and end:
        expected = content[int(start) : int(end) + 1]
    assert (answer.status_code, answer.content) == (206 if wanted else 200, expected)
    assert answer.headers["Content-Length"] == str(len(expected))


def test_a_large_answer_comes_whole_over_the_wire(server: str) -> None:
    text = "SELECT * { ?s ?p ?o } LIMIT 20000"
    answer = httpx.get(
        f"{server}/sparql",
        params={"query": text, "format": "csv"},
        headers={"Accept-Encoding": ""},
        timeout=30,
    )
    assert len(answer.content) > 4 * PART
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert answer.text.count("\r\n") >= 20_001
