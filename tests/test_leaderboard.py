"""/leaderboard/ ranks what can be compared, and says where each number stands."""

import csv
import io
import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import QueryRequest
from audiokg.web.compare.ranking import Result, rank_results
from test_tables import latex_rows, read_markdown

BROWSER = {"Accept": "text/html"}
PREFIX = "PREFIX akg: <https://w3id.org/audiokg/ontology#> "
WER = "/leaderboard/-/librispeech/word-error-rate"


def count(engine: LocalEngine, pattern: str) -> int:
    query = f"{PREFIX}SELECT (COUNT(*) AS ?n) {{ {pattern} }}"
    rows = json.loads(engine.answer(QueryRequest(query)).body)["results"]["bindings"]
    return int(rows[0]["n"]["value"])


def document(client: FlaskClient, path: str) -> dict[str, Any]:
    answer = client.get(path, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    found: dict[str, Any] = json.loads(answer.data)
    return found


def boards(client: FlaskClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document(client, "/leaderboard/")["leaderboards"]
    assert found
    return found


def test_index_holds_every_result(client: FlaskClient, engine: LocalEngine) -> None:
    listed = sum(board["results"] for board in boards(client))
    named = "OPTIONAL { ?r akg:onDataset ?d } OPTIONAL { ?r akg:forTask ?t }"
    assert listed == count(engine, f"?r a akg:EvaluationResult . {named}")
    paths = [board["path"] for board in boards(client)]
    assert len(set(paths)) == len(paths)


def test_every_table_of_the_index_answers_with_its_results(client: FlaskClient) -> None:
    for board in boards(client):
        found = document(client, board["path"])
        assert sum(len(table["results"]) for table in found["tables"]) == board["results"]
        assert client.get(board["path"], headers=BROWSER).status_code == 200


def test_values_are_those_of_the_graph(client: FlaskClient, engine: LocalEngine) -> None:
    for table in document(client, WER)["tables"]:
        for result in table["results"]:
            stated = f"<{result['result']}> akg:numericValue ?v FILTER(?v = {result['value']})"
            assert count(engine, stated) == 1


@pytest.mark.parametrize(
    ("path", "words", "sign"),
    [
        (WER, "Lower is better", 1),
        ("/leaderboard/-/librispeech/speaker-similarity", "Higher is better", -1),
    ],
)
def test_direction_decides_the_order_and_is_said(
    client: FlaskClient, path: str, words: str, sign: int
) -> None:
    assert words in client.get(path, headers=BROWSER).text
    for table in document(client, path)["tables"]:
        values = [sign * result["value"] for result in table["results"]]
        assert values == sorted(values)


def test_conditions_are_not_ranked_together(client: FlaskClient) -> None:
    tables = document(client, WER)["tables"]
    assert len(tables) > 1
    assert len({table["condition"] for table in tables}) == len(tables)
    assert all(1 in [result["rank"] for result in table["results"]] for table in tables)
    assert "cannot be compared" in client.get(WER, headers=BROWSER).text


def test_ground_truth_is_shown_and_not_ranked(client: FlaskClient) -> None:
    results = [r for table in document(client, WER)["tables"] for r in table["results"]]
    [truth] = [result for result in results if result["is_reference"]]
    assert truth["rank"] is None
    assert all(result["rank"] for result in results if result is not truth)


def test_page_says_who_states_it_where(client: FlaskClient) -> None:
    page = client.get(WER, headers=BROWSER).text
    result = document(client, WER)["tables"][0]["results"][0]
    path = result["result"].removeprefix("https://w3id.org/audiokg")
    assert f'<a href="{path}">{result["line"]}</a>' in page
    assert f"{result['source_name']}</a>, {result['locator']}" in page


def test_csv_holds_the_rows_of_the_json(client: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get(f"{WER}?format=csv").text, newline="")))
    results = [r for table in document(client, WER)["tables"] for r in table["results"]]
    assert [row["result"] for row in rows] == [result["result"] for result in results]
    assert [float(row["value"]) for row in rows] == [result["value"] for result in results]
    index = csv.DictReader(io.StringIO(client.get("/leaderboard/?format=csv").text, newline=""))
    assert [row["path"] for row in index] == [board["path"] for board in boards(client)]


