"""The account of the sources, as Markdown: what each holds, what the graph has, what was left."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from audiokg.errors import SnapshotError
from audiokg.ingest.readings import read_table
from audiokg.queries import find_query, read_library
from audiokg.snapshot import load_store
from audiokg.terms import BASE

_DOCUMENT_COLUMNS = ("source", "section", "lines")
_LEFT_COLUMNS = ("line", "what", "why")


@dataclass(frozen=True)
class Account:
    """What the graph has of one section of a source."""

    source: str
    section: str
    rows: int
    cells: int
    statements: int
    with_subject: int


def export_accounting(folder: Path, root: Path) -> bytes:
    """Write the account of the snapshot. Raises SnapshotError if there is no snapshot."""
    query = find_query(read_library("example", root), "accounting")
    solutions = load_store(folder).query(query.text)
    if not isinstance(solutions, ox.QuerySolutions):
        raise SnapshotError("the accounting query gave no rows")
    accounts = list(_accounts(solutions))
    reading = root / "data" / "reading"
    lines = {
        (row["source"], row["section"]): row["lines"]
        for row in read_table(reading / "documents.tsv", _DOCUMENT_COLUMNS)
    }
    parts = ["# What is in the graph of each source, and what is not\n"]
    for source in sorted({account.source for account in accounts}):
        own = [account for account in accounts if account.source == source]
        parts.append(_section(source, own, lines, reading / source / "left.tsv"))
    return "\n".join(parts).encode()


def _accounts(solutions: ox.QuerySolutions) -> Iterator[Account]:
    for row in solutions:
        source = row["source"].value.removeprefix(BASE + "source/")
        numbers = (int(row[n].value) for n in ("rows", "cells", "statements", "withSubject"))
        yield Account(source, row["section"].value, *numbers)


def _section(
    source: str, accounts: Iterable[Account], lines: dict[tuple[str, str], str], left: Path
) -> str:
    table = [
        f"\n## {source}\n",
        "| section | lines of text in it | rows | cells | statements | about a resource |",
        "|---|---|---|---|---|---|",
    ]
    for account in accounts:
        text = lines.get((source, account.section.removeprefix("section ")), "")
        table.append(
            f"| {account.section} | {text} | {account.rows} | {account.cells} "
            f"| {account.statements} | {account.with_subject} |"
        )
    table.append("\nLeft out:\n")
    for row in read_table(left, _LEFT_COLUMNS):
        table.append(f"- line {row['line']}: {row['what']} ({row['why']})")
    return "\n".join(table) + "\n"
