"""The main process of the server: it listens, and keeps a process that answers.

If that ends, another one takes its place, and who connects meanwhile waits; nothing is kept in it
that a client would miss.
"""

import ipaddress
import logging
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from typing import Final, NamedTuple

from audiokg.errors import InputError
from audiokg.web.http.crowd import BACKLOG
from audiokg.web.http.writing import SILENT_SECONDS

_LOG = logging.getLogger(__name__)
#: Each connection, what is sent on it, and others.
_FILES: Final = 2 * (8192 + 64)
#: A process that does not stop by then is killed.
_STOPPING_SECONDS: Final = 20.0
#: One that ends sooner than this is replaced only then, and after so many that could not begin
#: nothing more is tried: whoever looks after this process has to see it.
_RESTARTING_SECONDS: Final = 2.0
_TRIES: Final = 5
_UNABLE: Final = 2
#: What one client may ask where others can ask too, unless $AUDIOKG_RATE says otherwise.
PUBLIC_RATE = "50/second"
#: So much may wait in the kernel.
_UNSENT: Final = 128 << 10
#: The first file that is not standard input, output or error.
_FIRST_FILE: Final = 3


class _Child(NamedTuple):
    """The process that answers, and the end of a pipe to which it writes when it has begun."""

    process: "subprocess.Popen[bytes]"
    beginning: int

    def has_begun(self) -> bool:
        """Tell whether it did, when it has ended."""
        return os.read(self.beginning, 1) != b""


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can ask there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def listen(host: str, port: int, silent_seconds: float = SILENT_SECONDS) -> socket.socket:
    """Listen on host and port. Raises InputError if that cannot be.

    The kernel ends connections whose clients take nothing for so long, also those that are closed
    already and have something to be taken (Linux; what is accepted has it from what listens).
    """
    _fill_standard_files()
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        # Of “localhost” the older address, which all clients try.
        family, *_, address = min(found, key=lambda one: one[0] != socket.AF_INET)
        both = family == socket.AF_INET6 and socket.has_dualstack_ipv6()
        listening = socket.create_server(
            address, family=family, backlog=BACKLOG, dualstack_ipv6=both
        )
    except (OSError, OverflowError, UnicodeError) as error:
        said = getattr(error, "strerror", None) or error
        raise InputError(f"cannot listen on {host}, port {port}: {said}; choose others") from error
    if sys.platform == "linux":
        silent = int(1000 * silent_seconds)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, silent)
        # Without this, who takes less than 40 kB/s seems to take nothing for half a minute.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
    return listening


def run_server(listening: socket.socket, host: str) -> None:
    """Answer who asks there until interrupted.

    Raises SystemExit if the process that answers cannot begin, when it is said why.
    """
    logging.basicConfig(level=logging.INFO)
    if not is_loopback(host):
        os.environ.setdefault("AUDIOKG_RATE", PUBLIC_RATE)
    _allow_files(_FILES)
    awaited = _block_signals()
    tries = 1
    while True:
        started = time.monotonic()
        child = _start(listening)
        if not _has_ended(child.process, awaited):
            listening.close()  # who comes now is refused at once
            _stop(child.process)
            return
        tries = _TRIES if child.has_begun() else tries - 1
        os.close(child.beginning)
        code = child.process.returncode
        if not tries:
            if code < 0:  # else it has said why
                _LOG.error("the process that answers was ended by signal %s at its start", -code)
            sys.exit(_UNABLE)
        _LOG.error("the process that answers has ended (%s); another one starts", code)
        time.sleep(max(0.0, started + _RESTARTING_SECONDS - time.monotonic()))


def _block_signals() -> set[signal.Signals]:
    """Let signals wait until they are asked for, so that none comes in the wrong moment.

    Gives those to ask for. Ctrl-C, or the end of the terminal, means nothing if who starts us
    ignores it.
    """
    ends = {signal.SIGINT, signal.SIGHUP}
    heard = {one for one in ends if signal.getsignal(one) != signal.SIG_IGN}
    awaited = {signal.SIGTERM, signal.SIGCHLD, *heard}
    # Where it is ignored, it never comes.
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    return awaited


def _start(listening: socket.socket) -> _Child:
    """Start the process that answers; Ctrl-C does not reach it, as it is in a group of its own."""
    beginning, writing = os.pipe()
    files = listening.fileno(), writing
    given = [str(number) for number in (*files, os.getpid())]
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-P", "-m", "audiokg.web.http.process", *given],
        stdin=subprocess.DEVNULL,
        pass_fds=files,
        process_group=0,
    )
    os.close(writing)
    return _Child(process, beginning)


def _has_ended(process: "subprocess.Popen[bytes]", awaited: set[signal.Signals]) -> bool:
    """Wait until a process has ended, or until this one has to stop (false)."""
    while process.poll() is None:
        if signal.sigwait(awaited) != signal.SIGCHLD:
            return False
        _bury_others(process.pid)
    return True


def _bury_others(pid: int) -> None:
    """Wait for children that are not ours: in a container all that lost their parent are."""
    if not hasattr(os, "waitid"):
        return
    with suppress(ChildProcessError):
        while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if found.si_pid == pid:
                return
            os.waitpid(found.si_pid, 0)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.send_signal(signal.SIGCONT)  # it may have been stopped from a terminal
    try:
        process.wait(_STOPPING_SECONDS)
    except subprocess.TimeoutExpired:
        _LOG.error("the process that answers did not stop in time, and is killed")
        process.kill()
        process.wait()


def _fill_standard_files() -> None:
    """Open what is closed of standard input, output and error; no socket must get its number."""
    while (number := os.open(os.devnull, os.O_RDWR)) < _FIRST_FILE:
        os.set_inheritable(number, True)
    os.close(number)


def _allow_files(wanted: int) -> None:
    """Let this process and its children open so many files, or as many as they may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
