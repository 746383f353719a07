"""Run the application behind granian, a production WSGI server."""

import logging

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

_THREADS = 32  # each waits for a worker process; they cost nothing but memory


def run_server(host: str, port: int) -> None:
    """Answer on host and port until interrupted."""
    logging.basicConfig(level=logging.INFO)
    Granian(
        "audiokg.web.service:make_service",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=_THREADS,
        backlog=1024,
        log_level=LogLevels.error,
    ).serve()
