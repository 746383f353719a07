"""Run the application behind granian, a production server."""

import ipaddress
import logging
import os
import signal
from types import FrameType
from typing import NoReturn

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

#: A client that has not sent its headers by then is gone, or means ill.
_HEADER_MILLISECONDS = 10_000
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
    Granian(
        "audiokg.web.service:make_service",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MILLISECONDS),
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOPPING_SECONDS,
        factory=True,
        workers=1,
        backlog=1024,
        log_level=LogLevels.error,
    ).serve()


def _log() -> None:
    """Log to standard error; what was asked in lines of JSON without anything before them."""
    logging.basicConfig(level=logging.INFO)
    access, plain = logging.getLogger("audiokg.access"), logging.StreamHandler()
    plain.setFormatter(logging.Formatter("%(message)s"))
    access.addHandler(plain)
    access.propagate = False


def _end_when_told() -> None:
    """End at once if stopped while starting; granian sets its own handlers when it serves.

    Without this, its worker process has those of its main process, which only take note.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
