"""A list that has grown: what became of each row, what it refers to, and no decision lost."""

import json
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from audiokg.cli import main
from audiokg.errors import InputError
from audiokg.formatting import format_file
from audiokg.ingest.diff.candidates import Certainty
from audiokg.ingest.diff.decisions import carry, read_decisions, read_kept_rows
from audiokg.ingest.diff.identity import propose
from audiokg.ingest.diff.known import Known, read_known
from audiokg.ingest.diff.run import Comparison, compare_list, segment_listed
from audiokg.ingest.diff.verdicts import RowVerdict, Verdict, compare
from audiokg.ingest.entry import Entry
from audiokg.ingest.markdown import read_tables
from audiokg.ingest.sources import SOURCES
from audiokg.ingest.speech_trident import SECTIONS, read_rows
from conftest import ROOT, SEEDS

DATA = ROOT / "data"
V2, V4, AWESOME = "speech-trident-v2", "speech-trident-v4", "awesome-large-audio-models"
V5 = ROOT / "tests" / "lists" / "speech-trident-v5.md"
HEADER = "| Date | Model Name | Paper Title | Link |\n| --- | --- | --- | --- |\n"
#: What was done to version 4 by hand, row by row: line, verdict, row before, row now, change.
EDITS = [
    (102, "new", "", "language-model-2", ""),  # MusicGen: the graph has it from another list
    (103, "new", "", "language-model-3", ""),  # Quillon-Audio: nobody has it
    (104, "new", "", "language-model-4", ""),  # a survey that nobody has
    (107, "changed", "language-model-4", "language-model-7", "title"),
    (140, "changed", "language-model-37", "language-model-40", "name"),
    (155, "duplicate", "", "language-model-55", ""),  # of another section
    (217, "changed", "codec-1", "codec-1", "name"),  # L3AC, where no name was
    (218, "moved", "codec-22", "codec-2", "place"),
    (220, "moved", "codec-6", "codec-4", "place"),  # the two UniCodec have changed places
    (221, "new", "", "codec-5", ""),  # a third UniCodec
    (222, "new", "", "codec-6", ""),  # the paper of EnCodec under another name
    (223, "new", "", "codec-7", ""),  # the name of EnCodec with another paper
    (224, "new", "", "codec-8", ""),  # DAC with its repository
    (227, "moved", "codec-3", "codec-11", "place"),
    (248, "changed", "codec-28", "codec-32", "link"),
    (251, "unreadable", "", "codec-35", ""),  # no bars
    (254, "changed", "codec-33", "codec-38", "spelling of the link"),
    (264, "changed", "codec-43", "codec-48", "name title"),
    (277, "unreadable", "codec-58", "codec-61", ""),  # no name
    (279, "unreadable", "codec-60", "codec-63", ""),  # a cell lost
    (282, "duplicate", "", "codec-66", ""),
    (288, "new", "", "representation-model-1", ""),  # wav2vec: known as a reference
    (302, "changed", "representation-model-14", "representation-model-15", "date"),
    (313, "unreadable", "representation-model-25", "representation-model-26", ""),  # month 13
    (316, "changed", "codec-54", "representation-model-29", "section"),
    (317, "unreadable", "representation-model-28", "representation-model-30", ""),  # no link
    (321, "unreadable", "representation-model-31", "", ""),  # below an empty line
    (256, "gone", "codec-44", "", ""),  # lines of version 4
    (274, "gone", "codec-62", "", ""),
]


@pytest.fixture(scope="module")
def v5() -> Comparison:
    return compare_list(V4, V5, V4, ROOT)


@pytest.fixture(scope="module")
def grown() -> Comparison:
    return compare_list(V4, SEEDS / f"{V4}.md", V2, ROOT)


@pytest.fixture(scope="module")
def known() -> Known:
    return read_known(ROOT)


