"""Errors as problem documents (RFC 9457), or as a page for a browser."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException, NotFound

from audiokg.errors import (
    AudioKGError,
    EndpointError,
    EngineBusyError,
    FormatNotFittingError,
    HungUpError,
    QueryError,
    QueryOutOfMemoryError,
    QueryRefusedError,
    QuerySyntaxError,
    QueryTimeoutError,
    QueryTooLargeError,
    ResultTooLargeError,
    WorkerCrashedError,
)
from audiokg.web.negotiation import HTML, prefers_html

#: The first class that fits decides; the sentence of the error is the detail.
STATUSES: tuple[tuple[type[AudioKGError], HTTPStatus, str], ...] = (
    (QuerySyntaxError, HTTPStatus.BAD_REQUEST, "The query does not parse"),
    (QueryRefusedError, HTTPStatus.BAD_REQUEST, "The query asks for what is not offered"),
    (QueryTooLargeError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The query is too large"),
    (ResultTooLargeError, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The result is too large"),
    (FormatNotFittingError, HTTPStatus.NOT_ACCEPTABLE, "No format fits"),
    (QueryTimeoutError, HTTPStatus.SERVICE_UNAVAILABLE, "The query took too long"),
    (QueryOutOfMemoryError, HTTPStatus.SERVICE_UNAVAILABLE, "The query needs too much memory"),
    (EndpointError, HTTPStatus.BAD_GATEWAY, "Another endpoint did not answer"),
    (WorkerCrashedError, HTTPStatus.SERVICE_UNAVAILABLE, "The query could not be evaluated"),
    (EngineBusyError, HTTPStatus.SERVICE_UNAVAILABLE, "The server is busy"),
    (HungUpError, HTTPStatus.SERVICE_UNAVAILABLE, "The client is gone"),
    (QueryError, HTTPStatus.BAD_GATEWAY, "The query got no answer"),
)
_RETRY_SECONDS = "5"
#: The media type of RFC 9457.
PROBLEM = "application/problem+json"


def handle_problems(app: Flask) -> None:
    """Answer every error of ours, of HTTP or of the program as a problem."""
    app.register_error_handler(QueryError, _query_problem)
    app.register_error_handler(HTTPException, _http_problem)


@dataclass(frozen=True)
class Problem:
    """What a problem document says, and the headers that go with it."""

    status: HTTPStatus
    title: str
    detail: str
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def describe_problem(error: QueryError) -> Problem:
    """Describe why a query got no answer."""
    status, title = next((s, t) for kind, s, t in STATUSES if isinstance(error, kind))
    more: dict[str, int] = {}
    if isinstance(error, QuerySyntaxError) and error.line and error.column:
        more = {"line": error.line, "column": error.column}
    headers = {"Retry-After": _RETRY_SECONDS} if isinstance(error, EngineBusyError) else {}
    return Problem(status, title, _detail(error), more, headers)


def _query_problem(error: QueryError) -> Response:
    found = describe_problem(error)
    response = _problem(found.status, found.title, found.detail, found.more)
    response.headers.update(found.headers)
    return response


def _http_problem(error: HTTPException) -> Response:
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:  # a redirect is no problem
        return Response.force_type(error.get_response(request.environ), request.environ)  # type: ignore[return-value]
    status = HTTPStatus(error.code)
    is_pathless = error.description == NotFound.description  # no view has said what is missing
    detail, more = _lost() if is_pathless else (error.description or status.description, {})
    response = _problem(status, status.phrase, detail, more)
    for name, value in error.get_headers(request.environ):
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _lost() -> tuple[str, dict[str, Any]]:
    """Say where to start from a path that there is not."""
    name = request.path.rstrip("/").rpartition("/")[2]
    ways = [f"/search?{urlencode({'q': name})}", "/"]
    return f"There is no page {request.path}; start at {' or '.join(ways)}.", {"suggestions": ways}


def _detail(error: QueryError) -> str:
    if isinstance(error, QuerySyntaxError) and error.line:
        return f"line {error.line}, column {error.column}: {error}"
    return str(error)


def _problem(status: HTTPStatus, title: str, detail: str, more: Mapping[str, Any]) -> Response:
    if prefers_html(request.accept_mimetypes):
        values = {"status": status.value, "title": title, "detail": detail}
        page = render_template("problem.html", **values, ways=more.get("suggestions", ()))
        return Response(page, status, content_type=HTML.content_type)
    return Response(write_problem(status, title, detail, more), status, content_type=PROBLEM)


def write_problem(
    status: HTTPStatus, title: str, detail: str, more: Mapping[str, Any] | None = None
) -> str:
    """Write a problem document; `more` are members beyond those of RFC 9457."""
    document = {"type": "about:blank", "title": title, "status": status.value, "detail": detail}
    return json.dumps(document | dict(more or {}), ensure_ascii=False, indent=2) + "\n"
