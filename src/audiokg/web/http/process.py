"""The process that answers, started by the server's main process (web/server.py)."""

import asyncio
import ctypes
import logging
import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from typing import Final

from audiokg.errors import AudioKGError
from audiokg.web.http.crowd import BACKLOG, Crowd
from audiokg.web.service import make_service

#: At so many connections, those that would be ended first for their silence have to go.
_CONNECTIONS: Final = 8192
_OTHER_FILES: Final = 64
#: Longer than any query.
_STOPPING_SECONDS: Final = 15.0
#: What clients have sent already is read in this time before connections are closed.
_LAST_SECONDS: Final = 0.1
_LOOK_SECONDS: Final = 1.0
_PR_SET_PDEATHSIG: Final = 1


def main() -> None:
    """Answer until told to stop.

    The arguments are the numbers of the listening socket, of a pipe that hears when this has
    begun, and of the main process.
    """
    listening, beginning, parent = map(int, sys.argv[1:])
    _hear_signals()
    _end_with_parent(parent)
    _log()
    try:
        front = make_service()
        with asyncio.Runner() as runner:
            front.begin(runner.get_loop())
            crowd = Crowd(front, _count_connections())
            try:
                runner.run(serve(crowd, socket.socket(fileno=listening), beginning))
            finally:
                front.end()
    except (AudioKGError, OSError) as error:
        sys.exit(f"Error: {error}")


async def serve(crowd: Crowd, listening: socket.socket, beginning: int | None = None) -> None:
    """Answer until SIGTERM, and then what was asked before; `beginning` hears when this begins."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, told.set)
    server = await loop.create_server(crowd.connect, sock=listening, backlog=BACKLOG)
    if beginning is not None:
        os.write(beginning, b"+")
    while not told.is_set():
        crowd.look()
        with suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), _LOOK_SECONDS)
    server.close()
    await asyncio.sleep(_LAST_SECONDS)
    await crowd.end(_STOPPING_SECONDS)


def _count_connections() -> int:
    """Give how many connections there may be: each may need a file, and others are needed."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(_CONNECTIONS, max(1, files // 2 - _OTHER_FILES)) if files > 0 else _CONNECTIONS


def _hear_signals() -> None:
    """Hear signals again, which the main process leaves blocked; Ctrl-C is for that alone."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # the log may be a terminal of another group
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())


def _end_with_parent(parent: int) -> None:
    """Let this process end when its parent does, even if that is killed (Linux)."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it has ended before
        sys.exit()


def _log() -> None:
    """Log to standard error; what was asked in lines of JSON without anything before them."""
    logging.basicConfig(level=logging.INFO)
    access, plain = logging.getLogger("audiokg.access"), logging.StreamHandler()
    plain.setFormatter(logging.Formatter("%(message)s"))
    access.addHandler(plain)
    access.propagate = False


if __name__ == "__main__":
    main()
