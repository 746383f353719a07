"""Paths that there are not, and what leads from them and from lists to what there is."""

import json

import pytest
from flask.testing import FlaskClient

from audiokg.terms import BASE

BROWSER = {"Accept": "text/html"}
RDF = ("ttl", "nt", "nq", "trig", "rdf", "jsonld")


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/codec/encodec", "/model/encodec"),
        ("/codec/encodec.ttl", "/model/encodec.ttl"),
        ("/codec/encodec?format=nt", "/model/encodec?format=nt"),
        ("/lineage/librispeech", "/lineage/dataset/librispeech"),
        ("/lineage/librispeech?depth=1", "/lineage/dataset/librispeech?depth=1"),
    ],
)
def test_a_near_path_leads_to_the_lasting_one(client: FlaskClient, path: str, target: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.location) == (301, target)
    assert client.get(target).status_code == 200


def test_unknown_codec_is_404_with_the_nearest_names(client: FlaskClient) -> None:
    answer = client.get("/codec/encodek")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert f"{BASE}model/encodec" in json.loads(answer.data)["suggestions"]
    page = client.get("/codec/encodek", headers=BROWSER)
    assert page.status_code == 404
    assert '<a href="/model/encodec">' in page.text


def test_lineage_of_neither_model_nor_dataset_is_404(client: FlaskClient) -> None:
    assert client.get("/lineage/librispeek").status_code == 404


@pytest.mark.parametrize(
    ("path", "search"),
    [
        ("/foo", "/search?q=foo"),
        ("/nowhere/at-all/", "/search?q=at-all"),
        ("/a%22%3Cb%3E%26c", "/search?q=a%22%3Cb%3E%26c"),
    ],
)
def test_unknown_path_says_where_to_start(client: FlaskClient, path: str, search: str) -> None:
    problem = json.loads(client.get(path).data)
    assert (problem["status"], problem["suggestions"]) == (404, [search, "/"])
    assert search in problem["detail"]
    page = client.get(path, headers=BROWSER)
    assert page.status_code == 404
    assert f'<li><a href="{search}">' in page.text
    assert '<li><a href="/">' in page.text
    assert "<b>" not in page.text
    assert client.get(search, headers=BROWSER).status_code == 200


def test_a_view_that_says_what_is_missing_keeps_its_word(client: FlaskClient) -> None:
    problem = json.loads(client.get("/lineage/nothing").data)
    assert "/model/ lists" in problem["detail"]
    assert "suggestions" not in problem


@pytest.mark.parametrize("accept", ["text/html", "text/turtle", "application/json"])
@pytest.mark.parametrize("scheme", ["licence", "metric", "task"])
def test_concept_scheme_links_to_its_forms(client: FlaskClient, scheme: str, accept: str) -> None:
    path = f"/{scheme}/"
    links = client.get(path, headers={"Accept": accept}).headers.getlist("Link")
    assert f'<{BASE}{scheme}/>; rel="canonical"' in links
    assert f'<{path}?format=ttl>; rel="describedby"; type="text/turtle"' in links
    for name in RDF:
        (link,) = [text for text in links if f'<{path}?format={name}>; rel="alternate"' in text]
        answer = client.get(f"{path}?format={name}")
        assert f'type="{answer.mimetype}"' in link
        assert answer.status_code == 200


def test_a_list_that_is_no_scheme_has_no_link_to_its_rdf(client: FlaskClient) -> None:
    assert not client.get("/codec/", headers=BROWSER).headers.getlist("Link")


def test_ontology_links_to_what_describes_it(client: FlaskClient) -> None:
    links = client.get("/ontology", headers=BROWSER).headers.getlist("Link")
    assert '</ontology.ttl>; rel="describedby"; type="text/turtle"' in links


def test_void_has_a_page_for_a_browser(client: FlaskClient) -> None:
    page = client.get("/.well-known/void", headers=BROWSER)
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "void:Dataset" in page.text
    for name in RDF:
        assert f'<a href="/.well-known/void?format={name}"' in page.text
    assert client.get("/.well-known/void").mimetype == "text/turtle"
