"""Ask the snapshot from the command line."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import Answer, QueryRequest
from audiokg.errors import InputError, QuerySyntaxError
from audiokg.formats import ROWS, TRIPLES, find_format
from audiokg.queries import Query, find_query, read_library, read_query
from audiokg.terms import shorten
from audiokg.turtle import read_term


def ask(source: str, form: str | None, params: Iterable[str], root: Path, folder: Path) -> Answer:
    """Answer a file, a query of the library or standard input, as rows in CSV or in `form`.

    Raises InputError for an unknown name, format or parameter, QueryError for a query without
    an answer.
    """
    text, defaults = _read(source, root)
    rows, triples = ("csv", "ttl") if form is None else _formats(form)
    if form is None and sys.stdout.isatty():
        rows = "json"
    given = dict(_split(param) for param in params)
    terms = {name: read_term(term) for name, term in {**defaults, **given}.items()}
    engine = LocalEngine(folder, workers=1)
    try:
        return engine.answer(QueryRequest(text, rows, triples, bindings=terms))
    except QuerySyntaxError as error:
        place = f"{source}:{error.line}:{error.column}: " if error.line else f"{source}: "
        raise InputError(f"{place}{error}") from error
    finally:
        engine.close()


def show_table(answer: Answer) -> None:
    """Print rows in JSON as a table on the terminal."""
    from rich.console import Console
    from rich.table import Table

    result = json.loads(answer.body)
    if "boolean" in result:
        Console().print("yes" if result["boolean"] else "no")
        return
    names = result["head"]["vars"]
    table = Table(*names)
    for row in result["results"]["bindings"]:
        table.add_row(*(_show(row.get(name)) for name in names))
    Console().print(table)


def _read(source: str, root: Path) -> tuple[str, dict[str, str]]:
    if source == "-":
        return sys.stdin.read(), {}
    path = Path(source)
    if path.is_file():
        query = _read_file(path)
    else:
        query = find_query(read_library("example", root), source)
    return query.text, dict(query.parameters)


def _read_file(path: Path) -> Query:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no UTF-8 text; name a file with a query") from error
    if text.startswith("#+"):
        return read_query(path)
    return Query(name=path.stem, text=text, title=path.stem)


def _formats(form: str) -> tuple[str | None, str | None]:
    rows, triples = find_format(form, ROWS), find_format(form, TRIPLES)
    if rows is None and triples is None:
        known = ", ".join(f.name for f in (*ROWS, *TRIPLES))
        raise InputError(f"unknown format “{form}”; there are {known}")
    return rows.name if rows else None, triples.name if triples else None


def _split(param: str) -> tuple[str, str]:
    name, equals, term = param.partition("=")
    if not equals:
        raise InputError(f"--param takes name=term, not “{param}”")
    return name, term


def _show(term: dict[str, str] | None) -> str:
    if term is None:
        return ""
    return shorten(term["value"]) if term["type"] == "uri" else term["value"]
