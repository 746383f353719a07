"""Compare audiokg with other SPARQL servers: the same data, the same queries, the same machine.

It writes compare.md, compare.json and compare.svg. README.md says what is measured and how.
"""

import json
import os
import platform
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import click
import psutil
from load import Load, background_load, run_load, write_requests
from report import Case, Hostility, hostility_table, load_table, plot_loads, table
from servers import (
    AUDIOKG,
    OXIGRAPH,
    OXIGRAPH_WITH_LIMIT,
    RDFLIB,
    VIRTUOSO,
    Kind,
    Server,
    build_snapshot,
    is_installed,
)
from workload import ROWS, Question, Reply, ask_all, read_light, read_questions

ALL, LIGHT = "all", "light"
CLIENTS = (1, 8, 64)
CASES = [
    *(Case(ALL, is_new, clients) for is_new in (True, False) for clients in CLIENTS),
    *(Case(LIGHT, is_new, 8) for is_new in (True, False)),
]
#: Measured in each round, one right after the other: noise of the machine meets both.
PAIR = (AUDIOKG.name, OXIGRAPH.name)
ENDLESS = Question("endless", "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", ROWS)
_HOSTILE, _ORDINARY = 4, 8
#: A shorter load is kind to who puts heavy queries off: what has not ended by then does not count.
_SECONDS = 8.0

Mixes = Mapping[str, list[Question]]
Replies = Mapping[str, Mapping[str, Reply]]


@click.command()
@click.option("--seconds", default=_SECONDS, show_default=True, help="How long each load lasts.")
@click.option("--runs", default=5, show_default=True, help="Rounds of audiokg and oxigraph.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/benchmarks"),
    show_default=True,
)
def main(seconds: float, runs: int, output: Path) -> None:
    """Compare audiokg with oxigraph, Virtuoso and rdflib-endpoint."""
    if not shutil.which("wrk"):
        raise click.ClickException("wrk, which loads the servers, is not installed (Debian: wrk)")
    output = output.absolute()
    began = time.monotonic()
    snapshot = output / "snapshot"
    build_snapshot(snapshot)
    with ExitStack() as stack:
        servers = start_all(stack, snapshot, output)
        light = read_light()
        replies = ask_each(servers, read_questions(), light)
        mixes = choose_mixes(read_questions(), light, replies)
        loads = load_all(servers, mixes, seconds, runs, output)
        costs = [(server.name, server.start_seconds, server.memory()) for server in servers]
    found = [
        be_hostile(kind, snapshot, mixes[LIGHT], seconds, output)
        for kind in (AUDIOKG, OXIGRAPH_WITH_LIMIT)
    ]
    parts = [
        f"{_machine()}. {seconds:g} s a load; {time.monotonic() - began:.0f} s in all.\n",
        load_table(loads),
        hostility_table(found),
        _cost_table(costs),
        _account(mixes, replies),
    ]
    (output / "compare.md").write_text("\n".join(parts))
    _write_numbers(output / "compare.json", loads, found, replies)
    plot_loads(loads, ALL, output / "compare.svg")
    click.echo("\n".join(parts))


def start_all(stack: ExitStack, snapshot: Path, output: Path) -> list[Server]:
    """Start every server there is on this machine."""
    kinds = [kind for kind in (AUDIOKG, OXIGRAPH, VIRTUOSO, RDFLIB) if is_installed(kind)]
    servers = []
    for kind in kinds:
        _tell(f"starting {kind.name}")
        servers.append(stack.enter_context(kind.running(snapshot, output / kind.name)))
    return servers


def ask_each(
    servers: Iterable[Server], questions: Sequence[Question], light: Iterable[str]
) -> dict[str, dict[str, Reply]]:
    """Ask each query once; rdflib-endpoint, which a slow one freezes, only the light ones."""
    easy = set(light)
    replies = {}
    for server in servers:
        _tell(f"asking {server.name}")
        few = server.name == RDFLIB.name
        asked = [question for question in questions if not few or question.name in easy]
        replies[server.name] = ask_all(server.url, asked, _tell)
    return replies


