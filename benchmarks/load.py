"""The load generator: wrk with a script that sends the questions in turn."""

import itertools
import json
import random
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from workload import Question

_SCRIPT = Path(__file__).with_name("mix.lua")
_SEED = 1
#: Far more than a run sends: no number is counted twice.
_STRIDE = 10_000_000
_runs = itertools.count(1)


@dataclass(frozen=True)
class Load:
    """What a load came to: times in milliseconds, as the clients saw them."""

    requests: int
    seconds: float
    p50: float
    p99: float
    #: Answers with a status other than 200.
    refused: int
    #: Connections that broke.
    lost: int
    #: Requests without an answer in the time that wrk waits.
    late: int

    @property
    def throughput(self) -> float:
        """Answers with status 200 a second."""
        return (self.requests - self.refused) / self.seconds

    @property
    def errors(self) -> int:
        """Requests that got no answer, or another one than 200."""
        return self.refused + self.lost + self.late


def write_requests(path: Path, url: str, questions: Iterable[Question]) -> Path:
    """Write what wrk sends to one server, mixed: the same order for every server."""
    target = urlsplit(url).path
    lines = [
        f"{target}?query={quote(question.text, safe='')}\t{question.accept}\n"
        for question in questions
    ]
    random.Random(_SEED).shuffle(lines)  # noqa: S311 - reproducible, not secret
    path.write_text("".join(lines))
    return path


def run_load(url: str, requests: Path, clients: int, seconds: float, *, is_new: bool) -> Load:
    """Load a server with some clients, each of which waits for an answer before it asks again."""
    command = _command(url, requests, clients, seconds, is_new=is_new)
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    return Load(**json.loads(output.splitlines()[-1]))


@contextmanager
def background_load(url: str, requests: Path, clients: int, seconds: float) -> Iterator[None]:
    """Load a server, always with new queries, while something else is measured."""
    command = _command(url, requests, clients, seconds, is_new=True)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _command(url: str, requests: Path, clients: int, seconds: float, *, is_new: bool) -> list[str]:
    # One thread of wrk does for 50,000 requests a second, and leaves the cores to the server.
    options = ["-t1", f"-c{clients}", f"-d{max(1, round(seconds))}s", "--timeout", "30s"]
    script = ["-s", str(_SCRIPT), url, "--", str(requests)]
    first = str(next(_runs) * _STRIDE) if is_new else "0"
    return ["wrk", *options, *script, "new" if is_new else "warm", first]
