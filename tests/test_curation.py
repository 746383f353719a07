"""What curators look at: gaps by rank, identity suspects, the health of links, reports as files."""

import csv
import io
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from rdflib import URIRef
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath
from rdflib.paths import Path as PropertyPath
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue

from audiokg.check.problem import Problem, Severity
from audiokg.cli import main
from audiokg.curation.patterns import Reader
from audiokg.curation.ranking import (
    PROPERTIES,
    Library,
    Missing,
    Ranked,
    Thing,
    properties_of,
    rank,
)
from audiokg.curation.reading import read_parts
from audiokg.curation.summary import read_problems, write_summary
from audiokg.engine.local import LocalEngine
from audiokg.errors import InputError, QuerySyntaxError
from audiokg.link.health import Finding, Health, State, Verdict, write_health
from audiokg.link.outgoing import Place
from audiokg.queries import Query, read_library
from audiokg.snapshot import load_store
from audiokg.terms import expand
from audiokg.web.curation.desk import Desk
from audiokg.web.curation.reports import REPORTS
from audiokg.web.curation.work import read_tasks
from audiokg.web.overview.missing import GAPS
from audiokg.web.questions import Questions
from conftest import ROOT

EXAMPLES, PAGES = read_library("example", ROOT), read_library("page", ROOT)
PATHS = ["/next", "/suspects", "/links"]
BROWSER = {"Accept": "text/html"}
CODEC, RATE = expand("akg:AudioTokenizer"), expand("akg:frameRateHz")
HEAD = "PREFIX akg: <https://w3id.org/audiokg/ontology#>\n"


def load(client: FlaskClient, path: str) -> Any:
    return json.loads(client.get(path, headers={"Accept": "application/json"}).data)


