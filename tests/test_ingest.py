"""Reading a source's own text: every row, as printed, or a clear stop."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from audiokg.cli import main
from audiokg.errors import InputError, SourceTextError
from audiokg.ingest.markdown import read_cell, read_tables
from audiokg.ingest.readings import STATEMENT_COLUMNS, SourceLines, read_table
from audiokg.ingest.sources import SOURCES, ingest
from audiokg.ingest.speech_trident import SECTIONS, read_entries
from conftest import ROOT, SEEDS
from make_seeds import make_seed

TRIDENT = SEEDS / "speech-trident-v4.md"
#: The documents themselves stand beside the checkout where the project is developed.
ORIGINALS = ROOT.parent / "shared" / "seeds"


def trident(*rows: str) -> str:
    """Make a list with the given rows in its first section."""
    header = "| Date | Model Name | Paper Title | Link |\n| --- | --- | --- | --- |\n"
    good = "| 2024-01 | A | A title | [paper](https://arxiv.org/abs/2401.00001) |\n"
    first, *others = (f"## :trident: {heading}\n\n{header}" for heading in SECTIONS)
    return first + "".join(f"{row}\n" for row in rows) + "\n" + "".join(o + good for o in others)


def test_all_rows_of_the_list_are_read() -> None:
    entries = read_entries(TRIDENT.read_text(encoding="utf-8"), "v4")
    counts = {section: sum(e.section == section for e in entries) for section in SECTIONS}
    assert list(counts.values()) == [107, 63, 31]


def seed(source: str) -> Path:
    [file] = SEEDS.glob(f"{source}.*")
    return file


@pytest.mark.parametrize("source", SOURCES)
def test_ingest_reproduces_the_data_byte_for_byte(source: str) -> None:
    kept = ROOT / "data" / "source" / f"{source}.ttl"
    assert ingest(source, seed(source), ROOT / "data") == kept.read_text(encoding="utf-8")


def test_counts_are_those_of_the_documents() -> None:
    data = ROOT / "data"
    counts = {
        source: ingest(source, seed(source), data).count(" a akg:SourceEntry ;")
        for source in SOURCES
    }
    assert counts["speech-trident-v2"] == 78
    assert counts["speech-trident-v4"] == 201
    assert counts["awesome-large-audio-models"] == 75 + 22
    # Tables 1 to 8 and 300 references; three tables and 23 references.
    assert counts["sparks-of-large-audio-models"] == 28 + 13 + 23 + 5 + 8 + 5 + 4 + 9 + 300
    assert counts["survey-of-audio-language-models"] == 3 + 3 + 3 + 23


@pytest.mark.parametrize("source", SOURCES)
def test_verbatim_of_every_statement_stands_on_its_line(source: str) -> None:
    lines = SourceLines(source, seed(source).read_text(encoding="utf-8").splitlines())
    rows = read_table(ROOT / "data" / "reading" / source / "statements.tsv", STATEMENT_COLUMNS)
    for row in rows:
        lines.expect(int(row["line"]), row["verbatim"])
    assert len(rows) > 20 or source.startswith("speech-trident")


@pytest.mark.parametrize("kept", sorted(SEEDS.iterdir()), ids=lambda path: path.name)
def test_seed_is_made_from_the_document(kept: Path) -> None:
    original = ORIGINALS / kept.name
    if not original.exists():
        pytest.skip("the documents are not beside this checkout")
    assert kept.read_text(encoding="utf-8") == make_seed(original)


@pytest.mark.parametrize("source", SOURCES)
def test_document_and_seed_give_the_same(source: str) -> None:
    original = ORIGINALS / seed(source).name
    if not original.exists():
        pytest.skip("the documents are not beside this checkout")
    data = ROOT / "data"
    assert ingest(source, original, data) == ingest(source, seed(source), data)


def test_markup_is_read_and_links_are_kept() -> None:
    cell = read_cell(" **Bold** and `code` [paper](https://a.org/x), [code](https://b.org/y) ")
    assert cell.text == "Bold and code paper, code"
    assert cell.links == ("https://a.org/x", "https://b.org/y")
    assert cell.source.startswith("**Bold**")


def test_dashes_are_given_as_printed() -> None:
    row = "| 2024-11 |   --  | A title | [Paper](https://arxiv.org/abs/2411.17607) |"
    [entry, *_] = read_entries(trident(row), "t")
    assert entry.texts["name"] == "--"


@pytest.mark.parametrize("title", ["A | B", "A \\| B"])
def test_bar_in_a_title_is_part_of_it(title: str) -> None:
    row = f"| 2024-01 | X | {title} | [paper](https://arxiv.org/abs/2401.00001) |"
    [entry, *_] = read_entries(trident(row), "t")
    assert entry.texts["title"] == "A | B"
    assert entry.links == ("https://arxiv.org/abs/2401.00001",)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("| 2024-13 | X | T | [p](https://a.org) |", "a month such as 2024-05 as Date"),
        ("| 2024-01 |  | T | [p](https://a.org) |", "a name, or - for none"),
        ("| 2024-01 | X |  | [p](https://a.org) |", "a title as Paper Title"),
        ("| 2024-01 | X | T | none |", "a link such as"),
        ("| 2024-01 | X | [p](https://a.org) |", "expected 4 cells"),
        ("| 2024-01 | X | T | [p](https://a.org) | more | still |", "expected 4 cells"),
    ],
)
def test_row_that_cannot_be_read_names_file_line_and_what_was_expected(
    row: str, expected: str
) -> None:
    with pytest.raises(SourceTextError, match=r"^list\.md:5: ") as stopped:
        read_entries(trident(row), "list.md")
    assert expected in str(stopped.value)


def test_unknown_or_missing_section_stops() -> None:
    with pytest.raises(SourceTextError, match="found “Other”"):
        extra = "\n## Other\n\n| Date | Model Name | Paper Title | Link |\n|---|---|---|---|\n"
        read_entries(trident() + extra, "t")
    with pytest.raises(SourceTextError, match="expected a table"):
        read_entries("# Nothing\n", "t")


def test_bad_row_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "data" / "source").mkdir(parents=True)
    (tmp_path / "ontology").mkdir()
    bad = tmp_path / "list.md"
    bad.write_text(trident("| 2024-01 | X | T | none |"), encoding="utf-8")
    environment = {"AUDIOKG_ROOT": str(tmp_path)}
    arguments = ["ingest", "speech-trident-v4", str(bad)]
    stopped = CliRunner().invoke(main, arguments, env=environment)
    assert stopped.exit_code == 2
    assert f"{bad}:5: expected a link" in stopped.stderr
    assert not list((tmp_path / "data" / "source").iterdir())


def test_second_run_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    arguments = ["ingest", "speech-trident-v4", str(TRIDENT)]
    environment = {"AUDIOKG_ROOT": str(tmp_path)}
    outputs = [CliRunner().invoke(main, arguments, env=environment).stdout for _ in range(2)]
    assert outputs[0].endswith("written\n")
    assert outputs[1].endswith("unchanged\n")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: "\n" + text, "akg:line was “213” and is “214”"),
        (lambda text: text.replace("| Moshi  ", "| Moschi ", 1), "was “Moshi” and is “Moschi”"),
        (lambda text: re.sub(r"\| 2018-07 .*\n", "", text), "and is “nothing”"),
        (lambda text: text.replace("| Date ", "| Year ", 1), "expected a table"),
    ],
    ids=["moved", "changed", "removed", "another column"],
)
def test_changed_text_stops_with_place_and_difference_and_the_old_file_stays(
    tmp_path: Path, change: Callable[[str], str], said: str
) -> None:
    environment = {"AUDIOKG_ROOT": str(tmp_path)}
    file = tmp_path / "list.md"
    arguments = ["ingest", "speech-trident-v4", str(file)]
    (tmp_path / "data").mkdir()
    file.write_text(TRIDENT.read_text(encoding="utf-8"), encoding="utf-8")
    assert CliRunner().invoke(main, arguments, env=environment).exit_code == 0
    kept = tmp_path / "data" / "source" / "speech-trident-v4.ttl"
    before = kept.read_text(encoding="utf-8")
    file.write_text(change(TRIDENT.read_text(encoding="utf-8")), encoding="utf-8")
    stopped = CliRunner().invoke(main, arguments, env=environment)
    assert stopped.exit_code == 2
    assert f"{file}:" in stopped.stderr
    assert said in " ".join(stopped.stderr.split())
    assert kept.read_text(encoding="utf-8") == before


def test_survey_that_prints_something_else_stops_at_the_line(tmp_path: Path) -> None:
    survey = seed("sparks-of-large-audio-models")
    file = tmp_path / survey.name
    text = survey.read_text(encoding="utf-8").replace("SpeechGPT [91]\t", "SpeechGPT [92]\t")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SourceTextError, match=r"txt:223: expected “.*\[91\]"):
        ingest(survey.stem, file, ROOT / "data")


def test_unknown_source_and_undecodable_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"known are .*speech-trident-v4"):
        ingest("speech-trident-v9", TRIDENT, ROOT / "data")
    latin = tmp_path / "latin.md"
    latin.write_bytes(b"# A\n\xe9\n")
    with pytest.raises(SourceTextError, match=r"latin\.md:2: expected UTF-8"):
        ingest("speech-trident-v4", latin, ROOT / "data")


@given(st.lists(st.text(st.characters(exclude_characters="\n\r|\\", codec="utf-8")), min_size=1))
def test_cells_survive_the_table(cells: list[str]) -> None:
    """Whatever stands in the cells, no row is lost and every line number is right."""
    rows = "".join(f"| x | {' '.join(cell.split())} |\n" for cell in cells)
    [table] = read_tables("# H\n\n| a | b |\n| --- | --- |\n" + rows)
    assert [row.line for row in table.rows] == list(range(5, 5 + len(cells)))


def test_ingest_imports_nothing_that_stands_above_it() -> None:
    above = re.compile(r"from audiokg\.(build|check|cli|export|graph|mcp|new|release|web)\b")
    files = [*(ROOT / "src" / "audiokg" / "ingest").rglob("*.py")]
    assert files
    assert [path for path in files if above.search(path.read_text(encoding="utf-8"))] == []
