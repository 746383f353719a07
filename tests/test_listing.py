"""Lists with facets, and the start page."""

import csv
import io
import json
import random
import re
from collections.abc import Iterable
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rdflib.plugins.sparql import prepareQuery

from audiokg.engine.cache import CachedEngine
from audiokg.engine.local import LocalEngine
from audiokg.queries import read_library
from audiokg.snapshot import read_manifest
from audiokg.terms import BASE
from audiokg.web.app import create_app
from audiokg.web.listing.lists import CLASSES, LISTINGS
from audiokg.web.listing.selection import split_prologue
from audiokg.web.questions import Questions
from conftest import ROOT

BROWSER = {"Accept": "text/html"}
FACETED = [path for path, listing in LISTINGS.items() if listing.facets]
#: So many values of each facet are tried.
TRIED = 3
#: The start question: 25 Hz or less, one codebook, speech only, open weights.
START = "frame-rate=..25&codebooks=1&speech-only=yes&weights=known"


@pytest.fixture(scope="module")
def cached(engine: LocalEngine, snapshot: Path) -> Flask:
    """Make the application as it is served, where a list is asked for once."""
    pages, examples = read_library("page", ROOT), read_library("example", ROOT)
    made = create_app(CachedEngine(engine), pages, examples, read_manifest(snapshot))
    made.testing = True
    return made


@pytest.fixture
def client(cached: Flask) -> FlaskClient:
    return cached.test_client()


def ask(client: FlaskClient, path: str, query: str = "") -> Any:
    response = client.get(f"/{path}/?{query}", headers={"Accept": "application/json"})
    assert response.status_code == 200, response.data
    return json.loads(response.data)


def iris(rows: Iterable[dict[str, Any]]) -> list[str]:
    return [row["iri"] for row in rows]


def show(client: FlaskClient, address: str) -> str:
    response = client.get(address, headers=BROWSER)
    assert response.status_code == 200, response.data
    page: str = response.data.decode()
    return page


def shown(page: str) -> list[str]:
    """Give the IRIs of the rows of a page."""
    return [BASE + path for path in re.findall(r'<th scope="row"><a href="/([^"]+)">', page)]


def all_shown(client: FlaskClient, address: str) -> list[str]:
    """Give the IRIs of the rows of a list, from page to page."""
    page = show(client, address)
    following = re.search(r'<a href="([^"]+)" rel="next">', page)
    rest = all_shown(client, unescape(following[1])) if following else []
    return shown(page) + rest


