"""openapi.json is true: what it allows is answered as it says, and nothing breaks the server."""

import json
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from audiokg.formats import TRIPLES, Format
from audiokg.web.machine.operations import OPERATIONS, Operation

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ROUTES = [("GET", operation.path) for operation in OPERATIONS] + [("POST", "/sparql")]
FORMS = [
    pytest.param(operation, form, id=f"{operation.path} {form.name}")
    for operation in OPERATIONS
    for form in operation.formats
]
#: Without parameters; the body of a POST may be any text.
SIMPLE = {("GET", op.path) for op in OPERATIONS if not op.parameters and len(op.formats) == 1} | {
    ("POST", "/sparql")
}
#: Every route asked rightly, and wrongly where there is anything to say wrong.
CASES = [
    pytest.param(method, path, mode, id=f"{method} {path} {mode.value}")
    for method, path in ROUTES
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if mode is GenerationMode.POSITIVE or (method, path) not in SIMPLE
]
ERRORS = {"400", "404", "406", "410", "413", "415", "503", "3XX"}
Json = dict[str, Any]


@pytest.fixture(scope="session")
def document(app: Flask) -> Json:
    return dict(json.loads(app.test_client().get("/openapi.json").data))


@pytest.fixture
def api(app: Flask) -> Any:
    return schemathesis.openapi.from_wsgi("/openapi.json", app)


@pytest.mark.parametrize(("method", "path", "mode"), CASES)
def test_every_route_answers_as_documented(
    api: Any, method: str, path: str, mode: GenerationMode
) -> None:
    operation = api[path][method]

    @given(operation.as_strategy(generation_mode=mode))
    @settings(max_examples=10, derandomize=True, suppress_health_check=list(HealthCheck))
    def ask(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(checks=CHECKS)

    ask()


def test_a_time_limit_that_no_clock_has_is_the_usual_one(client: FlaskClient) -> None:
    response = client.get("/sparql?query=ASK%7B%7D&timeout=7e307")
    assert (response.status_code, json.loads(response.data)["boolean"]) == (200, True)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.path)
def test_each_operation_is_served(document: Json, operation: Operation) -> None:
    assert operation.path in document["paths"]


@pytest.mark.parametrize(("operation", "form"), FORMS)
def test_example_is_answered_in_every_form(
    client: FlaskClient, operation: Operation, form: Format
) -> None:
    asked = {p.name: p.example for p in operation.parameters if p.where == "query" and p.example}
    if operation.path == "/sparql" and form in TRIPLES:
        asked["query"] = "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 3"
    wish = {"format": form.name} if operation.formats[1:] else {}
    response = client.get(operation.example, query_string=asked | wish)
    assert (response.status_code, response.mimetype) == (200, form.media_type)


def test_a_route_that_is_not_there_is_left_out(client: FlaskClient, monkeypatch: Any) -> None:
    invented = Operation("/no-such-route", "Nothing")
    monkeypatch.setattr("audiokg.web.machine.openapi.OPERATIONS", (*OPERATIONS, invented))
    paths = json.loads(client.get("/openapi.json").data)["paths"]
    assert "/sparql" in paths
    assert "/no-such-route" not in paths


def test_every_reference_leads_somewhere(document: Json) -> None:
    assert set(document["components"]["responses"]) == ERRORS
    text = json.dumps(document)
    for status in ERRORS:
        assert f"#/components/responses/{status}" in text


def test_operations_have_names_of_their_own(document: Json) -> None:
    names = [each["operationId"] for path in document["paths"].values() for each in path.values()]
    assert len(names) == len(set(names)) > 15
