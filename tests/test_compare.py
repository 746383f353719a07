"""/compare shows what the graph has, side by side, and exports exactly that."""

import csv
import io
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode

from audiokg.binding import bind_terms
from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import QueryRequest
from audiokg.export.cells import Thing
from audiokg.export.comparison import compare
from audiokg.queries import read_library
from audiokg.web.compare.views import EXAMPLES, link_to
from audiokg.web.questions import Row
from conftest import ROOT
from test_tables import latex_rows, read_markdown, unescape_latex

BROWSER = {"Accept": "text/html"}
MODEL = "https://w3id.org/audiokg/model/"
PREFIXES = (
    "PREFIX akg: <https://w3id.org/audiokg/ontology#> "
    "PREFIX model: <https://w3id.org/audiokg/model/> "
)
KIN = {"version or configuration of", "configurations"}
PAIR = "/compare?id=encodec&id=descript-audio-codec"


def ask(engine: LocalEngine, query: str) -> list[Row]:
    rows: list[Row] = json.loads(engine.answer(QueryRequest(PREFIXES + query)).body)["results"][
        "bindings"
    ]
    assert rows, query
    return rows


def lines(client: FlaskClient, path: str) -> dict[str, Any]:
    answer = client.get(path, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return {row["label"]: row for row in json.loads(answer.data)["rows"]}


def html(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    return answer.text


@pytest.mark.parametrize("ident", ["encodec-24-khz", "descript-audio-codec-24-khz", "snac-24-khz"])
@pytest.mark.parametrize(
    ("name", "label"),
    [("bitrateKbps", "bitrate"), ("sampleRateHz", "sample rate"), ("parameterCount", "parameters")],
)
def test_figures_are_those_of_the_graph(
    client: FlaskClient, engine: LocalEngine, ident: str, name: str, label: str
) -> None:
    rows = ask(engine, f"SELECT DISTINCT ?v {{ model:{ident} akg:{name} ?v }} ORDER BY ?v")
    cell = lines(client, f"/compare?id={ident}&id=mimi")[label]["cells"][0]
    assert [value["value"] for value in cell["values"]] == [row["v"]["value"] for row in rows]


def test_family_has_the_bitrates_of_its_configurations(
    client: FlaskClient, engine: LocalEngine
) -> None:
    rows = ask(
        engine,
        "SELECT DISTINCT ?v { ?c akg:variantOf+ model:encodec ; akg:bitrateKbps ?v } ORDER BY ?v",
    )
    [cell, _] = lines(client, PAIR)["bitrate"]["cells"]
    assert cell["text"] == ", ".join(row["v"]["value"] for row in rows)
    assert lines(client, PAIR)["bitrate"]["unit"] == "kbit/s"
    assert all(value["configurations"] for value in cell["values"])
    assert f"{MODEL}encodec-48-khz" in cell["values"][-1]["configurations"]


def test_numbers_have_their_thousands_set_apart_and_the_csv_has_not(client: FlaskClient) -> None:
    path = "/compare?id=encodec-24-khz&id=mimi"
    assert lines(client, path)["sample rate"]["cells"][0]["text"] == "24\u202f000"
    assert "sample rate,Hz,24000,24000," in client.get(f"{path}&format=csv").text


def test_differences_are_marked_for_those_who_see_no_colour(client: FlaskClient) -> None:
    page, rows = html(client, PAIR), lines(client, PAIR)
    differing = [row for row in rows.values() if row["differs"]]
    assert page.count('<tr class="differs">') == page.count("≠ differs</span>") == len(differing)
    assert 0 < len(differing) < len(rows)


def test_only_differences_leaves_out_the_rest(client: FlaskClient) -> None:
    every, some = lines(client, PAIR), lines(client, f"{PAIR}&only=differences")
    assert list(some) == [label for label, row in every.items() if row["differs"]]
    assert f"show all {len(every)}" in html(client, f"{PAIR}&only=differences")


def test_unknown_is_shown_and_is_no_difference(client: FlaskClient) -> None:
    rows = lines(client, "/compare?id=encodec&id=dataset/librispeech")
    row = rows["sample rate"]
    assert row["cells"][1] == {"text": "unknown", "values": []}
    assert row["differs"] is False


def test_licences_of_code_and_of_weights_are_told_apart(client: FlaskClient) -> None:
    rows = lines(client, "/compare?id=encodec-24-khz&id=descript-audio-codec-24-khz")
    assert rows["licence of the code"]["cells"][0]["text"] == "MIT License"
    assert rows["licence of the weights"]["cells"][0]["text"] == "unknown"


def test_parts_of_two_configurations_are_one_where_they_read_the_same(client: FlaskClient) -> None:
    [cell, _] = lines(client, "/compare?id=moshi&id=glm-4-voice")["parts"]["cells"]
    assert cell["text"] == "Temporal Transformer, 7\u202f000\u202f000\u202f000 parameters"
    assert len(cell["values"][0]["configurations"]) == 2


def test_every_stated_value_of_the_file_has_a_source(client: FlaskClient) -> None:
    cells = lines(client, "/compare?id=encodec-24-khz&id=mimi")["parameters"]["cells"]
    assert all(value["sources"] for cell in cells for value in cell["values"])


@pytest.mark.parametrize("query", ["", "&only=differences"])
def test_exports_are_what_the_page_shows(client: FlaskClient, query: str) -> None:
    path = f"/compare?id=encodec&id=dataset/librispeech&id=descript-audio-codec{query}"
    shown = [
        [row["label"], row["unit"] or "", *(cell["text"] for cell in row["cells"])]
        for row in json.loads(client.get(path).data)["rows"]
    ]
    markdown = read_markdown(client.get(f"{path}&format=md").text)
    latex = latex_rows(client.get(f"{path}&format=tex").text)
    assert markdown[0] == [
        "Property",
        "Unit",
        "EnCodec",
        "LibriSpeech",
        "Descript Audio Codec",
        "Differs",
    ]
    assert [row[:-1] for row in markdown[1:]] == shown
    assert [[unescape_latex(c.strip()) for c in row[:-1]] for row in latex[1:]] == shown
    table = list(csv.reader(io.StringIO(client.get(f"{path}&format=csv").text, newline="")))
    assert [row[:2] for row in table[1:]] == [row[:2] for row in shown]
    page = html(client, path)
    assert [label for label, *_ in shown] == re.findall(r'<th scope="row">([^<]+?)(?: <|<)', page)


@pytest.mark.parametrize(
    ("wanted", "mimetype"),
    [
        ("md", "text/markdown"),
        ("tex", "application/x-latex"),
        ("csv", "text/csv"),
        ("json", "application/json"),
        ("text/markdown", "text/markdown"),
        ("text/x-tex", "application/x-latex"),
    ],
)
def test_accept_and_format_alike_choose_the_twin(
    client: FlaskClient, wanted: str, mimetype: str
) -> None:
    asked = {"id": ["encodec", "mimi"], "format": wanted}
    assert client.get("/compare", query_string=asked).mimetype == mimetype
    if "/" in wanted:
        assert client.get(PAIR, headers={"Accept": wanted}).mimetype == mimetype


def test_open_as_sparql_gives_the_facts_shown(client: FlaskClient) -> None:
    path = "/compare?id=encodec-24-khz&id=snac-24-khz"
    link = re.search(r'class="sparql" href="([^"]+)"', html(client, path))
    assert link is not None
    query = parse_qs(urlsplit(link[1].replace("&amp;", "&")).query)["query"][0]
    answer = client.post("/sparql", data={"query": query}, headers={"Accept": "application/json"})
    found = {
        (row["resource"]["value"], row["property"]["value"], row["value"]["value"])
        for row in json.loads(answer.data)["results"]["bindings"]
    }
    document = json.loads(client.get(path).data)
    things = [thing["iri"] for thing in document["compared"]]
    shown = {
        (iri, row["property"], value["value"])
        for row in document["rows"]
        for iri, cell in zip(things, row["cells"], strict=True)
        for value in cell["values"]
    }
    assert found == shown


def test_order_and_permalink_are_as_given(client: FlaskClient) -> None:
    document = json.loads(client.get("/compare?id=mimi,dataset/libritts&id=encodec").data)
    assert [thing["id"] for thing in document["compared"]] == [
        "mimi",
        "dataset/libritts",
        "encodec",
    ]
    assert document["permalink"].endswith("/compare?id=mimi&id=dataset/libritts&id=encodec")


@pytest.mark.parametrize(
    "asked",
    ["EnCodec 24 kHz mono", "encodec-24-khz", "model/encodec-24-khz", MODEL + "encodec-24-khz"],
)
def test_name_id_and_iri_ask_for_the_same(client: FlaskClient, asked: str) -> None:
    answer = client.get("/compare", query_string={"id": [asked, "mimi", asked, ""]})
    things = json.loads(answer.data)["compared"]
    assert [thing["id"] for thing in things] == ["encodec-24-khz", "mimi"]


def test_name_with_a_comma_is_one_name(client: FlaskClient) -> None:
    answer = client.get("/compare", query_string={"id": ["Mimi, 8 codebooks", "encodec"]})
    assert [t["id"] for t in json.loads(answer.data)["compared"]] == ["mimi-8-codebooks", "encodec"]


def test_each_can_be_removed_and_another_added(client: FlaskClient) -> None:
    page = html(client, "/compare?id=encodec&id=mimi&id=snac")
    assert 'href="/compare?id=encodec&amp;id=snac"' in page
    assert page.count('<input type="hidden" name="id"') == 3
    assert '<option value="moshi">Moshi</option>' in page
    assert '<option value="mimi">' not in page


def test_without_ids_the_page_explains_and_offers(client: FlaskClient) -> None:
    page = html(client, "/compare")
    assert all(title in page for title, _ in EXAMPLES)
    assert page.count('name="id"') == 2


@pytest.mark.parametrize("ids", [ids for _, ids in EXAMPLES], ids=lambda ids: ids[0])
def test_every_example_compares_something(client: FlaskClient, ids: tuple[str, ...]) -> None:
    rows = lines(client, link_to(ids))
    assert any(row["differs"] for row in rows.values())
    assert sum(len(cell["values"]) > 0 for row in rows.values() for cell in row["cells"]) > 20


def test_one_id_asks_for_a_second(client: FlaskClient) -> None:
    page = html(client, "/compare?id=encodec")
    assert "EnCodec is chosen. Name a second one" in page
    assert client.get("/compare?id=encodec&format=csv").status_code == 400


@pytest.mark.parametrize(
    ("ident", "near"),
    [
        ("encodec-24-khz", "descript-audio-codec-24-khz"),
        ("encodec", "descript-audio-codec"),
        ("moshi", "baichuan-audio"),
        ("dataset/librispeech", "dataset/"),
    ],
)
def test_one_id_offers_the_nearest_as_links(client: FlaskClient, ident: str, near: str) -> None:
    part = html(client, f"/compare?id={ident}").partition("<h2>Nearest to")[2].partition("</ul>")[0]
    links = re.findall(r'href="/compare\?id=([^&"]+)&amp;id=([^&"]+)"', part)
    assert {first for first, _ in links} == {ident}
    assert links[0][1].startswith(near)
    assert ident not in [second for _, second in links]
    assert lines(client, f"/compare?id={ident}&id={links[0][1]}")


def test_nearest_codecs_are_in_the_order_of_their_frame_rates(engine: LocalEngine) -> None:
    text = read_library("page", ROOT)["compare-near"].text
    bound = bind_terms(text, {"resource": NamedNode(f"{MODEL}encodec-24-khz")})
    rows = json.loads(engine.answer(QueryRequest(bound)).body)["results"]["bindings"]
    order = [(-int(r["shared"]["value"]), float(r["frames"]["value"])) for r in rows]
    assert order == sorted(order)
    assert order[0][1] == 1


def test_what_has_no_near_ones_offers_none(client: FlaskClient) -> None:
    assert "Nearest to" not in html(client, "/compare?id=task/speech-recognition")


def test_family_and_configuration_have_none_of_what_the_other_has(client: FlaskClient) -> None:
    path = "/compare?id=encodec&id=snac-24-khz&id=dataset/librispeech"
    rows = lines(client, path)
    belongs, has = rows["version or configuration of"], rows["configurations"]
    assert [cell["text"] for cell in belongs["cells"]] == ["none", "SNAC", "unknown"]
    assert [cell["text"] for cell in has["cells"]][1:] == ["none", "unknown"]
    assert '<span aria-hidden="true">\u2013 </span>none' in html(client, path)


@pytest.mark.parametrize("path", [PAIR, "/compare?id=encodec-24-khz&id=snac-24-khz"])
def test_family_and_configurations_are_no_difference(client: FlaskClient, path: str) -> None:
    rows = lines(client, path)
    kin = [r for label, r in rows.items() if label in KIN]
    assert kin
    assert not any(row["differs"] for row in kin)
    assert not KIN & set(lines(client, f"{path}&only=differences"))


def test_more_than_eight_are_400_and_eight_are_not(client: FlaskClient) -> None:
    ids = ["encodec", "mimi", "snac", "soundstream", "hubert", "wavlm", "moshi", "audiolm", "gslm"]
    assert client.get(link_to(ids)).status_code == 400
    assert "at most 8" in json.loads(client.get(link_to(ids)).data)["detail"]
    page = html(client, link_to(ids[:8]))
    assert "8 is the most" in page
    assert 'id="another"' not in page


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("encodec-24khz", "encodec-24-khz"),
        ("dataset/libraspeech", "dataset/librispeech"),
        ("descript-audio", "descript-audio-codec"),
    ],
)
def test_unknown_id_is_404_with_the_nearest(client: FlaskClient, asked: str, near: str) -> None:
    answer = client.get(f"/compare?id=mimi&id={asked}")
    assert answer.status_code == 404
    detail = json.loads(answer.data)["detail"]
    assert f"“{asked}”" in detail
    assert near in re.split(r"[ ,]+", detail.rstrip("."))