def linked_rows(client: FlaskClient, query: str, subject: str) -> list[str]:
    """Give the IRIs of the rows that the endpoint gives for a query."""
    answer = client.post("/sparql", data={"query": query}, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.data
    return [row[subject]["value"] for row in json.loads(answer.data)["results"]["bindings"]]


def test_there_is_a_list_of_every_kind_and_of_codecs() -> None:
    assert set(LISTINGS) == {*CLASSES, "codec"}
    assert set(FACETED) == {"codec", "model", "dataset", "publication"}


@pytest.mark.parametrize("path", LISTINGS)
def test_page_json_csv_and_linked_query_have_the_same_rows(client: FlaskClient, path: str) -> None:
    document = ask(client, path)
    rows = iris(document["rows"])
    assert document["count"] == document["total"] == len(rows) == len(set(rows)) > 0
    table = client.get(f"/{path}/?format=csv").data.decode()
    assert iris(csv.DictReader(io.StringIO(table))) == rows
    assert all_shown(client, f"/{path}/") == rows
    assert linked_rows(client, document["query"], LISTINGS[path].subject) == rows


@pytest.mark.parametrize("path", FACETED)
def test_count_beside_a_value_is_the_rows_it_leaves(client: FlaskClient, path: str) -> None:
    facets = ask(client, path)["facets"]
    assert facets
    for name, choices in facets.items():
        for choice in [*choices[:TRIED], choices[-1]]:
            found = ask(client, path, f"{name}={choice['value']}")
            assert found["count"] == choice["count"] > 0, (name, choice)


@pytest.mark.parametrize("seed", range(12))
def test_any_combination_has_the_same_rows_everywhere(client: FlaskClient, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    path = FACETED[seed % len(FACETED)]
    facets = ask(client, path)["facets"]
    names = rng.sample(list(facets), rng.randint(1, 3))
    values = [(n, rng.choice(facets[n])["value"]) for n in names for _ in range(rng.randint(1, 3))]
    sort = rng.choice(["", "-"]) + rng.choice(LISTINGS[path].columns).name
    query = "&".join([*(f"{n}={v}" for n, v in values), f"sort={sort}"])
    document = ask(client, path, query)
    rows = iris(document["rows"])
    assert all_shown(client, f"/{path}/?{query}") == rows
    assert linked_rows(client, document["query"], LISTINGS[path].subject) == rows
    passing = [
        {iri for n, v in values if n == name for iri in iris(ask(client, path, f"{n}={v}")["rows"])}
        for name in names
    ]
    assert set(rows) == set.intersection(*passing)


@pytest.mark.parametrize("path", FACETED)
def test_counts_keep_to_the_filters_of_other_facets(client: FlaskClient, path: str) -> None:
    first, second = list(ask(client, path)["facets"].items())[:2]
    chosen = f"{first[0]}={first[1][0]['value']}"
    facets = ask(client, path, chosen)["facets"]
    assert sorted(map(str, facets[first[0]])) == sorted(map(str, first[1]))  # not to its own
    for choice in facets[second[0]][:TRIED]:
        both = ask(client, path, f"{chosen}&{second[0]}={choice['value']}")
        assert both["count"] == choice["count"]


def test_linked_query_is_sparql_for_others_too(client: FlaskClient) -> None:
    query = ask(client, "codec", f"{START}&streaming=no&streaming=unknown&sort=-bitrate")["query"]
    assert prepareQuery(query)
    assert query.count("FILTER(") > 6
    page = show(client, f"/codec/?{START}")
    [link] = re.findall(r'class="sparql" href="([^"]+)"', page)
    [text] = parse_qs(urlsplit(unescape(link)).query)["query"]
    assert text == ask(client, "codec", START)["query"]


def test_start_question_is_answered_by_clicks(client: FlaskClient) -> None:
    page = show(client, "/codec/")
    for part in START.split("&"):
        name, value = part.split("=")
        assert f'<input type="checkbox" name="{name}" value="{value}">' in page
    names = {row["name"] for row in ask(client, "codec", START)["rows"]}
    assert {"FocalCodec 25hz", "LSCodec 25 Hz", "GLM-4-Voice-Tokenizer"} <= names


def test_start_question_agrees_with_the_example(client: FlaskClient, engine: LocalEngine) -> None:
    questions = Questions(engine, read_library("example", ROOT))
    example = {r["codec"]["value"] for r in questions.rows("open-low-rate-speech-codecs")}
    rows = ask(client, "codec", f"{START}&speech-only=unknown&domain=speech")["rows"]
    # The example wants one codebook in every setting, the facet in one of them.
    assert example == {row["iri"] for row in rows if row["codebooks"] == [1]}
    assert example


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        ("10..25", lambda rates: any(10 <= rate <= 25 for rate in rates)),
        ("..12.5", lambda rates: any(rate <= 12.5 for rate in rates)),
        ("150..", lambda rates: any(rate >= 150 for rate in rates)),
        ("50", lambda rates: 50 in rates),
        ("51..74", lambda rates: any(51 <= rate <= 74 for rate in rates)),
        ("unknown", lambda rates: not rates),
        ("known", bool),
    ],
)
def test_range_takes_rows_with_any_figure_in_it(
    client: FlaskClient, value: str, holds: Any
) -> None:
    expected = {r["iri"] for r in ask(client, "codec")["rows"] if holds(r["frame_rate_hz"])}
    assert set(iris(ask(client, "codec", f"frame-rate={value}")["rows"])) == expected
    assert expected


def test_several_values_are_or_and_several_facets_are_and(client: FlaskClient) -> None:
    music, sound = (
        set(iris(ask(client, "codec", f"domain={d}")["rows"])) for d in ("music", "sound")
    )
    assert set(iris(ask(client, "codec", "domain=music&domain=sound")["rows"])) == music | sound
    streams = ask(client, "codec", "domain=music&streaming=yes")["rows"]
    assert set(iris(streams)) < music
    assert any(len(row["domain"]) > 1 for row in streams)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("colour=red", "frame-rate, bitrate"),
        ("quantizer=magic", "residual-vector-quantization"),
        ("frame-rate=fast", "10..25"),
        ("frame-rate=..", "10..25"),
        ("frame-rate=25..10", "backwards"),
        ("frame-rate=1e3", "10..25"),
        ("streaming=perhaps", "yes"),
        ("sort=colour", "bitrate"),
        ("page=0", "number from 1"),
        ("page=two", "number from 1"),
    ],
)
def test_what_cannot_be_read_is_400_with_what_is_known(
    client: FlaskClient, query: str, told: str
) -> None:
    response = client.get(f"/codec/?{query}")
    assert response.status_code == 400
    assert told in json.loads(response.data)["detail"]


