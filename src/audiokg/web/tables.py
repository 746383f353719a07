"""The twins of a report for programs: one document in JSON, one table in CSV."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response

from audiokg.formats import Format
from audiokg.web.page import JSON, data


@dataclass(frozen=True)
class Table:
    """What a report tells: a JSON document, and rows with the columns of the CSV."""

    document: Mapping[str, Any]
    columns: Sequence[str]
    rows: Iterable[Mapping[str, Any]] = field(default_factory=tuple)


def answer_table(table: Table, chosen: Format) -> Response:
    """Answer with the JSON or the CSV of a report."""
    return data(write_table(table, chosen), chosen)


def write_table(table: Table, chosen: Format) -> str:
    """Write a report as JSON or CSV."""
    return _json(table) if chosen is JSON else _csv(table)


def _json(table: Table) -> str:
    return json.dumps(table.document, ensure_ascii=False, indent=1) + "\n"


def _csv(table: Table) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, table.columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows({key: _cell(value) for key, value in row.items()} for row in table.rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    """Write lists with semicolons, as CSV has none."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return str(value)
