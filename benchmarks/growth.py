"""Measure how build, start, memory and the latency of each example query grow with the graph.

It writes growth.md, growth.json and growth.svg. enlarge.py says what the larger graphs are.
"""

import json
import math
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import median

import click
from enlarge import enlarge
from report import number, plot_growth, table
from servers import AUDIOKG, Server, build_snapshot
from workload import Question, ask, read_questions

from audiokg.paths import find_root
from audiokg.snapshot import read_manifest

#: Seconds that the build may take, for a graph as large as ours: twenty times what it takes.
_PATIENCE = 60.0
#: A median below this says more about HTTP and the machine than about the query.
_FLOOR = 0.002
#: How far above n log n a median may lie before it counts: noise.
_TOLERANCE = 1.5


@dataclass(frozen=True)
class Size:
    """What was measured at one size: seconds, bytes, and the median seconds of each query."""

    times: int
    triples: int
    build: float
    start: float
    memory: int
    #: None where a query had no answer in time.
    latencies: Mapping[str, float | None]


@click.command()
@click.option("--times", "sizes", multiple=True, type=int, default=(1, 10, 100), show_default=True)
@click.option("--repeat", default=3, show_default=True, help="How often each query is asked.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/benchmarks"),
    show_default=True,
)
def main(sizes: tuple[int, ...], repeat: int, output: Path) -> None:
    """Measure graphs 1, 10 and 100 times as large as ours (`--times 1000` needs 100 GB)."""
    output = output.absolute()
    measured = []
    for times in sizes:
        try:
            measured.append(measure(times, repeat, output / f"times-{times}"))
        except subprocess.TimeoutExpired as error:
            click.echo(
                f"x {times}: no snapshot within {error.timeout:g} s; no larger size is tried"
            )
            break
        report(measured, output)
    click.echo((output / "growth.md").read_text())


def measure(times: int, repeat: int, folder: Path) -> Size:
    """Measure one size; what it needs on disk is gone afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        root, snapshot = folder / "root", folder / "snapshot"
        enlarge(find_root(), root, times)
        build = build_snapshot(snapshot, root, times * _PATIENCE)
        with AUDIOKG.running(snapshot, folder / "server") as server:
            latencies = {
                question.name: _latency(server, question, repeat) for question in read_questions()
            }
            triples, memory = read_manifest(snapshot).triples, server.memory()
            return Size(times, triples, build, server.start_seconds, memory, latencies)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _latency(server: Server, question: Question, repeat: int) -> float | None:
    """Give the median of several answers, none from a cache."""
    seconds = []
    for turn in range(repeat):
        reply = ask(server.url, replace(question, text=f"{question.text}\n# {turn}"))
        if reply.problem:
            return None
        seconds.append(reply.seconds)
    return median(seconds)


def report(sizes: Sequence[Size], output: Path) -> None:
    """Write what is known so far."""
    queries = {name: [size.latencies[name] for size in sizes] for name in sizes[0].latencies}
    text = f"{_size_table(sizes)}\n{_verdict(sizes)}\n{_query_table(sizes, queries)}"
    (output / "growth.md").write_text(text)
    (output / "growth.json").write_text(json.dumps([asdict(size) for size in sizes], indent=1))
    plot_growth(
        [size.triples for size in sizes],
        {
            "build, s": [size.build for size in sizes],
            "start, s": [size.start for size in sizes],
            "memory, GiB": [size.memory / (1 << 30) for size in sizes],
        },
        queries,
        output / "growth.svg",
    )


def steep(small: Size, large: Size) -> list[str]:
    """Name the queries that grew worse than n log n, or were answered no more."""
    return [
        name
        for name, before in small.latencies.items()
        if before is not None
        and _is_steep(before, large.latencies[name], small.triples, large.triples)
    ]


def _is_steep(before: float, after: float | None, small: int, large: int) -> bool:
    allowed = large * math.log(large) / (small * math.log(small))
    return after is None or after > max(before, _FLOOR) * allowed * _TOLERANCE


def _size_table(sizes: Sequence[Size]) -> str:
    head = ["size", "triples", "build s", "start s", "memory MiB", "median query ms", "no answer"]
    return table(head, map(_size_row, sizes))


def _size_row(size: Size) -> list[str]:
    known = [seconds for seconds in size.latencies.values() if seconds is not None]
    times = [number(value) for value in (size.build, size.start)]
    middle = number(median(known) * 1000) if known else "-"
    unanswered = str(len(size.latencies) - len(known))
    memory = f"{size.memory >> 20:,}"
    return [f"x {size.times}", f"{size.triples:,}", *times, memory, middle, unanswered]


def _verdict(sizes: Sequence[Size]) -> str:
    lines = []
    for small, large in pairwise(sizes):
        found = steep(small, large)
        names = ", ".join(f"`{name}`" for name in found) or "none"
        lines.append(f"Worse than n log n from x {small.times} to x {large.times}: {names}.\n")
    return "\n".join(lines)


def _query_table(sizes: Sequence[Size], queries: Mapping[str, Sequence[float | None]]) -> str:
    """Write the median of each query in milliseconds, the slowest first."""
    order = sorted(queries, key=lambda name: -(queries[name][-1] or math.inf))
    rows = (
        [name, *("-" if one is None else number(one * 1000) for one in queries[name])]
        for name in order
    )
    return table(["query, ms", *(f"x {size.times}" for size in sizes)], rows)


if __name__ == "__main__":
    main()
