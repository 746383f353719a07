"""`audiokg link`: asked of a real SPARQL server that holds Wikidata's and DBLP's shapes, and of one
that fails in every way it can."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from audiokg.cli import main
from audiokg.errors import InputError
from audiokg.http import AGENT
from audiokg.link.compare import Proposal, Status, compare
from audiokg.link.journal import Journal
from audiokg.link.known import Link
from audiokg.link.run import fill
from audiokg.queries import read_library
from audiokg.terms import AKG, BASE
from conftest import ROOT
from services import Proxy, proxy, sparql_server

WD = "http://www.wikidata.org/entity/"
REC = "https://dblp.org/rec/journals/corr/"
ENCODEC = BASE + "publication/arxiv-2210-13438"
AUDIOLM = BASE + "publication/arxiv-2209-03143"
GPT_3 = BASE + "publication/language-models-are-few-shot-learners"


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    files = [ROOT / "tests" / "link" / name for name in ("wikidata.ttl", "dblp.ttl")]
    with sparql_server(tmp_path_factory.mktemp("services"), *files) as address:
        yield address


@pytest.fixture
def service(upstream: str) -> Iterator[Proxy]:
    with proxy(upstream) as server:
        yield server


def run(runner: CliRunner, service: Proxy, target: str, output: Path, *more: str) -> Result:
    names = ["dblp"] if target == "dblp" else ["wikidata", "wikidata-scholarly"]
    asked = [word for name in names for word in ("--service", f"{name}={service.address}")]
    quick = ["--pause", "0", "--tries", "3", "--output", str(output)]
    return runner.invoke(main, ["link", target, *asked, *quick, *more])


def read(path: Path) -> set[tuple[str, str, str, str, str]]:
    """Read a proposal: subject, status, record, what it replaces, how it was found."""
    store = ox.Store()
    store.load(path=path, format=ox.RdfFormat.TURTLE, base_iri=BASE)
    rows = store.query(f"""PREFIX akg: <{AKG}>
        SELECT ?subject ?status ?record ?replaces ?how {{
          ?p a akg:LinkProposal ; akg:proposalFor ?subject ; akg:proposalStatus ?status ;
            akg:proposedLink ?record .
          OPTIONAL {{ ?p akg:replacesLink ?replaces }} OPTIONAL {{ ?p akg:foundBy ?how }} }}""")
    assert isinstance(rows, ox.QuerySolutions)
    return {
        tuple(
            row[name].value if row[name] else ""
            for name in ("subject", "status", "record", "replaces", "how")
        )  # type: ignore[misc]
        for row in rows
    }


def reviewed_files() -> str:
    files = sorted((ROOT / "data" / "link").glob("*.ttl"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def test_dblp_is_confirmed_new_and_gone(runner: CliRunner, service: Proxy, tmp_path: Path) -> None:
    before = reviewed_files()
    result = run(runner, service, "dblp", tmp_path / "dblp.ttl")
    assert result.exit_code == 0, result.output
    proposals = read(tmp_path / "dblp.ttl")
    assert (ENCODEC, "confirmed", REC + "abs-2210-13438", "", "") in proposals
    assert (AUDIOLM, "confirmed", REC + "abs-2209-03143", "", "") in proposals
    assert (AUDIOLM, "new", REC + "abs-9999-00001", "", "doi") in proposals
    assert (BASE + "person/yossi-adi", "confirmed", "https://dblp.org/pid/171/0957", "", "") in (
        proposals
    )
    gone = {row for row in proposals if row[1] == "gone"}
    assert len(gone) > 400
    assert len(proposals) == len(gone) + 4
    assert f"3 confirmed, 0 changed, 1 new, {len(gone)} gone" in result.output
    assert reviewed_files() == before
    assert not list(tmp_path.glob("*.jsonl"))


def test_wikidata_is_found_by_identifier_doi_and_title(
    runner: CliRunner, service: Proxy, tmp_path: Path
) -> None:
    result = run(runner, service, "wikidata", tmp_path / "wikidata.ttl")
    assert result.exit_code == 0, result.output
    proposals = read(tmp_path / "wikidata.ttl")
    assert {row for row in proposals if row[1] not in {"gone"}} == {
        (ENCODEC, "new", WD + "Q9000001", "", "arxiv"),
        (AUDIOLM, "new", WD + "Q9000002", "", "doi"),
        (GPT_3, "new", WD + "Q9000003", "", "title"),
        (BASE + "model/bert", "confirmed", WD + "Q61726893", "", ""),
        (BASE + "model/gpt-4", "changed", WD + "Q9000004", WD + "Q116709136", ""),
    }
    assert "changed: model:gpt-4" in result.output


def test_asks_with_a_name_and_for_json(runner: CliRunner, service: Proxy, tmp_path: Path) -> None:
    run(runner, service, "dblp", tmp_path / "dblp.ttl", "--batch", "500")
    assert {request["User-Agent"] for request in service.requests} == {AGENT}
    assert {request["Accept"] for request in service.requests} == {
        "application/sparql-results+json"
    }


@pytest.mark.parametrize("fault", ["429", "500", "503", "half", "nothing", "html"])
def test_tries_again_after_a_fault(
    runner: CliRunner, service: Proxy, tmp_path: Path, fault: str
) -> None:
    service.faults = [fault, fault, "ok", fault]
    result = run(runner, service, "dblp", tmp_path / "dblp.ttl", "--batch", "500")
    assert result.exit_code == 0, result.output
    assert "3 confirmed, 0 changed, 1 new" in result.output


@pytest.mark.parametrize("fault", ["429", "500", "half", "nothing", "html", "403"])
def test_a_failing_service_loses_nothing(
    runner: CliRunner, service: Proxy, tmp_path: Path, fault: str
) -> None:
    before = reviewed_files()
    service.faults, service.always = ["ok", "ok"], fault
    broken = run(runner, service, "dblp", tmp_path / "dblp.ttl", "--batch", "100")
    assert broken.exit_code == 1
    assert "dblp failed: http://127.0.0.1:" in broken.output
    assert "keys got no answer; run the same command again" in broken.output
    assert "Traceback" not in broken.output
    # What was not answered is not called gone.
    assert len({row for row in read(tmp_path / "dblp.ttl") if row[1] == "gone"}) <= 200
    asked = len(service.requests)

    service.always = ""
    whole = run(runner, service, "dblp", tmp_path / "dblp.ttl", "--batch", "100")
    assert whole.exit_code == 0, whole.output
    assert "2 in an earlier run" in whole.output
    assert "3 confirmed, 0 changed, 1 new" in whole.output
    assert len(service.requests) > asked
    assert reviewed_files() == before


def test_nobody_there(runner: CliRunner, tmp_path: Path) -> None:
    options = ["--pause", "0", "--tries", "2", "--output", str(tmp_path / "dblp.ttl")]
    nobody = ["--service", "dblp=http://127.0.0.1:9/"]
    result = runner.invoke(main, ["link", "dblp", *nobody, *options])
    assert result.exit_code == 1
    assert "dblp failed: http://127.0.0.1:9/" in result.output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--service", "orkg=http://127.0.0.1/"], "expected NAME=URL"),
        (["--service", "dblp"], "expected NAME=URL"),
        (["--service", "dblp=file:///etc/passwd"], "expected NAME=URL"),
        (["--batch", "0"], "must be at least 1"),
        (["--tries", "0"], "must be at least 1"),
    ],
)
def test_options_that_do_not_fit(
    runner: CliRunner, tmp_path: Path, options: list[str], said: str
) -> None:
    result = runner.invoke(main, ["link", "dblp", "--output", str(tmp_path / "x.ttl"), *options])
    assert result.exit_code == 2
    assert said in result.output


def test_a_cut_journal_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.add("first", [("<a>", "<b>")])
    journal.add("second", [])
    path.write_text(path.read_text()[:-10])
    again = Journal(path)
    assert again.find("first") == [("<a>", "<b>")]
    assert again.find("second") is None
    path.write_text("nonsense\n" + path.read_text())
    with pytest.raises(InputError, match=":1: this is no answer"):
        Journal(path)


def test_a_record_that_was_not_asked_for_is_not_judged() -> None:
    link = Link("s", "r", "g", True)
    assert compare([link], {}, {}) == []
    assert compare([link], {"r": None}, {}) == [Proposal("s", Status.GONE, "r")]
    assert compare([link], {"r": "r"}, {}) == [Proposal("s", Status.CONFIRMED, "r")]
    moved = [Proposal("s", Status.CHANGED, "n", replaces="r")]
    assert compare([link], {"r": "n"}, {"s": {"n": "arxiv"}}) == moved
    assert compare([link], {}, {"s": {"r": "arxiv"}}) == [Proposal("s", Status.CONFIRMED, "r")]


QUESTIONS = {name: query for name, query in read_library("link", ROOT).items() if query.service}


def test_there_are_questions() -> None:
    assert len(QUESTIONS) == 8


@pytest.mark.parametrize("name", QUESTIONS)
def test_questions_run_as_they_are_and_take_terms(name: str) -> None:
    query = QUESTIONS[name]
    store = ox.Store()
    store.query(query.text)
    filled = fill(query.text, ['"a\\"}b"', "<x:y>"])
    assert 'VALUES ?key { "a\\"}b" <x:y> }' in filled
    store.query(filled)
