"""The query library and the page of /sparql: what works without scripts, and what scripts get."""

import csv
import html
import io
import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient

from audiokg.binding import find_form
from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import QueryRequest
from audiokg.examples import bind_query, read_defaults
from audiokg.formats import ROWS, TRIPLES, TRIPLES_WRITERS
from audiokg.queries import TOPICS, Query, read_library
from audiokg.snapshot import read_manifest
from audiokg.terms import AKG, BASE, PREFIXES, expand
from audiokg.turtle import read_term
from audiokg.web.app import create_app
from audiokg.web.library import editor
from audiokg.web.library.answer import MOST_ROWS
from audiokg.web.library.parameters import write_term
from conftest import ROOT

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
EXAMPLES = read_library("example", ROOT)
FEDERATED = read_library("federated", ROOT)
LIBRARY = EXAMPLES | FEDERATED
WITH_PARAMETERS = {name: query for name, query in EXAMPLES.items() if query.parameters}
ASSETS = ROOT / "src/audiokg/web/assets"
SHIPPED = [
    *ASSETS.glob("*.[jc]s*"),
    ROOT / "src/audiokg/web/static/library.js",
    ROOT / "src/audiokg/web/static/library.css",
    *(ROOT / "src/audiokg/web/templates").glob("*sparql*.html"),
]


@pytest.fixture(scope="module")
def client(engine: LocalEngine, snapshot: Path) -> FlaskClient:
    pages, manifest = read_library("page", ROOT), read_manifest(snapshot)
    app = create_app(engine, pages, EXAMPLES, manifest, federated=FEDERATED)
    app.testing = True
    return app.test_client()


def read_rows(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode())))


def show(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path, headers=BROWSER)
    assert (response.status_code, response.mimetype) == (status, "text/html")
    text: str = response.data.decode()
    return text


def page_text(page: str, element: str) -> str:
    found = re.search(rf'id="{element}"[^>]*>(.*?)</', page, re.DOTALL)
    assert found
    return html.unescape(found[1])


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_query_has_a_page_and_the_rows_of_the_engine(
    name: str, client: FlaskClient, engine: LocalEngine
) -> None:
    query = EXAMPLES[name]
    asked = QueryRequest(query.text, "csv", bindings=read_defaults(query))
    answer = engine.answer(asked).body
    assert client.get(f"/query/{name}.csv").data == answer
    page = show(client, f"/query/{name}")
    assert html.escape(query.title) in page or query.title in page
    shown = page.count("<tr>") - 1
    assert shown == min(len(read_rows(answer)) - 1, MOST_ROWS)


@pytest.mark.parametrize("name", FEDERATED)
def test_federated_query_is_shown_but_not_asked(name: str, client: FlaskClient) -> None:
    page = show(client, f"/query/{name}")
    assert 'name="run" value="1"' in page
    assert "<tbody>" not in page


def test_federated_query_is_asked_on_demand(client: FlaskClient) -> None:
    page = show(client, f"/query/{next(iter(FEDERATED))}?run=1", 400)
    assert "SERVICE" in page


@pytest.mark.parametrize("form", ROWS, ids=lambda form: form.name)
def test_rows_come_in_each_format_by_suffix_parameter_and_accept(
    form: object, client: FlaskClient
) -> None:
    name, media_type = form.name, form.media_type  # type: ignore[attr-defined]
    by_suffix = client.get(f"/query/conflicts.{name}")
    by_parameter = client.get(f"/query/conflicts?format={name}")
    by_accept = client.get("/query/conflicts", headers={"Accept": media_type})
    assert by_suffix.mimetype == by_parameter.mimetype == by_accept.mimetype == media_type
    assert by_suffix.data == by_parameter.data == by_accept.data != b""


def test_parameter_changes_the_rows(client: FlaskClient) -> None:
    snac, mimi = (
        client.get(f"/query/bitrate-arithmetic.csv?codec=model:{name}").data
        for name in ("snac", "mimi")
    )
    assert snac == client.get("/query/bitrate-arithmetic.csv").data != mimi
    assert {row[0] for row in read_rows(mimi)[1:]} == {BASE + "model/mimi"}


@pytest.mark.parametrize("written", ["model:mimi", f"<{BASE}model/mimi>", f"{BASE}model/mimi"])
def test_resource_is_written_short_or_as_iri(written: str, client: FlaskClient) -> None:
    rows = client.get("/query/confirmed-figures.csv", query_string={"codec": written}).data
    assert rows == client.get("/query/confirmed-figures.csv").data


def test_number_takes_the_datatype_of_its_default(client: FlaskClient) -> None:
    path = "/query/codecs-at-25-hz-with-one-codebook.json"
    rows = json.loads(client.get(f"{path}?rate=25").data)["results"]["bindings"]
    assert {row["rate"]["datatype"] for row in rows} == {PREFIXES["xsd"] + "decimal"}
    assert len(rows) == len(json.loads(client.get(path).data)["results"]["bindings"]) > 0


