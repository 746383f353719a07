"""The build: reproducible, counted, and claims turned into facts by the order of trust."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from audiokg.build import add_rule, build
from audiokg.errors import InputError, SnapshotError
from audiokg.queries import read_library
from audiokg.snapshot import (
    MANIFEST,
    QUADS,
    VOID,
    load_store,
    read_manifest,
    sort_lines,
    union_store,
)
from audiokg.terms import GRAPH
from conftest import ROOT
from test_check import copy_graph

PREFIXES = """
PREFIX akg: <https://w3id.org/audiokg/ontology#>
PREFIX model: <https://w3id.org/audiokg/model/>
PREFIX source: <https://w3id.org/audiokg/source/>
PREFIX x: <https://example.org/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
ORDER_OF_TRUST = (
    PREFIXES
    + """
<https://w3id.org/audiokg/graph/audiokg> {
  akg:firstReleased akg:singleValued true .
  akg:CuratedList akg:trust 1 . akg:SurveyPublication akg:trust 2 . akg:Publication akg:trust 3 .
  source:l a akg:CuratedList . source:s a akg:SurveyPublication . source:p a akg:Publication .
}
"""
)


def claim(name: str, value: str, source: str, **more: str) -> str:
    negated, rank = more.get("negated", "false"), more.get("rank", "normal")
    return (
        f"x:{name} a akg:Claim ; akg:claimSubject model:m ; akg:negated {negated} ; "
        f'akg:claimedProperty akg:firstReleased ; akg:claimValue "{value}"^^xsd:gYearMonth ; '
        f'akg:rank "{rank}" ; akg:statedIn source:{source} .\n'
    )


def decide(*claims: str, curated: str = "") -> tuple[set[str], set[tuple[str, str]]]:
    """Run the build rules over some claims; give the preferred values and the conflicts."""
    text = ORDER_OF_TRUST + "<https://w3id.org/audiokg/graph/source/t> {" + "".join(claims) + "}"
    if curated:
        fact = f'{{ model:m akg:firstReleased "{curated}"^^xsd:gYearMonth }}'
        text += f"<https://w3id.org/audiokg/graph/model/m> {fact}"
    store = union_store(ox.parse(text.encode(), format=ox.RdfFormat.TRIG))
    for query in read_library("build", ROOT).values():
        add_rule(store, query)
    values = store.query(
        PREFIXES + "SELECT ?v { GRAPH <" + GRAPH + "preferred> { model:m akg:firstReleased ?v } }"
    )
    conflicts = store.query(
        PREFIXES + "SELECT ?v ?r { ?c akg:conflictSubject model:m ; "
        "akg:preferredValue ?v ; akg:decidedBy ?r }"
    )
    assert isinstance(values, ox.QuerySolutions)
    assert isinstance(conflicts, ox.QuerySolutions)
    return (
        {row["v"].value for row in values},
        {(row["v"].value, row["r"].value) for row in conflicts},
    )


def test_agreeing_claims_become_one_fact_without_conflict() -> None:
    assert decide(claim("a", "2024-01", "l"), claim("b", "2024-01", "s")) == ({"2024-01"}, set())


def test_more_trusted_source_wins() -> None:
    values, conflicts = decide(claim("a", "2024-01", "l"), claim("b", "2024-02", "p"))
    assert values == {"2024-02"}
    assert conflicts == {("2024-02", "more-trusted-source")}


def test_equal_trust_prefers_the_lower_value() -> None:
    values, conflicts = decide(claim("a", "2024-02", "l"), claim("b", "2024-01", "l"))
    assert values == {"2024-01"}
    assert conflicts == {("2024-01", "equal-trust-lowest-value")}


def test_curated_value_outranks_every_claim() -> None:
    values, conflicts = decide(claim("a", "2024-02", "p"), curated="2023-12")
    assert values == set()
    assert conflicts == {("2023-12", "curated")}


@pytest.mark.parametrize("flaw", [{"negated": "true"}, {"rank": "deprecated"}])
def test_negated_and_deprecated_claims_are_no_facts(flaw: dict[str, str]) -> None:
    assert decide(claim("a", "2024-02", "p", **flaw))[0] == set()


def test_two_builds_are_byte_identical(snapshot: Path, tmp_path: Path) -> None:
    build(tmp_path, copy_graph(tmp_path / "copy"))
    for name in (QUADS, MANIFEST):
        assert (tmp_path / name).read_bytes() == (snapshot / name).read_bytes()


def test_a_large_graph_is_built_on_disk_with_the_same_bytes(
    snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audiokg.build._BYTES", 0)
    monkeypatch.setattr("audiokg.snapshot._RUN", 10_000)
    build(tmp_path, ROOT)
    for name in (QUADS, MANIFEST, VOID):
        assert (tmp_path / name).read_bytes() == (snapshot / name).read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted((QUADS, MANIFEST, VOID))


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_lines_are_sorted_in_runs_each_once(tmp_path: Path, size: int) -> None:
    lines = [b"%d\n" % (number * 7 % 10) for number in range(25)]
    with sort_lines(lines, tmp_path, size) as found:
        assert list(found) == sorted(set(lines))
    assert list(tmp_path.iterdir()) == []


def test_manifest_counts_what_is_in_the_store(snapshot: Path) -> None:
    manifest, store = read_manifest(snapshot), load_store(snapshot)
    assert manifest.triples == sum(manifest.graphs.values())
    for graph in (GRAPH + "claims", GRAPH + "audiokg", GRAPH + "model/encodec"):
        quads = list(store.quads_for_pattern(None, None, None, ox.NamedNode(graph)))
        assert len(quads) == manifest.graphs[graph] > 0


def test_default_graph_is_the_union(snapshot: Path) -> None:
    quads = list(load_store(snapshot))
    union = {q.triple for q in quads if q.graph_name == ox.DefaultGraph()}
    assert union == {q.triple for q in quads if q.graph_name != ox.DefaultGraph()}


def test_file_that_does_not_parse_stops_the_build_and_keeps_the_snapshot(
    snapshot: Path, tmp_path: Path
) -> None:
    copy = copy_graph(tmp_path / "copy")
    folder = tmp_path / "build"
    build(folder, copy)
    before = (folder / QUADS).read_bytes()
    (copy / "data" / "model" / "broken.ttl").write_text("<> a\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"broken\.ttl:\d+: "):
        build(folder, copy)
    assert (folder / QUADS).read_bytes() == before


def test_snapshot_that_is_not_its_manifests_is_refused(tmp_path: Path, snapshot: Path) -> None:
    with pytest.raises(SnapshotError, match="run “audiokg build” first"):
        load_store(tmp_path)
    for name in (QUADS, MANIFEST):
        (tmp_path / name).write_bytes((snapshot / name).read_bytes())
    with (tmp_path / QUADS).open("a") as stream:
        stream.write("<x:a> <x:b> <x:c> .\n")
    with pytest.raises(SnapshotError, match="not what its manifest says"):
        load_store(tmp_path)
