"""What granian serves for test_sending.py: bodies of the size that the path names.

Each is another one in memory, unless the path begins with `/same/`.
"""

from functools import cache
from typing import Any

from audiokg.web import sending
from audiokg.web.exchange import Response

#: Small, so that tests reach them.
MOST_WAITING = 25 << 20
TAKING_SECONDS = 3.0


@cache
def make_body(size: int) -> bytes:
    """Make a body in which nothing can be left out or change places unseen."""
    numbers = b"".join(b"%08d" % number for number in range(size // 8 + 1))
    return numbers[:size]


class App:
    """Answers by a Sender; `/left` tells how much may still wait, or what has failed."""

    def __init__(self) -> None:
        sending._TAKING_SECONDS = TAKING_SECONDS  # type: ignore[misc]
        self._sender = sending.Sender(MOST_WAITING, TAKING_SECONDS)
        self._failed = ""

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        name = scope.path.removeprefix("/")
        if name == "left":
            body = self._tell()
        else:
            body = make_body(int(name.removeprefix("same/")))
            body = body if name.startswith("same/") else bytes(memoryview(body))
        response = Response(200, [("content-length", str(len(body)))], body)
        try:
            await self._sender.send(protocol, response)
        except Exception as error:
            self._failed = repr(error)

    def _tell(self) -> bytes:
        return (self._failed or str(self._sender._left)).encode()


app = App()