def read(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 200
    html: str = answer.data.decode()
    return html


@pytest.fixture(scope="module")
def desk(engine: LocalEngine) -> Desk:
    return Desk.of(engine, PAGES, EXAMPLES)


# What a query asks for


def properties(path: Any) -> set[str]:
    """Collect the properties of a path of rdflib that have to be followed."""
    match path:
        case URIRef():
            return {str(path)}
        case MulPath() if path.zero:
            return set()
        case MulPath():
            return properties(path.path)
        case InvPath():
            return properties(path.arg)
        case SequencePath() | AlternativePath():
            return set().union(*map(properties, path.args))
    assert not isinstance(path, PropertyPath), path
    return set()


def asked(part: Any) -> set[str]:
    """Collect the properties that rdflib's algebra has outside of FILTER and MINUS."""
    if isinstance(part, list | tuple):
        return set().union(*map(asked, part))
    if not isinstance(part, CompValue):
        return set()
    triples = part["triples"] if "triples" in part else ()  # noqa: SIM401 - its get() differs
    found = set().union(*(properties(triple[1]) for triple in triples))
    left_out = {"expr", "triples"} | ({"p2"} if part.name == "Minus" else set())
    return found.union(*(asked(value) for key, value in part.items() if key not in left_out))


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_a_question_asks_for_is_what_rdflib_reads(name: str) -> None:
    reader = Reader.of(EXAMPLES[name].text)
    patterns = [pattern for way in reader.read() for pattern in way]
    ours = {iri.lstrip("^") for pattern in patterns for iri in pattern.properties}
    theirs = asked(prepareQuery(EXAMPLES[name].text).algebra)
    # Through VALUES and FILTER EXISTS, and where branches of a path have more than one step, we
    # read another way than the algebra.
    assert theirs <= ours | SECOND_STEPS.get(name, set())
    assert ours - theirs <= EXTRA.get(name, set())


#: The second step of a branch of a path, which we do not read.
SECOND_STEPS = {"datasets-for-a-task": {expand("akg:supportsTask")}}
#: What VALUES allows a property, and what FILTER EXISTS asks for.
EXTRA = {
    name: set(map(expand, names))
    for name, names in {
        "codec-configurations": ["akg:hasEvidence"],
        "codec-of-each-tts-model": [
            *("akg:usesTokenizer", "akg:usesInputTokenizer", "akg:usesOutputTokenizer"),
            *("akg:usesSemanticTokenizer", "akg:usesAcousticTokenizer"),
        ],
        "sizes-that-disagree": ["skos:closeMatch"],
    }.items()
}


def test_ways_of_a_union_are_told_apart() -> None:
    parts = read_parts(HEAD + "SELECT * { { ?c akg:a ?x } UNION { ?c akg:b ?x } ?c akg:d ?y }")
    needed = {frozenset(name for need in part.needed for name in need.properties) for part in parts}
    both = {frozenset(map(expand, names)) for names in (("akg:a", "akg:d"), ("akg:b", "akg:d"))}
    assert both <= needed


def test_optional_is_shown_and_not_needed() -> None:
    text = HEAD + "SELECT * { ?c a akg:Codec OPTIONAL { ?c akg:frameRateHz ?rate } }"
    [part] = [part for part in read_parts(text) if part.classes]
    assert (part.needed, len(part.shown)) == (frozenset(), 1)


@pytest.mark.parametrize("text", ["SELECT * {", "ASK", 'ASK { ?s ?p "x }', ""])
def test_query_without_an_end_is_refused(text: str) -> None:
    with pytest.raises(QuerySyntaxError):
        read_parts(text)


# The rank


def library(*texts: str) -> Library:
    return Library.read(
        Query(f"q{number}", HEAD + text, "title", topic="Codecs and tokenizers")
        for number, text in enumerate(texts)
    )


def gain(questions: Library, *had: str, values: tuple[tuple[str, str], ...] = ()) -> list[Ranked]:
    named = frozenset((expand(name), value) for name, value in values)
    thing = Thing({CODEC}, {expand(name) for name in had}, named, 3)
    return rank([Missing("x", "X", "frame rate")], questions, {"x": thing})


NEEDS = "SELECT * { ?c a akg:AudioTokenizer ; akg:frameRateHz ?rate ; akg:streaming ?s }"
SHOWS = "SELECT * { ?c a akg:AudioTokenizer ; akg:streaming ?s OPTIONAL { ?c akg:frameRateHz ?r } }"


def test_question_that_needs_the_property_gets_one_more() -> None:
    [one] = gain(library(NEEDS), "akg:streaming")
    assert (one.more, one.fuller, one.gain, one.references) == (("q0",), (), 1, 3)


def test_question_that_shows_the_property_gets_a_fuller_row() -> None:
    [one] = gain(library(SHOWS), "akg:streaming")
    assert (one.more, one.fuller) == ((), ("q0",))


@pytest.mark.parametrize("text", [NEEDS, SHOWS])
def test_thing_that_lacks_something_else_does_not_count(text: str) -> None:
    assert gain(library(text)) == []


def test_thing_of_another_kind_does_not_count() -> None:
    other = library("SELECT * { ?c a akg:Dataset ; akg:frameRateHz ?rate }")
    assert gain(other) == []


def test_named_value_has_to_be_that_value() -> None:
    one_codebook = library("SELECT * { ?c akg:frameRateHz ?rate ; akg:codebookCount 1 }")
    one, other = (("akg:codebookCount", "1"),), (("akg:codebookCount", "8"),)
    assert [ranked.more for ranked in gain(one_codebook, "akg:codebookCount", values=one)]
    assert gain(one_codebook, "akg:codebookCount", values=other) == []


def test_questions_about_gaps_and_sources_do_not_count() -> None:
    read = Library.read(EXAMPLES.values())
    assert "missing-figures" not in read.parts
    assert "sparks-table-1" not in read.parts
    assert len(read.parts) > 30


def test_more_questions_go_before_more_references() -> None:
    both = library(NEEDS, SHOWS)
    needy = Thing({CODEC}, {expand("akg:streaming")}, references=0)
    known = Thing({CODEC}, {expand("akg:streaming"), RATE}, references=9)
    gaps = [Missing("b", "B", "frame rate"), Missing("a", "A", "frame rate")]
    ranked = rank(gaps, both, {"a": known, "b": needy})
    assert [one.gap.thing for one in ranked] == ["b"]
    loved = Thing({CODEC}, {expand("akg:streaming")}, references=9)
    ranked = rank(gaps, both, {"a": loved, "b": needy})
    assert [one.gap.thing for one in ranked] == ["a", "b"]


def test_every_gap_of_missing_has_its_properties() -> None:
    assert {gap.title for gap in GAPS} == set(PROPERTIES)


@pytest.mark.parametrize("what", PROPERTIES)
def test_properties_of_gaps_are_terms_in_use(what: str, engine: LocalEngine, desk: Desk) -> None:
    text = "SELECT ?s ?property { ?s ?property ?o } LIMIT 1"
    names = {name.lstrip("^") for name in properties_of(what)}
    assert any(desk.pages.rows_of(text, property=name) for name in names)


def test_filling_the_first_gap_brings_the_thing_into_an_answer(desk: Desk, snapshot: Path) -> None:
    first = next(task for task in desk.tasks if task.what == "number of codebooks").ranked
    store = load_store(snapshot)
    simple = [EXAMPLES[name].text for name in first.more if not EXAMPLES[name].parameters]
    before = [mentions(store, text, first.gap.thing) for text in simple]
    thing, codebooks = ox.NamedNode(first.gap.thing), ox.NamedNode(expand("akg:codebookCount"))
    store.add(ox.Quad(thing, codebooks, ox.Literal(1)))
    after = [mentions(store, text, first.gap.thing) for text in simple]
    assert simple
    assert sum(after) > sum(before) == 0


def mentions(store: ox.Store, text: str, thing: str) -> int:
    rows = store.query(text)
    assert isinstance(rows, ox.QuerySolutions)
    return sum(ox.NamedNode(thing) in [row[name] for name in rows.variables] for row in rows)


def test_each_task_names_a_file_that_says_what_the_thing_is(desk: Desk) -> None:
    assert len(desk.tasks) > 500
    for task in desk.tasks:
        text = (ROOT / task.file).read_text(encoding="utf-8")
        assert task.ranked.gap.thing.rpartition("/")[2] in text


# Pages


@pytest.mark.parametrize("path", PATHS)
def test_page_has_twins_and_no_inline_style_or_script(client: FlaskClient, path: str) -> None:
    html = read(client, path)
    assert not re.search(r"\sstyle=|<style|<script>|\son\w+=", html)
    assert client.get(path).mimetype == "application/json"
    assert client.get(f"{path}?format=csv").mimetype == "text/csv"
    assert client.get(f"{path}?format=docx").status_code == 406


@pytest.mark.parametrize("path", PATHS)
def test_every_page_leads_to_the_reports(client: FlaskClient, path: str) -> None:
    assert f'href="{path}"' in read(client, "/missing")


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=-1"])
def test_page_number_that_is_none_is_400(client: FlaskClient, query: str) -> None:
    assert client.get(f"/next?{query}").status_code == 400


@pytest.mark.parametrize("query", ["page=999", "missing=luck", "kind=unicorn"])
def test_page_that_is_not_there_is_404(client: FlaskClient, query: str) -> None:
    assert client.get(f"/next?{query}").status_code == 404


def test_next_is_paged_and_data_have_all(client: FlaskClient) -> None:
    everything = load(client, "/next")
    second = load(client, "/next?page=2")
    assert everything["count"] == len(everything["gaps"]) > 500
    assert second["gaps"] == everything["gaps"][100:200]
    assert read(client, "/next?page=2").count('<th scope="row">') == 100


def test_next_is_narrowed_by_kind_and_property(client: FlaskClient) -> None:
    found = load(client, "/next?kind=dataset&missing=size")["gaps"]
    assert found
    assert {(gap["kind"], gap["missing"]) for gap in found} == {("dataset", "size")}


def test_next_explains_its_rank_and_links_questions(client: FlaskClient) -> None:
    html = read(client, "/next")
    assert "Among equals, the thing that more models, datasets and results refer to" in html
    assert 'href="/query/codecs-at-25-hz-with-one-codebook"' in html
    assert re.search(r"<code>data/model/[\w-]+\.ttl</code>", html)


def test_next_in_csv_has_a_row_a_gap(client: FlaskClient) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/next?format=csv").data.decode())))
    ranks = [(-int(row["questions"]), -int(row["references"])) for row in rows]
    assert ranks == sorted(ranks)
    assert len(rows) == load(client, "/next")["count"]


def test_next_asks_a_few_questions_whatever_the_graph_has(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    rows = Questions.rows

    def count(self: Questions, name: str, **terms: Any) -> Any:
        asked.append(name)
        return rows(self, name, **terms)

    monkeypatch.setattr(Questions, "rows", count)
    assert len(read_tasks(desk.examples, desk.pages)) > 500
    assert len(asked) < 100


def test_suspects_are_those_of_the_library_without_the_reviewed(
    client: FlaskClient, desk: Desk
) -> None:
    shown = {(pair["one"], pair["other"]) for pair in load(client, "/suspects")["suspects"]}
    asked = {
        (r["one"]["value"], r["other"]["value"]) for r in desk.examples.rows("identity-suspects")
    }
    reviewed = {
        (r["one"]["value"], r["other"]["value"]) for r in desk.pages.rows("curation-reviewed")
    }
    assert shown == asked - reviewed
    assert shown
    assert asked & reviewed


def test_suspects_lead_to_a_comparison(client: FlaskClient) -> None:
    links = re.findall(r'href="(/compare\?[^"]+)"', read(client, "/suspects"))
    assert links
    for link in links:
        assert client.get(link.replace("&amp;", "&"), headers=BROWSER).status_code == 200


@pytest.fixture
def health(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "health.json"
    monkeypatch.setenv("AUDIOKG_LINK_HEALTH", str(file))
    return file


def state(link: str, verdict: Verdict, days: int = 0, to: str = "") -> State:
    finding = Finding(verdict, "answers", to)
    day = date(2026, 11, 1 + days)
    return State(link, finding, date(2026, 11, 1), day, (Place("data/model/x.ttl", 7),))


def write_states(file: Path, *states: State) -> None:
    write_health(file, Health(date(2026, 11, 9), {s.link: s for s in states}, 2))


def test_links_say_what_to_run_where_nobody_has_looked(client: FlaskClient, health: Path) -> None:
    assert not health.exists()
    assert "audiokg link check" in read(client, "/links")
    assert load(client, "/links") == {"checkedOn": None, "count": 0, "links": []}


def test_links_show_the_broken_first_with_their_place(client: FlaskClient, health: Path) -> None:
    moved = state("https://b.example/", Verdict.MOVED, to="https://c.example/")
    fine, broken = (
        state("https://a.example/", Verdict.OK),
        state("https://z.example/", Verdict.GONE, 3),
    )
    write_states(health, fine, moved, broken)
    found = load(client, "/links")
    assert [link["state"] for link in found["links"]] == ["broken", "moved", "ok"]
    html = read(client, "/links")
    assert "<code>data/model/x.ttl:7</code>" in html
    assert "2026-11-09" in html
    assert "2 were never visited" in html


def test_links_are_narrowed_by_state_and_host(client: FlaskClient, health: Path) -> None:
    write_states(
        health, state("https://a.example/", Verdict.OK), state("https://b.example/", Verdict.OK)
    )
    assert load(client, "/links?host=a.example&state=ok")["count"] == 1
    assert client.get("/links?state=moved").status_code == 404


def test_links_are_read_anew_each_time(client: FlaskClient, health: Path) -> None:
    response = client.get("/links", headers=BROWSER)
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers


def test_unreadable_health_is_no_crash(client: FlaskClient, health: Path) -> None:
    health.write_text("{")
    response = client.get("/links", headers=BROWSER)
    assert response.status_code == 503
    assert "audiokg link check" in response.data.decode()


# Files


def report(runner: CliRunner, *words: str, text: str = "") -> Any:
    return runner.invoke(main, ["report", *words], input=text)


def test_all_reports_go_into_a_folder(runner: CliRunner, tmp_path: Path, health: Path) -> None:
    result = report(runner, "--output", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert files == sorted(f"{name}.md" for name in REPORTS)


def test_report_says_the_same_as_the_page(desk: Desk, client: FlaskClient) -> None:
    for word, path in (("next", "/next"), ("identity", "/suspects"), ("conflicts", "/conflicts")):
        assert json.loads(REPORTS[word](desk).write("json")) == load(client, path)


def test_report_on_the_command_line_is_that_of_the_module(runner: CliRunner, desk: Desk) -> None:
    assert report(runner, "next").stdout == REPORTS["next"](desk).write("md")


def test_markdown_says_how_many_rows_it_leaves_out(desk: Desk) -> None:
    text = REPORTS["next"](desk).write("md")
    assert text.startswith("# What to do next\n")
    assert re.search(r"\d+ more; --format csv has all", text)


def test_report_of_missing_names_each_thing(desk: Desk, client: FlaskClient) -> None:
    rows = csv.DictReader(io.StringIO(REPORTS["missing"](desk).write("csv")))
    named = {row["thing"] for row in rows if row["gap"] == "model-paper"}
    assert named == {thing["thing"] for thing in load(client, "/missing/model-paper")["things"]}


@pytest.mark.parametrize("words", [[], ["nonsense"], ["next", "--format", "docx"]])
def test_report_that_is_not_there_exits_with_2(runner: CliRunner, words: list[str]) -> None:
    result = report(runner, *words)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def problem(severity: Severity, message: str = "add | a <name>") -> Problem:
    return Problem("data/model/x.ttl", 7, "model:x", message, severity)


def test_summary_of_a_check_is_markdown_with_places(runner: CliRunner) -> None:
    problems = [problem(Severity.ERROR), problem(Severity.WARNING, "look at this")]
    text = json.dumps([one.as_json() for one in problems])
    result = report(runner, "check", text=text)
    assert result.exit_code == 0
    assert result.stdout.startswith("# 1 error, 1 warning\n")
    assert "| data/model/x.ttl:7 | model:x | look at this |" in result.stdout
    assert "\\|" in result.stdout


def test_summary_of_a_clean_check_says_so() -> None:
    assert write_summary(read_problems("[]")).startswith("# The graph is clean\n")


def test_summary_shows_no_more_than_can_be_read() -> None:
    text = write_summary([problem(Severity.ERROR)] * 130)
    assert "30 more: run “audiokg check”." in text


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"severity": "odd"}]'])
def test_summary_of_something_else_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="pipe that into this command"):
        read_problems(text)
