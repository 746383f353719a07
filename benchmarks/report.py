"""What a comparison found, as a Markdown table and a plot."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import matplotlib as mpl

mpl.use("svg")

import matplotlib.pyplot as plt
from load import Load

REFERENCE = "oxigraph"


@dataclass(frozen=True)
class Case:
    """A load: which queries, whether each is new or repeated, how many clients."""

    mix: str
    is_new: bool
    clients: int

    @property
    def mode(self) -> str:
        """Name the mode as the tables do."""
        return "new" if self.is_new else "warm"


Loads = Mapping[tuple[Case, str], Sequence[Load]]


@dataclass(frozen=True)
class Hostility:
    """Ordinary queries to one server, at rest and while others send endless ones."""

    server: str
    at_rest: Load
    under_attack: Load


@dataclass(frozen=True)
class Summary:
    """The medians of the runs of one server in one case, and from where to where rates went."""

    runs: int
    throughput: float
    lowest: float
    highest: float
    p50: float
    p99: float
    errors: int


def summarise(loads: Sequence[Load]) -> Summary:
    """Take medians of rates and times, and the sum of errors."""
    rates = [load.throughput for load in loads]
    return Summary(
        runs=len(loads),
        throughput=median(rates),
        lowest=min(rates),
        highest=max(rates),
        p50=median(load.p50 for load in loads),
        p99=median(load.p99 for load in loads),
        errors=sum(load.errors for load in loads),
    )


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a Markdown table, numbers to the right."""
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def load_table(loads: Loads) -> str:
    """Write one row for each case and server, with ratios to the reference in the same case."""
    head = ["load", "server", "runs", "requests/s", "ratio", "from, to", "p50 ms", "ratio"]
    rows = (_row(case, server, loads) for case, server in loads)
    return table([*head, "p99 ms", "ratio", "errors"], rows)


def _row(case: Case, server: str, loads: Loads) -> list[str]:
    own, other = summarise(loads[case, server]), summarise(loads[case, REFERENCE])
    clients = f"{case.clients} client{'s' if case.clients > 1 else ''}"
    pairs = [(own.throughput, other.throughput), (own.p50, other.p50), (own.p99, other.p99)]
    cells = [cell for one, two in pairs for cell in (number(one), ratio(one, two))]
    cells.insert(2, f"{number(own.lowest)}, {number(own.highest)}")
    label = f"{case.mix}, {case.mode}, {clients}"
    return [label, server, str(own.runs), *cells, str(own.errors)]


def hostility_table(found: Iterable[Hostility]) -> str:
    """Write what ordinary clients notice of hostile ones."""
    rows = (
        [
            one.server,
            number(one.at_rest.throughput),
            number(one.under_attack.throughput),
            number(one.at_rest.p99),
            number(one.under_attack.p99),
            ratio(one.under_attack.p99, one.at_rest.p99),
            one.under_attack.errors,
        ]
        for one in found
    )
    head = ["server", "requests/s at rest", "under attack", "p99 ms at rest", "under attack"]
    return table([*head, "ratio", "errors"], rows)


def number(value: float) -> str:
    """Write three digits of a number."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def ratio(one: float, other: float) -> str:
    """Write a ratio, or a dash where there is none."""
    return f"{one / other:.2f}" if other else "-"


def plot_loads(loads: Loads, mix: str, path: Path) -> None:
    """Plot throughput, p50 and p99 of a mix as ratios to the reference, against the clients."""
    figure, panels = plt.subplots(1, 3, figsize=(12, 4.2), layout="constrained")
    for measure, axes in zip(("throughput", "p50", "p99"), panels, strict=True):
        for place, server in enumerate(dict.fromkeys(name for _, name in loads)):
            for is_new, style in ((True, "o-"), (False, "s--")):
                ratios = _ratios(loads, server, mix, is_new, measure)
                if ratios:
                    label = f"{server}, {'new' if is_new else 'warm'}"
                    axes.plot(*zip(*ratios, strict=True), style, color=f"C{place}", label=label)
        axes.set(title=f"{measure} / {REFERENCE}", xlabel="clients", xscale="log", yscale="log")
        ticks = sorted({case.clients for case, _ in loads})
        axes.set_xticks(ticks, [str(tick) for tick in ticks])
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    figure.savefig(path)
    plt.close(figure)


def _ratios(
    loads: Loads, server: str, mix: str, is_new: bool, measure: str
) -> list[tuple[int, float]]:
    """Give the ratio for each number of clients that a server was loaded with."""
    pairs = (
        (case.clients, summarise(found), summarise(loads[case, REFERENCE]))
        for (case, name), found in loads.items()
        if (name, case.mix, case.is_new) == (server, mix, is_new)
    )
    return [(n, getattr(own, measure) / getattr(other, measure)) for n, own, other in pairs]


def plot_growth(
    triples: Sequence[int],
    costs: Mapping[str, Sequence[float]],
    queries: Mapping[str, Sequence[float | None]],
    path: Path,
) -> None:
    """Plot costs and latencies against the size of the graph, with n log n beside them."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
    for name, values in costs.items():
        left.plot(triples, values, "o-", label=name)
    for seconds in queries.values():
        right.plot(triples, [one or math.nan for one in seconds], color="grey", lw=0.6)
    floor = min(one for seconds in queries.values() for one in seconds if one)
    bounds = [floor * n * math.log(n) / (triples[0] * math.log(triples[0])) for n in triples]
    right.plot(triples, bounds, "k--", label="n log n")
    left.set(title="build, start and memory", xlabel="triples", xscale="log", yscale="log")
    right.set(title="each query, s", xlabel="triples", xscale="log", yscale="log")
    for axes in (left, right):
        axes.legend(fontsize="small")
    figure.savefig(path)
    plt.close(figure)