HOSTILE = [
    ("configurations-of-a-family", "family", "model:whisper } UNION { ?x ?y ?z"),
    ("configurations-of-a-family", "family", "model:whisper . ?x ?y ?z"),
    ("configurations-of-a-family", "family", "<https://a.org/> } DROP ALL #>"),
    ("configurations-of-a-family", "family", "?name"),
    ("configurations-of-a-family", "family", '"text"'),
    ("configurations-of-a-family", "family", "nope:whisper"),
    ("configurations-of-a-family", "family", ""),
    ("small-codecs", "most", "1) || true || (1"),
    ("small-codecs", "most", "12.5"),
    ("codecs-below-a-bitrate", "below", "٣"),
    ("codecs-below-a-bitrate", "below", "<script>alert(1)</script>"),
]


@pytest.mark.parametrize(("name", "parameter", "given"), HOSTILE)
def test_what_is_no_term_is_400_and_the_form_keeps_it(
    name: str, parameter: str, given: str, client: FlaskClient
) -> None:
    tail = urlencode({parameter: given})
    problem = client.get(f"/query/{name}.csv?{tail}")
    assert problem.status_code == 400
    assert json.loads(problem.data)["detail"].startswith(f"{parameter}: ")
    page = show(client, f"/query/{name}?{tail}", 400)
    assert 'aria-invalid="true"' in page
    assert given in {html.unescape(value) for value in re.findall(r'value="([^"]*)"', page)}
    assert "<script>alert" not in page


def test_hostile_iri_is_one_term(client: FlaskClient) -> None:
    """It finds nothing; as text it would end the pattern and find everything."""
    given = "https://a.org/x%3E%20%7D%20UNION%20%7B%20?x?y?z"
    rows = client.get("/query/configurations-of-a-family.csv", query_string={"family": given})
    assert (rows.status_code, len(read_rows(rows.data))) == (200, 1)


def test_command_line_is_quoted_for_a_shell(client: FlaskClient) -> None:
    tail = urlencode({"family": "https://a.org/'$(id)'"})
    shown = page_text(show(client, f"/query/configurations-of-a-family?{tail}"), "call-cli")
    assert shown.endswith("""--param 'family=<https://a.org/'"'"'$(id)'"'"'>'""")


@pytest.mark.parametrize("tail", ["nope=1", "codec=model:snac&codec=model:mimi"])
def test_unknown_or_repeated_parameter_is_400(tail: str, client: FlaskClient) -> None:
    assert client.get(f"/query/bitrate-arithmetic.csv?{tail}").status_code == 400


def test_form_offers_labels_of_real_values(client: FlaskClient, engine: LocalEngine) -> None:
    page = show(client, "/query/bitrate-arithmetic?codec=model:mimi")
    assert '<option value="model:mimi" selected>Mimi</option>' in page
    assert page.count("<option") > 100
    assert "model:gpt-2" not in page


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_each_resource_parameter_has_choices_its_default_among_them(
    name: str, client: FlaskClient
) -> None:
    query = WITH_PARAMETERS[name]
    resources = {k for k, term in read_defaults(query).items() if isinstance(term, ox.NamedNode)}
    assert set(query.choices) == resources
    page = show(client, f"/query/{name}")
    for parameter in resources:
        chosen = write_term(read_term(query.parameters[parameter]))
        [label] = re.findall(rf'<option value="{chosen}" selected>(.*?)</option>', page)
        assert label != chosen


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_every_choice_is_read_back_as_itself(name: str, client: FlaskClient) -> None:
    written = re.findall(r'<option value="([^"]*)"', show(client, f"/query/{name}"))
    for value in map(html.unescape, written):
        assert write_term(read_term(value)) == value


@pytest.mark.parametrize("name", WITH_PARAMETERS)
def test_text_for_the_editor_has_its_terms_and_the_same_rows(
    name: str, client: FlaskClient, engine: LocalEngine
) -> None:
    query = WITH_PARAMETERS[name]
    text = bind_query(query, read_defaults(query))
    assert "#+ params" not in text
    assert "#+ choices" not in text
    rows = read_rows(engine.answer(QueryRequest(text, "csv")).body)
    assert sorted(rows) == sorted(read_rows(client.get(f"/query/{name}.csv").data))
    terms = {key: write_term(term) for key, term in read_defaults(query).items()}
    assert client.get(f"/query/{name}.rq", query_string=terms).data.decode() == text
    assert urlencode({"query": text}) in html.unescape(show(client, f"/query/{name}"))


