"""Pictures and reports: timeline, map of codecs, conflicts, what is missing, changes."""

import csv
import io
import json
import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient

from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import QueryRequest
from audiokg.queries import read_library
from audiokg.web.overview import codec_map, timeline
from audiokg.web.overview.facets import Choice, Facet
from audiokg.web.overview.missing import GAPS
from audiokg.web.questions import Questions
from conftest import ROOT

BROWSER = {"Accept": "text/html"}
PATHS = ["/timeline", "/map", "/conflicts", "/missing", "/changes"]
PREFIXES = """PREFIX akg: <https://w3id.org/audiokg/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
HOSTILE = '<script>alert("x")</script>&\'"'
EXAMPLES, PAGES = read_library("example", ROOT), read_library("page", ROOT)


def count(engine: LocalEngine, pattern: str, what: str = "?it") -> int:
    text = f"{PREFIXES} SELECT (COUNT(DISTINCT {what}) AS ?n) {{ {pattern} }}"
    rows = json.loads(engine.answer(QueryRequest(text)).body)["results"]["bindings"]
    return int(rows[0]["n"]["value"])


def read(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 200
    html: str = answer.data.decode()
    return html


def load(client: FlaskClient, path: str) -> Any:
    return json.loads(client.get(path, headers={"Accept": "application/json"}).data)


def table(client: FlaskClient, path: str) -> list[dict[str, str]]:
    separator = "&" if "?" in path else "?"
    text = client.get(f"{path}{separator}format=csv").data.decode()
    return list(csv.DictReader(io.StringIO(text)))


def parse(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - it is our own


def pictures(html: str) -> list[ElementTree.Element]:
    return [parse(text) for text in re.findall(r"<svg.*?</svg>", html, re.DOTALL)]


def links(svg: ElementTree.Element) -> list[ElementTree.Element]:
    return list(svg.iter("a"))


@pytest.mark.parametrize("path", [*PATHS, "/missing/model-paper"])
def test_page_has_twins_and_no_inline_style_or_script(client: FlaskClient, path: str) -> None:
    html = read(client, path)
    assert not re.search(r"\sstyle=|<style|<script>|\son\w+=", html)
    assert client.get(path).mimetype == "application/json"
    assert client.get(f"{path}?format=csv").mimetype == "text/csv"
    assert client.get(f"{path}?format=docx").status_code == 406


@pytest.mark.parametrize("path", ["/timeline", "/map", "/conflicts", "/missing/model-paper"])
def test_page_opens_its_query_as_sparql(client: FlaskClient, path: str) -> None:
    assert 'href="/sparql?query=' in read(client, path)


@pytest.mark.parametrize("path", [*PATHS, "/missing/model-paper"])
def test_headings_go_down_one_step_at_a_time(client: FlaskClient, path: str) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])", read(client, path))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


@pytest.mark.parametrize("path", ["/timeline", "/map", "/missing"])
def test_pictures_are_well_formed_and_their_points_are_named_links(
    client: FlaskClient, path: str
) -> None:
    found = pictures(read(client, path))
    assert found
    for link in [link for svg in found for link in links(svg)]:
        assert link.findtext("title")
        assert (link.get("href") or "").startswith("/model/")


@pytest.mark.parametrize(
    "path",
    [
        *("/timeline?kind=Banjo", "/map?quantizer=banjo", "/map?domain=banjo"),
        *("/conflicts?rule=banjo", "/conflicts?property=banjo", "/conflicts?source=banjo"),
        *("/conflicts?page=99", "/missing/banjo"),
    ],
)
def test_unknown_choice_is_404_and_says_what_there_is(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert len(json.loads(answer.data)["detail"]) > 20


@pytest.mark.parametrize("page", ["0", "x", "²", "-1", "9" * 5000])
@pytest.mark.parametrize("path", ["/conflicts", "/task/speech-recognition?incoming=akg:x"])
def test_page_that_is_no_number_is_400(client: FlaskClient, path: str, page: str) -> None:
    mark = "&" if "?" in path else "?"
    answer = client.get(f"{path}{mark}page={page}", headers={"Accept": "text/html"})
    assert answer.status_code == 400


# Timeline


def test_every_model_of_the_timeline_is_a_dot_or_counted(
    client: FlaskClient, engine: LocalEngine
) -> None:
    rows = Questions(engine, PAGES).rows("timeline")
    [svg] = pictures(read(client, "/timeline"))
    undated = [row for row in rows if "released" not in row]
    assert len(links(svg)) + len(undated) == len(rows)
    counts = load(client, "/timeline")["counts"]
    assert counts["unknown"] == len({row["model"]["value"] for row in undated})


def test_timeline_counts_what_the_engine_counts(client: FlaskClient, engine: LocalEngine) -> None:
    models = "?it a/rdfs:subClassOf* akg:Model ."
    dated = count(engine, f"{models} ?it akg:firstReleased ?date")
    families = count(engine, f"{models} FILTER NOT EXISTS {{ ?it akg:variantOf ?family }}")
    counts = load(client, "/timeline")["counts"]
    assert (counts["month known"], sum(counts.values())) == (dated, families)
    html = read(client, "/timeline")
    assert f"<b>{dated}</b>" in html
    assert f"<b>{families - dated}</b>" in html


def test_timeline_of_a_kind_has_that_kind_only(client: FlaskClient, engine: LocalEngine) -> None:
    models = load(client, "/timeline?kind=Vocoder")["models"]
    assert 0 < len(models) < len(load(client, "/timeline")["models"])
    assert all("vocoder" in model["kinds"] for model in models)
    [svg] = pictures(read(client, "/timeline?kind=NeuralAudioCodec"))
    pattern = "?it a akg:NeuralAudioCodec ; akg:firstReleased ?date"
    assert len(links(svg)) == count(engine, pattern)


def test_timeline_without_a_dated_model_says_so(client: FlaskClient) -> None:
    html = read(client, "/timeline?kind=TextLanguageModel")
    assert "No model of this kind has a known month" in html
    assert not pictures(html)


def test_twins_of_the_timeline_agree(client: FlaskClient) -> None:
    models, rows = load(client, "/timeline")["models"], table(client, "/timeline")
    assert [m["model"] for m in models] == [row["model"] for row in rows]
    assert [m["released"] or "" for m in models] == [row["released"] for row in rows]


def model(label: str, released: str) -> timeline.Model:
    kinds = {"https://w3id.org/audiokg/ontology#Vocoder": "vocoder"}
    return timeline.Model(f"https://w3id.org/audiokg/model/{label}", label, kinds, released)


def test_a_year_alone_and_a_day_are_understood() -> None:
    made = timeline.Timeline(
        tuple(model(d or "x", d) for d in ("2020", "2021-03-05", "2021-04", ""))
    )
    assert [m.month for m in made.dated] == ["2021-03", "2021-04"]
    assert [m.released for m in made.year_only] == ["2020"]
    assert len(made.undated) == 1


def test_models_of_a_month_stand_on_each_other() -> None:
    made = timeline.Timeline(tuple(model(name, "2021-03") for name in "abc"))
    facet = Facet("kind", "kind", (Choice("Vocoder", "vocoder", 3),))
    [lane] = timeline.draw(made, facet, ["2021-03"]).lanes
    assert len({dot.x for dot in lane.dots}) == 1
    assert [dot.y for dot in lane.dots] == sorted({dot.y for dot in lane.dots}, reverse=True)


# Map


def test_every_setting_is_on_the_map_or_counted(client: FlaskClient, engine: LocalEngine) -> None:
    rows = Questions(engine, PAGES).rows("map")
    counts = load(client, "/map")["counts"]
    plot = pictures(read(client, "/map"))[-1]
    placed = [row for row in rows if "bitrate" in row and "highestRate" in row]
    assert len(links(plot)) == counts["on the map"] == len(placed)
    assert sum(counts.values()) == len(rows)


def test_map_knows_every_operating_point_with_a_bitrate(
    client: FlaskClient, engine: LocalEngine
) -> None:
    pattern = (
        "?codec a/rdfs:subClassOf* akg:AudioTokenizer ; akg:hasOperatingPoint ?it ."
        "?it akg:bitrateKbps ?rate"
    )
    several = [s for s in load(client, "/map")["settings"] if s["bitrateKbps"] is not None]
    assert 100 < count(engine, pattern) <= len(several)


def test_what_the_map_leaves_out_is_what_is_missing(client: FlaskClient) -> None:
    left_out = {
        setting["configuration"]
        for setting in load(client, "/map")["settings"]
        if setting["bitrateKbps"] is None or setting["highestFrameRateHz"] is None
    }
    gaps = ["/missing/configuration-frame-rate", "/missing/configuration-bitrate"]
    missing = {thing["thing"] for gap in gaps for thing in load(client, gap)["things"]}
    assert left_out == missing


@pytest.mark.parametrize(
    ("query", "key", "label"),
    [
        ("quantizer=finite-scalar-quantization", "quantizers", "finite scalar quantization"),
        ("domain=music", "domains", "music"),
    ],
)
def test_map_of_a_quantizer_or_domain_has_that_only(
    client: FlaskClient, query: str, key: str, label: str
) -> None:
    chosen = load(client, f"/map?{query}")["settings"]
    everything = load(client, "/map")["settings"]
    assert chosen == [setting for setting in everything if label in setting[key]]
    assert 0 < len(chosen) < len(everything)


def test_map_says_the_numbers_of_a_point(client: FlaskClient) -> None:
    titles = [link.findtext("title") for link in links(pictures(read(client, "/map"))[-1])]
    assert (
        "SNAC 24 kHz: 11.72 to 46.88 Hz, 0.98 kbit/s, 3 codebooks, sample rate 24 kHz, "
        "residual vector quantization"
    ) in titles
    assert any("(computed)" in title for title in titles if title)


def test_legend_of_the_map_counts_its_markers(client: FlaskClient) -> None:
    html = read(client, "/map")
    marks = re.findall(r'<a [^>]*><title>[^<]*</title><path class="mark k(\d)"', html)
    legend = re.findall(r'<path class="mark k(\d)"[^>]*/></svg> [^:]+: (\d+)</li>', html)
    assert {number: str(marks.count(number)) for number in marks} == dict(legend)


def setting(label: str, bitrate: float | None, quantizers: tuple[str, ...]) -> codec_map.Setting:
    iri = "https://w3id.org/audiokg/model/x"
    return codec_map.Setting(iri, label, bitrate, False, (50.0, 50.0), "1", None, quantizers, ())


def test_points_at_one_place_stand_side_by_side() -> None:
    drawn = codec_map.draw([setting(name, 6.0, ()) for name in "abcdefgh"], [])
    assert len({(mark.x, mark.y) for mark in drawn.marks}) == 8


def test_a_map_of_nothing_is_a_map() -> None:
    drawn = codec_map.draw([setting("a", None, ())], [])
    assert (len(drawn.marks), len(drawn.left_out)) == (0, 1)


def test_methods_beyond_the_colours_share_one() -> None:
    choices = [Choice(f"q{n}", f"method {n}", 9 - n) for n in range(9)]
    sets = [("method 0",), ("method 8",), ("method 0", "method 1"), ()]
    drawn = codec_map.draw([setting("a", 6.0, some) for some in sets], choices)
    labels = [drawn.legend[mark.category].label for mark in drawn.marks]
    assert labels == ["method 0", "another method", "several methods", "method unknown"]


def test_hostile_labels_are_escaped(app: Flask) -> None:
    drawn = codec_map.draw([setting(HOSTILE, 6.0, (HOSTILE,))], [Choice("x", HOSTILE, 1)])
    made = timeline.Timeline((model(HOSTILE, "2021-03"),))
    facet = Facet("kind", "kind", (Choice("Vocoder", HOSTILE, 1),))
    picture = timeline.draw(made, facet, ["2021-03"])
    with app.test_request_context("/"):
        svgs = [
            render_template("map.svg.html", map=drawn),
            render_template("timeline.svg.html", picture=picture),
        ]
    for svg in svgs:
        assert "<script" not in svg
        titles = [link.findtext("title", "") for link in links(parse(svg))]
        assert titles
        assert all(HOSTILE in title for title in titles)


# Conflicts


def test_every_conflict_is_shown(client: FlaskClient, engine: LocalEngine) -> None:
    total = count(engine, "?it a akg:Conflict")
    document = load(client, "/conflicts")
    assert document["count"] == len({c["conflict"] for c in document["conflicts"]}) == total
    html = read(client, "/conflicts")
    assert f"{total} conflicts." in html
    assert html.count('<tr class="about">') == min(total, 200)


def test_every_other_value_of_a_conflict_is_shown(client: FlaskClient, engine: LocalEngine) -> None:
    pattern = "?c akg:disagreeingStatement ?s BIND(CONCAT(STR(?c), STR(?s)) AS ?it)"
    rows = Questions(engine, PAGES).rows("conflicts-all")
    assert sum("statement" in row for row in rows) == count(engine, pattern)
    # Two statements that say the same, at the same place of the same document, are shown as one.
    kept = ("conflict", "other", "verbatim", "source", "document", "line", "place")
    said = {tuple(row.get(name, {}).get("value") for name in kept) for row in rows}
    conflicts = load(client, "/conflicts")["conflicts"]
    assert sum(len(conflict["others"]) for conflict in conflicts) == len(said)


def test_every_conflict_says_who_prefers_and_by_which_rule(client: FlaskClient) -> None:
    for conflict in load(client, "/conflicts")["conflicts"]:
        assert conflict["preferredBy"], conflict["conflict"]
        assert all(other["other"] for other in conflict["others"]), conflict["conflict"]
    html = read(client, "/conflicts")
    assert "Rule: " not in html
    assert "unknown" not in html.partition("<table")[2].partition("</table>")[0]


def test_conflict_shows_both_sides_with_lines(client: FlaskClient) -> None:
    html = read(client, "/conflicts?rule=equal-trust-negated")
    for shown in ("SpeechGPT", "not speech translation", "line 532", "line 223", "the denial"):
        assert shown in html
    assert html.count('<tr class="about">') == 1


@pytest.mark.parametrize(
    ("query", "key", "wanted"),
    [
        ("rule=stated-over-computed", "rule", "stated-over-computed"),
        ("property=license", "property", "http://purl.org/dc/terms/license"),
    ],
)
def test_conflicts_are_narrowed(client: FlaskClient, query: str, key: str, wanted: str) -> None:
    everything = load(client, "/conflicts")["conflicts"]
    chosen = load(client, f"/conflicts?{query}")["conflicts"]
    assert chosen == [conflict for conflict in everything if conflict[key] == wanted]
    assert 0 < len(chosen) < len(everything)


def test_conflicts_are_narrowed_by_source(client: FlaskClient) -> None:
    chosen = load(client, "/conflicts?source=speech-trident-v2")["conflicts"]
    assert chosen
    for conflict in chosen:
        assert any(str(o["source"]).endswith("speech-trident-v2") for o in conflict["others"])
    assert len(load(client, "/conflicts?source=github.com")["conflicts"]) > 5


def test_csv_of_conflicts_has_a_row_for_each_other_value(client: FlaskClient) -> None:
    others = [o for c in load(client, "/conflicts")["conflicts"] for o in c["others"]]
    rows = table(client, "/conflicts")
    assert [row["other"] for row in rows] == [other["other"] for other in others]


def test_many_conflicts_come_in_pages(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audiokg.web.overview.views._PAGE", 50)
    total = load(client, "/conflicts")["count"]
    html = read(client, "/conflicts?page=2")
    assert html.count('<tr class="about">') == 50
    assert f"Conflicts 51 to 100 of {total}." in html
    assert client.get(f"/conflicts?page={total // 50 + 2}").status_code == 404


# Missing


@pytest.mark.parametrize("gap", GAPS, ids=lambda gap: gap.name)
def test_gap_has_the_list_of_its_query(client: FlaskClient, engine: LocalEngine, gap: Any) -> None:
    library = EXAMPLES if gap.query in EXAMPLES else PAGES
    rows = Questions(engine, library).rows(gap.query)
    keys = [row[gap.column]["value"] for row in rows] if gap.key else []
    document = load(client, f"/missing/{gap.name}")
    assert document["missing"] == len(document["things"])
    assert document["missing"] == (keys.count(gap.key) if gap.key else len(rows))
    assert document["missing"] <= document["of"]
    assert len({thing["thing"] for thing in document["things"]}) == document["missing"]


def test_every_key_of_a_query_of_gaps_is_a_gap(engine: LocalEngine) -> None:
    for query in {gap.query for gap in GAPS if gap.key}:
        library = EXAMPLES if query in EXAMPLES else PAGES
        column = next(gap.column for gap in GAPS if gap.query == query)
        keys = {row[column]["value"] for row in Questions(engine, library).rows(query)}
        assert keys <= {gap.key for gap in GAPS if gap.query == query}


def test_links_missing_agree_with_the_example(client: FlaskClient, engine: LocalEngine) -> None:
    counts = {
        row["kind"]["value"]: int(row["withoutLink"]["value"])
        for row in Questions(engine, EXAMPLES).rows("missing-link")
    }
    names = {gap.key: gap.name for gap in GAPS if gap.query == "missing-links"}
    assert set(counts) <= set(names)
    for kind, number in counts.items():
        assert load(client, f"/missing/{names[kind]}")["missing"] == number


def test_overview_of_gaps_counts_what_the_lists_have(client: FlaskClient) -> None:
    rows = table(client, "/missing")
    assert [row["gap"] for row in rows] == [gap.name for gap in GAPS]
    html = read(client, "/missing")
    for row in rows[:5]:
        document = load(client, f"/missing/{row['gap']}")
        assert (int(row["missing"]), int(row["of"])) == (document["missing"], document["of"])
        assert f'<a href="/missing/{row["gap"]}">' in html


def test_names_of_gaps_are_unique() -> None:
    assert len({gap.name for gap in GAPS}) == len(GAPS) > 30


def test_list_of_a_gap_leads_to_pages(client: FlaskClient) -> None:
    [first, *_] = load(client, "/missing/configuration-frame-rate")["things"]
    path = first["thing"].removeprefix("https://w3id.org/audiokg")
    assert f'href="{path}"' in read(client, "/missing/configuration-frame-rate")
    assert client.get(path).status_code == 200


# Changes


def test_changes_say_that_nothing_is_released(client: FlaskClient) -> None:
    document = load(client, "/changes")
    assert document["released"] is False
    html = read(client, "/changes")
    assert f"version {document['version']}, which has not been released yet" in html


def test_changes_of_speech_trident_are_those_of_the_example(
    client: FlaskClient, engine: LocalEngine
) -> None:
    rows = Questions(engine, EXAMPLES).rows("changes-of-speech-trident")
    changed = load(client, "/changes")["speechTrident"]
    assert [(c["change"], str(c["line"])) for c in changed] == [
        (row["change"]["value"], row["line"]["value"]) for row in rows
    ]
    assert all(c["thing"] for c in changed)
    assert read(client, "/changes").count('<td class="number">') == len(rows)


def test_changes_count_the_files_of_each_day(client: FlaskClient, engine: LocalEngine) -> None:
    files = load(client, "/changes")["files"]
    names = list((ROOT / "data" / "model").glob("*.ttl"))
    models = [file for file in files if "/model/" in file["thing"]]
    assert len(models) == len(names)
    assert f"<b>{len(models)}</b>" in read(client, "/changes")
