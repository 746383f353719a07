"""A site on loopback that answers links in every way that sites do."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: Path -> status, and where it redirects to.
REDIRECTS = {
    "/moved": (301, "/ok"),
    "/moved-twice": (308, "/moved"),
    "/moved-to-nothing": (301, "/absent"),
    "/for-now": (302, "/ok"),
    "/for-now-then-moved": (307, "/moved"),
    "/loop": (302, "/loop"),
    "/stroke": (301, "/stroke/"),
    "/to-mail": (301, "mailto:someone@example.org"),
    "/endless-redirect": (301, "/ok"),
}
STATUSES = {"/ok": 200, "/stroke/": 200, "/absent": 404, "/gone": 410, "/closed": 403} | {
    f"/{status}": status for status in (401, 418, 429, 500, 503, 999)
}


class Site(ThreadingHTTPServer):
    """Remembers what it was asked; `limits` are how often a path says 429 before it answers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str]] = []
        self.agents: set[str] = set()
        self.busy: Counter[str] = Counter()
        self.wait = "0"
        self.robots = ""
        self.statuses = dict(STATUSES)
        #: Path -> the bytes that answer it, before the connection is closed.
        self.raw: dict[str, bytes] = {}
        self.ending = threading.Event()
        self.together = self.most_together = 0
        #: Where requests wait for each other, if anywhere.
        self.meeting: threading.Barrier | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def paths(self) -> list[str]:
        return [path for _, path in self.asked if path != "/robots.txt"]


class _Handler(BaseHTTPRequestHandler):
    server: Site
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, body: bool) -> None:
        path, site = self.path, self.server
        site.asked.append((self.command, path))
        if site.meeting and path != "/robots.txt":
            site.meeting.wait(4)
        site.agents.add(self.headers["User-Agent"])
        site.together += 1
        site.most_together = max(site.most_together, site.together)
        if path in site.raw:
            self.wfile.write(site.raw[path])
            self.close_connection = True
        elif path == "/robots.txt":
            self._say(200 if site.robots else 404, site.robots.encode(), body=body)
        elif site.busy[path] > 0:
            site.busy[path] -= 1
            self._say(429, b"", retry=site.wait)
        elif path in REDIRECTS:
            status, target = REDIRECTS[path]
            self._say(status, b"elsewhere", to=target, body=body)
        elif path in site.statuses:
            self._say(site.statuses[path], b"hello", body=body)
        else:
            self._misbehave(path.strip("/"), body)
        site.together -= 1

    def _misbehave(self, how: str, body: bool) -> None:
        if how == "hang":
            self.server.ending.wait(10)
        elif how == "nothing":
            self.close_connection = True
        elif how == "no-head":
            self._say(200 if body else 405, b"hello", body=body)
        elif how == "head-says-404":
            self._say(200 if body else 404, b"hello", body=body)
        elif how == "half":
            self._say(200, b"hello", length=10, body=body)
            self.close_connection = True
        elif how == "wrong-length":
            self._say(200, b"hello, hello", length=3, body=body)
            self.close_connection = True
        elif how == "endless":
            self._pour(body)
        else:
            self._say(404, b"", body=body)

    def _pour(self, body: bool) -> None:
        """Give a body that never ends, to GET only: HEAD is refused."""
        if not body:
            self._say(405, b"", body=False)
            return
        self.send_response(200)
        self.end_headers()
        try:
            while not self.server.ending.is_set():
                self.wfile.write(b"x" * 65536)
        except OSError:
            self.close_connection = True

    def _say(
        self,
        status: int,
        content: bytes,
        to: str = "",
        retry: str = "",
        length: int | None = None,
        body: bool = True,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        if to:
            self.send_header("Location", to)
        if retry:
            self.send_header("Retry-After", retry)
        self.end_headers()
        if body and self.command == "GET":
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def site() -> Iterator[Site]:
    server = Site()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ending.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
