"""All SPARQL of the repository: it parses everywhere, and each example has its answer."""

import csv
import io
import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib.plugins.sparql import prepareQuery

from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import QueryRequest
from audiokg.errors import InputError, QueryFileError
from audiokg.ingest.speech_trident import SECTIONS, read_entries
from audiokg.queries import find_query, read_library, read_query
from audiokg.turtle import read_term
from conftest import ROOT, SEEDS

FILES = sorted((ROOT / "queries").rglob("*.rq"))
EXAMPLES = read_library("example", ROOT)
EXPECTED = ROOT / "tests" / "expected"
#: Version of Speech Trident -> the queries that give back its tables, and their headings.
SECTIONS_GIVEN_BACK = {
    f"speech-trident-{version}-{name}": (f"speech-trident-{version}.md", heading)
    for version in ("v2", "v4")
    for name, heading in (
        ("language-models", "Speech/Audio Language Models"),
        ("codecs", "Speech/Audio Codec Models"),
        ("representation-models", "Speech/Audio Representation Models"),
    )
}
#: Table of Sparks -> its first and last row, by line.
SPARKS = {1: (47, 74), 2: (223, 235), 3: (244, 266), 4: (284, 288), 5: (317, 324)}
SPARKS |= {6: (332, 336), 7: (419, 422), 8: (441, 449)}


def test_there_are_queries_of_each_kind() -> None:
    folders = {path.parent.name for path in FILES}
    expected = "build check curate example export federated link page"
    assert folders == set(expected.split())
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


def rows_of(engine: LocalEngine, name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(ask(engine, name))))[1:]


def seed_lines(name: str) -> list[str]:
    return (SEEDS / name).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", SECTIONS_GIVEN_BACK)
def test_table_is_given_back_as_the_list_prints_it(name: str, engine: LocalEngine) -> None:
    """Compare with the raw cells of the seed, not with what the ingest made of them."""
    seed, section = SECTIONS_GIVEN_BACK[name]
    assert section in SECTIONS
    lines = seed_lines(seed)
    start = next(i for i, line in enumerate(lines) if line.endswith(section)) + 1
    printed = []
    for number, line in enumerate(lines[start:], start=start + 1):
        if line.startswith("## "):
            break
        if line.startswith("| 20"):
            cells = [" ".join(cell.split()) for cell in line.strip().strip("|").split("|")]
            # The one link in a title (hertz-dev) is given as its text; the link is foaf:page.
            cells[2] = cells[2].split("](")[0].lstrip("[")
            printed.append([str(number), *cells])
    assert rows_of(engine, name) == printed


def plain(cell: str) -> str:
    return " ".join(re.sub(r"</?(?:i|sub|sup)>", "", cell).split())


@pytest.mark.parametrize("number", SPARKS)
def test_table_is_given_back_as_sparks_prints_it(number: int, engine: LocalEngine) -> None:
    first, last = SPARKS[number]
    lines = seed_lines("sparks-of-large-audio-models.txt")
    rows = rows_of(engine, f"sparks-table-{number}")
    printed = []
    for line in range(first, last + 1):
        cells = [plain(cell) for cell in lines[line - 1].split("\t")]
        if cells != [""]:
            printed.append([str(line), *cells, *[""] * (len(rows[0]) - 1 - len(cells))])
    assert [[plain(cell) for cell in row] for row in rows] == printed


@pytest.mark.parametrize(("number", "count"), [(1, 3), (2, 3), (3, 3)])
def test_words_of_each_cell_of_the_other_survey_stand_at_its_line(
    number: int, count: int, engine: LocalEngine
) -> None:
    lines = seed_lines("survey-of-audio-language-models.txt")
    rows = rows_of(engine, f"survey-table-{number}")
    assert len(rows) == count
    for line, *cells in rows:
        near = " ".join(lines[int(line) - 1 : int(line) + 4]).replace("*", "").split()
        for cell in cells:
            assert set(cell.split()) <= set(near)


def test_references_of_sparks_are_300_in_order(engine: LocalEngine) -> None:
    rows = rows_of(engine, "sparks-references")
    assert [int(row[1]) for row in rows] == list(range(1, 301))
    assert all(row[3] and row[5] and row[6] for row in rows)


def test_awesome_papers_and_datasets_are_given_back(engine: LocalEngine) -> None:
    lines = seed_lines("awesome-large-audio-models.md")
    for line, _, title, year, authors, links in rows_of(engine, "awesome-papers"):
        printed = lines[int(line) - 1]
        assert all(part in printed for part in (title, f"[{year}]", authors, links))
    for line, *cells in rows_of(engine, "awesome-datasets"):
        printed_cells = [" ".join(c.split()) for c in lines[int(line) - 1].strip("| ").split("|")]
        assert cells == printed_cells


def test_each_dataset_has_one_duration(engine: LocalEngine) -> None:
    names = [row[0] for row in rows_of(engine, "duration-of-each-dataset")]
    assert len(names) == len(set(names)) >= 9


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


#: The competency questions of the ontology, by number, and the example query that answers each.
COMPETENCY = {
    1: "asr-and-tts-by-source",
    2: "ticks-against-crosses",
    3: "trained-on-libri-light",
    4: "sharing-a-tokenizer",
    5: "backbones",
    6: "announced-code",
    7: "configurations-of-a-family",
    8: "speech-to-speech-without-text",
    9: "first-listed-per-month",
    10: "limitations-of-music-models",
    11: "codecs-below-a-bitrate",
    12: "single-codebook-by-frame-rate",
    13: "quantization-methods",
    14: "codec-of-each-tts-model",
    15: "one-name-several-models",
    16: "sizes-that-disagree",
    17: "datasets-for-a-task",
    18: "derived-from-librivox",
    19: "training-sets-without-size",
    20: "sizes-not-in-hours",
    21: "trained-and-evaluated-on-one-corpus",
    22: "licences-behind-a-model",
    23: "fleurs-54-results",
    24: "librispeech-results",
    25: "results-that-differ",
    26: "lower-is-better",
    27: "changes-of-speech-trident",
    28: "entries-without-paper",
    29: "surveys-of-audio-and-foundation-models",
    30: "makers-of-codecs",
}


def test_every_competency_question_has_its_query() -> None:
    assert list(COMPETENCY) == list(range(1, 31))
    assert set(COMPETENCY.values()) <= set(EXAMPLES)
