"""What the build computes: each rule on a store of its own, and what it must not compute."""

import math

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiokg.build import DERIVED, add_rule
from audiokg.queries import read_library
from audiokg.snapshot import union_store
from audiokg.terms import AKG, GRAPH, PREFIXES
from conftest import ROOT

RULES = [query for query in read_library("build", ROOT).values() if query.graph == DERIVED]
CONFLICTS = read_library("build", ROOT)["45-bitrates-that-do-not-add-up"]
HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
DATA = ox.NamedNode("x:data")
SAME_AS = PREFIXES["schema"] + "sameAs"


def derive(turtle: str, *, conflicts: bool = False) -> set[tuple[str, str, str]]:
    """Give what follows from some triples, as subject, property, value."""
    triples = ox.parse(HEAD + "@prefix x: <x:> .\n" + turtle, format=ox.RdfFormat.TURTLE)
    store = union_store(ox.Quad(t.subject, t.predicate, t.object, DATA) for t in triples)
    for rule in [*RULES, *([CONFLICTS] if conflicts else [])]:
        add_rule(store, rule)
    graph = CONFLICTS.graph if conflicts else DERIVED
    quads = store.quads_for_pattern(None, None, None, ox.NamedNode(GRAPH + graph))
    return {(_text(q.subject), q.predicate.value.removeprefix(AKG), _text(q.object)) for q in quads}


