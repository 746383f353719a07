"""Pages and RDF of what our IRIs name."""

import json

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from audiokg.formats import TRIPLES, TRIPLES_WRITERS
from audiokg.paths import graph_name, turtle_files
from audiokg.terms import BASE, SEGMENTS
from audiokg.web.resource import CLASSES
from conftest import ROOT

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
NAMES = [graph_name(path, ROOT) for path in turtle_files(ROOT) if "data" in path.parts]
PATHS = sorted(f"/{name}" for name in NAMES if name.split("/")[0] in SEGMENTS)


def read(body: bytes, name: str) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(body, format=TRIPLES_WRITERS[name])}


def test_there_are_resources() -> None:
    assert len(PATHS) > 300


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (BROWSER, "text/html"),
        ("text/html", "text/html"),
        ("text/turtle", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("*/*", "text/turtle"),
        (None, "text/turtle"),
    ],
)
@pytest.mark.parametrize("path", ["/model/mimi", "/publication/arxiv-2410-00037"])
def test_accept_decides_between_page_and_rdf(
    client: FlaskClient, path: str, accept: str | None, expected: str
) -> None:
    response = client.get(path, headers={"Accept": accept} if accept else {})
    assert (response.status_code, response.mimetype) == (200, expected)
    assert "Accept" in response.headers["Vary"]
    assert f'<{BASE}{path[1:]}>; rel="canonical"' in response.headers["Link"]


@pytest.mark.parametrize("path", PATHS)
def test_every_resource_has_a_page_and_equal_turtle_and_json_ld(
    client: FlaskClient, path: str
) -> None:
    turtle = read(client.get(f"{path}.ttl").data, "ttl")
    document = client.get(f"{path}.jsonld").data
    assert turtle == read(document, "jsonld")
    assert any(triple.subject == ox.NamedNode(BASE + path[1:]) for triple in turtle)
    assert client.get(f"{path}.html").status_code == 200


@pytest.mark.parametrize("format_", TRIPLES, ids=lambda f: f.name)
def test_suffix_and_parameter_give_every_format(client: FlaskClient, format_: object) -> None:
    name, media_type = format_.name, format_.media_type  # type: ignore[attr-defined]
    by_suffix = client.get(f"/model/mimi.{name}")
    by_parameter = client.get(f"/model/mimi?format={name}")
    assert by_suffix.mimetype == by_parameter.mimetype == media_type
    turtle = read(client.get("/model/mimi.ttl").data, "ttl")
    assert read(by_suffix.data, name) == turtle


def test_json_ld_reads_like_json(client: FlaskClient) -> None:
    document = json.loads(client.get("/model/mimi.jsonld").data)
    [node] = [node for node in document["@graph"] if node["id"] == "model:mimi"]
    assert node["label"] == "Mimi"
    assert node["type"] == "NeuralAudioCodec"
    assert node["introducedIn"] == "publication:arxiv-2410-00037"


def test_page_shows_facts_sources_lines_and_conflicts(client: FlaskClient) -> None:
    page = client.get("/model/glm-4-voice", headers={"Accept": BROWSER}).data.decode()
    for shown in (
        "<h1>GLM-4-Voice</h1>",
        'href="/task/spoken-dialogue"',
        "Speech/Audio Language Models, row 31",
        "equal-trust-lowest-value",
        "arxiv.org/abs/2412.02612",
    ):
        assert shown in page


@pytest.mark.parametrize("segment", SEGMENTS)
def test_list_of_a_kind_or_404(client: FlaskClient, segment: str) -> None:
    response = client.get(f"/{segment}/")
    assert response.status_code == (200 if segment in CLASSES else 404)


def test_unknown_resource_is_404_with_a_hint(client: FlaskClient) -> None:
    response = client.get("/model/nothing")
    assert response.status_code == 404
    assert "/model/" in json.loads(response.data)["detail"]
    assert client.get("/nowhere/at-all").status_code == 404


def test_unacceptable_is_406(client: FlaskClient) -> None:
    assert client.get("/model/mimi", headers={"Accept": "image/png"}).status_code == 406
    assert client.get("/model/mimi?format=docx").status_code == 406


def test_graphs_and_ontology_are_served(client: FlaskClient) -> None:
    graph = read(client.get("/graph/model/mimi.nt").data, "nt")
    assert any(triple.subject == ox.NamedNode(BASE + "graph/model/mimi") for triple in graph)
    assert client.get("/graph/model/nothing").status_code == 404
    assert b'id="frameRateHz"' in client.get("/ontology", headers={"Accept": BROWSER}).data
    assert client.get("/ontology", headers={"Accept": "text/turtle"}).mimetype == "text/turtle"


@pytest.mark.parametrize("path", ["/", "/model/mimi", "/sparql", "/health", "/nothing"])
def test_every_answer_has_security_and_cors_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path, headers={"Accept": BROWSER}).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in headers


def test_health_and_readiness(client: FlaskClient) -> None:
    assert client.get("/health").data == b"ok\n"
    assert client.get("/ready").data == b"ready\n"


def test_page_of_a_configuration_shows_arithmetic_and_evidence(client: FlaskClient) -> None:
    page = client.get("/model/lscodec-50-hz", headers={"Accept": BROWSER}).data.decode()
    for shown in (
        "the sum over the token streams, gives “0.411” for akg:bitrateKbps; here 0.45 is preferred",
        "repository or model card",
        "cantabile-kwok.github.io/LSCodec",
    ):
        assert shown in page
    settings = client.get("/model/snac-24-khz", headers={"Accept": BROWSER}).data.decode()
    assert "<td>0.984</td><td></td><td>11.72</td><td>1</td><td>4096</td><td>12</td>" in settings


@pytest.mark.parametrize("segment", ["organisation", "person", "language", "grade", "token"])
def test_every_kind_has_a_list(client: FlaskClient, segment: str) -> None:
    answer = client.get(f"/{segment}/", headers={"Accept": BROWSER})
    assert answer.status_code == 200
    assert answer.data.count(b"<li>") > 2
