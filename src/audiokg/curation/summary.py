"""What `audiokg check` found, for people: a page of Markdown, as forges show beside a change."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from audiokg.check.problem import Problem, Severity
from audiokg.errors import InputError
from audiokg.export.tables import Column, Table, write_markdown

#: A forge shows so much of a summary that nobody reads more.
_MOST: Final = 100
_COLUMNS: Final = (Column("where"), Column("what"), Column("what to do", long=True))


def read_problems(text: str) -> list[Problem]:
    """Read what `audiokg check --format json` has printed. Raises InputError for anything else."""
    try:
        match json.loads(text):
            case list(entries):
                return [_read(entry) for entry in entries]
            case other:
                raise TypeError(f"a list was expected, not {other}")
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(
            "this is not what “audiokg check --format json” prints; pipe that into this command"
        ) from error


def write_summary(problems: Sequence[Problem]) -> str:
    """Write problems as Markdown: how many, and what to do about each."""
    counts = Counter(problem.severity for problem in problems)
    if not problems:
        return "# The graph is clean\n\nNo problem was found.\n"
    errors, warnings = counts[Severity.ERROR], counts[Severity.WARNING]
    head = f"# {_count(errors, 'error')}, {_count(warnings, 'warning')}\n\n"
    head += "An error has to be mended; a warning wants to be read.\n\n"
    parts = [
        write_markdown(_table(severity, [p for p in problems if p.severity is severity]))
        for severity in Severity
        if counts[severity]
    ]
    return head + "\n".join(parts)


def _table(severity: Severity, problems: Sequence[Problem]) -> Table:
    shown = problems[:_MOST]
    rows = tuple((f"{p.file}:{p.line}", p.subject, p.message) for p in shown)
    left = len(problems) - len(shown)
    note = f"{left} more: run “audiokg check”." if left else ""
    return Table(f"{severity.title()}s", _COLUMNS, rows, note)


def _read(entry: dict[str, Any]) -> Problem:
    return Problem(**(entry | {"severity": Severity(entry["severity"])}))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
