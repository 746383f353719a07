"""Run the application behind granian, a production server."""

import ipaddress
import logging
import os
import resource
import signal
from types import FrameType
from typing import NoReturn

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

#: A client that has not sent its headers by then is gone, or means ill.
_HEADER_MILLISECONDS = 10_000
#: So much of an answer, and of the headers of a request, may a connection hold.
_BUFFER = 128 << 10
#: At so many connections nobody else is let in; those that say nothing end after the time above.
_CONNECTIONS = 8192
#: Longer than any query; a process that does not stop by then is killed.
_STOPPING_SECONDS = 20
#: What one client may ask where others can ask too, unless $AUDIOKG_RATE says otherwise.
PUBLIC_RATE = "50/second"


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can ask there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def run_server(host: str, port: int) -> None:
    """Answer on host and port until interrupted."""
    _log()
    if not is_loopback(host):
        os.environ.setdefault("AUDIOKG_RATE", PUBLIC_RATE)
    os.register_at_fork(after_in_child=_end_when_told)
    _allow_files(2 * _CONNECTIONS)
    Granian(
        "audiokg.web.service:make_service",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=_HEADER_MILLISECONDS, max_buffer_size=_BUFFER
        ),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOPPING_SECONDS,
        factory=True,
        workers=1,
        backlog=1024,
        backpressure=_CONNECTIONS,
        log_level=LogLevels.error,
    ).serve()


def _allow_files(wanted: int) -> None:
    """Let this process and its children open so many files, or as many as they may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _log() -> None:
    """Log to standard error; what was asked in lines of JSON without anything before them."""
    logging.basicConfig(level=logging.INFO)
    access, plain = logging.getLogger("audiokg.access"), logging.StreamHandler()
    plain.setFormatter(logging.Formatter("%(message)s"))
    access.addHandler(plain)
    access.propagate = False


def _end_when_told() -> None:
    """End at once if stopped while starting; granian sets its own handlers when it serves.

    Without this, its worker process has those of its main process, which only take note. Ctrl-C
    comes to all; the main process then sends SIGTERM, and takes who ends before for a fault.
    """
    signal.signal(signal.SIGINT, _go_on)
    signal.signal(signal.SIGTERM, _leave)


def _go_on(number: int, frame: FrameType | None) -> None:
    pass


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    os._exit(0)
