"""Reading a source's own text: every row, as printed, or a clear stop."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from audiokg.cli import main
from audiokg.errors import InputError, SourceTextError
from audiokg.ingest.markdown import read_cell, read_tables
from audiokg.ingest.sources import SOURCES, ingest
from audiokg.ingest.speech_trident import SECTIONS, read_entries
from conftest import ROOT, SEEDS

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


@pytest.mark.parametrize("source", SOURCES)
def test_ingest_reproduces_the_data_byte_for_byte(source: str) -> None:
    kept = ROOT / "data" / "source" / f"{source}.ttl"
    assert ingest(source, SEEDS / f"{source}.md") == kept.read_text(encoding="utf-8")


@pytest.mark.parametrize("seed", sorted(SEEDS.glob("*.md")), ids=lambda path: path.name)
def test_seed_tables_are_those_of_the_document(seed: Path) -> None:
    """The seeds here keep the tables and headings of the documents, each on its line."""
    original = ORIGINALS / seed.name
    if not original.exists():
        pytest.skip("the documents are not beside this checkout")
    pairs = zip(
        seed.read_text(encoding="utf-8").splitlines(),
        original.read_text(encoding="utf-8").splitlines(),
        strict=False,
    )
    for ours, theirs in pairs:
        assert ours == ("" if not re.match(r"#{1,2} |\|", theirs) else theirs.rstrip())


def test_markup_is_read_and_links_are_kept() -> None:
    cell = read_cell(" **Bold** and `code` [paper](https://a.org/x), [code](https://b.org/y) ")
    assert cell.text == "Bold and code paper, code"
    assert cell.links == ("https://a.org/x", "https://b.org/y")
    assert cell.source.startswith("**Bold**")


def test_dashes_are_given_as_printed() -> None:
    row = "| 2024-11 |   --  | A title | [Paper](https://arxiv.org/abs/2411.17607) |"
    [entry, *_] = read_entries(trident(row), "t")
    assert entry.name == "--"


@pytest.mark.parametrize("title", ["A | B", "A \\| B"])
def test_bar_in_a_title_is_part_of_it(title: str) -> None:
    row = f"| 2024-01 | X | {title} | [paper](https://arxiv.org/abs/2401.00001) |"
    [entry, *_] = read_entries(trident(row), "t")
    assert entry.title == "A | B"
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


def test_unknown_source_and_undecodable_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"known are .*speech-trident-v4"):
        ingest("speech-trident-v9", TRIDENT)
    latin = tmp_path / "latin.md"
    latin.write_bytes(b"# A\n\xe9\n")
    with pytest.raises(SourceTextError, match=r"latin\.md:2: expected UTF-8"):
        ingest("speech-trident-v4", latin)


@given(st.lists(st.text(st.characters(exclude_characters="\n\r|\\", codec="utf-8")), min_size=1))
def test_cells_survive_the_table(cells: list[str]) -> None:
    """Whatever stands in the cells, no row is lost and every line number is right."""
    rows = "".join(f"| x | {' '.join(cell.split())} |\n" for cell in cells)
    [table] = read_tables("# H\n\n| a | b |\n| --- | --- |\n" + rows)
    assert [row.line for row in table.rows] == list(range(5, 5 + len(cells)))
