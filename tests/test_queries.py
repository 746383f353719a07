"""All SPARQL of the repository: it parses everywhere, and each example has its answer."""

import csv
import io
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib.plugins.sparql import prepareQuery

from audiokg.asking import read_term
from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import QueryRequest
from audiokg.errors import InputError, QueryFileError
from audiokg.ingest.speech_trident import SECTIONS, read_entries
from audiokg.queries import find_query, read_library, read_query
from conftest import ROOT, SEEDS

FILES = sorted((ROOT / "queries").rglob("*.rq"))
EXAMPLES = read_library("example", ROOT)
EXPECTED = ROOT / "tests" / "expected"
TABLES = {
    "speech-trident-v4-language-models": "Speech/Audio Language Models",
    "speech-trident-v4-codecs": "Speech/Audio Codec Models",
    "speech-trident-v4-representation-models": "Speech/Audio Representation Models",
}


def test_there_are_queries_of_each_kind() -> None:
    folders = {path.parent.name for path in FILES}
    assert folders == {"build", "check", "example", "page"}
    assert len(EXAMPLES) >= 10


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_query_parses_in_two_engines_and_pastes_anywhere(path: Path) -> None:
    query = read_query(path)
    ox.Store().query(query.text)
    prepareQuery(query.text)


def ask(engine: LocalEngine, name: str) -> str:
    query = EXAMPLES[name]
    terms = {key: read_term(term) for key, term in query.parameters.items()}
    return engine.answer(QueryRequest(query.text, "csv", bindings=terms)).body.decode()


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_has_its_answer(
    name: str, engine: LocalEngine, request: pytest.FixtureRequest
) -> None:
    kept = EXPECTED / f"{name}.csv"
    answer = ask(engine, name)
    if request.config.getoption("--write-expected"):
        kept.write_bytes(answer.encode())
    assert answer.count("\n") > 1
    assert answer.encode() == kept.read_bytes()


def test_no_answer_is_left_over() -> None:
    assert {path.stem for path in EXPECTED.glob("*.csv")} == set(EXAMPLES)


@pytest.mark.parametrize("name", TABLES)
def test_table_is_given_back_as_the_seed_prints_it(name: str, engine: LocalEngine) -> None:
    """Compare with the raw cells of the seed, not with what the ingest made of them."""
    section = TABLES[name]
    assert section in SECTIONS
    lines = (SEEDS / "speech-trident-v4.md").read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.endswith(section)) + 1
    printed = []
    for number, line in enumerate(lines[start:], start=start + 1):
        if line.startswith("## "):
            break
        if line.startswith("| 20"):
            cells = [" ".join(cell.split()) for cell in line.strip().strip("|").split("|")]
            printed.append([str(number), *cells])
    rows = list(csv.reader(io.StringIO(ask(engine, name))))[1:]
    # The one link in a title (hertz-dev) is given as its text; the link itself is foaf:page.
    plain = [
        [cell if i != 3 else cell.split("](")[0].lstrip("[") for i, cell in enumerate(row)]
        for row in printed
    ]
    assert rows == plain


def test_every_row_is_decided(engine: LocalEngine) -> None:
    text = """PREFIX akg: <https://w3id.org/audiokg/ontology#>
    SELECT (COUNT(DISTINCT ?entry) AS ?n) {
      ?entry akg:entryOf <https://w3id.org/audiokg/source/speech-trident-v4> ;
        akg:refersTo ?thing . ?thing a ?kind }"""
    body = engine.answer(QueryRequest(text, "csv")).body.decode()
    entries = read_entries((SEEDS / "speech-trident-v4.md").read_text(encoding="utf-8"), "v4")
    assert body == f"n\r\n{len(entries)}\r\n"


def test_header_without_title_or_with_unknown_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "q.rq"
    file.write_text("SELECT * {}", encoding="utf-8")
    with pytest.raises(QueryFileError, match="no line “#\\+ title: …”"):
        read_query(file)
    file.write_text("#+ titel: x\nSELECT * {}", encoding="utf-8")
    with pytest.raises(QueryFileError, match=r"q\.rq:1: expected one of the keys"):
        read_query(file)


def test_unknown_name_lists_the_library() -> None:
    with pytest.raises(InputError, match="conflicts"):
        find_query(EXAMPLES, "nothing")


@pytest.mark.parametrize("text", ["model:encodec", "<https://a.org/x>", "25", "2.5", '"text"@en'])
def test_terms_are_read_as_in_turtle(text: str) -> None:
    assert read_term(text)


@pytest.mark.parametrize("text", ["nope:x", "a b", "", "[]", "1 . <a> <b> 2"])
def test_what_is_no_term_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_term(text)
