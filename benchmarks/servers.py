"""The servers that are compared: how each is started with a snapshot, and ended by process id."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import httpx
import psutil

BIN = Path(sys.executable).parent
_START_SECONDS = 300.0
_END_SECONDS = 5.0
_IDLE, _STEP = 0.05, 0.2


@dataclass(frozen=True)
class Server:
    """A running server: its process, and where it answers SPARQL."""

    name: str
    url: str
    process: psutil.Process
    #: Seconds from the start of the process until it answers with the data loaded.
    start_seconds: float

    def memory(self) -> int:
        """Give the memory of all its processes in bytes, shared pages counted once."""
        return sum(_proportional(process) for process in _family(self.process))

    def settle(self, patience: float = 8.0) -> bool:
        """Wait until it idles: some go on with requests whose clients have hung up."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            before = _cpu_seconds(self.process)
            time.sleep(_STEP)
            if _cpu_seconds(self.process) - before < _IDLE * _STEP:
                return True
        return False


@dataclass(frozen=True)
class Kind:
    """A server that can be started: over a snapshot's folder, with files of its own in another."""

    name: str
    version: Callable[[], str]
    start: Callable[[Path, Path, int], subprocess.Popen[bytes]]
    path: str
    load: Callable[[Path, Path, int], None] = lambda snapshot, folder, port: None

    @contextmanager
    def running(self, snapshot: Path, folder: Path) -> Iterator[Server]:
        """Start it with the data of the snapshot, and end it in any case."""
        folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        began = time.monotonic()
        started = self.start(snapshot, folder, port)
        process = psutil.Process(started.pid)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_up(url, started, self.name)
            self.load(snapshot, folder, port)
            yield Server(self.name, url + self.path, process, time.monotonic() - began)
        finally:
            _end(started, process)


def build_snapshot(folder: Path, root: Path | None = None, patience: float = 600.0) -> float:
    """Build the snapshot of ours or of another root; give the seconds it took.

    Raises subprocess.TimeoutExpired if it takes longer than `patience`.
    """
    env = {**os.environ, "AUDIOKG_SNAPSHOT": str(folder)}
    if root:
        env["AUDIOKG_ROOT"] = str(root)
    began = time.monotonic()
    subprocess.run(  # noqa: S603 - our own command
        [BIN / "audiokg", "build"], env=env, check=True, timeout=patience
    )
    return time.monotonic() - began


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _launch(
    folder: Path, *command: str | Path, env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a process whose output goes to log.txt in its folder."""
    with (folder / "log.txt").open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - fixed commands, no shell
            [str(part) for part in command],
            cwd=folder,
            env={**os.environ, **(env or {})},
            stdout=log,
            stderr=log,
        )


def _wait_until_up(url: str, process: subprocess.Popen[bytes], name: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with exit code {process.returncode} at its start")
        with suppress(httpx.TransportError):
            httpx.get(url, timeout=_START_SECONDS)
            return
        time.sleep(0.05)
    raise RuntimeError(f"{name} did not answer within {_START_SECONDS:g} s")


def _end(started: subprocess.Popen[bytes], process: psutil.Process) -> None:
    family = _family(process)
    started.terminate()
    try:
        started.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        started.kill()
        started.wait()
    for left in family:
        with suppress(psutil.NoSuchProcess):
            left.kill()


def _family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _proportional(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0


def _cpu_seconds(process: psutil.Process) -> float:
    total = 0.0
    for member in _family(process):
        with suppress(psutil.NoSuchProcess):
            times = member.cpu_times()
            total += times.user + times.system
    return total


def _start_audiokg(snapshot: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    env = {"AUDIOKG_PORT": str(port), "AUDIOKG_SNAPSHOT": str(snapshot)}
    return _launch(folder, BIN / "audiokg", "serve", env=env)


def _start_oxigraph(
    snapshot: Path, folder: Path, port: int, *options: str
) -> subprocess.Popen[bytes]:
    return _launch(
        folder,
        BIN / "oxigraph",
        "serve",
        "--bind",
        f"127.0.0.1:{port}",
        "--union-default-graph",
        *options,
    )


def _start_oxigraph_with_limit(snapshot: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    return _start_oxigraph(snapshot, folder, port, "--timeout-s", "10")


def _load_oxigraph(snapshot: Path, folder: Path, port: int) -> None:
    httpx.post(
        f"http://127.0.0.1:{port}/store",
        content=(snapshot / "snapshot.nq").read_bytes(),
        headers={"Content-Type": "application/n-quads"},
        timeout=_START_SECONDS,
    ).raise_for_status()


def _start_rdflib(snapshot: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    quads = snapshot / "snapshot.nq"
    return _launch(
        folder, BIN / "rdflib-endpoint", "serve", "--host", "127.0.0.1", "--port", str(port), quads
    )


_VIRTUOSO_INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = temporary.db
TransactionFile = temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql_port}
DisableUnixSocket = 1
MaxClientConnections = 20
DirsAllowed = ., {snapshot}
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
MaxQueryMem = 2G
CaseMode = 2
ThreadsPerQuery = 2
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = .
ServerThreads = 80
MaxClientConnections = 80
MaxKeepAlives = 80
KeepAliveTimeout = 15
HTTPThreadSize = 280000
Charset = UTF-8
[SPARQL]
DefaultQuery = ASK {{}}
"""


def _start_virtuoso(snapshot: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    for old in folder.iterdir():
        old.unlink()
    sql_port = free_port()
    (folder / "sql-port").write_text(str(sql_port))
    ini = folder / "virtuoso.ini"
    ini.write_text(_VIRTUOSO_INI.format(sql_port=sql_port, port=port, snapshot=snapshot))
    return _launch(folder, "virtuoso-t", "-f", "-c", ini)


def _load_virtuoso(snapshot: Path, folder: Path, port: int) -> None:
    nquads = 512
    quads = snapshot / "snapshot.nq"
    load = f"DB.DBA.TTLP_MT (file_open ('{quads}'), '', 'urn:none', {nquads}); checkpoint;"
    subprocess.run(  # noqa: S603 - a fixed command, no shell
        [  # noqa: S607 - Debian's, on the path
            "isql-vt",
            f"127.0.0.1:{(folder / 'sql-port').read_text()}",
            "dba",
            "dba",
            f"exec={load}",
        ],
        check=True,
        capture_output=True,
    )


def _virtuoso_version() -> str:
    command = ["virtuoso-t", "-?"]
    output = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return next(iter(re.findall(r"Version (\S+)", output.stdout + output.stderr)), "?")


AUDIOKG = Kind("audiokg", lambda: version("audiokg"), _start_audiokg, "/sparql")
OXIGRAPH = Kind("oxigraph", lambda: version("oxigraph"), _start_oxigraph, "/query", _load_oxigraph)
OXIGRAPH_WITH_LIMIT = Kind(
    "oxigraph --timeout-s 10",
    lambda: version("oxigraph"),
    _start_oxigraph_with_limit,
    "/query",
    _load_oxigraph,
)
RDFLIB = Kind("rdflib-endpoint", lambda: version("rdflib-endpoint"), _start_rdflib, "/")
VIRTUOSO = Kind("virtuoso", _virtuoso_version, _start_virtuoso, "/sparql", _load_virtuoso)


def is_installed(kind: Kind) -> bool:
    """Tell whether a server can be started on this machine."""
    if kind is VIRTUOSO:
        return bool(shutil.which("virtuoso-t") and shutil.which("isql-vt"))
    commands = {AUDIOKG.name: "audiokg", RDFLIB.name: "rdflib-endpoint"}
    return (BIN / commands.get(kind.name, "oxigraph")).is_file()