def test_markdown_and_latex_hold_the_tables(client: FlaskClient) -> None:
    first = document(client, WER)["tables"][0]["results"]
    markdown = client.get(f"{WER}?format=md").text
    names = [row[1] for row in read_markdown(markdown)[1:]]
    assert names == [result["name"] for result in first]
    latex = client.get(f"{WER}?format=tex").text
    assert [row[1].strip() for row in latex_rows(latex)[1:]] == names


def test_open_as_sparql_gives_the_results_shown(client: FlaskClient) -> None:
    for path in (WER, "/leaderboard/-/-/gpu-hours"):
        link = re.search(r'class="sparql" href="([^"]+)"', client.get(path, headers=BROWSER).text)
        assert link is not None
        query = parse_qs(urlsplit(link[1].replace("&amp;", "&")).query)["query"][0]
        answer = client.post(
            "/sparql", data={"query": query}, headers={"Accept": "application/json"}
        )
        found = {row["result"]["value"] for row in json.loads(answer.data)["results"]["bindings"]}
        tables = document(client, path)["tables"]
        assert found == {result["result"] for table in tables for result in table["results"]}


@pytest.mark.parametrize(
    "path", ["/leaderboard/-/librispeech/word-error", "/leaderboard/x/y/z", "/leaderboard/-/-/<b>"]
)
def test_unknown_table_is_404_that_leads_on(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "See /leaderboard/" in json.loads(answer.data)["detail"]


def test_unknown_table_names_the_nearest(client: FlaskClient) -> None:
    detail = json.loads(client.get("/leaderboard/-/librispeach/word-error-rate").data)["detail"]
    assert WER in detail


def test_links_to_a_comparison_of_the_models(client: FlaskClient) -> None:
    link = re.search(r'href="(/compare\?[^"]+)"', client.get(WER, headers=BROWSER).text)
    assert link is not None
    assert client.get(link[1].replace("&amp;", "&"), headers=BROWSER).status_code == 200


def result(system: str, text: str, **more: Any) -> Result:
    return replace(Result(f"{system} {text}", system, system, Decimal(text)), **more)


def ranks(*results: Result, higher: bool | None = False) -> list[tuple[str, int | None]]:
    [ranking] = rank_results(results, higher)
    return [(place.result.iri, place.rank) for place in ranking.places]


def test_equal_values_share_a_rank() -> None:
    found = ranks(result("a", "2"), result("b", "1"), result("c", "2"), result("d", "3"))
    assert [rank for _, rank in found] == [1, 2, 2, 4]


def test_system_with_two_values_keeps_both_and_takes_no_second_place() -> None:
    results = (result("a", "1"), result("a", "3"), result("b", "2"))
    assert ranks(*results) == [("a 1", 1), ("b 2", 2), ("a 3", 2)]
    [ranking] = rank_results(results, False)
    assert [[other.iri for other in place.others] for place in ranking.places] == [
        ["a 3"],
        [],
        ["a 1"],
    ]


def test_value_under_another_condition_is_named_too() -> None:
    rankings = rank_results([result("a", "1"), result("a", "2", condition="clean")], True)
    assert [len(ranking.places[0].others) for ranking in rankings] == [1, 1]


def test_changes_references_and_withdrawn_results_are_not_ranked() -> None:
    assert ranks(result("a", "1", kind="relative-change")) == [("a 1", None)]
    found = ranks(
        result("truth", "1", is_reference=True),
        result("old", "2", is_deprecated=True),
        result("a", "3"),
    )
    assert found == [("truth 1", None), ("old 2", None), ("a 3", 1)]


def test_nothing_is_ranked_where_no_direction_is_known() -> None:
    assert ranks(result("a", "1"), result("b", "2"), higher=None) == [("a 1", None), ("b 2", None)]


def test_value_says_how_it_is_meant() -> None:
    assert result("a", "1.5", comparator=">=", margin="0.1").text == "at least 1.5 ± 0.1"


def test_cell_that_breaks_its_line_is_printed_whole(client: FlaskClient) -> None:
    [path] = [board["path"] for board in boards(client) if "gpu-hours" in board["path"]]
    printed = [r["printed"] for t in document(client, path)["tables"] for r in t["results"]]
    assert printed == ["Low (40 GPU hrs)", "High (120 GPU hrs)"]
    assert "<td>Low (40 GPU hrs)</td>" in client.get(path, headers=BROWSER).text
