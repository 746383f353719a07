"""What is told of the difference between two dumps."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from audiokg.build import build
from audiokg.errors import InputError
from audiokg.release.changelog import (
    Changelog,
    first_changelog,
    make_changelog,
    write_json,
    write_rdf,
)
from audiokg.release.facts import read_lines
from audiokg.release.page import write_page
from audiokg.snapshot import QUADS
from audiokg.terms import CHANGESET, expand

Lines = frozenset[str]
Compare = Callable[[Lines], Changelog]
POINT = "<https://w3id.org/audiokg/model/encodec-24-khz#operating-point-"
BIGCODEC = "<https://w3id.org/audiokg/model/bigcodec-16-khz"
ENCODEC = "<https://w3id.org/audiokg/model/encodec>"
IN_ENCODEC = "<https://w3id.org/audiokg/graph/model/encodec> .\n"
GRAPHS = (
    *("audiokg", "model/encodec", "model/encodec-24-khz", "model/facodec", "model/bigcodec-16-khz"),
    *("source/speech-trident-v4", "identity/speech-trident-v4"),
)
ROW = "<https://w3id.org/audiokg/source/speech-trident-v4#codec-{}>"


@pytest.fixture(scope="session")
def whole(snapshot: Path) -> Lines:
    return read_lines((snapshot / QUADS).read_bytes())


@pytest.fixture(scope="session")
def old(whole: Lines) -> Lines:
    """Give the graphs that the tests change: a dump, too, and quicker to compare."""
    ends = tuple(f"<https://w3id.org/audiokg/graph/{name}> .\n" for name in GRAPHS)
    return frozenset(line for line in whole if line.endswith(ends))


@pytest.fixture(scope="session")
def pair(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Lines, Lines]:
    """Build a graph of one codec, and the same in which one figure is another one."""
    folder = tmp_path_factory.mktemp("figure")
    for name in ("ontology", "queries"):
        shutil.copytree(root / name, folder / name)
    file = folder / "data" / "model" / "bigcodec-16-khz.ttl"
    file.parent.mkdir(parents=True)
    text = (root / "data" / "model" / file.name).read_text(encoding="utf-8")
    assert "akg:frameRateHz 80.0" in text
    changed = text.replace("akg:frameRateHz 80.0", "akg:frameRateHz 75.0")
    changed = re.sub(r'modified "[\d-]+"', 'modified "2027-01-01"', changed)
    return _build(file, text, folder), _build(file, changed, folder)


def _build(file: Path, text: str, folder: Path) -> Lines:
    file.write_text(text, encoding="utf-8")
    build(folder / "build", folder)
    return read_lines((folder / "build" / QUADS).read_bytes())


@pytest.fixture
def compare(old: Lines) -> Compare:
    return lambda new: make_changelog("0.2.0", "0.1.0", "2026-12-01", old, new)


@pytest.fixture(scope="session")
def log(pair: tuple[Lines, Lines]) -> Changelog:
    return make_changelog("0.2.0", "0.1.0", "2026-12-01", *pair)


def said(log: Changelog) -> list[str]:
    return [entry.sentence for entry in log.main]


def rename(lines: Lines, names: dict[str, str]) -> Lines:
    pattern = re.compile("|".join(map(re.escape, names)))
    return frozenset(pattern.sub(lambda found: names[found[0]], line) for line in lines)


def swap(one: str, other: str) -> dict[str, str]:
    return {one: other, other: one}


def test_one_figure_changed_is_one_line(log: Changelog) -> None:
    assert said(log) == ["BigCodec 16 kHz: frame rate 80 Hz → 75 Hz"]
    [graph] = log.main[0].change.graphs
    assert graph == "https://w3id.org/audiokg/graph/model/bigcodec-16-khz"


def test_what_the_build_makes_of_it_follows(log: Changelog) -> None:
    sentences = {entry.sentence for entry in log.follows}
    computed = "BigCodec 16 kHz: bitrate as computed 1.04 kbit/s → 0.975 kbit/s"
    assert sentences == {computed, "BigCodec 16 kHz: conflict about bitrate: new"}


def test_the_difference_leads_from_one_dump_to_the_other(
    log: Changelog, pair: tuple[Lines, Lines]
) -> None:
    before, after = pair
    assert (before - set(log.delta.removed)) | set(log.delta.added) == after
    assert set(log.delta.removed) <= before


def test_one_label_more_is_one_line(compare: Compare, old: Lines) -> None:
    label = f'{ENCODEC} <{expand("skos:altLabel")}> "HiFi compression" {IN_ENCODEC}'
    log = compare(old | {label})
    assert said(log) == ["EnCodec: other names: “HiFi compression” added"]
    assert log.follows == []


def test_another_name_is_a_renaming(compare: Compare, old: Lines) -> None:
    mark = f'{ENCODEC} <{expand("rdfs:label")}> "EnCodec" '
    assert any(line.startswith(mark) for line in old)
    new = frozenset(line.replace(mark, mark.replace("EnC", "Enc")) for line in old)
    assert said(compare(new)) == ["Encodec: renamed, before “EnCodec”"]


def test_what_is_withdrawn_tells_its_replacement(compare: Compare, old: Lines) -> None:
    true = f'"true"^^<{expand("xsd:boolean")}>'
    other = "<https://w3id.org/audiokg/model/facodec>"
    new = old | {
        f"{ENCODEC} <{expand('owl:deprecated')}> {true} {IN_ENCODEC}",
        f"{ENCODEC} <{expand('dcterms:isReplacedBy')}> {other} {IN_ENCODEC}",
    }
    assert said(compare(new)) == ["EnCodec: withdrawn, replaced by FACodec"]


def test_a_new_resource_is_one_line(compare: Compare, old: Lines) -> None:
    new = old | {
        line.replace("bigcodec-16-khz", "foo").replace('"BigCodec 16 kHz"', '"Foo"')
        for line in old
        if "graph/model/bigcodec-16-khz> ." in line
    }
    assert said(compare(new)) == ["Foo: new (model/foo)"]
    log = make_changelog("0.2.0", "0.1.0", "2026-12-01", new, old)
    assert said(log) == ["Foo: gone (model/foo)"]


def test_other_numbers_of_parts_are_no_change(compare: Compare, old: Lines) -> None:
    new = rename(old, swap(f"{BIGCODEC}#evidence-2>", f"{BIGCODEC}#evidence-3>"))
    log = compare(new)
    assert log.delta.added
    assert log.main == []


def test_a_figure_of_a_part_is_one_line(compare: Compare, old: Lines) -> None:
    """Another figure, in a part that has another number now."""
    moved = rename(old, swap(f"{POINT}1>", f"{POINT}2>"))
    mark = f'{POINT}1> <{expand("akg:bitrateKbps")}> "'
    new = frozenset(
        re.sub(r'"[\d.]+"', '"99"', one) if one.startswith(mark) else one for one in moved
    )
    assert new != moved
    [sentence] = said(compare(new))
    assert sentence == "EnCodec 24 kHz mono: operating point 1, bitrate 3 kbit/s → 99 kbit/s"


def test_evidence_before_others_is_told_alone(compare: Compare, old: Lines) -> None:
    last = 17
    shifted = {
        f"{BIGCODEC}#evidence-{number}>": f"{BIGCODEC}#evidence-{number + 1}>"
        for number in range(2, last + 1)
    }
    graph = "<https://w3id.org/audiokg/graph/model/bigcodec-16-khz> .\n"
    node = f"{BIGCODEC}#evidence-2>"
    facts = {
        "rdf:type": f"<{expand('akg:Evidence')}>",
        "akg:claimedProperty": f"<{expand('akg:sampleRateHz')}>",
        "akg:locator": '"Section 3"',
    }
    more = {f"{node} <{expand(name)}> {value} {graph}" for name, value in facts.items()}
    log = compare(rename(old, shifted) | more)
    assert said(log) == ["BigCodec 16 kHz: evidence for sample rate, added (“Section 3”)"]
    assert log.main[0].change.section == "evidence"


def test_a_row_that_moved_is_no_change(compare: Compare, old: Lines) -> None:
    moved = rename(old, swap(ROW.format(5), ROW.format(6)))
    line = f"{ROW.format(5)} <{expand('akg:line')}> "
    new = frozenset(one.replace('"21', '"31') if one.startswith(line) else one for one in moved)
    assert new != moved
    assert said(compare(new)) == []


def test_a_row_that_went_is_told_by_its_name(compare: Compare, old: Lines) -> None:
    log = compare(frozenset(line for line in old if not line.startswith(ROW.format(5))))
    [sentence] = said(log)
    assert sentence.startswith("Speech Trident, version 4: “FlowDec”, removed (")
    assert log.main[0].change.section == "source"


def test_the_day_of_a_file_is_no_change(compare: Compare, old: Lines) -> None:
    mark = f"<https://w3id.org/audiokg/graph/model/encodec> <{expand('dcterms:modified')}> "
    new = frozenset(re.sub(r'"\d{4}', '"2031', one) if one.startswith(mark) else one for one in old)
    assert len(new - old) == 1
    assert compare(new).entries == ()


def test_the_marks_of_a_release_are_no_change(compare: Compare, old: Lines) -> None:
    mark = "<https://w3id.org/audiokg/ontology> <http://www.w3.org/2002/07/owl#version"
    new = frozenset(one.replace("0.1.0", "0.2.0") if one.startswith(mark) else one for one in old)
    assert len(new - old) == 2
    assert compare(new).entries == ()


def test_nothing_new_says_so(compare: Compare, old: Lines) -> None:
    log = compare(old)
    assert (log.entries, log.delta.removed, log.delta.added) == ((), (), ())
    assert b"No fact changed." in write_page(log)


def test_the_first_release_only_counts(whole: Lines) -> None:
    told = json.loads(write_json(first_changelog("0.1.0", "2026-11-21", whole)))
    assert (told["previous"], told["changes"]) == (None, [])
    assert told["counts"]["triples"] == len({line.rsplit(" ", 2)[0] for line in whole})


_TELL = """
import sys, pathlib
from audiokg.release import changelog, facts, page
old, new = (facts.read_lines(pathlib.Path(name).read_bytes()) for name in sys.argv[1:])
log = changelog.make_changelog("0.2.0", "0.1.0", "2026-12-01", old, new)
for write in (changelog.write_json, changelog.write_rdf, page.write_page):
    sys.stdout.buffer.write(write(log))
