"""A server for test_sending.py and test_connection.py: what it sends is named by the path.

`/N` has N bytes (another body in memory each time, unless it begins with `/same/`), `/file/F` is
the file F, seen from here, `/slow/S` waits so many seconds, `/left` tells how much may still wait,
`/seen` what was answered, `/echo` what was asked, `/faults` what went wrong in the event loop. What
is none of these fails.
"""

import asyncio
import json
import logging
import sys
from functools import cache
from pathlib import Path

from audiokg.web.exchange import Request, Response
from audiokg.web.http import connection, crowd, parts, process, writing
from audiokg.web.server import listen

#: Small, so that tests reach them.
MOST_WAITING = 25 << 20
SECONDS = 2.0
MOST_CONNECTIONS = 60


@cache
def make_body(size: int) -> bytes:
    """Make a body in which nothing can be left out or change places unseen."""
    numbers = b"".join(b"%08d" % number for number in range(size // 8 + 1))
    return numbers[:size]


class Faults(logging.Handler):
    """Keeps what asyncio complains of."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))


class App:
    """Answers what the path names; counts those who left."""

    def __init__(self, room: parts.Room) -> None:
        self._room = room
        self._seen: list[list[object]] = []
        self._faults = Faults()
        logging.getLogger("asyncio").addHandler(self._faults)

    def recall(self, request: Request) -> Response | None:
        """Answer at once, if the path begins with `/same/`."""
        if request.path.startswith("/same/"):
            return _respond(make_body(int(request.path.removeprefix("/same/"))))
        return None

    async def answer(self, request: Request) -> Response | None:
        """Answer one request; None if the client left first."""
        name, _, more = request.path.removeprefix("/").partition("/")
        if name == "slow":
            return await _wait(request, float(more))
        if name == "file":
            return _open(Path(__file__).parent / more)
        told = {
            "left": self._room.left,
            "seen": self._seen,
            "faults": self._faults.said,
            "echo": _describe(request),
        }
        if name in told:
            return _respond(json.dumps(told[name]).encode())
        return _respond(bytes(memoryview(make_body(int(name)))))

    def saw(self, request: Request, response: Response | None) -> None:
        """Note what was sent."""
        status = response.status if response else 0
        self._seen.append([request.method, request.path, status])


async def _wait(request: Request, seconds: float) -> Response | None:
    for _ in range(int(100 * seconds)):
        await asyncio.sleep(0.01)
        if request.hang_up.is_set():
            return None
    return _respond(b"slow")


def _open(path: Path) -> Response:
    size = path.stat().st_size if path.exists() else 1
    return Response(200, [("content-length", str(size))], b"", {}, str(path))


def _describe(request: Request) -> list[object]:
    return [request.method, request.target, request.headers, request.body.decode()]


def _respond(body: bytes) -> Response:
    return Response(200, [("content-length", str(len(body)))], body)


def main() -> None:
    """Answer at the port that is the argument."""
    for name in ("HEAD_SECONDS", "BODY_SECONDS"):
        setattr(connection, name, SECONDS)
    writing.SILENT_SECONDS = SECONDS  # type: ignore[misc]
    room = parts.Room(MOST_WAITING)
    all_of_them = crowd.Crowd(App(room), MOST_CONNECTIONS, room)
    asyncio.run(process.serve(all_of_them, listen("127.0.0.1", int(sys.argv[1]))))


if __name__ == "__main__":
    main()