def _text(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    assert isinstance(term, ox.NamedNode | ox.Literal)
    return term.value


def test_there_are_rules() -> None:
    assert len(RULES) == 9


@given(st.lists(st.integers(2, 2**31), min_size=1, max_size=20, unique=True))
def test_bits_are_the_binary_logarithm(sizes: list[int]) -> None:
    found = derive("".join(f"x:s{n} akg:codebookSize {n} .\n" for n in sizes))
    bits = {int(s.removeprefix("x:s")): float(v) for s, p, v in found if p == "bitsPerToken"}
    assert set(bits) == set(sizes)
    for size, value in bits.items():
        assert value == pytest.approx(math.log2(size), abs=2e-6)


@pytest.mark.parametrize("power", range(1, 25))
def test_bits_of_a_power_of_two_are_whole(power: int) -> None:
    assert ("x:s", "bitsPerToken", str(power)) in derive(f"x:s akg:codebookSize {2**power} .")


def test_frame_rate_is_sample_rate_by_hop_length() -> None:
    assert ("x:m", "frameRateHz", "86.13") in derive(
        "x:m akg:sampleRateHz 44100.0 ; akg:hopLength 512 ."
    )


def test_a_stated_frame_rate_is_kept() -> None:
    stated = "x:m akg:sampleRateHz 44100.0 ; akg:hopLength 512 ; akg:frameRateHz 86.0 ."
    assert derive(stated) == set()


SETTING = "x:m akg:frameRateHz 75.0 ; akg:hasOperatingPoint x:p . x:p akg:hasStream x:s, x:t . "


def test_streams_add_up_to_the_bitrate_of_the_setting_and_of_the_configuration() -> None:
    found = derive(
        SETTING + "x:s akg:codebookCount 1 ; akg:codebookSize 2048 ; akg:frameRateHz 12.5 ."
        "x:t akg:codebookCount 7 ; akg:codebookSize 1024 ."
    )
    assert ("x:p", "computedBitrateKbps", "5.388") in found
    assert {("x:p", "bitrateKbps", "5.388"), ("x:m", "bitrateKbps", "5.388")} <= found
    assert {("x:p", "codebookCount", "8"), ("x:m", "codebookCount", "8")} <= found
    assert {("x:m", "codebookSize", "2048"), ("x:m", "codebookSize", "1024")} <= found


def test_an_open_stream_gives_no_bitrate() -> None:
    found = derive(
        SETTING + "x:s akg:codebookCount 1 ; akg:codebookSize 2048 . x:t akg:codebookCount 1 ."
    )
    assert not [row for row in found if "itrate" in row[1]]


def test_a_configuration_without_settings_is_multiplied() -> None:
    one = "x:m akg:frameRateHz 75.0 ; akg:codebookCount 8 ; akg:codebookSize 1024 ."
    assert ("x:m", "bitrateKbps", "6") in derive(one)
    assert not [row for row in derive(one + "x:m akg:frameRateHz 50.0 .") if "itrate" in row[1]]


@pytest.mark.parametrize(
    ("stream", "solved"),
    [
        ("akg:frameRateHz 50.0 ; akg:codebookSize 1024", ("codebookCount", "4")),
        ("akg:codebookCount 3 ; akg:codebookSize 1024", ("frameRateHz", "66.67")),
        ("akg:frameRateHz 25.0 ; akg:codebookCount 16", ("codebookSize", "32")),
    ],
)
def test_one_open_figure_of_one_stream_is_solved(stream: str, solved: tuple[str, str]) -> None:
    found = derive(
        "x:m akg:hasOperatingPoint x:p . x:p akg:bitrateKbps 2.0 ; akg:hasStream x:s . "
        f"x:s {stream} ."
    )
    assert ("x:s", *solved) in found


@pytest.mark.parametrize(("stated", "conflict"), [("6.1", False), ("6.2", True), ("5.8", True)])
def test_a_bitrate_that_does_not_add_up_is_a_conflict(stated: str, conflict: bool) -> None:
    figures = "akg:frameRateHz 75.0 ; akg:codebookCount 8 ; akg:codebookSize 1024"
    found = derive(f"x:m {figures} ; akg:bitrateKbps {stated} .", conflicts=True)
    values = {(p, v) for _, p, v in found if p in {"preferredValue", "disagreeingValue"}}
    both = {("preferredValue", stated), ("disagreeingValue", "6")}
    assert values == (both if conflict else set())


def test_roles_and_training_uses_say_the_plain_fact_too() -> None:
    found = derive(
        "x:m akg:usesInputTokenizer x:t ; akg:usesEncoder x:e ; akg:hasTrainingUse x:u . "
        "x:u akg:usesDataset x:d ."
    )
    assert found == {
        ("x:m", "usesTokenizer", "x:t"),
        ("x:m", "usesComponent", "x:e"),
        ("x:m", "trainedOn", "x:d"),
    }


def test_every_arxiv_paper_has_its_doi() -> None:
    found = derive(
        'x:p a akg:Publication ; fabio:hasArXivId "2210.13438" . '
        'x:old a akg:Publication ; fabio:hasArXivId "cs/0101001" .'
    )
    assert {row[2] for row in found} == {
        "10.48550/arXiv.2210.13438",
        "https://doi.org/10.48550/arXiv.2210.13438",
        "https://arxiv.org/abs/2210.13438",
    }
    assert {row[0] for row in found} == {"x:p"}


@pytest.mark.parametrize(
    ("page", "form"),
    [
        ("https://openreview.net/pdf?id=KCVv3tICvp", "https://openreview.net/forum?id=KCVv3tICvp"),
        (
            "https://aclanthology.org/2024.findings-emnlp.246.pdf",
            "https://aclanthology.org/2024.findings-emnlp.246/",
        ),
        ("https://aclanthology.org/P18-1001/", "https://aclanthology.org/P18-1001/"),
        ("https://example.org/paper.pdf", None),
    ],
)
def test_a_page_of_a_collection_is_a_link_in_its_one_form(page: str, form: str | None) -> None:
    row = f"x:e a akg:SourceEntry ; akg:refersTo x:p ; foaf:page <{page}> . "
    row += 'x:p a akg:Publication ; dcterms:title "One" . '
    assert derive(row) == ({("x:p", SAME_AS, form)} if form else set())
    other = 'x:e akg:refersTo x:q . x:q a akg:Publication ; dcterms:title "Another" .'
    assert derive(row + other) == set()
