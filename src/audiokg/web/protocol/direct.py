"""Ordinary questions to /sparql, answered without Flask, which takes as long as a light query does.

Whatever is not ordinary (a page, a mistake) is left to the application, which gives the same
answers with the same headers.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import Executor
from http import HTTPStatus

from werkzeug.exceptions import HTTPException

from audiokg.engine.cache import is_lasting
from audiokg.engine.protocol import Answer, Engine, HangUp
from audiokg.errors import QueryError
from audiokg.web.exchange import Response
from audiokg.web.front import Ask
from audiokg.web.headers import COMMON, LASTING, PASSING, POLICY, make_tag
from audiokg.web.observe import Notes, note_answer, note_query
from audiokg.web.problems import PROBLEM, describe_problem, write_problem
from audiokg.web.protocol.wish import Asked, Wish, make_request, read_wish

_METHODS = ("GET", "POST")
#: A longer request would hold up the event loop while it is read and checked.
_LONG = 10_000
#: The tag of a larger answer would hold it up, too.
_LARGE = 1 << 20
_HEADERS = [
    (name.lower(), value)
    for name, value in {
        **COMMON,
        "Content-Security-Policy": POLICY,
        "Vary": "Accept, Accept-Encoding",
    }.items()
]


def make_direct(engine: Engine) -> Ask:
    """Make what answers ordinary questions, and gives None for the others."""

    async def direct(asked: Asked, hang_up: HangUp, threads: Executor) -> Response | None:
        if asked.method not in _METHODS or _is_long(asked) or "html" in asked.accept:
            return None
        try:
            wish = read_wish(asked)
        except HTTPException:
            return None  # the application says what is wrong
        if wish.query is None or wish.is_page or not wish.has_format:
            return None
        notes: Notes = note_query(wish.query)
        try:
            answer = await engine.answer_soon(make_request(wish, wish.query), hang_up, threads)
        except QueryError as error:
            return _refuse(error, notes)
        if len(answer.body) > _LARGE:
            # In no thread of the application: those may be busy for as long as a query takes.
            return await asyncio.to_thread(_accept, wish, answer, notes)
        return _accept(wish, answer, notes)

    return direct


def _accept(wish: Wish, answer: Answer, notes: Notes) -> Response:
    """Make the response of an answer."""
    chosen = wish.rows if answer.is_rows else wish.triples
    kind = chosen.content_type if chosen else ""
    kept = (
        {"etag": f'"{make_tag(answer.body, kind)}"', "cache-control": LASTING}
        if is_lasting(wish.query or "")
        else {"cache-control": PASSING}
    )
    return _respond(HTTPStatus.OK, kind, answer.body, kept, notes | note_answer(answer))


def _is_long(asked: Asked) -> bool:
    return sum(map(len, (asked.query_string, asked.body, asked.accept, asked.content_type))) > _LONG


def _refuse(error: QueryError, notes: Notes) -> Response:
    found = describe_problem(error)
    body = write_problem(found.status, found.title, found.detail, found.more).encode()
    headers = {name.lower(): value for name, value in found.headers.items()}
    return _respond(found.status, PROBLEM, body, {**headers, "cache-control": PASSING}, notes)


def _respond(
    status: HTTPStatus, kind: str, body: bytes, headers: Mapping[str, str], notes: Notes
) -> Response:
    sized = [("content-type", kind), ("content-length", str(len(body)))]
    return Response(status, [*sized, *_HEADERS, *headers.items()], body, notes)
