"""A soak: ordinary and hostile queries side by side, while workers are killed in their work.

    python tests/soak.py [ADDRESS] [--seconds 120]

Without an address it starts a server of its own, and kills one of its workers every second; a
server that was there before is only asked. Ends with 1 if an ordinary query was answered wrongly
or never, if health took longer than a second, or if the server is not well afterwards.
"""

import argparse
import csv
import http.client
import io
import os
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from audiokg.build import build
from audiokg.queries import read_library
from conftest import ROOT, free_port, wait_until_ready
from hostile import Hostile, corpus

EXPECTED = ROOT / "tests" / "expected"
QUERY = "application/sparql-query"
ORDINARY_THREADS, HOSTILE_THREADS = 8, 2
HEALTH_SECONDS, KILL_PAUSE, HEALTH_PAUSE = 1.0, 1.0, 0.1
#: How long a hostile query may run, so that there are many of them.
HOSTILE_TIMEOUT = 3.0
#: A server may say that it is busy, or that a worker died; it may not answer otherwise.
EXCUSES = frozenset({429, 503})
CHOOSE = secrets.SystemRandom()


@dataclass(frozen=True)
class Reply:
    """What came back, and how long it took."""

    status: int
    body: bytes
    seconds: float


@dataclass
class Record:
    """What the soak saw. Lists and counters only grow, each by one step at a time."""

    ordinary: list[tuple[str, Reply]] = field(default_factory=list)
    hostile: Counter[str] = field(default_factory=Counter)
    health: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    killed: int = 0


class Client:
    """Asks one server; a connection for each question, so that none waits for another."""

    def __init__(self, address: str) -> None:
        self._host = urllib.parse.urlsplit(address).netloc

    def ask(self, text: bytes, **parameters: object) -> Reply:
        connection = http.client.HTTPConnection(self._host, timeout=60)
        started = time.monotonic()
        try:
            path = "/sparql?" + urllib.parse.urlencode(parameters)
            connection.request("POST", path, text, {"Content-Type": QUERY})
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        return Reply(answer.status, body, time.monotonic() - started)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", nargs="?", help="a server that runs; none of it is killed")
    parser.add_argument("--seconds", type=float, default=120.0)
    given = parser.parse_args()
    if given.address:
        record = soak(Client(given.address), given.seconds, server=None)
    else:
        with own_server() as (address, server):
            record = soak(Client(address), given.seconds, server)
    return report(record)


