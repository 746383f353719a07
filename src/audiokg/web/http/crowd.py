"""All connections of one server: not too many of them, and none that waits for ever."""

import asyncio
import time
from heapq import nsmallest
from operator import attrgetter
from typing import Final

from audiokg.web.exchange import Answerer
from audiokg.web.http.connection import Connection
from audiokg.web.http.parts import Room

#: What listens lets so many wait to be let in.
BACKLOG: Final = 1024
#: So many have to go when there are too many: to find one takes as long.
_AT_ONCE: Final = 64
_STEP: Final = 0.02


class Crowd:
    """The connections of one server, in its event loop."""

    def __init__(self, answerer: Answerer, most: int, room: Room | None = None) -> None:
        self._answerer = answerer
        self._most = most
        self._room = room or Room()
        self._all: set[Connection] = set()

    def connect(self) -> Connection:
        """Make a connection, as asyncio asks for each client.

        Where there are too many, those that would be ended first for their silence have to go.
        """
        is_welcome = self._make_room()
        return Connection(self._answerer, self._room, self._all, is_welcome=is_welcome)

    def _make_room(self) -> bool:
        if len(self._all) >= self._most:
            idle = (one for one in self._all if one.is_idle)
            for one in nsmallest(_AT_ONCE, idle, key=attrgetter("due")):
                one.abort()
                self._all.discard(one)
        return len(self._all) < self._most

    def look(self) -> None:
        """End what has waited for too long; to be called often."""
        now = time.monotonic()
        for one in list(self._all):
            one.look(now)

    async def end(self, seconds: float) -> None:
        """Let what is being answered be answered, for so long at most, and close everything."""
        deadline = time.monotonic() + seconds
        for one in list(self._all):
            one.finish()
        while self._all and time.monotonic() < deadline:
            self.look()
            await asyncio.sleep(_STEP)
        for one in list(self._all):
            one.abort()
