"""The main process: the one that answers is replaced when it ends, and faults are said in words."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
import psutil
import pytest

from audiokg.snapshot import QUADS
from audiokg.web.server import listen
from conftest import free_port, wait_until_ready

SECONDS = 30.0
ASK = "/sparql?query=ASK%7B%7D"
ENDLESS = quote("SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d }")


@contextmanager
def serving(
    snapshot: Path, port: int, before: str = "", **more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server; `before` is what Python does in its place before."""
    run = f"{before}; import os, sys; os.execv(sys.argv[1], sys.argv[1:])"
    program = str(Path(sys.executable).with_name("audiokg"))
    process = subprocess.Popen(
        [sys.executable, "-c", run, program, "serve"] if before else [program, "serve"],
        env=os.environ | {"AUDIOKG_SNAPSHOT": str(snapshot), "AUDIOKG_PORT": str(port)} | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


def answering(main: psutil.Process) -> psutil.Process:
    """Wait for the process that answers."""
    deadline = time.monotonic() + SECONDS
    while not (found := main.children()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found[0]


def family(main: psutil.Process) -> list[psutil.Process]:
    return main.children(recursive=True)


@pytest.mark.parametrize(
    ("number", "before"),
    [
        (signal.SIGKILL, "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)"),
        (signal.SIGTERM, "import os; os.close(0)"),
    ],
)
def test_process_that_ends_is_replaced_and_nobody_is_refused(
    snapshot: Path, number: signal.Signals, before: str
) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with serving(snapshot, port, before) as process:
        wait_until_ready(process, address)
        main = psutil.Process(process.pid)
        for _ in range(2):
            old = family(main)
            answering(main).send_signal(number)
            psutil.wait_procs(old, timeout=SECONDS)
            assert httpx.get(address + ASK, timeout=SECONDS).status_code == 200
        assert psutil.wait_procs(old, timeout=SECONDS)[1] == []
        process.terminate()
        _, said = process.communicate(timeout=30)
    assert process.returncode == 0
    code = 0 if number == signal.SIGTERM else -number
    assert said.decode().count(f"has ended ({code})") == 2
    assert b"Traceback" not in said


@pytest.mark.skipif(sys.platform != "linux", reason="who hears of its parent's end is Linux's")
@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.3])
def test_nothing_stays_when_the_main_process_is_killed_at_its_start(
    snapshot: Path, seconds: float
) -> None:
    port = free_port()
    with serving(snapshot, port) as process:
        child = answering(psutil.Process(process.pid))
        time.sleep(seconds)
        process.kill()
        assert psutil.wait_procs([child], timeout=SECONDS)[1] == []
    with socket.create_server(("127.0.0.1", port)):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
@pytest.mark.parametrize("closed", [(0,), (1, 2), (0, 1, 2)])
def test_no_socket_takes_the_place_of_what_is_closed(
    snapshot: Path, closed: tuple[int, ...]
) -> None:
    port = free_port()
    before = "import os; " + "; ".join(f"os.close({number})" for number in closed)
    with serving(snapshot, port, before) as process:
        wait_until_ready(process, f"http://127.0.0.1:{port}")
        for one in [*family(psutil.Process(process.pid)), psutil.Process(process.pid)]:
            for number in closed:
                assert str(Path(f"/proc/{one.pid}/fd/{number}").readlink()) == os.devnull


@pytest.mark.skipif(sys.platform != "linux", reason="who hears of its parent's end is Linux's")
def test_nothing_stays_when_the_main_process_is_killed(snapshot: Path) -> None:
    port = free_port()
    with serving(snapshot, port) as process:
        wait_until_ready(process, f"http://127.0.0.1:{port}")
        children = family(psutil.Process(process.pid))
        assert len(children) > 8
        process.kill()
        assert psutil.wait_procs(children, timeout=SECONDS)[1] == []
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_snapshot_that_cannot_be_loaded_is_said_in_words(snapshot: Path, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes((snapshot / "manifest.json").read_bytes())
    (tmp_path / "void.ttl").write_bytes((snapshot / "void.ttl").read_bytes())
    with serving(tmp_path, free_port()) as process:
        _, said = process.communicate(timeout=SECONDS)
        text = said.decode()
        assert process.returncode == 2
    assert text.startswith(f"Error: {tmp_path / QUADS}: ")
    assert text.count("\n") == 1
    assert "audiokg build" in text


def test_setting_that_means_nothing_is_said_in_words(snapshot: Path) -> None:
    with serving(snapshot, free_port(), AUDIOKG_RATE="often") as process:
        _, said = process.communicate(timeout=SECONDS)
        assert process.returncode == 2
    assert said.startswith(b"Error: AUDIOKG_RATE: ")
    assert said.count(b"\n") == 1


def test_end_is_refused_to_who_comes_late(snapshot: Path) -> None:
    port = free_port()
    with serving(snapshot, port) as process:
        wait_until_ready(process, f"http://127.0.0.1:{port}")
        with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as asking:
            asking.sendall(f"GET /sparql?timeout=3&query={ENDLESS} HTTP/1.1\r\n".encode())
            asking.sendall(b"Host: a\r\n\r\n")
            time.sleep(0.3)
            process.terminate()
            time.sleep(0.7)
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port)).close()
            assert asking.recv(12) == b"HTTP/1.1 503"
        assert process.wait(SECONDS) == 0


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"AUDIOKG_HOST": "no-such-host.invalid"}, "no-such-host.invalid, port "),
        ({"AUDIOKG_HOST": "127.0.0.1 "}, "port "),
        ({"AUDIOKG_HOST": "a" * 70}, "port "),
        ({}, "in use"),
    ],
)
def test_place_that_is_not_free_is_said_in_words(
    snapshot: Path, more: dict[str, str], expected: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = {"AUDIOKG_PORT": str(taken.getsockname()[1])}
        done = subprocess.run(
            [Path(sys.executable).with_name("audiokg"), "serve"],
            env=os.environ | {"AUDIOKG_SNAPSHOT": str(snapshot)} | port | more,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: cannot listen on ")
    assert expected in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="these are Linux's")
def test_kernel_ends_what_is_not_taken_and_holds_little_of_it() -> None:
    with listen("127.0.0.1", 0, 7.5) as listening:
        port = listening.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), listening.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 7500
            held = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT)
            assert 0 < held < 1 << 20
