"""Services on loopback: a real SPARQL server, and a proxy before it that misbehaves."""

import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil

_START_SECONDS = 30.0


@contextmanager
def sparql_server(folder: Path, *files: Path) -> Iterator[str]:
    """Run the `oxigraph` server over Turtle files; give the address of its query operation."""
    from conftest import free_port

    program = str(Path(sys.executable).with_name("oxigraph"))
    for file in files:
        loading = [program, "load", "--location", str(folder), "--file", str(file)]
        subprocess.run(loading, check=True, capture_output=True)
    port = free_port()
    serving = [program, "serve-read-only", "--location", str(folder), "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(serving, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}/query"
    try:
        wait_until_ready(process, f"{address}?query=ASK%7B%7D")
        yield address
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def start_sender() -> Iterator[tuple[int, psutil.Process]]:
    """Run the server of `senders.py`; give its port and its process."""
    from conftest import free_port

    port = free_port()
    process = subprocess.Popen([sys.executable, Path(__file__).with_name("senders.py"), str(port)])
    try:
        wait_until_ready(process, f"http://127.0.0.1:{port}/left")
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def wait_until_ready(process: subprocess.Popen[bytes], address: str) -> None:
    """Wait for a server's first answer. Raises AssertionError if it ends or takes too long."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise AssertionError("the server did not get ready")


#: What is JSON, but no result.
STRANGE = {"odd": b'["http://www.w3.org/2001/XMLSchema#boolean"]', "deep": b"[" * 200_000}


class Proxy(ThreadingHTTPServer):
    """Hands requests on, but first plays its faults, one a request.

    A fault is a status code, `half` (half of the body), `nothing` (the connection ends), `html` (a
    page with status 200), `odd` or `deep` (JSON that is no result), `drip` (a byte ten times a
    second), or `ok`.
    """

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = upstream
        self.faults: list[str] = []
        self.always = ""
        self.requests: list[dict[str, str]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class _Handler(BaseHTTPRequestHandler):
    server: Proxy
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append(dict(self.headers.items()))
        fault = self.server.faults.pop(0) if self.server.faults else self.server.always or "ok"
        if fault == "nothing":
            self.close_connection = True
        elif fault == "html":
            self._answer(200, b"<html>try later</html>", "text/html")
        elif fault in STRANGE:
            self._answer(200, STRANGE[fault], "application/sparql-results+json")
        elif fault == "drip":
            self._drip()
        elif fault.isdigit():
            self._answer(int(fault), b"not now", "text/plain", retry_after="0")
        else:
            self._hand_on(body, cut=fault == "half")

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        with suppress(OSError):  # the client has enough
            for _ in range(100):
                self.wfile.write(b" ")
                time.sleep(0.1)
        self.close_connection = True

    def _hand_on(self, body: bytes, cut: bool) -> None:
        kept = {name: self.headers[name] for name in ("Content-Type", "Accept")}
        request = urllib.request.Request(self.server.upstream, body, kept)
        with urllib.request.urlopen(request, timeout=10) as answer:
            content = answer.read()
            self._answer(answer.status, content, answer.headers["Content-Type"], cut=cut)

    def _answer(
        self, status: int, body: bytes, kind: str, retry_after: str = "", cut: bool = False
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = self.close_connection or cut

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def proxy(upstream: str) -> Iterator[Proxy]:
    server = Proxy(upstream)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