@pytest.mark.parametrize("name", LIBRARY)
def test_raw_text_is_the_file(name: str, client: FlaskClient) -> None:
    response = client.get(f"/query/{name}.rq")
    assert response.mimetype == "application/sparql-query"
    assert response.data.decode() == LIBRARY[name].text


@pytest.mark.parametrize("name", LIBRARY)
def test_description_in_rdf_has_type_title_and_a_text_that_runs(
    name: str, client: FlaskClient
) -> None:
    body = client.get(f"/query/{name}", headers={"Accept": "text/turtle"}).data
    found = {quad.triple for quad in ox.parse(body, format=ox.RdfFormat.TURTLE)}
    query, subject = LIBRARY[name], ox.NamedNode(f"{BASE}query/{name}")
    for property_, value in (
        ("rdf:type", ox.NamedNode(expand("sh:SPARQLSelectExecutable"))),
        ("rdfs:label", ox.Literal(query.title, language="en")),
        ("rdfs:comment", ox.Literal(query.description, language="en")),
        ("schema:keywords", ox.Literal(query.topic, language="en")),
        ("sh:select", ox.Literal(bind_query(query, read_defaults(query)))),
    ):
        assert ox.Triple(subject, ox.NamedNode(expand(property_)), value) in found


@pytest.mark.parametrize("form", TRIPLES, ids=lambda form: form.name)
def test_description_comes_in_every_syntax(form: object, client: FlaskClient) -> None:
    name = form.name  # type: ignore[attr-defined]
    response = client.get(f"/query/conflicts.{name}")
    assert response.mimetype == form.media_type  # type: ignore[attr-defined]
    found = {quad.triple for quad in ox.parse(response.data, format=TRIPLES_WRITERS[name])}
    turtle = client.get("/query/conflicts.ttl").data
    assert found == {quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)}


def test_answers_link_to_the_iri_and_to_the_other_forms(client: FlaskClient) -> None:
    link = ", ".join(client.get("/query/conflicts.csv").headers.getlist("Link"))
    assert f'<{BASE}query/conflicts>; rel="canonical"' in link
    assert '</query/conflicts.ttl>; rel="alternate"; type="text/turtle"' in link


def test_unknown_query_is_404_with_the_nearest_names(client: FlaskClient) -> None:
    response = client.get("/query/full-duplex-dialog")
    assert response.status_code == 404
    assert "full-duplex-dialogue" in json.loads(response.data)["detail"]
    assert client.get("/query/conflicts?format=docx").status_code == 406


def test_list_has_every_query_by_topic(client: FlaskClient) -> None:
    page = show(client, "/query/")
    assert all(f'href="/query/{name}"' in page for name in LIBRARY)
    assert [html.unescape(t) for t in re.findall(r"<h2 id=[^>]*>(.*?) <span", page)] == [*TOPICS]


def test_filter_keeps_what_has_all_words(client: FlaskClient) -> None:
    names = [row["name"] for row in client.get("/query/?q=Librispeech+RESULTS").json or []]
    assert names == ["librispeech-results"]
    assert "No question has all of these words" in show(client, "/query/?q=zzzz")


def test_list_comes_as_data(client: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/query/?format=csv").data.decode())))
    assert {row["name"] for row in rows} == set(LIBRARY)
    turtle = client.get("/query/", headers={"Accept": "text/turtle"}).data
    subjects = {quad.subject for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)}
    assert subjects == {ox.NamedNode(f"{BASE}query/{name}") for name in LIBRARY}


def test_every_query_has_a_topic_and_a_form_that_can_be_described() -> None:
    assert {query.topic for query in EXAMPLES.values()} == {*TOPICS[:-1]}
    assert {query.topic for query in FEDERATED.values()} == {TOPICS[-1]}
    assert {find_form(query.text) for query in LIBRARY.values()} <= {"SELECT", "CONSTRUCT", "ASK"}


def test_editor_completes_every_own_class_and_property(
    client: FlaskClient, engine: LocalEngine
) -> None:
    document = client.get("/sparql/terms.json").json or {}
    assert document["prefixes"] == PREFIXES
    told = {term["iri"]: term for term in document["terms"]}
    text = f"""PREFIX owl: <{PREFIXES["owl"]}> SELECT DISTINCT ?term {{
      VALUES ?kind {{ owl:Class owl:ObjectProperty owl:DatatypeProperty owl:AnnotationProperty }}
      ?term a ?kind FILTER(STRSTARTS(STR(?term), "{AKG}")) }}"""
    own = [row[0] for row in read_rows(engine.answer(QueryRequest(text, "csv")).body)[1:]]
    assert len(own) > 100
    assert all(told[iri]["label"] and told[iri]["definition"] for iri in own)
    assert told[AKG + "Model"]["kind"] == "class"
    assert told[AKG + "frameRateHz"]["name"] == "akg:frameRateHz"


