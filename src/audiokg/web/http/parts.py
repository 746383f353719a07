"""Bodies of responses, part by part, and how much of bodies may wait for clients."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from audiokg.web.exchange import Response

#: Bytes of one part.
PART: Final = 64 << 10
#: So many bytes of bodies may wait for their clients.
_MOST_WAITING: Final = 512 << 20
_RANGE: Final = re.compile(r"bytes (\d+)-\d+/\d+")


class NoRoomError(Exception):
    """Too much waits for clients already."""


class Room:
    """How much memory is left for bodies that wait for their clients."""

    def __init__(self, most: int = _MOST_WAITING) -> None:
        self._left = most
        self._waiting: Counter[int] = Counter()

    @property
    def left(self) -> int:
        """Give the bytes that may still wait."""
        return self._left

    @contextmanager
    def hold(self, body: bytes) -> Iterator[None]:
        """Count a body that waits: once, if it is remembered and waits for several clients.

        Raises NoRoomError.
        """
        cost = self._cost(body)
        if cost > self._left:
            raise NoRoomError
        self._left -= cost
        self._waiting[id(body)] += 1
        try:
            yield
        finally:
            self._waiting[id(body)] -= 1
            self._left += self._cost(body)
            if not self._waiting[id(body)]:
                del self._waiting[id(body)]

    def change(self, by: int) -> None:
        """Take so many bytes more, or give them back. Raises NoRoomError."""
        if by > self._left:
            raise NoRoomError
        self._left -= by

    def _cost(self, body: bytes) -> int:
        """Tell what one more client of a body takes of the room."""
        return 2 * PART + (0 if self._waiting[id(body)] else len(body))


@contextmanager
def open_parts(response: Response) -> Iterator[Iterator[bytes | memoryview]]:
    """Open the body of a response. Raises OSError if it is a file that cannot be read."""
    if not response.path:
        yield _cut(response.body)
        return
    with Path(response.path).open("rb") as file:
        part = _RANGE.fullmatch(response.header("content-range"))
        file.seek(int(part[1]) if part else 0)
        yield _read(file, int(response.header("content-length")))


def _cut(body: bytes) -> Iterator[memoryview]:
    whole = memoryview(body)
    for start in range(0, len(body), PART):
        yield whole[start : start + PART]


def _read(file: BinaryIO, length: int) -> Iterator[bytes]:
    while length and (part := file.read(min(PART, length))):
        length -= len(part)
        yield part
