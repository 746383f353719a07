"""Look whether clients are still there; most answers come before that is worth the effort."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

#: How often, and after what time first.
_LOOK_SECONDS: Final = 0.05


class _Client:
    """One client who waits; `hang_up` is set when it has left."""

    def __init__(self, protocol: Any) -> None:
        self.hang_up = threading.Event()
        self.is_known = False
        self.watching: asyncio.Task[None] | None = None
        self._protocol = protocol

    def look(self) -> None:
        """Begin to watch at the second look."""
        if self.is_known and self.watching is None:
            self.watching = asyncio.ensure_future(self._wait())
        self.is_known = True

    async def _wait(self) -> None:
        await self._protocol.client_disconnect()
        self.hang_up.set()


class Watch:
    """Watches the clients of one server, in its event loop."""

    def __init__(self) -> None:
        self._clients: set[_Client] = set()
        self._looking: asyncio.TimerHandle | None = None

    @contextmanager
    def over(self, protocol: Any) -> Iterator[threading.Event]:
        """Watch over a client meanwhile; gives what is set when it leaves."""
        client = _Client(protocol)
        self._clients.add(client)
        self._look_later()
        try:
            yield client.hang_up
        finally:
            self._clients.discard(client)
            if client.watching:
                client.watching.cancel()

    def _look_later(self) -> None:
        if self._clients and self._looking is None:
            loop = asyncio.get_running_loop()
            self._looking = loop.call_later(_LOOK_SECONDS, self._look)

    def _look(self) -> None:
        self._looking = None
        for client in self._clients:
            client.look()
        self._look_later()