def test_plain_form_works_without_scripts(client: FlaskClient) -> None:
    page = show(client, "/sparql")
    assert page.index('<form action="/sparql" method="get">') < page.index("<textarea")
    query = page_text(page, "query")
    answered = show(client, "/sparql?" + urlencode({"query": query, "format": "html"}))
    assert page_text(answered, "query").strip() == query.strip()
    assert '<a href="/model/moshi">model:moshi</a>' in answered


def test_example_opens_with_its_defaults_bound(client: FlaskClient) -> None:
    page = show(client, "/sparql?example=small-codecs")
    assert "(20000000 AS ?most)" in page_text(page, "query").replace(
        '"20000000"^^<http://www.w3.org/2001/XMLSchema#integer>', "20000000"
    )
    assert '<option value="small-codecs"' in page


def test_query_that_fails_stays_in_the_form(client: FlaskClient) -> None:
    page = show(client, "/sparql?" + urlencode({"query": "SELECT nonsense"}), 400)
    assert page_text(page, "query") == "SELECT nonsense"
    assert "Line 1, column" in page


def test_answer_goes_along_with_its_page_so_that_it_is_asked_once(client: FlaskClient) -> None:
    query = "SELECT ?x { VALUES ?x { '</script><script>alert(1)</script>' } }"
    page = show(client, "/sparql?" + urlencode({"query": query}))
    assert page.count("</script>") == page.count("<script")
    along = json.loads(page_text(page, "answer"))
    rows = json.loads(along["data"])["results"]["bindings"]
    assert along["contentType"] == "application/sparql-results+json"
    assert rows == [{"x": {"type": "literal", "value": "</script><script>alert(1)</script>"}}]


def test_long_answer_is_cut_and_says_so(client: FlaskClient) -> None:
    page = show(client, "/sparql?" + urlencode({"query": "SELECT ?s { ?s ?p ?o } LIMIT 1500"}))
    assert "The first 1,000 of 1,500 rows" in page
    assert page.count("<tr>") == 1001


def test_iri_that_is_no_web_address_is_no_link(client: FlaskClient) -> None:
    query = "SELECT (IRI('javascript:alert(1)') AS ?x) {}"
    page = show(client, "/sparql?" + urlencode({"query": query}))
    assert 'href="javascript' not in page


def test_page_without_the_bundle_is_the_form(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editor, "has_bundles", lambda *names: False)
    page = show(client, "/sparql")
    assert "/static/vendor/" not in page
    assert "<textarea" in page


@pytest.mark.parametrize("path", ["/sparql", "/query/", "/query/conflicts"])
def test_policy_allows_nothing_inline_and_pages_have_nothing_inline(
    path: str, client: FlaskClient
) -> None:
    response = client.get(path, headers=BROWSER)
    assert "'unsafe" not in response.headers["Content-Security-Policy"]
    page = response.data.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    assert all('src="/static/' in tag for tag in re.findall(r"<script[^>]*module[^>]*>", page))


def test_editor_asks_our_own_server_only() -> None:
    script = (ASSETS / "editor.js").read_text(encoding="utf-8")
    for setting in (
        "const endpoint = `${location.origin}/sparql`",
        "endpoint: () => endpoint",
        "corsProxy: undefined",
        "prefixCcApi: null",
        "populateFromUrl: false",
        "registerCompleters(Yasqe)",
        "endpointCatalogueOptions: { getData: () => [], keys: [] }",
    ):
        assert setting in script
    completers = (ASSETS / "complete.js").read_text(encoding="utf-8")
    assert "delete Yasqe.Autocompleters[name]" in completers


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_what_we_ship_fetches_from_no_other_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    fetched = re.findall(r"(?:fetch|import)\(?\s*[`\"']([^`\"']+)", text)
    assert all(not address.startswith(("http", "//")) for address in fetched)
    assert not re.search(r"(?:src|href)=\"https?:|url\(\s*[\"']?(?:https?:|//)", text)


def test_query_of_unknown_topic_is_refused(tmp_path: Path) -> None:
    from audiokg.errors import QueryFileError
    from audiokg.queries import read_query

    file = tmp_path / "q.rq"
    file.write_text("#+ title: T\n#+ description: D\n#+ topic: Nonsense\nASK {}", encoding="utf-8")
    with pytest.raises(QueryFileError, match="the topic is none of"):
        read_query(file)


def test_bound_text_loses_only_the_lines_on_parameters() -> None:
    text = "#+ title: T\n#+ params: x=1,\n#+   y=2\n#+ choices: x=akg:Model\nASK { ?x ?y 3 }"
    query = Query("q", text, "T", parameters={"x": "model:mimi"})
    bound = bind_query(query, read_defaults(query))
    assert bound == f"#+ title: T\nASK {{ <{BASE}model/mimi> ?y 3 }}"