@contextmanager
def own_server() -> Iterator[tuple[str, int]]:
    """Build a snapshot and serve it; give the address and the process id."""
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), ROOT)
        port = free_port()
        environment = os.environ | {"AUDIOKG_SNAPSHOT": folder, "AUDIOKG_PORT": str(port)}
        process = subprocess.Popen(
            [Path(sys.executable).with_name("audiokg"), "serve"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until_ready(process, f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()
            process.wait(20)


def soak(client: Client, seconds: float, server: int | None) -> Record:
    """Run all threads for a time, then look whether the server is well."""
    record, over = Record(), threading.Event()
    ordinary, hostile = read_ordinary(), corpus("http://127.0.0.1:1/")
    steps: list[Callable[[], None]] = [
        *[lambda: ask_ordinary(client, ordinary, record)] * ORDINARY_THREADS,
        *[lambda: ask_hostile(client, hostile, record)] * HOSTILE_THREADS,
        lambda: ask_health(client, record),
    ]
    if server is not None:
        steps.append(lambda: kill_worker(server, record))
    with ThreadPoolExecutor(len(steps)) as pool:
        running = [pool.submit(repeat, step, over, record) for step in steps]
        over.wait(seconds)
        over.set()
        for one in running:
            one.result()
    check_afterwards(client, ordinary, record)
    return record


def repeat(step: Callable[[], None], over: threading.Event, record: Record) -> None:
    while not over.is_set():
        try:
            step()
        except (OSError, http.client.HTTPException) as error:
            record.faults.append(f"no answer: {error!r}")
            over.wait(0.1)


def read_ordinary() -> dict[str, bytes]:
    """Read the examples without parameters, since nothing binds those over HTTP."""
    library = read_library("example", ROOT)
    return {name: q.text.encode() for name, q in library.items() if not q.parameters}


def ask_ordinary(client: Client, queries: dict[str, bytes], record: Record) -> None:
    name = CHOOSE.choice(list(queries))
    # Half of them in another text each time, so that no cache answers.
    text = queries[name] + CHOOSE.choice((b"", f"\n# {secrets.token_hex(8)}".encode()))
    reply = client.ask(text, format="csv")
    record.ordinary.append((name, reply))
    if reply.status == 200 and reply.body != (EXPECTED / f"{name}.csv").read_bytes():
        record.faults.append(f"{name}: {difference(name, reply.body)}")
    elif reply.status != 200 and reply.status not in EXCUSES:
        record.faults.append(f"{name}: status {reply.status}: {reply.body[:200]!r}")


def difference(name: str, body: bytes) -> str:
    expected = list(csv.reader(io.StringIO((EXPECTED / f"{name}.csv").read_text("utf-8"))))
    found = list(csv.reader(io.StringIO(body.decode("utf-8", "replace"))))
    row = next((n for n, (a, b) in enumerate(zip(expected, found, strict=False)) if a != b), "end")
    return f"wrong: {len(found)} rows, {len(expected)} expected, first difference in row {row}"


def ask_hostile(client: Client, queries: tuple[Hostile, ...], record: Record) -> None:
    one = CHOOSE.choice(queries)
    reply = client.ask(one.text, timeout=HOSTILE_TIMEOUT)
    record.hostile[str(reply.status)] += 1
    if reply.status not in one.statuses | EXCUSES:
        record.faults.append(f"hostile {one.name}: status {reply.status}")


def ask_health(client: Client, record: Record) -> None:
    reply = client.ask(f"ASK {{}} # {secrets.token_hex(8)}".encode())
    record.health.append(reply.seconds)
    if reply.seconds > HEALTH_SECONDS:
        record.faults.append(f"health took {reply.seconds:.2f} s")
    if reply.status not in EXCUSES | {200}:
        record.faults.append(f"health: status {reply.status}")
    time.sleep(HEALTH_PAUSE)


def kill_worker(server: int, record: Record) -> None:
    """Kill a worker at work, any if none is."""
    time.sleep(KILL_PAUSE * CHOOSE.uniform(0.8, 1.2))
    workers = find_workers(server)
    if not workers:
        record.faults.append("no worker was found")
        return
    at_work = [pid for pid in workers if _state(pid) == "R"]
    try:
        os.kill(CHOOSE.choice(at_work or workers), signal.SIGKILL)
    except ProcessLookupError:
        return
    record.killed += 1


def find_workers(server: int) -> list[int]:
    """Find the processes below a server that are forks, of the template, not of the server itself.

    A fork has the command line of its parent.
    """
    parents = {pid: parent for pid in _processes() if (parent := _parent(pid))}
    return [
        pid
        for pid, parent in parents.items()
        if parent != server
        and _is_below(pid, server, parents)
        and _command(pid) == _command(parent) != b""
    ]


def _is_below(pid: int, server: int, parents: dict[int, int]) -> bool:
    while pid and pid != server:
        pid = parents.get(pid, 0)
    return pid == server


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _status(pid: int) -> list[str]:
    """Give the fields of /proc/PID/stat after the name: state, parent and so on."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _state(pid: int) -> str:
    return next(iter(_status(pid)), "")


def _parent(pid: int) -> int:
    return int(next(iter(_status(pid)[1:]), 0))


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def check_afterwards(client: Client, queries: dict[str, bytes], record: Record) -> None:
    """Ask every ordinary query once more, one after another, at rest."""
    time.sleep(HOSTILE_TIMEOUT)
    answered = {name for name, reply in record.ordinary if reply.status == 200}
    record.faults += [f"{name}: never answered" for name in sorted(set(queries) - answered)]
    for name, text in queries.items():
        try:
            reply = client.ask(text + b"\n# afterwards", format="csv")
        except (OSError, http.client.HTTPException) as error:
            record.faults.append(f"no answer afterwards: {error!r}")
            return
        if reply.status != 200 or reply.body != (EXPECTED / f"{name}.csv").read_bytes():
            record.faults.append(f"{name}: not answered rightly afterwards, {reply.status}")


def report(record: Record) -> int:
    """Print what was seen; give the exit code."""
    times = sorted(reply.seconds for _, reply in record.ordinary if reply.status == 200)
    statuses = Counter(str(reply.status) for _, reply in record.ordinary)
    titles = Counter(_title(reply) for _, reply in record.ordinary if reply.status != 200)
    lines = [
        f"ordinary by status: {_show(statuses)}",
        *[f"  refused {count} times: {title}" for title, count in titles.most_common(5)],
        f"ordinary p50 {_quantile(times, 50):.1f} ms, p99 {_quantile(times, 99):.1f} ms",
        f"hostile by status: {_show(record.hostile)}",
        f"health: {len(record.health)} times, slowest {max(record.health, default=0):.3f} s",
        f"workers killed: {record.killed}",
        f"faults: {len(record.faults)}",
        *[f"  {count} x {fault}" for fault, count in Counter(record.faults).most_common(20)],
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if record.faults or not times or not record.health else 0


def _title(reply: Reply) -> str:
    found = reply.body.decode("utf-8", "replace").partition('"detail": "')[2].partition('"')[0]
    return found or f"{reply.body[:80]!r}"


def _show(counts: Counter[str]) -> str:
    return ", ".join(f"{status}: {count}" for status, count in sorted(counts.items())) or "none"


def _quantile(times: list[float], percent: int) -> float:
    if len(times) < 2:
        return 0.0
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1] * 1000


if __name__ == "__main__":
    sys.exit(main())