@pytest.fixture(autouse=True)
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the files of data/ once: no test writes them."""
    monkeypatch.setattr("audiokg.ingest.diff.run.read_known", known_of)


@cache
def known_of(root: Path, without: tuple[str, ...] = ()) -> Known:
    return read_known(root, without)


@cache
def known_without(source: str) -> Known:
    return read_known(ROOT, without=[source])


def entries(source: str) -> Iterator[Entry]:
    read = SOURCES[source].read_rows
    assert read
    text = (SEEDS / f"{source}.md").read_text(encoding="utf-8")
    return (row for row in read(text) if isinstance(row, Entry))


def trident(*rows: str, gap: str = "") -> str:
    """Make a list whose first section has the given rows."""
    tables = [f"## :trident: {heading}\n\n{HEADER}" for heading in SECTIONS]
    return tables[0] + "".join(f"{row}\n" for row in rows) + gap + "\n" + "\n".join(tables[1:])


def row(name: str, title: str, link: str, date: str = "2025-05") -> str:
    return f"| {date} | {name} | {title} | [paper]({link}) |"


def only(text: str) -> Entry:
    [entry] = [found for found in read_rows(text) if isinstance(found, Entry)]
    return entry


def diff(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["ingest", V4, *map(str, arguments), "--diff"])


def by_line(rows: list[RowVerdict]) -> dict[int, Verdict]:
    return {(r.now or r.fault or r.before).line: r.verdict for r in rows}  # type: ignore[union-attr]


# From version 2 to version 4


def test_all_new_rows_of_version_4_are_found_and_no_decision_is_lost(grown: Comparison) -> None:
    verdicts = [row.verdict for row in grown.rows]
    assert verdicts.count(Verdict.NEW) == 201 - 78
    assert verdicts.count(Verdict.SAME) == len(grown.carried.kept) == 78
    assert not grown.carried.lost


def test_rows_are_matched_if_and_only_if_they_refer_to_the_same(grown: Comparison) -> None:
    old, new = read_decisions(V2, DATA), read_decisions(V4, DATA)
    matched = {(r.before.ident, r.now.ident) for r in grown.rows if r.before and r.now}
    alike = {(a, b) for a in old for b in new if old[a].refers_to == new[b].refers_to}
    assert matched == alike


@pytest.mark.parametrize("source", [V2, V4, AWESOME])
def test_what_is_certain_or_likely_is_right_when_the_decisions_are_hidden(source: str) -> None:
    hidden, decisions = known_without(source), read_decisions(source, DATA)
    counts = dict.fromkeys(Certainty, 0)
    for entry in entries(source):
        found = propose(entry, hidden, segment_listed(SOURCES[source], entry.ident))
        counts[found.certainty] += 1
        assert set(found.decided) <= decisions[entry.ident].refers_to, entry
        if found.certainty in (Certainty.CERTAIN, Certainty.LIKELY):
            assert set(found.decided) == decisions[entry.ident].refers_to, entry
    assert counts[Certainty.CERTAIN] + counts[Certainty.LIKELY] > 0.85 * sum(counts.values())


def test_hidden_decisions_are_not_asked(known: Known) -> None:
    only_here = known.rows.keys() - known_without(V4).rows.keys()
    assert any("ieeexplore.ieee.org" in link for link in only_here)


@pytest.mark.parametrize("source", [V4, AWESOME])
def test_nothing_is_proposed_in_place_of_what_the_graph_does_not_have(source: str) -> None:
    hidden, decisions = known_without(source), read_decisions(source, DATA)
    for entry in list(entries(source))[::3]:
        truth = decisions[entry.ident].refers_to
        forgetful = forget(hidden, truth)
        found = propose(entry, forgetful, segment_listed(SOURCES[source], entry.ident))
        assert not found.decided, entry


def forget(known: Known, gone: frozenset[str]) -> Known:
    maps = {field.name: getattr(known, field.name) for field in fields(Known)}
    return Known(
        **{
            name: {
                key: kept
                for key, things in found.items()
                if key not in gone and (kept := things - gone)
            }
            for name, found in maps.items()
        }
    )


# Version 5, made by hand


def test_each_edit_of_version_5_has_its_verdict(v5: Comparison) -> None:
    said = [
        (
            (r.now or r.fault or r.before).line,  # type: ignore[union-attr]
            r.verdict.value,
            r.before.ident if r.before else "",
            r.ident,
            " ".join(change.what for change in r.changes),
        )
        for r in v5.rows
        if r.verdict is not Verdict.SAME
    ]
    assert said == EDITS


def test_every_decision_is_kept_unchanged_at_its_row_or_told_as_without_row(v5: Comparison) -> None:
    before = read_decisions(V4, DATA)
    places = {r.ident: r.before.ident for r in v5.rows if r.before and r.ident}
    for ident, decision in v5.carried.kept.items():
        assert decision.facts == before[places[ident]].facts
    lost = {decision.ident for decision in v5.carried.lost}
    assert lost == {"codec-44", "codec-62", "representation-model-31"}
    assert len(v5.carried.kept) + len(lost) == len(before) == 201
    assert v5.carried.kept["codec-63"].refers_to == before["codec-60"].refers_to  # a broken row


@pytest.mark.parametrize(
    ("ident", "certainty", "named"),
    [
        ("language-model-2", "certain", ["publication/arxiv-2306-05284", "model/musicgen"]),
        ("language-model-3", "none", []),
        ("language-model-4", "none", []),
        ("codec-5", "unsure", ["model/unicodec-domain-adaptive-codebook"]),
        ("codec-5", "unsure", ["model/unicodec-universal-speech-token"]),
        ("codec-6", "unsure", ["publication/arxiv-2210-13438", "model/encodec"]),
        ("codec-7", "unsure", ["model/encodec"]),
        ("codec-8", "likely", ["publication/arxiv-2306-06546", "model/descript-audio-codec"]),
        ("representation-model-1", "certain", ["publication/arxiv-1904-05862", "model/wav2vec"]),
        ("codec-66", "certain", ["model/speechtokenizer"]),
    ],
)
def test_new_rows_get_their_proposal(
    v5: Comparison, ident: str, certainty: str, named: list[str]
) -> None:
    proposal = v5.proposals[ident]
    found = {candidate.iri for part in proposal.parts for candidate in part.candidates}
    assert proposal.certainty == certainty
    assert {f"https://w3id.org/audiokg/{name}" for name in named} <= found


def test_paper_that_is_known_under_another_name_is_told(v5: Comparison) -> None:
    assert "known for something of another name" in v5.proposals["codec-6"].thing.note
    assert (
        v5.proposals["codec-6"].paper == propose(only(trident(MOSHI_LIKE)), read_known(ROOT)).paper
    )


MOSHI_LIKE = row(
    "-", "High fidelity neural audio compression", "https://arxiv.org/abs/2210.13438v2"
)


def test_notes_and_files_that_name_rows_by_number_are_told(v5: Comparison) -> None:
    told = dict(v5.doubts)
    assert told["codec-22"].endswith("codec-3 is now codec-11")
    assert "codec-17 is now codec-22" in told["codec-11"]
    named = [doubt for place, doubt in v5.doubts if place.startswith("ontology/audiokg.ttl:")]
    assert "names codec-60, which is codec-63 now" in named


# What decides


def test_name_of_two_works_is_certain_only_by_its_publication(known: Known) -> None:
    title = "UniCodec: Unified Audio Codec with Single Domain-Adaptive Codebook"
    linked = propose(
        only(trident(row("UniCodec", title, "https://arxiv.org/abs/2502.20067"))), known
    )
    assert linked.certainty is Certainty.CERTAIN
    assert "other works have this name" in linked.thing.note
    bare = propose(only(trident(row("UniCodec", "A Page", "https://example.org/x"))), known)
    assert (bare.certainty, len(bare.thing.candidates)) == (Certainty.UNSURE, 2)


def test_link_to_one_paper_with_the_title_of_another_is_unsure(known: Known) -> None:
    title = "SoundStream: An End-to-End Neural Audio Codec"
    found = propose(only(trident(row("EnCodec", title, "https://arxiv.org/abs/2210.13438"))), known)
    assert found.certainty is Certainty.UNSURE
    assert found.paper and found.paper.note == "the title is that of another publication"


def test_another_number_is_another_name(known: Known) -> None:
    misspelt = propose(only(trident(row("EnCodek", "A Page", "https://example.org/x"))), known)
    assert misspelt.thing.candidates[0].iri.endswith("/encodec")
    assert misspelt.certainty is Certainty.UNSURE
    another = propose(only(trident(row("EnCodec 7", "A Page", "https://example.org/x"))), known)
    assert another.certainty is Certainty.NONE


def test_decision_does_not_go_to_another_work_of_the_same_name() -> None:
    one = row("UniCodec", "Universal Speech Token Learning", "https://arxiv.org/abs/2503.12115")
    other = row(
        "UniCodec", "A Codec for Whales, with Much Noise", "https://arxiv.org/abs/2505.99993"
    )
    rows = compare([only(trident(one))], read_rows(trident(other)))
    assert [r.verdict for r in rows] == [Verdict.NEW, Verdict.GONE]


def test_row_without_a_title_is_not_found_again_by_it() -> None:
    names = ("LibriTTS", "LibriTTS-R")
    one, other = (only(trident(row(name, "-", f"https://a.org/{name}"))) for name in names)
    assert [found.verdict for found in compare([one], [other])] == [Verdict.NEW, Verdict.GONE]


def test_row_found_again_by_its_title_alone_is_doubted(tmp_path: Path) -> None:
    text = (SEEDS / f"{V4}.md").read_text(encoding="utf-8")
    [old] = [line for line in text.splitlines() if "| WavTokenizer " in line]
    new = old.replace("| WavTokenizer ", "| WavTokenizers ").replace("arxiv.org", "example.org")
    file = tmp_path / "list.md"
    file.write_text(text.replace(old, new), encoding="utf-8")
    told = [doubt for _, doubt in compare_list(V4, file, V4, ROOT).doubts]
    assert "found again by its title (80); is it still the same work?" in told


def test_broken_row_keeps_its_decision_from_a_weaker_claim() -> None:
    before = only(trident(row("A-Codec", "A Codec of a Certain Kind", "https://a.org/paper")))
    broken = "| A-Codec | A Codec of a Certain Kind | [paper](https://a.org/paper) |"
    other = row("B-Codec", "A Codec of a Certain Kind", "https://a.org/paper")
    rows = compare([before], read_rows(trident(other, broken)))
    assert [r.verdict for r in rows] == [Verdict.NEW, Verdict.UNREADABLE]
    assert rows[1].before == before


@given(st.data())
@settings(max_examples=15)
def test_in_any_order_and_with_any_gaps_rows_keep_their_decisions(data: st.DataObject) -> None:
    """Whatever rows are left out, and however the rest is ordered, decisions follow their rows."""
    before, decisions = read_kept_rows(V4, DATA), read_decisions(V4, DATA)
    chosen = data.draw(st.permutations(before[:40]))[: data.draw(st.integers(1, 40))]
    moved = [Entry(**{**vars(e), "ident": f"x-{n}", "line": n}) for n, e in enumerate(chosen, 1)]
    carried = carry(decisions, compare(before, moved))
    assert {i: d.facts for i, d in carried.kept.items()} == {
        f"x-{n}": decisions[e.ident].facts for n, e in enumerate(chosen, 1)
    }
    assert len(carried.lost) == len(decisions) - len(chosen)


# Texts that are not as they should be


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ":1: expected a table"),
        ("# A page\n\nNothing here.\n", ":1: expected a table"),
        (
            "## :trident: Speech/Audio Codec Models\n\n| A | B |\n|---|---|\n| 1 | 2 |\n",
            ":3: expected",
        ),
        (
            "## Other\n\n" + HEADER + row("X", "T", "https://a.org") + "\n",
            ":3: expected a section of",
        ),
    ],
    ids=["empty", "no table", "other columns", "other section"],
)
def test_text_that_is_not_the_list_is_told_by_line_and_no_decision_is_lost(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "list.md"
    file.write_text(text, encoding="utf-8")
    told = diff(file, "--write", tmp_path / "proposal")
    assert told.exit_code == 1
    assert f"{file}{said}" in told.stdout
    assert "0 kept, 201 without a row" in told.stdout
    gone = (tmp_path / "proposal" / "gone" / f"{V4}.ttl").read_text(encoding="utf-8")
    assert gone.count(" a akg:SourceEntry ;") == 201


def test_text_that_is_no_utf8_stops_with_the_line(tmp_path: Path) -> None:
    file = tmp_path / "latin.md"
    file.write_bytes(b"# A\n\xe9\n")
    stopped = diff(file)
    assert (stopped.exit_code, stopped.stdout) == (2, "")
    assert "latin.md:2: expected UTF-8" in stopped.stderr


def test_rows_below_an_empty_line_are_told_one_by_one_and_the_others_are_read() -> None:
    text = trident(row("A", "T", "https://a.org"), gap="\n| 2025-01 | B |\n| 2025-02 | C |\n")
    rows = compare([], read_rows(text))
    assert by_line(rows) == {5: Verdict.NEW, 7: Verdict.UNREADABLE, 8: Verdict.UNREADABLE}


def test_second_table_of_a_section_goes_on_counting() -> None:
    again = f"\n{HEADER}{row('B', 'U', 'https://b.org')}\n"
    found = [
        e.ident
        for e in read_rows(trident(row("A", "T", "https://a.org"), gap=again))
        if isinstance(e, Entry)
    ]
    assert found == ["language-model-1", "language-model-2"]


def test_line_separator_within_a_cell_shifts_no_line() -> None:
    [table] = read_tables("# H\n\n| a |\n| --- |\n| one\u2028two |\n| three |\n")
    assert [(r.line, r.cells[0].text) for r in table.rows] == [(5, "one two"), (6, "three")]


def test_each_of_a_thousand_new_rows_is_new(tmp_path: Path) -> None:
    file = tmp_path / "long.md"
    made = (
        row(f"Codec-{n}", f"Work {n} of many", f"https://arxiv.org/abs/2505.{10000 + n}")
        for n in range(1000)
    )
    file.write_text(trident(*made), encoding="utf-8")
    compared = compare_list(V4, file, V4, ROOT)
    assert sum(r.verdict is Verdict.NEW for r in compared.rows) == 1000


# The command


def test_report_counts_first_and_names_file_and_line() -> None:
    told = diff(V5)
    assert told.exit_code == 1  # there are rows that cannot be read
    lines = told.stdout.splitlines()
    assert lines[1] == ("  6 unreadable, 2 duplicate, 8 new, 8 changed, 3 moved, 2 gone, 183 same")
    assert f"  {V5}:313: expected a month such as 2024-05 as Date, found “2021-13”" in lines
    assert diff(SEEDS / f"{V4}.md").exit_code == 0


def test_json_says_the_same() -> None:
    said = json.loads(diff(V5, "--format", "json").stdout)
    assert said["counts"]["new"] == 8
    assert said["decisions"]["kept"] == 198
    [musicgen] = [r for r in said["rows"] if r.get("line") == 102]
    assert musicgen["proposal"]["thing"]["candidates"][0]["name"] == "model:musicgen"


def test_proposal_is_canonical_the_same_each_time_and_beside_the_data(tmp_path: Path) -> None:
    before = (DATA / "identity" / f"{V4}.ttl").read_bytes()
    folders = [tmp_path / "one", tmp_path / "two"]
    written = [diff(V5, "--write", folder) for folder in folders]
    one, two = ({p.relative_to(f): p.read_bytes() for p in f.rglob("*.ttl")} for f in folders)
    assert written[0].exit_code == 1
    assert one == two
    assert Path("data/model/quillon-audio.ttl") in one
    assert before == (DATA / "identity" / f"{V4}.ttl").read_bytes()
    files = sorted((folders[0] / "data").rglob("*.ttl"))
    assert not [file for file in files if format_file(file, folders[0], write=False)]


def test_proposal_holds_kept_certain_and_open_rows(tmp_path: Path) -> None:
    diff(V5, "--write", tmp_path / "new")
    said = read_decisions(V4, tmp_path / "new" / "data")
    assert said["codec-11"].notes == read_decisions(V4, DATA)["codec-3"].notes
    assert said["language-model-2"].notes == ()
    assert said["codec-8"].notes[0].startswith("Proposed, not reviewed: ")
    assert said["codec-5"].notes[0].startswith("Open: model:unicodec-domain-adaptive-codebook")
    assert "https://w3id.org/audiokg/model/quillon-audio" in said["language-model-3"].refers_to


def test_folder_that_holds_something_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine", encoding="utf-8")
    refused = diff(V5, "--write", tmp_path)
    assert refused.exit_code == 2
    assert "holds something already" in refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ingest", V4, str(V5), "--against", V2], "go with --diff"),
        (["ingest", V4, str(V5), "--diff", "--against", "trident"], "unknown source “trident”"),
        (["ingest", "sparks-of-large-audio-models", str(V5), "--diff"], "is no list; lists are"),
        (["ingest", V4, str(V5), "--diff", "--replace"], "run it without --replace"),
        (["ingest", V4, str(V5), "--replace", "--diff"], "run it without --replace"),
    ],
)
def test_options_that_do_not_fit_are_refused(arguments: list[str], said: str) -> None:
    refused = CliRunner().invoke(main, arguments)
    assert refused.exit_code == 2
    assert said in refused.stderr


def test_source_that_was_never_read_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"run “audiokg ingest {V4} FILE” first"):
        compare_list(V4, V5, V4, tmp_path)


# The other list


def test_awesome_list_is_compared_row_by_row(tmp_path: Path) -> None:
    lines = (SEEDS / f"{AWESOME}.md").read_text(encoding="utf-8").splitlines()
    last = max(n for n, line in enumerate(lines) if line.startswith("|"))
    lines[last : last + 1] = [
        "| Speech-X | Invented Speech for Tests | 3 Hours | [Download](https://example.org/sx) |",
        lines[last].replace("[", "", 1).replace("| ", "| The ", 1),
    ]
    first = next(n for n, line in enumerate(lines) if line.startswith("**"))
    lines[first] = lines[first].replace("**", "", 1)
    file = tmp_path / "awesome.md"
    file.write_text("\n".join(lines), encoding="utf-8")
    compared = compare_list(AWESOME, file, AWESOME, ROOT)
    verdicts = {r.ident: r.verdict for r in compared.rows if r.verdict is not Verdict.SAME}
    assert verdicts["survey-1"] is Verdict.UNREADABLE
    assert verdicts["dataset-22"] is Verdict.NEW
    assert compared.proposals["dataset-22"].certainty is Certainty.NONE
    assert len(compared.carried.kept) + len(compared.carried.lost) == 97