"""


def test_the_same_dumps_give_the_same_bytes(old: Lines, tmp_path: Path) -> None:
    shifted = {f"{BIGCODEC}#evidence-{n}>": f"{BIGCODEC}#evidence-{n + 1}>" for n in range(3, 18)}
    rows = tuple(ROW.format(number) for number in range(5, 25))
    new = rename(frozenset(line for line in old if not line.startswith(rows)), shifted)
    for name, lines in (("old", old), ("new", new)):
        (tmp_path / name).write_text("".join(sorted(lines)), encoding="utf-8")
    told = {
        subprocess.run(
            [sys.executable, "-c", _TELL, tmp_path / "old", tmp_path / "new"],
            env=os.environ | {"PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert [text.count(b"removed (") > 15 for text in told] == [True]


def test_a_blank_node_is_refused() -> None:
    with pytest.raises(InputError, match="give it an IRI"):
        read_lines(b"<https://a.b/c> <https://a.b/p> _:x <https://a.b/g> .\n")


def test_a_mark_that_ends_lines_elsewhere_ends_no_quad(compare: Compare, old: Lines) -> None:
    mark = f'{ENCODEC} <{expand("skos:altLabel")}> "a\u2028b\x85c\x0cd" {IN_ENCODEC}'
    content = "".join((*old, mark)).encode()
    assert read_lines(content) == old | {mark}
    assert said(compare(read_lines(content))) == [
        "EnCodec: other names: “a\u2028b\x85c\x0cd” added"
    ]


def test_json_has_what_the_page_says(log: Changelog) -> None:
    told = json.loads(write_json(log))
    [change] = told["changes"]
    assert change["property"] == expand("akg:frameRateHz")
    assert [term["value"] for term in (*change["old"], *change["new"])] == ["80", "75"]
    assert told["quads"]["added"] == len(log.delta.added)


def test_rdf_tells_statements_of_the_dumps(log: Changelog, pair: tuple[Lines, Lines]) -> None:
    store = ox.Store()
    store.load(write_rdf(log), format=ox.RdfFormat.TURTLE)
    for word, lines in zip(("removal", "addition"), pair, strict=True):
        said = {line.rsplit(" ", 2)[0] for line in lines}
        nodes = [
            quad.object
            for quad in store.quads_for_pattern(None, ox.NamedNode(CHANGESET + word), None)
        ]
        assert nodes
        assert {" ".join(_statement(store, node)) for node in nodes} <= said


def _statement(store: ox.Store, node: object) -> list[str]:
    assert isinstance(node, ox.NamedNode)
    names = ("rdf:subject", "rdf:predicate", "rdf:object")
    return [
        str(quad.object)
        for name in names
        for quad in store.quads_for_pattern(node, ox.NamedNode(expand(name)), None)
    ]


def test_the_page_asks_for_nothing(log: Changelog) -> None:
    text = write_page(log).decode()
    assert "frame rate 80 Hz → 75 Hz" in text
    assert not re.search(r"<(script|link|img|iframe)|@import|url\(|\ssrc=", text)


def test_what_follows_is_folded(log: Changelog) -> None:
    page = write_page(log).decode()
    assert page.index("frame rate 80 Hz") < page.index("<details>") < page.index("as computed")


def test_names_are_escaped_in_the_page(compare: Compare, old: Lines) -> None:
    mark = f'{ENCODEC} <{expand("rdfs:label")}> "EnCodec" '
    new = {line.replace(mark, mark.replace("EnCodec", "<script>")) for line in old}
    new |= {f'{ENCODEC} <{expand("skos:altLabel")}> "<script>{n}" {IN_ENCODEC}' for n in "12"}
    page = write_page(compare(frozenset(new)))
    assert b"&lt;script&gt;" in page
    assert b"<script>" not in page