def test_name_of_two_works_is_400_with_both_ids(client: FlaskClient) -> None:
    answer = client.get("/compare?id=mimi&id=UniCodec")
    detail = json.loads(answer.data)["detail"]
    assert answer.status_code == 400
    assert "unicodec-universal-speech-token" in detail
    assert "unicodec-domain-adaptive-codebook" in detail


@pytest.mark.parametrize("asked", ["dac-24-khz", "dac-24", "khz-24-dac"])
def test_abbreviation_in_an_unknown_id_is_spelt_out(client: FlaskClient, asked: str) -> None:
    detail = json.loads(client.get("/compare", query_string={"id": asked}).data)["detail"]
    nearest = detail.rstrip(".").partition("The nearest: ")[2].split(", ")
    assert nearest[0] == "descript-audio-codec-24-khz"
    assert "descript-audio-codec" in nearest


def test_unknown_id_is_404_with_links_that_keep_the_others(client: FlaskClient) -> None:
    answer = client.get("/compare?id=mimi&id=dac-24-khz", headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "Nothing is known of “dac-24-khz”." in answer.text
    link = "/compare?id=mimi&amp;id=descript-audio-codec-24-khz"
    assert f'<a href="{link}">' in answer.text
    assert client.get(link.replace("&amp;", "&")).status_code == 200


@pytest.mark.parametrize("asked", ["<script>alert(1)</script>", "a|b", "%00", "../x", "x y", "'"])
def test_hostile_ids_are_404_and_escaped(client: FlaskClient, asked: str) -> None:
    answer = client.get("/compare", query_string={"id": ["mimi", asked]}, headers=BROWSER)
    assert answer.status_code == 404
    assert b"<script>alert" not in answer.data


def test_unknown_switch_is_400_and_unknown_format_406(client: FlaskClient) -> None:
    assert client.get(f"{PAIR}&only=same").status_code == 400
    assert client.get(f"{PAIR}&format=docx").status_code == 406


def test_configurations_lead_to_their_families(client: FlaskClient) -> None:
    page = html(client, "/compare?id=encodec-24-khz&id=descript-audio-codec-24-khz")
    assert 'href="/compare?id=encodec&amp;id=descript-audio-codec">compare their families' in page
    assert "compare their families" not in html(client, PAIR)


def fact(resource: str, text: str, name: str = "sampleRateHz") -> Row:
    return {
        "resource": {"type": "uri", "value": MODEL + resource},
        "resourceLabel": {"type": "literal", "value": resource},
        "property": {"type": "uri", "value": "https://w3id.org/audiokg/ontology#" + name},
        "value": {"type": "literal", "value": text},
    }


def test_value_that_a_family_holds_itself_is_not_put_down_to_a_configuration() -> None:
    things = [Thing(MODEL + "a", "A"), Thing(MODEL + "b", "B")]
    owners = {MODEL + "a": [MODEL + "a"], MODEL + "a-1": [MODEL + "a"], MODEL + "b": [MODEL + "b"]}
    rows = [fact("a", "x"), fact("a-1", "x"), fact("a-1", "y"), fact("b", "x")]
    [line] = compare(things, owners, rows).lines
    own, folded = line.cells[0].values
    assert (own.holders, [h.label for h in folded.holders]) == ((), ["a-1"])
    assert line.differs
