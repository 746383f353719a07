"""What another endpoint replies: failures as our errors, results written anew."""

import json
import re
from typing import Final

import httpx
import pyoxigraph as ox

from audiokg.context import Json
from audiokg.engine.protocol import Limits
from audiokg.engine.syntax import syntax_error
from audiokg.errors import (
    EngineBusyError,
    QueryRefusedError,
    QueryTimeoutError,
    ResultTooLargeError,
    WorkerCrashedError,
)
from audiokg.formats import ROWS, TRIPLES, TRIPLES_WRITERS, find_format
from audiokg.rows import write_rows
from audiokg.terms import XSD

OVERRUN: Final = "the query ran longer than the time limit; make it more specific or add LIMIT"
_BUSY: Final = {429, 502, 503}
_SHOWN: Final = 200
_BOOLEAN: Final = XSD + "boolean"
_SPELLINGS: Final = {"0": "false", "1": "true"}
_OVERRUN_WORDS: Final = re.compile(r"time.?out|timed out|execution time|time limit", re.IGNORECASE)


def refuse_failure(answer: httpx.Response, body: bytes, text: str) -> None:
    """Raise the QueryError that fits a failure, or an answer that its server says is partial."""
    status = answer.status_code
    first = body.decode("utf-8", "replace").strip().partition("\n")[0][:_SHOWN].strip()
    if status == httpx.codes.OK:
        _refuse_partial(answer)
    elif status == httpx.codes.GATEWAY_TIMEOUT:
        raise QueryTimeoutError(OVERRUN)
    elif status in _BUSY:
        raise EngineBusyError("the endpoint is busy; try again in a few seconds")
    elif status == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
        raise ResultTooLargeError("the endpoint finds it too large; ask for less with LIMIT")
    elif status == httpx.codes.BAD_REQUEST:
        raise syntax_error(SyntaxError(first or "the endpoint refuses it"), text)
    elif status >= httpx.codes.INTERNAL_SERVER_ERROR:
        if _OVERRUN_WORDS.search(first):
            raise QueryTimeoutError(OVERRUN)
        raise WorkerCrashedError(f"the endpoint failed ({status}): {first}")
    else:
        raise QueryRefusedError(f"the endpoint refuses the query ({status}): {first}")


def _refuse_partial(answer: httpx.Response) -> None:
    """Refuse what Virtuoso is said to cut with status 200 and a word in the head (not tried)."""
    if "X-SPARQL-MaxRows" in answer.headers:
        raise ResultTooLargeError("the endpoint cut the result; ask for less with LIMIT")
    if "X-SQL-State" in answer.headers:
        raise QueryTimeoutError(OVERRUN)


def rewrite_rows(wanted: str, media_type: str, body: bytes, limits: Limits) -> bytes:
    """Parse rows and write them in the wanted format. Raises ValueError, SyntaxError."""
    if media_type not in (ROWS[0].media_type, *ROWS[0].aliases):
        raise ValueError(f"expected rows, got {media_type}")
    document = _read(body)  # half a document is not to be read as a short one
    if _BOOLEAN.encode() in body:
        _spell_booleans(document)
        body = json.dumps(document).encode()
    results = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    return write_rows(results, wanted, limits.result)


def _read(body: bytes) -> Json:
    try:
        document: Json = json.loads(body)
    except RecursionError as error:
        raise ValueError("the JSON is too deep") from error
    return document


def _spell_booleans(document: Json) -> None:
    """Write booleans as everybody does: Virtuoso writes 0 and 1, which XSD allows."""
    try:
        for row in document.get("results", {}).get("bindings", []):
            for term in row.values():
                if term.get("datatype") == _BOOLEAN:
                    term["value"] = _SPELLINGS.get(term["value"], term["value"])
    except (AttributeError, TypeError, KeyError) as error:
        raise ValueError("the JSON has other parts than results have") from error


def read_reply(media_type: str, body: bytes) -> list[ox.Triple]:
    """Parse triples. Raises ValueError, SyntaxError."""
    format_ = find_format(media_type, TRIPLES)
    if format_ is None:
        raise ValueError(f"expected triples, got {media_type}")
    return [quad.triple for quad in ox.parse(body, format=TRIPLES_WRITERS[format_.name])]
