"""/sparql: the query operation of the SPARQL 1.1 Protocol, case by case."""

import json

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from audiokg.formats import ROWS, TRIPLES
from audiokg.queries import read_query
from audiokg.web.negotiation import choose
from conftest import ROOT

ASK = "ASK { ?s ?p ?o }"
SELECT = "SELECT ?s { ?s ?p ?o } LIMIT 1"
CONSTRUCT = "CONSTRUCT WHERE { ?s a <https://w3id.org/audiokg/ontology#Benchmark> }"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"


@pytest.mark.parametrize("text", [ASK, SELECT, CONSTRUCT])
def test_get_and_both_posts_give_the_same(client: FlaskClient, text: str) -> None:
    bodies = [
        client.get("/sparql", query_string={"query": text}).data,
        client.post("/sparql", data={"query": text}).data,
        client.post("/sparql", data=text, content_type=QUERY).data,
    ]
    assert bodies[0] == bodies[1] == bodies[2] != b""


@pytest.mark.parametrize("format_", ROWS, ids=lambda f: f.name)
@pytest.mark.parametrize("text", [ASK, SELECT])
def test_rows_come_in_every_format(client: FlaskClient, text: str, format_: object) -> None:
    name, media_type = format_.name, format_.media_type  # type: ignore[attr-defined]
    by_accept = client.get("/sparql", query_string={"query": text}, headers={"Accept": media_type})
    by_name = client.get("/sparql", query_string={"query": text, "format": name})
    assert by_accept.mimetype == by_name.mimetype == media_type
    assert by_accept.data == by_name.data != b""


@pytest.mark.parametrize("format_", TRIPLES, ids=lambda f: f.name)
@pytest.mark.parametrize("text", [CONSTRUCT, "DESCRIBE <https://w3id.org/audiokg/model/mimi>"])
def test_triples_come_in_every_format(client: FlaskClient, text: str, format_: object) -> None:
    name, media_type = format_.name, format_.media_type  # type: ignore[attr-defined]
    by_accept = client.get("/sparql", query_string={"query": text}, headers={"Accept": media_type})
    by_name = client.get("/sparql", query_string={"query": text, "format": name})
    assert by_accept.mimetype == by_name.mimetype == media_type
    assert by_accept.data == by_name.data != b""


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
#: Accept header, type of rows, type of triples; the headers are those that the clients send.
ACCEPT = [
    ("*/*", "application/sparql-results+json", "text/turtle"),
    ("", "application/sparql-results+json", "text/turtle"),
    (BROWSER, "text/html", "text/html"),
    ("text/csv", "text/csv", None),
    ("text/turtle", None, "text/turtle"),
    ("application/json", "application/sparql-results+json", "application/ld+json"),
    ("text/csv;q=0.5, application/sparql-results+xml", "application/sparql-results+xml", None),
    ("text/turtle;q=0.2, application/rdf+xml;q=0.9", None, "application/rdf+xml"),
    ("*/*;q=0.1, text/tab-separated-values", "text/tab-separated-values", "text/turtle"),
    ("application/sparql-results+json;q=0, */*", "application/sparql-results+xml", "text/turtle"),
    (
        "application/sparql-results+json,application/json,text/javascript,application/javascript",
        "application/sparql-results+json",
        "application/ld+json",
    ),
    (
        "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,"
        "application/n-triples;q=0.8,text/turtle;q=0.6,application/rdf+xml;q=0.5,*/*;q=0.1",
        "application/sparql-results+json",
        "application/n-quads",
    ),
    ("image/png", None, None),
]


@pytest.mark.parametrize(("accept", "rows", "triples"), ACCEPT, ids=[a[0][:40] for a in ACCEPT])
def test_accept_decides(
    client: FlaskClient, accept: str, rows: str | None, triples: str | None
) -> None:
    for text, expected in ((SELECT, rows), (CONSTRUCT, triples)):
        response = client.get(
            "/sparql", query_string={"query": text}, headers={"Accept": accept} if accept else {}
        )
        if expected is None:
            assert response.status_code == 406
        else:
            assert (response.status_code, response.mimetype) == (200, expected)
        assert "Accept" in response.headers["Vary"]


@given(st.lists(st.tuples(st.sampled_from([f.media_type for f in ROWS]), st.floats(0.001, 1))))
def test_choice_is_one_of_the_best(wishes: list[tuple[str, float]]) -> None:
    header = ", ".join(f"{kind};q={quality:.3f}" for kind, quality in wishes)
    chosen = choose(parse_accept_header(header, MIMEAccept), ROWS)
    if not wishes:
        assert chosen is ROWS[0]
    else:
        best: dict[str, float] = {}
        for kind, quality in wishes:
            best[kind] = max(best.get(kind, 0.0), round(quality, 3))
        assert chosen is not None
        assert best[chosen.media_type] == max(best.values())


