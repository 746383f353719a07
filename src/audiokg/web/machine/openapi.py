"""/openapi.json: what programs can ask, in OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1).

A route that this server does not have is left out, so the document is true of every server;
tests/test_openapi.py sends what it allows, and more, to all of them.
"""

from collections.abc import Mapping
from typing import Final

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, RequestRedirect

from audiokg.snapshot import Manifest
from audiokg.web.machine.operations import OPERATIONS, Json, Operation
from audiokg.web.problems import PROBLEM
from audiokg.web.protocol.wish import FORM, QUERY

_ANSWERS: Final = {
    "3XX": "Go to the address in Location: the one thing of that name, or its address today.",
    "400": "The request cannot be read; the detail says why and what to do.",
    "404": "There is no such thing; the detail names the nearest.",
    "406": "It does not come in the format that is asked for.",
    "410": "It was withdrawn.",
    "413": "The request, or its result, is too large.",
    "415": "A body of this type is not understood.",
    "503": "The query ran too long, or the server is busy; try again, or ask for less.",
}


def describe_api(routes: Map, root: str, manifest: Manifest) -> Json:
    """Write the document for a server at an address, from its routes."""
    found = [operation for operation in OPERATIONS if is_there(routes, operation.example)]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "audiokg",
            "summary": "The knowledge graph of large audio models",
            "version": manifest.version,
            "license": {"name": "CC BY 4.0", "identifier": "CC-BY-4.0"},
        },
        "servers": [{"url": root.rstrip("/")}],
        "paths": {operation.path: _methods(operation) for operation in found},
        "components": {
            "responses": {status: _failure(text) for status, text in _ANSWERS.items()},
            "schemas": {"Problem": _problem()},
        },
    }


def is_there(routes: Map, path: str) -> bool:
    """Tell whether a path leads to a view."""
    try:
        routes.bind("localhost").match(path, method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


def _methods(operation: Operation) -> Json:
    """Write GET, and POST where a body may say the same."""
    get = operation.as_json()
    if operation.path != "/sparql":
        return {"get": get}
    bodies = {
        FORM: {"schema": {"type": "object", "properties": {"query": {"type": "string"}}}},
        QUERY: {"schema": {"type": "string"}},
    }
    post = {"operationId": "sparql_post", "requestBody": {"required": True, "content": bodies}}
    statuses = get["responses"] | {"415": {"$ref": "#/components/responses/415"}}
    return {"get": get, "post": {"summary": operation.summary, **post, "responses": statuses}}


def _failure(description: str) -> Json:
    schema = {"$ref": "#/components/schemas/Problem"}
    content: Mapping[str, Json] = {PROBLEM: {"schema": schema}, "text/html": {}}
    return {"description": description, "content": content}


def _problem() -> Json:
    """Describe a problem document (RFC 9457)."""
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
        },
    }
