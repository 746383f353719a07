"""An answer as a page shows it: a table, a yes or no, or triples; a part of it if it is long."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from audiokg.engine.protocol import Answer
from audiokg.terms import XSD

NUMBERS: Final = frozenset(XSD + name for name in ("integer", "decimal", "double", "float"))
#: What a page shows of a long answer; the page says so, and where all of it is.
MOST_ROWS: Final = 1000
MOST_CHARACTERS: Final = 200_000


@dataclass(frozen=True)
class Shown:
    """What to show: `boolean` of an ASK, `text` of triples, else `names` and `rows`.

    `total` counts the rows or characters there are; `numbers` are the columns of nothing else.
    """

    total: int
    names: tuple[str, ...] = ()
    numbers: frozenset[str] = frozenset()
    rows: tuple[tuple[dict[str, str] | None, ...], ...] = ()
    boolean: bool | None = None
    text: str | None = None

    @property
    def is_part(self) -> bool:
        """Tell whether there is more than is shown."""
        return self.total > len(self.rows if self.text is None else self.text)


def show(answer: Answer) -> Shown:
    """Show an answer: rows in JSON, or triples in Turtle."""
    if not answer.is_rows:
        text = answer.body.decode()
        return Shown(len(text), text=text[:MOST_CHARACTERS])
    result: dict[str, Any] = json.loads(answer.body)
    if "boolean" in result:
        return Shown(0, boolean=result["boolean"])
    names = tuple(result["head"].get("vars", ()))
    found = result["results"]["bindings"]
    rows = tuple(tuple(row.get(name) for name in names) for row in found[:MOST_ROWS])
    numbers = frozenset(name for name in names if _are_numbers(row.get(name) for row in found))
    return Shown(len(found), names, numbers, rows)


def _are_numbers(terms: Iterable[dict[str, str] | None]) -> bool:
    types = {term.get("datatype") for term in terms if term}
    return bool(types) and types <= NUMBERS