def test_bad_query_is_400_with_line_and_column(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": "SELECT *\nWHERE { ?s ?p }"})
    assert response.status_code == 400
    assert response.mimetype == "application/problem+json"
    problem = json.loads(response.data)
    assert (problem["line"], problem["column"]) == (2, 16)
    assert problem["detail"].startswith("line 2, column 16: ")


def test_problem_is_a_page_for_a_browser(client: FlaskClient) -> None:
    query = {"query": "SELECT <script>"}
    response = client.get("/sparql", query_string=query, headers={"Accept": BROWSER})
    assert (response.status_code, response.mimetype) == (400, "text/html")
    assert b"<script>" not in response.data


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"query": [ASK, ASK]}, 400),
        ({"query": ""}, 400),
        ({"query": ASK, "update": "DROP ALL"}, 400),
        ({"query": "INSERT DATA { <a:a> <a:b> 1 }"}, 400),
        ({"query": "SELECT * { SERVICE <http://a.org/> { ?s ?p ?o } }"}, 400),
        ({"query": ASK, "default-graph-uri": "not an iri"}, 400),
        ({"query": ASK, "timeout": "soon"}, 400),
        ({"query": ASK, "format": "docx"}, 406),
        ({"query": "SELECT * " + "{" * 100}, 413),
        (
            {"query": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", "timeout": 1},
            503,
        ),
    ],
)
def test_refused_request_says_why(
    client: FlaskClient, parameters: dict[str, object], status: int
) -> None:
    response = client.get("/sparql", query_string=parameters)
    assert response.status_code == status
    problem = json.loads(response.data)
    assert problem["status"] == status
    assert len(problem["detail"]) > 10
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (ASK, "text/plain", 415),
        (ASK, "", 415),
        (ASK, "application/sparql-update", 415),
        (ASK, QUERY + "; charset=utf-16", 415),
        (ASK, QUERY + "; charset=UTF-8", 200),
        (f"query={ASK}".replace(" ", "+"), FORM + "; charset=utf-8", 200),
        ("nothing=1", FORM, 400),
        (b"\xff\xfe", QUERY, 400),
        (b"query=%ff", FORM, 400),
        (b"query=" + b"x" * (2 << 20), FORM, 413),
    ],
)
def test_post_is_read_by_its_content_type(
    client: FlaskClient, body: str | bytes, content_type: str, status: int
) -> None:
    response = client.post("/sparql", data=body, content_type=content_type)
    assert response.status_code == status


def test_plus_and_percent_survive_all_three_ways(client: FlaskClient) -> None:
    text = 'SELECT ("a+b%20c é" AS ?x) {}'
    for response in (
        client.get("/sparql", query_string={"query": text}),
        client.post("/sparql", data={"query": text}),
        client.post("/sparql", data=text.encode(), content_type=QUERY),
    ):
        [row] = json.loads(response.data)["results"]["bindings"]
        assert row["x"]["value"] == "a+b%20c é"


def test_dataset_parameters_override_from_also_beside_a_posted_query(client: FlaskClient) -> None:
    text = "SELECT (COUNT(*) AS ?n) FROM <https://w3id.org/audiokg/graph/claims> { ?s ?p ?o }"
    url = "/sparql?default-graph-uri=https://w3id.org/audiokg/graph/conflicts&format=csv"
    posted = client.post(url, data=text, content_type=QUERY).data
    asked = client.get(url, query_string=None).status_code
    plain = client.get("/sparql", query_string={"query": text, "format": "csv"}).data
    assert posted != plain
    assert asked == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_405(client: FlaskClient, method: str) -> None:
    response = client.open("/sparql", method=method)
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_head_and_options_are_answered(client: FlaskClient) -> None:
    head = client.head("/sparql", query_string={"query": ASK})
    assert (head.status_code, head.data) == (200, b"")
    options = client.options("/sparql")
    assert options.status_code == 200
    assert "POST" in options.headers["Access-Control-Allow-Methods"]


def test_form_shows_an_example_and_results_as_a_table(client: FlaskClient) -> None:
    accept = {"Accept": BROWSER}
    assert b"<textarea" in client.get("/sparql", headers=accept).data
    text = read_query(ROOT / "queries" / "example" / "full-duplex-dialogue.rq").text
    page = client.get("/sparql", query_string={"query": text}, headers=accept)
    assert b"<td>Moshi" in page.data.replace(b"<span>", b"")
    assert b'href="/model/moshi"' in page.data
