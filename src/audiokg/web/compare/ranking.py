"""Results of one metric on one dataset: what can be ranked together, and in which order.

Results of different conditions or kinds are not ranked together. Where a system has several
values, each keeps its own place and names the others; they do not outrank one another.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Final

from audiokg.web.questions import Row, value

ABSOLUTE: Final = "absolute"
_DEPRECATED: Final = "deprecated"
_COMPARATORS: Final = {"~": "about ", ">=": "at least ", "<=": "at most "}


@dataclass(frozen=True)
class Result:
    """One number that a source states for one system."""

    iri: str
    system: str
    name: str
    value: Decimal
    comparator: str = ""
    margin: str = ""
    kind: str = ABSOLUTE
    condition: str = ""
    printed: str = ""
    printed_name: str = ""
    source: str = ""
    source_name: str = ""
    locator: str = ""
    line: str = ""
    is_reference: bool = False
    is_deprecated: bool = False

    @property
    def text(self) -> str:
        """Give the value as it is stated: about, at least, with its margin."""
        margin = f" ± {self.margin}" if self.margin else ""
        return f"{_COMPARATORS.get(self.comparator, '')}{self.value:f}{margin}"

    @property
    def competes(self) -> bool:
        """Tell whether it can be ranked: no ground truth, no change, not withdrawn."""
        return not self.is_reference and not self.is_deprecated and self.kind == ABSOLUTE


@dataclass(frozen=True)
class Place:
    """A result, its rank where it has one, and other values of the same system."""

    result: Result
    rank: int | None = None
    others: tuple[Result, ...] = ()


@dataclass(frozen=True)
class Ranking:
    """The results of one condition and kind, best first."""

    condition: str
    kind: str
    places: tuple[Place, ...]


def read_results(rows: Iterable[Row]) -> list[Result]:
    """Read each result once, under the first of the documents that state it."""
    read: dict[str, Result] = {}
    for row in rows:
        read.setdefault(value(row, "result"), _read(row))
    return list(read.values())


def rank_results(results: Sequence[Result], higher: bool | None) -> tuple[Ranking, ...]:
    """Rank what can be compared; nothing where it is unknown whether higher is better."""
    ordered = sorted(results, key=lambda r: (r.condition, r.kind))
    return tuple(
        Ranking(condition, kind, _place(list(group), results, higher))
        for (condition, kind), group in groupby(ordered, key=lambda r: (r.condition, r.kind))
    )


def _place(
    group: Sequence[Result], results: Sequence[Result], higher: bool | None
) -> tuple[Place, ...]:
    sign = -1 if higher else 1
    ordered = sorted(group, key=lambda r: (sign * r.value, r.name.casefold(), r.iri))
    rivals = [result for result in group if result.competes]
    return tuple(
        Place(
            result,
            None if higher is None else _rank(result, rivals, sign),
            _others(result, results),
        )
        for result in ordered
    )


def _rank(result: Result, rivals: Sequence[Result], sign: int) -> int | None:
    if not result.competes:
        return None
    better = {r.system for r in rivals if sign * r.value < sign * result.value}
    return 1 + len(better - {result.system})


def _others(result: Result, results: Sequence[Result]) -> tuple[Result, ...]:
    return tuple(r for r in results if r.system == result.system and r.value != result.value)


def _read(row: Row) -> Result:
    system = value(row, "subject")
    return Result(
        iri=value(row, "result"),
        system=system,
        name=value(row, "subjectLabel") or system,
        value=Decimal(value(row, "value")),
        comparator=value(row, "comparator"),
        margin=value(row, "margin"),
        kind=value(row, "kind") or ABSOLUTE,
        condition=value(row, "condition"),
        printed=value(row, "printed"),
        printed_name=value(row, "printedName"),
        source=value(row, "source"),
        source_name=value(row, "sourceLabel") or value(row, "source"),
        locator=value(row, "locator"),
        line=value(row, "line"),
        is_reference="reference" in row,
        is_deprecated=value(row, "rank") == _DEPRECATED,
    )