def test_value_is_escaped_where_it_is_shown(client: FlaskClient) -> None:
    response = client.get("/codec/?quantizer=<script>", headers=BROWSER)
    assert response.status_code == 400
    assert b"<script>" not in response.data.replace(b'<script src="/static', b"")


@pytest.mark.parametrize(("sort", "way"), [("bitrate", "ascending"), ("-bitrate", "descending")])
def test_sorted_by_a_figure_unknown_comes_last(client: FlaskClient, sort: str, way: str) -> None:
    rates = [row["bitrate_kbps"] for row in ask(client, "codec", f"sort={sort}")["rows"]]
    known = [values for values in rates if values]
    assert rates == known + [[]] * (len(rates) - len(known))
    keys = [min(v) if way == "ascending" else max(v) for v in known]
    assert keys == sorted(keys, reverse=way == "descending")
    assert f'aria-sort="{way}"' in show(client, f"/codec/?sort={sort}")


def test_head_of_a_column_turns_the_order_round(client: FlaskClient) -> None:
    page = show(client, "/codec/?streaming=yes&sort=bitrate")
    assert 'href="/codec/?streaming=yes&amp;sort=-bitrate"' in page
    assert 'href="/codec/?streaming=yes&amp;sort=frame-rate"' in page


def test_long_list_has_pages_that_say_their_part(client: FlaskClient) -> None:
    total = ask(client, "model")["total"]
    second = show(client, "/model/?page=2")
    assert f"101-200 of {total}" in second
    assert len(shown(second)) == 100
    assert iris(ask(client, "model", "page=2")["rows"]) == iris(ask(client, "model")["rows"])
    assert client.get("/model/?page=99", headers=BROWSER).status_code == 404
    assert 'rel="next"' not in show(client, "/codec/")


def test_chip_takes_its_filter_away(client: FlaskClient) -> None:
    page = show(client, "/codec/?streaming=yes&streaming=no&domain=music&page=1")
    assert 'href="/codec/?domain=music&amp;streaming=no"' in page
    assert 'href="/codec/?streaming=yes&amp;streaming=no"' in page
    assert page.count("checked>") == 3


def test_empty_fields_of_the_form_leave_the_address(client: FlaskClient) -> None:
    response = client.get("/codec/?frame-rate=..25&frame-rate=&bitrate=", headers=BROWSER)
    assert response.status_code == 302
    assert response.headers["Location"] == "/codec/?frame-rate=..25"


def test_nothing_found_is_said(client: FlaskClient) -> None:
    page = show(client, "/codec/?frame-rate=0.001..0.002")
    assert "Nothing in the graph has all of this" in page
    assert "<table" not in page


def test_unknown_is_shown_and_can_be_asked_for(client: FlaskClient) -> None:
    rows = ask(client, "dataset", "size=unknown&licence=unknown")["rows"]
    assert rows
    assert all(row["size_hours"] is None and row["licence"] == [] for row in rows)
    assert '<span class="quiet">unknown</span>' in show(client, "/dataset/?size=unknown")


def test_fields_name_their_units(client: FlaskClient) -> None:
    document = ask(client, "codec")
    fields = {field["name"]: field.get("unit") for field in document["fields"]}
    assert fields["frame_rate_hz"] == "Hz"
    assert fields["bitrate_kbps"] == "kbit/s"
    encodec = next(row for row in document["rows"] if row["iri"].endswith("/encodec-24-khz"))
    assert encodec["bitrate_kbps"] == [1.5, 3, 6, 12, 24]
    assert encodec["family"] == [{"iri": f"{BASE}model/encodec", "label": "EnCodec"}]


def test_month_of_a_paper_without_a_date_is_that_of_its_arxiv_identifier(
    client: FlaskClient,
) -> None:
    rows = {row["iri"]: row for row in ask(client, "publication")["rows"]}
    moshi = rows[f"{BASE}publication/arxiv-2410-00037"]
    assert (moshi["issued"], moshi["year"], moshi["arxiv"]) == ("2024-10", 2024, "2410.00037")
    assert "2019 or earlier" in show(client, "/publication/")


