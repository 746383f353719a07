"""Large answers and parts of files are sent without filling the memory."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPResponse, IncompleteRead
from pathlib import Path

import httpx
import psutil
import pytest

from audiokg.web import sending
from conftest import free_port
from senders import MOST_WAITING, TAKING_SECONDS, make_body
from services import wait_until_ready

LARGE = 8 << 20
MOST = MOST_WAITING // LARGE


@dataclass(frozen=True)
class Sending:
    """A granian that sends what `senders` makes."""

    port: int
    process: psutil.Process

    def ask(self, size: int | str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}/{size}", timeout=30)

    def begin(self, size: int) -> socket.socket:
        """Ask without reading the answer."""
        client = socket.create_connection(("127.0.0.1", self.port))
        client.sendall(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % size)
        return client

    def memory(self) -> int:
        """Give what the process that serves holds, in bytes."""
        return max(one.memory_info().rss for one in self.process.children())

    def wait_until_free(self, seconds: float) -> None:
        """Wait until nothing waits for clients. Raises AssertionError after so long."""
        end = time.monotonic() + seconds
        while self.ask("left").text != str(MOST_WAITING):
            assert time.monotonic() < end
            time.sleep(0.05)


@pytest.fixture(scope="module")
def sender() -> Iterator[Sending]:
    port = free_port()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "rsgi",
            "--port",
            str(port),
            "senders:app",
        ],
        cwd=Path(__file__).parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_ready(process, f"http://127.0.0.1:{port}/left")
        yield Sending(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.parametrize("size", [1, sending._LARGE, sending._LARGE + 1, (1 << 20) + 7, LARGE])
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
    sender.wait_until_free(20)
    before = sender.memory()
    clients = [sender.begin(LARGE) for _ in range(40)]
    try:
        refused = sender.ask(LARGE)
        assert (refused.status_code, refused.json()["status"]) == (503, 503)
        assert refused.headers["Retry-After"]
        heads = [client.recv(12) for client in clients]
        assert (heads.count(b"HTTP/1.1 200"), heads.count(b"HTTP/1.1 503")) == (MOST, 40 - MOST)
        assert sender.memory() - before < 4 * MOST_WAITING < 40 * LARGE
        sender.wait_until_free(20)
        assert sender.ask(LARGE).content == make_body(LARGE)
    finally:
        for client in clients:
            client.close()


def test_client_that_leaves_makes_room(sender: Sending) -> None:
    sender.wait_until_free(20)
    started = time.monotonic()
    for _ in range(MOST + 1):
        with sender.begin(LARGE) as client:
            assert client.recv(12) == b"HTTP/1.1 200"
        sender.wait_until_free(20)
    assert time.monotonic() - started < MOST * TAKING_SECONDS  # sooner than those who stay


def test_answer_of_which_not_all_was_taken_is_seen_to_be_cut(sender: Sending) -> None:
    sender.wait_until_free(20)
    with sender.begin(LARGE) as client:
        sender.wait_until_free(20)  # no more is sent
        answer = HTTPResponse(client)
        answer.begin()
        assert answer.length == LARGE
        with pytest.raises((IncompleteRead, ConnectionError)):
            answer.read()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's TCP_USER_TIMEOUT is Linux's")
def test_connection_whose_client_reads_nothing_is_ended(sender: Sending) -> None:
    sender.wait_until_free(20)
    served = sender.process.children()[0]
    clients = [sender.begin(LARGE) for _ in range(MOST)]
    ours = {client.getsockname()[1] for client in clients}
    try:
        end = time.monotonic() + 20
        while ours & {one.raddr.port for one in served.net_connections("tcp") if one.raddr}:
            assert time.monotonic() < end
            time.sleep(0.2)
    finally:
        for client in clients:
            client.close()


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
    assert len(answer.content) > 4 * sending._LARGE
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert answer.text.count("\r\n") >= 20_001
