"""Files for machines, and the data blocks in the heads of pages."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient

from audiokg.engine.local import LocalEngine
from audiokg.queries import read_library
from audiokg.snapshot import read_manifest
from audiokg.terms import BASE
from audiokg.web.machine.structured import StructuredData
from audiokg.web.machine.views import make_machine
from audiokg.web.questions import Questions

ROOT = Path(__file__).parents[1]
PAGES, EXAMPLES = read_library("page", ROOT), read_library("example", ROOT)
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
CROISSANT = "http://mlcommons.org/croissant/1.0"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def structured(engine: LocalEngine, snapshot: Path) -> StructuredData:
    return StructuredData(Questions(engine, PAGES), read_manifest(snapshot))


@pytest.fixture(scope="module")
def datasets(engine: LocalEngine, structured: StructuredData) -> list[Json]:
    text = "SELECT ?it { ?it a <https://w3id.org/audiokg/ontology#Dataset> }"
    rows = Questions(engine).rows_of(text)
    return [structured.describe(row["it"]["value"]) for row in rows]


def locations(client: FlaskClient, path: str) -> list[str]:
    tree = ElementTree.fromstring(client.get(path).data)  # noqa: S314
    return [str(place.text) for place in tree.iter(f"{SITEMAP}loc")]


def links(text: str) -> Iterator[str]:
    yield from re.findall(r"\]\(http://localhost(/[^)]*)\)", text)


def test_context_is_published_for_every_origin(client: FlaskClient) -> None:
    response = client.get("/context.jsonld")
    assert response.mimetype == "application/ld+json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "max-age=86400" in response.headers["Cache-Control"]
    assert json.loads(response.data)["@context"]["usesTokenizer"]["@type"] == "@id"


def test_context_of_the_version_is_kept_for_ever(client: FlaskClient, snapshot: Path) -> None:
    version = read_manifest(snapshot).version
    response = client.get(f"/context/{version}.jsonld")
    assert "immutable" in response.headers["Cache-Control"]
    assert response.data == client.get("/context.jsonld").data


def test_another_version_of_the_context_is_404_and_says_which_there_is(client: FlaskClient) -> None:
    response = client.get("/context/9.9.jsonld")
    assert response.status_code == 404
    assert "/context/" in json.loads(response.data)["detail"]


def test_published_context_is_the_one_in_documents(client: FlaskClient) -> None:
    published = json.loads(client.get("/context.jsonld").data)["@context"]
    document = json.loads(client.get("/model/moshi.jsonld").data)
    assert document["@context"].items() <= published.items()
    named = dict(document) | {"@context": published}
    read = [
        {quad.triple for quad in ox.parse(json.dumps(each).encode(), format=ox.RdfFormat.JSON_LD)}
        for each in (document, named)
    ]
    assert read[0] == read[1] != set()


@pytest.mark.parametrize(
    "path", ["/model/moshi", "/dataset/librispeech", "/task/speech-recognition"]
)
def test_resource_is_the_same_in_json_ld_and_turtle(client: FlaskClient, path: str) -> None:
    turtle = ox.parse(client.get(f"{path}.ttl").data, format=ox.RdfFormat.TURTLE)
    by_accept = client.get(path, headers={"Accept": "application/ld+json"}).data
    assert json.loads(by_accept)["id"] == BASE + path[1:]
    parsed = ox.parse(by_accept, format=ox.RdfFormat.JSON_LD)
    assert {quad.triple for quad in parsed} == {quad.triple for quad in turtle}


def test_sitemap_has_every_resource_once_with_the_day_of_its_change(client: FlaskClient) -> None:
    found = locations(client, "/sitemap.xml")
    assert len(found) == len(set(found)) > 1500
    text = client.get("/sitemap.xml").text
    assert re.search(r"<loc>http://localhost/model/moshi</loc><lastmod>\d{4}-\d\d-\d\d<", text)


def test_what_the_sitemap_lists_is_there(client: FlaskClient) -> None:
    paths = [place.removeprefix("http://localhost") for place in locations(client, "/sitemap.xml")]
    some = [*paths[:8], *paths[8::40]]
    assert [path for path in some if client.get(path).status_code != 200] == []


def test_large_sitemap_is_an_index_of_parts(engine: LocalEngine, snapshot: Path) -> None:
    app = Flask("audiokg.web")
    questions, manifest = Questions(engine, PAGES), read_manifest(snapshot)
    app.register_blueprint(make_machine(engine, questions, EXAMPLES, manifest, largest=1000))
    client = app.test_client()
    parts = [part.removeprefix("http://localhost") for part in locations(client, "/sitemap.xml")]
    assert parts == ["/sitemap/1.xml", "/sitemap/2.xml"]
    found = [place for part in parts for place in locations(client, part)]
    assert len(found) == len(set(found)) > 1500
    assert [client.get(f"/sitemap/{n}.xml").status_code for n in (0, 3)] == [404, 404]


def test_robots_may_read_pages_but_not_ask_queries(client: FlaskClient) -> None:
    robots = RobotFileParser()
    robots.parse(client.get("/robots.txt").text.splitlines())
    may = {path: robots.can_fetch("*", path) for path in ("/model/moshi", "/", "/query/conflicts")}
    assert all(may.values())
    asked = ("/sparql?query=ASK%7B%7D", "/compare?id=a,b", "/graph-store?default", "/search?q=a")
    assert not any(robots.can_fetch("*", path) for path in asked)
    assert robots.site_maps() == ["http://localhost/sitemap.xml"]


def test_llms_txt_names_only_what_is_there(client: FlaskClient) -> None:
    text = client.get("/llms.txt").text
    assert text.startswith("# audiokg\n\n> ")
    assert "{" not in re.sub(r"\[/[^\]]*\]", "", text)
    found = list(links(text))
    assert len(found) > 15
    asked = {path: client.get(path).status_code for path in found}
    assert {path for path, status in asked.items() if status != 200} <= {"/compare", "/search"}


def test_files_carry_the_address_of_the_server(client: FlaskClient) -> None:
    for path in ("/robots.txt", "/llms.txt", "/sitemap.xml", "/openapi.json"):
        assert "https://kg.example" in client.get(path, base_url="https://kg.example").text


@pytest.mark.parametrize(
    "name", ["model/moshi", "dataset/librispeech", "publication/arxiv-2410-00037"]
)
def test_data_block_cannot_leave_its_element(structured: StructuredData, name: str) -> None:
    block = str(structured(BASE + name))
    assert block.startswith('<script type="application/ld+json">{')
    assert "<" not in block.removeprefix("<script").removesuffix("</script>")
    assert json.loads(block.partition(">")[2].removesuffix("</script>"))["@id"] == BASE + name


def test_markup_in_a_name_is_escaped(structured: StructuredData, monkeypatch: Any) -> None:
    hostile = {"@id": BASE + "model/x", "name": "</script><script>alert(1)</script>"}
    monkeypatch.setattr(StructuredData, "describe", lambda _, iri: hostile)
    assert str(structured(BASE + "model/x")).count("<") == 2


def test_kinds_without_a_vocabulary_have_no_data_block(structured: StructuredData) -> None:
    assert structured(BASE + "unit/hour") == ""


def test_model_is_one_of_fair4ml(structured: StructuredData) -> None:
    model = structured.describe(BASE + "model/glm-4-voice")
    assert model["@type"] == ["CreativeWork", "fair4ml:MLModel"]
    assert {"spoken dialogue"} <= {task["name"] for task in model["fair4ml:mlTask"]}
    assert model["codemeta:referencePublication"]["name"].startswith("GLM-4-Voice")


def test_publication_has_its_authors_in_order(structured: StructuredData) -> None:
    paper = structured.describe(BASE + "publication/arxiv-2410-00037")
    assert [author["name"] for author in paper["author"]][:2] == [
        "Alexandre Défossez",
        "Laurent Mazaré",
    ]
    assert "arXiv:2410.00037" in paper["identifier"]


def test_dataset_says_croissant_only_with_all_that_croissant_requires(
    datasets: list[Json],
) -> None:
    required = {"name", "description", "license", "url", "creator", "datePublished"}
    conforming = [dataset for dataset in datasets if "conformsTo" in dataset]
    assert len(datasets) > 100
    assert len(conforming) > 10
    assert all(dataset["conformsTo"] == CROISSANT for dataset in conforming)
    assert all(dataset.keys() >= required for dataset in conforming)
    assert not any(
        dataset.keys() >= required for dataset in datasets if "conformsTo" not in dataset
    )


def test_croissant_has_text_where_one_value_is_allowed(datasets: list[Json]) -> None:
    for dataset in datasets:
        for key in ("name", "description", "url", "datePublished", "citeAs"):
            assert isinstance(dataset.get(key, ""), str), dataset["@id"]


def test_description_of_a_dataset_holds_facts_alone(datasets: list[Json]) -> None:
    [speech] = [data for data in datasets if data["@id"].endswith("/librispeech")]
    assert speech["description"] == "LibriSpeech: a dataset of speech, 1000 hours, in English."


def test_home_page_is_a_catalogue_with_a_search(app: Flask, structured: StructuredData) -> None:
    with app.test_request_context("/", base_url="https://kg.example"):
        site, catalogue = structured.describe(BASE)["@graph"]
    assert catalogue["@type"] == "DataCatalog"
    template = site["potentialAction"]["target"]["urlTemplate"]
    assert template == "https://kg.example/search?q={search_term_string}"


def test_data_blocks_are_json_ld(structured: StructuredData) -> None:
    block = str(structured(BASE + "model/encodec-24-khz"))
    text = block.partition(">")[2].removesuffix("</script>")
    triples = {quad.triple for quad in ox.parse(text.encode(), format=ox.RdfFormat.JSON_LD)}
    kind = ox.NamedNode("https://w3id.org/fair4ml#MLModel")
    assert kind in {triple.object for triple in triples}