def choose_mixes(questions: Iterable[Question], light: Iterable[str], replies: Replies) -> Mixes:
    """Leave out, for all, what one of the servers cannot answer."""
    others = {name: found for name, found in replies.items() if name != RDFLIB.name}
    easy, python = set(light), replies.get(RDFLIB.name, {})
    answered = [
        question
        for question in questions
        if not any(found[question.name].problem for found in others.values())
    ]
    unable = {name for name, reply in python.items() if reply.problem}
    return {ALL: answered, LIGHT: [one for one in answered if one.name in easy - unable]}


def load_all(
    servers: Sequence[Server], mixes: Mixes, seconds: float, runs: int, output: Path
) -> dict[tuple[Case, str], list[Load]]:
    """Load the servers case by case; the pair in every round, the others in the first."""
    loads: dict[tuple[Case, str], list[Load]] = {}
    for turn in range(runs):
        for case in CASES:
            for server in servers:
                if _takes_part(server, case, turn):
                    load = _load(server, case, mixes, seconds, output)
                    loads.setdefault((case, server.name), []).append(load)
    return loads


def _takes_part(server: Server, case: Case, turn: int) -> bool:
    if turn and server.name not in PAIR:
        return False
    return server.name != RDFLIB.name or case.mix == LIGHT


def _load(server: Server, case: Case, mixes: Mixes, seconds: float, output: Path) -> Load:
    requests = write_requests(output / "requests.txt", server.url, mixes[case.mix])
    load = run_load(server.url, requests, case.clients, seconds, is_new=case.is_new)
    _tell(f"{case.mix}, {case.mode}, {case.clients}: {server.name}: {load.throughput:.0f}/s")
    server.settle()
    return load


def be_hostile(
    kind: Kind, snapshot: Path, questions: Sequence[Question], seconds: float, output: Path
) -> Hostility:
    """Measure ordinary queries at rest, then while hostile clients send endless ones."""
    with kind.running(snapshot, output / "hostile") as server:
        ordinary = write_requests(output / "requests.txt", server.url, questions)
        endless = write_requests(output / "endless.txt", server.url, [ENDLESS])
        at_rest = run_load(server.url, ordinary, _ORDINARY, seconds, is_new=True)
        with background_load(server.url, endless, _HOSTILE, seconds + 30):
            time.sleep(1.0)  # by then the endless queries run
            under_attack = run_load(server.url, ordinary, _ORDINARY, seconds, is_new=True)
        return Hostility(kind.name, at_rest, under_attack)


def _account(mixes: Mixes, replies: Replies) -> str:
    """Say how many queries were sent, which were left out, and where answers differ."""
    lines = [f"- {name}: {len(questions)} queries" for name, questions in mixes.items()]
    for server, found in replies.items():
        for name, reply in found.items():
            expected = replies[AUDIOKG.name][name].rows
            if reply.problem:
                lines.append(f"- left out, {server} cannot answer it: `{name}` ({reply.problem})")
            elif reply.rows != expected:
                lines.append(f"- `{name}`: {server} gives {reply.rows} rows, audiokg {expected}")
    if not is_installed(VIRTUOSO):
        lines.append("- virtuoso: not installed here (Debian: virtuoso-opensource-7-bin)")
    return "".join(f"{line}\n" for line in lines)


def _cost_table(costs: Iterable[tuple[str, float, int]]) -> str:
    rows = ((name, f"{seconds:.1f}", memory >> 20) for name, seconds, memory in costs)
    return table(["server", "start and load, s", "memory after the loads, MiB"], rows)


def _machine() -> str:
    memory = psutil.virtual_memory().total / (1 << 30)
    kinds = (AUDIOKG, OXIGRAPH, VIRTUOSO, RDFLIB)
    versions = ", ".join(f"{kind.name} {kind.version()}" for kind in kinds if is_installed(kind))
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; {versions}"
    )


def _write_numbers(
    path: Path,
    loads: Mapping[tuple[Case, str], Sequence[Load]],
    found: Iterable[Hostility],
    replies: Replies,
) -> None:
    document = {
        "machine": _machine(),
        "loads": [
            {**asdict(case), "server": server, "runs": [asdict(load) for load in runs]}
            for (case, server), runs in loads.items()
        ],
        "hostile": [asdict(one) for one in found],
        "replies": {
            server: {name: asdict(reply) for name, reply in answers.items()}
            for server, answers in replies.items()
        },
    }
    path.write_text(json.dumps(document, indent=1))


def _tell(line: str) -> None:
    click.echo(line, err=True)


if __name__ == "__main__":
    main()