def test_configuration_has_tasks_and_makers_of_its_family(client: FlaskClient) -> None:
    rows = {row["iri"]: row for row in ask(client, "model")["rows"]}
    family, own = rows[f"{BASE}model/encodec"], rows[f"{BASE}model/encodec-24-khz"]
    assert own["task"] == family["task"] != []
    assert (own["organisation"], own["year"]) == (family["organisation"], family["year"])


def test_no_label_breaks_a_cell(engine: LocalEngine) -> None:
    rows = Questions(engine).rows_of(
        "SELECT ?label { ?thing <http://www.w3.org/2000/01/rdf-schema#label> ?label "
        'FILTER(REGEX(STR(?label), "[\\n<>]")) }'
    )
    assert rows == []


def test_prologue_is_split_from_the_query() -> None:
    for query in read_library("page", ROOT).values():
        if query.name.startswith("list"):
            prologue, select = split_prologue(query.text)
            assert {line[:6] for line in prologue.splitlines() if line} == {"PREFIX"}
            assert select.startswith("SELECT ")


def test_start_page_counts_the_lists(client: FlaskClient) -> None:
    page = show(client, "/")
    for path, listing in LISTINGS.items():
        found = re.search(
            rf'href="/{path}/">{listing.title}</a> <span class="quiet">(\d+)', page, re.I
        )
        assert found, path
        assert int(found[1]) == ask(client, path)["total"], path


def test_links_of_the_start_page_lead_somewhere(client: FlaskClient) -> None:
    main = show(client, "/").partition("<main")[2].partition("</main>")[0]
    links = {unescape(link) for link in re.findall(r'href="(/[^"]*)"', main)}
    lists = [link for link in links if link.split("/")[1] in (*LISTINGS, "query", "sparql")]
    assert len(lists) > 30
    for link in lists:
        assert client.get(link, headers=BROWSER).status_code == 200, link


@pytest.mark.parametrize("address", ["/", "/codec/", "/model/?task=speech-recognition", "/task/"])
def test_page_works_without_scripts_and_inline_styles(client: FlaskClient, address: str) -> None:
    page = show(client, address)
    assert not re.search(r"<style|\sstyle=|<script(?! (src|type=.application))|\son\w+=", page)
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("path", ["codec", "model", "dataset"])
def test_rows_can_be_chosen_and_compared_without_a_script(client: FlaskClient, path: str) -> None:
    page = show(client, f"/{path}/")
    boxes = re.findall(
        r'<input type="checkbox" name="id" value="([^"]+)" form="chosen" aria-label="([^"]+)">',
        page,
    )
    assert len(boxes) == len(re.findall(r'<th scope="row">', page))
    assert all(label.startswith("Compare ") for _, label in boxes)
    form = page.partition('<form id="chosen"')[2].partition("</form>")[0]
    assert 'action="/compare" method="get"' in form
    assert "<button>Compare the chosen</button>" in form
    chosen = [unescape(ident) for ident, _ in boxes[:2]]
    answer = client.get("/compare", query_string={"id": chosen})
    assert [thing["id"] for thing in json.loads(answer.data)["compared"]] == chosen


def test_facets_and_chosen_rows_are_two_forms(client: FlaskClient) -> None:
    page = show(client, "/codec/")
    facets = page.partition('<form action="/codec/"')[2].partition("</form>")[0]
    assert 'type="checkbox"' in facets
    assert 'name="id"' not in facets
    assert 'aria-label="Compare EnCodec 24 kHz mono"' in page
    assert 'form="chosen"' not in show(client, "/task/")


@pytest.mark.parametrize("noise", ["utm_source=x", "utm_anything=", "fbclid=1", "gclid=1", "ref=y"])
def test_tracking_parameters_are_ignored(client: FlaskClient, noise: str) -> None:
    plain = client.get("/codec/?codebooks=1&format=json")
    answer = client.get(f"/codec/?codebooks=1&format=json&{noise}", follow_redirects=True)
    assert (answer.status_code, answer.data) == (200, plain.data)
    assert "utm_" not in show(client, "/codec/?utm_source=x").partition("<main")[2]


@pytest.mark.parametrize("name", ["utm", "xutm_source", "refs", "fbclid2"])
def test_parameters_like_tracking_ones_are_400(client: FlaskClient, name: str) -> None:
    assert client.get(f"/codec/?{name}=x").status_code == 400
