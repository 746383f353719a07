"""Rules about the whole graph: queries of queries/check/ that must return no row.

A rule selects ?subject and ?message, and ?object where one triple is to blame.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from audiokg.errors import QueryFileError
from audiokg.queries import Query, read_library


@dataclass(frozen=True)
class RuleRow:
    """A row of a rule: what is wrong with which subject, and the name of the rule."""

    subject: str
    message: str
    object: str
    rule: str


def check_rules(store: ox.Store, root: Path) -> Iterator[RuleRow]:
    """Run every rule. Raises QueryFileError for a rule that does not parse or fit."""
    for query in read_library("check", root).values():
        yield from _run(store, query)


def _run(store: ox.Store, query: Query) -> Iterator[RuleRow]:
    try:
        solutions = store.query(query.text)
    except SyntaxError as error:
        raise QueryFileError(f"queries/check/{query.name}.rq: {error}") from error
    if not isinstance(solutions, ox.QuerySolutions):
        raise QueryFileError(f"queries/check/{query.name}.rq: expected SELECT ?subject ?message")
    named = {variable.value for variable in solutions.variables}
    if not {"subject", "message"} <= named:
        raise QueryFileError(f"queries/check/{query.name}.rq: expected SELECT ?subject ?message")
    for row in solutions:
        blamed = row["object"] if "object" in named else None
        value = blamed.value if blamed else ""
        yield RuleRow(row["subject"].value, row["message"].value, value, query.name)
