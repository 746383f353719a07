"""Reconciliation: names of tables find what they mean; what is matched is certain."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from audiokg.engine.local import LocalEngine
from audiokg.queries import read_library
from audiokg.web.questions import Questions
from audiokg.web.reconcile.asked import Query
from audiokg.web.reconcile.candidates import find_candidates
from audiokg.web.reconcile.material import Material, Reader
from audiokg.web.reconcile.results import id_of
from audiokg.web.search.finder import Finder
from conftest import ROOT

SCHEMAS = {
    path.stem: json.loads(path.read_text())
    for path in (ROOT / "tests" / "reconciliation-schemas").glob("*.json")
}
#: Name, type (- for none), the identifiers that are right (- for none), why; held back from tuning.
HELD_BACK = [
    line.split("\t")
    for line in (ROOT / "tests" / "reconcile-names.tsv").read_text().splitlines()[1:]
]
GOAL = 0.95
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
Json = dict[str, Any]


@pytest.fixture(scope="session")
def material(engine: LocalEngine) -> Material:
    questions = Questions(engine, read_library("page", ROOT))
    return Reader(questions, Finder(questions)).material


def check(kind: str, document: object) -> None:
    assert [str(e) for e in jsonschema_rs.validator_for(SCHEMAS[kind]).iter_errors(document)] == []


def send(client: FlaskClient, name: str, document: object) -> TestResponse:
    """Send as OpenRefine does: one form field that holds JSON."""
    return client.post("/reconcile", data={name: json.dumps(document)})


def ask(client: FlaskClient, query: str | None = None, **more: Any) -> list[Json]:
    """Ask one query; give its candidates, checked against the schema."""
    asked = more if query is None else {"query": query, **more}
    answer = send(client, "queries", {"q0": asked})
    assert answer.status_code == 200, answer.text
    check("results", answer.json)
    found: list[Json] = json.loads(answer.data)["q0"]["result"]
    return found


def matched(found: list[Json]) -> list[str]:
    return [one["id"] for one in found if one["match"]]


def fetch(client: FlaskClient, ids: list[str], *columns: str | Json) -> Json:
    properties = [{"id": one} if isinstance(one, str) else one for one in columns]
    answer = send(client, "extend", {"ids": ids, "properties": properties})
    assert answer.status_code == 200, answer.text
    check("extension", answer.json)
    return dict(json.loads(answer.data))


def judge(material: Material, type_: str, name: str, expected: str) -> tuple[bool, bool]:
    """Tell whether a held-back name is right at rank one, and whether it is matched wrongly."""
    found = find_candidates(material, Query(name, () if type_ == "-" else (type_,)))
    ids, right = [id_of(one.thing.iri) for one in found], expected.split()
    sure = [id_of(one.thing.iri) for one in found if one.match]
    return expected == "-" or bool(set(ids[:1]) & set(right)), bool(sure) and sure != right


# Names


def test_held_back_names_are_enough_to_tell() -> None:
    assert len(HELD_BACK) >= 65
    assert sum(expected == "-" for _, _, expected, _ in HELD_BACK) >= 15


def test_held_back_names_come_first(material: Material) -> None:
    known = [row for row in HELD_BACK if row[2] != "-"]
    missed = [(n, t) for n, t, expected, _ in known if not judge(material, t, n, expected)[0]]
    assert len(missed) <= (1 - GOAL) * len(known), missed


def test_no_held_back_name_is_matched_wrongly(material: Material) -> None:
    assert [(n, t) for n, t, expected, _ in HELD_BACK if judge(material, t, n, expected)[1]] == []


def test_every_name_of_ours_comes_first_and_matches_nothing_else(material: Material) -> None:
    wrong, second = [], []
    for iri, thing in material.things.items():
        for name in (one.text for one in material.spellings.of(iri) if one.own):
            best = find_candidates(material, Query(name, (thing.kind,), limit=1))[0]
            wrong += [name] if best.match and best.thing.iri != iri else []
            second += [name] if best.thing.iri != iri else []
    assert wrong == []
    assert len(second) < 0.01 * len(material.things)


# Matches


def test_the_one_thing_of_a_name_is_matched(client: FlaskClient) -> None:
    found = ask(client, "EnCodec", type="akg:NeuralAudioCodec")
    assert (found[0]["id"], found[0]["score"], matched(found)) == (
        "model/encodec",
        100.0,
        ["model/encodec"],
    )


@pytest.mark.parametrize("name", ["en-codec", "ENCODEC", " En Codec ", "Encodéc"])
def test_case_accents_and_spaces_do_not_matter(client: FlaskClient, name: str) -> None:
    assert matched(ask(client, name, type="model")) == ["model/encodec"]


@pytest.mark.parametrize("name", ["Encodek", "EnCodec 3", "EnCodecs", "EnCodecMAE"])
def test_what_is_spelt_nearly_so_is_ranked_only(client: FlaskClient, name: str) -> None:
    found = ask(client, name, type="model")
    assert (found[0]["id"], matched(found)) == ("model/encodec", [])


def test_a_known_first_word_is_no_slip_for_another(client: FlaskClient) -> None:
    ids = [one["id"] for one in ask(client, "hubert large", type="model")]
    assert ids.index("model/hubert-large-ll60k") < ids.index("model/bert-large")


def test_a_number_split_otherwise_is_another_name(client: FlaskClient) -> None:
    assert matched(ask(client, "Qwen2.5 7B", type="model")) == ["model/qwen2-5-7b"]
    assert matched(ask(client, "Qwen2-57B", type="model")) == []


@pytest.mark.parametrize("name", ["UniCodec", "SLAM", "Make-A-Voice"])
def test_a_name_of_two_works_is_not_matched(client: FlaskClient, name: str) -> None:
    found = ask(client, name, type="model")
    assert matched(found) == []
    assert min(found[0]["score"], found[1]["score"]) >= 99


def test_a_model_and_a_dataset_of_one_name_need_a_type(client: FlaskClient) -> None:
    assert matched(ask(client, "Alpaca")) == []
    assert matched(ask(client, "Alpaca", type="dataset")) == ["dataset/alpaca"]


def test_a_short_name_is_certain_only_of_a_type_and_as_it_is_written(client: FlaskClient) -> None:
    assert matched(ask(client, "ASR", type="task")) == ["task/speech-recognition"]
    assert matched(ask(client, "asr", type="task")) == matched(ask(client, "ASR")) == []


def test_a_type_holds_those_below_it(client: FlaskClient) -> None:
    for type_ in ("akg:NeuralAudioCodec", "akg:AudioTokenizer", "akg:Model", "model", "Model"):
        assert matched(ask(client, "EnCodec", type=[type_])) == ["model/encodec"]
    assert all(one["id"].startswith("dataset/") for one in ask(client, "EnCodec", type="dataset"))


def test_all_types_can_be_asked_for(client: FlaskClient) -> None:
    types = ["akg:Dataset", "akg:Model"]
    assert matched(ask(client, "EnCodec", type=types, type_strict="any")) == ["model/encodec"]
    assert ask(client, "EnCodec", type=types, type_strict="all") == []


def test_a_type_that_should_be_ranks_others_lower_and_matches_none(client: FlaskClient) -> None:
    found = ask(client, "EnCodec", type="akg:Dataset", type_strict="should")
    assert (found[0]["id"], found[0]["score"], matched(found)) == ("model/encodec", 70.0, [])


@pytest.mark.parametrize("text", ["publication/arxiv-2210-13438", "arXiv:2210.13438v2"])
def test_an_identifier_as_query_is_matched(client: FlaskClient, text: str) -> None:
    found = ask(client, text)
    assert (matched(found), found[0]["score"]) == (["publication/arxiv-2210-13438"], 100.0)


# Properties


@pytest.mark.parametrize(
    ("identifier", "id_"),
    [
        ("2502.20067", "model/unicodec-domain-adaptive-codebook"),
        ("https://arxiv.org/abs/2503.12115v1", "model/unicodec-universal-speech-token"),
    ],
)
def test_an_identifier_decides_between_namesakes(
    client: FlaskClient, identifier: str, id_: str
) -> None:
    found = ask(client, "UniCodec", type="model", properties=[{"pid": "arxiv", "v": identifier}])
    assert (found[0]["id"], matched(found)) == (id_, [id_])


def test_an_identifier_of_another_thing_takes_the_match_away(client: FlaskClient) -> None:
    given = [{"pid": "fabio:hasArXivId", "v": "2107.03312"}]
    found = {one["id"]: one for one in ask(client, "EnCodec", type="model", properties=given)}
    assert matched(list(found.values())) == []
    assert found["model/encodec"]["score"] < 70


def test_another_address_takes_nothing_away(client: FlaskClient) -> None:
    given = [{"pid": "url", "v": "https://example.org/my-notes-on-encodec"}]
    name = "EnCodec 24 kHz mono"
    assert fetch(client, ["model/encodec-24-khz"], "url")["rows"]["model/encodec-24-khz"]["url"]
    assert matched(ask(client, name, type="model", properties=given)) == ["model/encodec-24-khz"]


def test_any_value_finds_where_there_is_no_name(client: FlaskClient) -> None:
    found = ask(client, type="model", limit=50, properties=[{"pid": "organisation", "v": "Kyutai"}])
    assert "model/moshi" in [one["id"] for one in found]
    assert matched(found) == []


def test_an_identifier_alone_finds_what_it_is_of(client: FlaskClient) -> None:
    found = ask(client, type="model", properties=[{"pid": "arxiv", "v": "2210.13438"}])
    assert matched(found) == ["model/encodec"]


@pytest.mark.parametrize(
    ("pid", "right", "wrong"),
    [
        ("date", "2022", "2019"),
        ("year", 2022, 2019),
        ("akg:introducedBy", "Meta AI", "Tencent"),
        ("organisation", {"id": "organisation/meta-ai"}, {"id": "organisation/tencent"}),
        ("author", "Jade Copet", "Ada Lovelace"),
    ],
)
def test_other_values_raise_or_lower_the_score(
    client: FlaskClient, pid: str, right: Any, wrong: Any
) -> None:
    fits = ask(client, "EnCodec", type="model", properties=[{"pid": pid, "v": [right]}])
    fails = ask(client, "EnCodec", type="model", properties=[{"pid": pid, "v": wrong}])
    assert (matched(fits), matched(fails)) == (["model/encodec"], [])
    score = next(one["score"] for one in fails if one["id"] == "model/encodec")
    assert fits[0]["score"] == 100 > score


def test_a_property_that_is_given_twice_has_all_its_values(client: FlaskClient) -> None:
    given = [{"pid": "organisation", "v": name} for name in ("Meta AI", "Tencent")]
    for properties in (given, given[::-1]):
        found = ask(client, "EnCodec", type="model", properties=properties)
        assert (matched(found), found[0]["score"]) == (["model/encodec"], 100.0)


def test_what_the_graph_does_not_know_is_no_evidence(client: FlaskClient) -> None:
    given = [{"pid": "akg:durationHours", "v": 7}]
    assert matched(ask(client, "EnCodec", type="model", properties=given)) == ["model/encodec"]


def test_a_number_is_compared_by_size(client: FlaskClient) -> None:
    given = [{"pid": "akg:sampleRateHz", "v": "24000"}]
    found = ask(client, "EnCodec 24 kHz mono", type="model", properties=given)
    features = {one["id"]: one["value"] for one in found[0]["features"]}
    assert features["akg:sampleRateHz"] == 1


# The service


def test_manifest_is_of_the_api(client: FlaskClient) -> None:
    answer = client.get("/reconcile", headers={"Host": "kg.example:8141"})
    check("manifest", answer.json)
    manifest = json.loads(answer.data)
    assert manifest["preview"]["url"] == "http://kg.example:8141/reconcile/preview?id={{id}}"
    assert manifest["identifierSpace"] + "model/encodec" == "https://w3id.org/audiokg/model/encodec"


def test_what_the_manifest_names_is_there(client: FlaskClient) -> None:
    manifest = json.loads(client.get("/reconcile").data)
    services = [*manifest["suggest"].values(), manifest["extend"]["propose_properties"]]
    addresses = [one["service_url"] + one["service_path"] for one in services]
    templates = [manifest["view"]["url"], manifest["preview"]["url"]]
    addresses += [one.replace("{{id}}", "model%2Fencodec") for one in templates]
    for address in (*addresses, manifest["documentation"], manifest["logo"]):
        with client.get(address, headers=BROWSER, follow_redirects=True) as answer:
            assert answer.status_code == 200, address


def test_a_batch_may_come_by_address(client: FlaskClient) -> None:
    batch = {"a": {"query": "Moshi", "type": "model", "limit": 1}, "b": {"query": "qqqq"}}
    answer = client.get("/reconcile", query_string={"queries": json.dumps(batch)}, headers=BROWSER)
    check("results", answer.json)
    results = json.loads(answer.data)
    assert [one["id"] for one in results["a"]["result"]] == ["model/moshi"]
    assert results["b"]["result"] == []


def test_candidates_come_by_falling_score(client: FlaskClient) -> None:
    found = ask(client, "HuBERT", limit=50)
    scores = [one["score"] for one in found]
    assert scores == sorted(scores, reverse=True)
    assert len(found) > 10


def test_entities_are_suggested_by_name_and_identifier(client: FlaskClient) -> None:
    for prefix in ("encod", "model/encodec", "https://w3id.org/audiokg/model/encodec"):
        answer = client.get("/reconcile/suggest/entity", query_string={"prefix": prefix})
        check("suggested-entities", answer.json)
        assert json.loads(answer.data)["result"][0]["id"] == "model/encodec"


def test_the_cursor_leads_on(client: FlaskClient) -> None:
    pages = [
        json.loads(client.get(f"/reconcile/suggest/entity?prefix=wav&cursor={n}").data)["result"]
        for n in (0, 20, 9_999)
    ]
    ids = [[one["id"] for one in page] for page in pages]
    assert (len(ids[0]), set(ids[0]) & set(ids[1]), ids[2]) == (20, set(), [])
    assert ids[1]


@pytest.mark.parametrize(
    ("what", "prefix", "id_"),
    [
        ("type", "codec", "akg:NeuralAudioCodec"),
        ("type", "akg:Dataset", "akg:Dataset"),
        ("type", "organ", "foaf:Organization"),
        ("property", "frame", "akg:frameRateHz"),
        ("property", "arx", "arxiv"),
        ("property", "bibo:doi", "bibo:doi"),
    ],
)
def test_types_and_properties_are_suggested(
    client: FlaskClient, what: str, prefix: str, id_: str
) -> None:
    answer = client.get(f"/reconcile/suggest/{what}", query_string={"prefix": prefix})
    check({"type": "suggested-types", "property": "suggested-properties"}[what], answer.json)
    assert json.loads(answer.data)["result"][0]["id"] == id_


def test_a_type_says_what_is_above_it(client: FlaskClient) -> None:
    (found,) = json.loads(client.get("/reconcile/suggest/type?prefix=neural").data)["result"]
    assert [one["id"] for one in found["broader"]] == ["akg:AudioTokenizer"]


def test_preview_may_stand_in_a_frame_and_do_nothing_there(client: FlaskClient) -> None:
    answer = client.get("/reconcile/preview?id=model%2Fencodec")
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert policy.startswith("default-src 'none'")
    assert "EnCodec" in answer.text
    assert "frame-ancestors 'none'" in client.get("/").headers["Content-Security-Policy"]


def test_view_leads_to_the_page(client: FlaskClient) -> None:
    assert client.get("/reconcile/view?id=model%2Fencodec").location == "/model/encodec"
    assert client.get("/reconcile/view?id=//example.org").status_code == 404


def test_a_person_gets_a_page_to_try_it(client: FlaskClient) -> None:
    asked = {"names": "EnCodec\r\n\r\nUniCodec\n<b>", "type": "akg:Model"}
    page = client.get("/reconcile", query_string=asked, headers=BROWSER)
    assert page.mimetype == "text/html"
    assert '<a href="/model/encodec">model/encodec</a>' in page.text
    assert page.text.count("not certain") == 2
    assert "&lt;b&gt;" in page.text
    assert "<b>" not in page.text


def test_every_route_is_open_to_other_origins(client: FlaskClient) -> None:
    for path in ("", "/suggest/entity?prefix=a", "/properties", "/preview?id=model/moshi"):
        answer = client.get(f"/reconcile{path}", headers={"Origin": "http://refine.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    asked = {"Origin": "http://refine.example", "Access-Control-Request-Method": "POST"}
    answer = client.options("/reconcile", headers=asked)
    assert answer.status_code == 200
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]


# Fetching


def test_values_come_as_what_they_are(client: FlaskClient) -> None:
    columns = ["akg:frameRateHz", "akg:codebookCount", "akg:variantOf", "arxiv", "author"]
    row = fetch(client, ["model/encodec-24-khz"], *columns)["rows"]["model/encodec-24-khz"]
    assert row["akg:frameRateHz"] == [{"float": 75.0}]
    assert row["akg:codebookCount"] == [{"int": n} for n in (2, 4, 8, 16, 32)]
    assert row["akg:variantOf"] == [{"id": "model/encodec", "name": "EnCodec"}]
    assert row["arxiv"] == [{"str": "2210.13438"}]
    assert row["author"][0] == {"str": "Alexandre Défossez"}


def test_a_path_of_properties_is_followed(client: FlaskClient) -> None:
    found = fetch(client, ["model/encodec"], "akg:introducedIn/dcterms:title")
    (cell,) = found["rows"]["model/encodec"]["akg:introducedIn/dcterms:title"]
    assert cell == {"str": "High Fidelity Neural Audio Compression"}


def test_columns_have_settings(client: FlaskClient) -> None:
    id_ = "akg:introducedBy"
    for content, value in (
        ("name", "Meta AI"),
        ("iri", "https://w3id.org/audiokg/organisation/meta-ai"),
    ):
        column = {"id": id_, "settings": {"limit": "1", "content": content}}
        assert fetch(client, ["model/encodec"], column)["rows"]["model/encodec"][id_] == [
            {"str": value}
        ]
    limited = fetch(client, ["model/encodec"], {"id": "author", "settings": {"limit": 2}})
    assert len(limited["rows"]["model/encodec"]["author"]) == 2


def test_a_column_of_things_names_their_type(client: FlaskClient) -> None:
    meta = fetch(client, ["model/encodec"], "akg:introducedIn", "akg:frameRateHz")["meta"]
    assert meta[0]["type"] == {"id": "akg:Publication", "name": "publication"}
    assert "type" not in meta[1]


def test_what_has_no_page_is_no_value(client: FlaskClient) -> None:
    refused = {"ids": [], "properties": [{"id": "akg:hasOperatingPoint"}]}
    assert problem_of(send(client, "extend", refused))[0] == 400
    proposed = client.get("/reconcile/properties?type=akg:Model").text
    assert "akg:hasOperatingPoint" not in proposed


def test_what_is_not_here_has_an_empty_row(client: FlaskClient) -> None:
    assert fetch(client, ["Q42"], "arxiv")["rows"] == {"Q42": {"arxiv": []}}


def test_properties_are_proposed_with_counts(client: FlaskClient) -> None:
    answer = client.get("/reconcile/properties?type=akg:NeuralAudioCodec&limit=20")
    check("proposal", answer.json)
    proposal = json.loads(answer.data)
    counts = {one["id"]: one["description"] for one in proposal["properties"]}
    assert (len(counts), proposal["limit"]) == (20, 20)
    assert (
        counts["akg:frameRateHz"].split(":")[0].split(" of ")[1]
        == counts["rdfs:label"].split(" of ")[1]
    )


def test_all_that_is_proposed_can_be_fetched(client: FlaskClient) -> None:
    proposed = json.loads(client.get("/reconcile/properties?type=akg:Publication").data)
    for one in proposed["properties"]:
        rows = fetch(client, ["publication/arxiv-2210-13438"], one["id"])["rows"]
        assert list(rows) == ["publication/arxiv-2210-13438"]


# Hostile requests

DEEP = "[" * 5_000 + "]" * 5_000
REFUSED = {
    "no JSON": "{",
    "a list": "[]",
    "a text": '"EnCodec"',
    "deep": DEEP,
    "deep in a value": '{"q0": {"query": "a", "properties": [{"pid": "arxiv", "v": '
    + DEEP
    + "}]}}",
    "a query that is no object": '{"q0": "EnCodec"}',
    "a name that is no text": '{"q0": {"query": 7}}',
    "nothing asked": '{"q0": {}}',
    "no values": '{"q0": {"properties": []}}',
    "an unknown member": '{"q0": {"query": "a", "typ": "model"}}',
    "an unknown type": '{"q0": {"query": "a", "type": "akg:Nothing"}}',
    "an unknown property": '{"q0": {"query": "a", "properties": [{"pid": "none", "v": 1}]}}',
    "a property without a value": '{"q0": {"query": "a", "properties": [{"pid": "arxiv"}]}}',
    "a value too long": '{"q0": {"properties": [{"pid": "author", "v": "' + "a" * 501 + '"}]}}',
    "a null value": '{"q0": {"query": "a", "properties": [{"pid": "arxiv", "v": null}]}}',
    "a negative limit": '{"q0": {"query": "a", "limit": -1}}',
    "a limit of nothing": '{"q0": {"query": "a", "limit": 0}}',
    "a broken limit": '{"q0": {"query": "a", "limit": 1.5}}',
    "a true limit": '{"q0": {"query": "a", "limit": true}}',
    "a limit without end": '{"q0": {"query": "a", "limit": 1e999}}',
    "no number": '{"q0": {"query": "a", "limit": NaN}}',
    "an endless value": '{"q0": {"query": "a", "properties": [{"pid": "year", "v": -Infinity}]}}',
    "a number too long": '{"q0": {"query": "a", "limit": ' + "9" * 5_000 + "}}",
    "a key twice": '{"q0": {"query": "a"}, "q0": {"query": "b"}}',
    "half a character": '{"q0": {"query": "\\ud800"}}',
    "half a character as key": '{"\\udfff": {"query": "a"}}',
    "an unknown strictness": '{"q0": {"query": "a", "type_strict": "perhaps"}}',
    "a raw control character": '{"q0": {"query": "\x01"}}',
}
REFUSED_EXTENSIONS = {
    "no ids": '{"properties": []}',
    "no properties": '{"ids": []}',
    "an id that is no text": '{"ids": [1], "properties": []}',
    "an unknown property": '{"ids": [], "properties": [{"id": "akg:nothing"}]}',
    "a path too long": '{"ids": [], "properties": [{"id": "' + "/".join(["arxiv"] * 9) + '"}]}',
    "a property without id": '{"ids": [], "properties": [{}]}',
    "a negative limit": '{"ids": [], "properties": [{"id": "arxiv", "settings": {"limit": -1}}]}',
    "another content": '{"ids": [], "properties": [{"id": "arxiv", "settings": {"content": []}}]}',
}


def problem_of(answer: TestResponse) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, json.loads(answer.data)["detail"]


@pytest.mark.parametrize("name", REFUSED)
def test_a_batch_that_cannot_be_read_is_refused(client: FlaskClient, name: str) -> None:
    status, detail = problem_of(client.post("/reconcile", data={"queries": REFUSED[name]}))
    assert (status, len(detail) < 400) == (400, True)


@pytest.mark.parametrize("name", REFUSED_EXTENSIONS)
def test_an_extension_that_cannot_be_read_is_refused(client: FlaskClient, name: str) -> None:
    answer = client.post("/reconcile", data={"extend": REFUSED_EXTENSIONS[name]})
    assert problem_of(answer)[0] == 400


def test_refusals_say_what_there_is(client: FlaskClient) -> None:
    answer = client.post("/reconcile", data={"queries": REFUSED["an unknown member"]})
    assert "query, type, type_strict, limit, properties" in problem_of(answer)[1]


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("queries", {f"q{n}": {"query": "EnCodec"} for n in range(51)}),
        ("extend", {"ids": ["model/encodec"] * 501, "properties": []}),
        ("extend", {"ids": [], "properties": [{"id": "arxiv"}] * 51}),
        ("queries", {"q0": {"query": "a", "properties": [{"pid": "arxiv", "v": ["1"] * 501}]}}),
        ("queries", {"q0": {"query": "E" * 1_100_000}}),
    ],
)
def test_what_is_too_much_is_413(client: FlaskClient, name: str, document: Json) -> None:
    assert problem_of(send(client, name, document))[0] == 413


def test_parameters_are_given_once_and_not_both(client: FlaskClient) -> None:
    assert problem_of(client.post("/reconcile?queries={}", data={"queries": "{}"}))[0] == 400
    assert problem_of(client.get("/reconcile?queries={}&extend={}"))[0] == 400
    assert problem_of(client.post("/reconcile", data={}))[0] == 400


def test_a_body_of_another_type_is_415(client: FlaskClient) -> None:
    assert problem_of(client.post("/reconcile", json={"queries": {}}))[0] == 415


@pytest.mark.parametrize(
    "path",
    ["suggest/entity?cursor=-1", "properties?limit=x", "properties?type=none"],
)
def test_parameters_out_of_range_are_400(client: FlaskClient, path: str) -> None:
    assert problem_of(client.get(f"/reconcile/{path}"))[0] == 400


@pytest.mark.parametrize("path", ["suggest/flyout", "preview", "view?id=model/none"])
def test_what_is_not_there_is_404(client: FlaskClient, path: str) -> None:
    assert problem_of(client.get(f"/reconcile/{path}"))[0] == 404


@pytest.mark.parametrize("text", ["", "   ", "!?", "\t\n", "E" * 501, "\x00\x07", "漢字"])
def test_a_cell_that_is_no_name_has_no_candidates(client: FlaskClient, text: str) -> None:
    assert ask(client, text) == []


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)
QUERIES = st.fixed_dictionaries(
    {"query": st.text(max_size=40)},
    optional={
        "limit": ANY_JSON,
        "type": ANY_JSON | st.just("model"),
        "type_strict": st.sampled_from(["any", "all", "should", "no"]),
        "properties": st.lists(
            st.fixed_dictionaries(
                {
                    "pid": st.sampled_from(["arxiv", "date", "akg:frameRateHz", "author", "x/y"]),
                    "v": ANY_JSON,
                }
            ),
            max_size=2,
        ),
    },
)


@given(st.dictionaries(st.text(max_size=5), QUERIES | ANY_JSON, max_size=3))
@settings(max_examples=150)
def test_no_batch_breaks_the_server(app: Flask, batch: Json) -> None:
    answer = send(app.test_client(), "queries", batch)
    assert answer.status_code in (200, 400)


@given(ANY_JSON, st.sampled_from(["queries", "extend"]))
def test_no_json_breaks_the_server(app: Flask, document: Any, name: str) -> None:
    assert send(app.test_client(), name, document).status_code in (200, 400)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_breaks_suggestions_and_the_page(app: Flask, text: str, other: str) -> None:
    client = app.test_client()
    for what in ("entity", "type", "property"):
        answer = client.get(f"/reconcile/suggest/{what}", query_string={"prefix": text})
        assert answer.status_code == 200
    page = client.get("/reconcile", query_string={"names": text, "type": other}, headers=BROWSER)
    assert page.status_code in (200, 400)


# As OpenRefine asks a running server


@pytest.fixture(scope="module")
def refine(server: str) -> Iterator[httpx.Client]:
    headers = {
        "Accept": "application/json, text/javascript, */*; q=0.01",
        "User-Agent": "OpenRefine",
    }
    with httpx.Client(base_url=server, headers=headers) as client:
        yield client


def test_openrefine_adds_the_service_matches_a_column_and_fetches_another(
    refine: httpx.Client,
) -> None:
    manifest = refine.get("/reconcile").json()
    assert manifest["view"]["url"].startswith(str(refine.base_url))
    names = ["EnCodec", "soundstream", "Mimi", "DAC", "SNAC", "X-Codec 2", "HiFi Codec", "TiCodec"]
    shape = {"type": "akg:NeuralAudioCodec", "type_strict": "should", "limit": 5}
    batch = {f"q{n}": {"query": name, **shape} for n, name in enumerate(names)}
    results = refine.post("/reconcile", data={"queries": json.dumps(batch)}).json()
    ids = [results[f"q{n}"]["result"][0]["id"] for n in range(len(names))]
    assert ids[:3] == ["model/encodec", "model/soundstream", "model/mimi"]
    extension = {"ids": ids, "properties": [{"id": "akg:introducedBy"}, {"id": "date"}]}
    rows = refine.post("/reconcile", data={"extend": json.dumps(extension)}).json()["rows"]
    assert [rows[ids[0]]["akg:introducedBy"][0]["name"], rows[ids[0]]["date"][0]] == [
        "Meta AI",
        {"str": "2022-10"},
    ]


def test_an_identifier_may_come_encoded_in_full(refine: httpx.Client) -> None:
    answer = refine.get("/reconcile/view?id=model%2Fencodec", follow_redirects=True)
    assert (answer.status_code, answer.url.path) == (200, "/model/encodec")
