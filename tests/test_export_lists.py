"""`audiokg export list`: a list read, exported and read again is the same list."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from audiokg.cli import main
from audiokg.errors import InputError
from audiokg.export.additions import KINDS
from audiokg.export.formats import export
from audiokg.export.lists import WORKS, write_table
from audiokg.export.material import Material
from audiokg.ingest import awesome, speech_trident
from audiokg.ingest.entry import Entry
from audiokg.ingest.sources import ingest
from audiokg.snapshot import QUADS, write_snapshot
from conftest import ROOT, SEEDS

TRIDENT = "speech-trident-v4"
ONTOLOGY = ROOT / "ontology" / "audiokg.ttl"
LISTS: dict[str, Callable[[str, str], list[Entry]]] = {
    "speech-trident-v2": speech_trident.read_entries,
    TRIDENT: speech_trident.read_entries,
    "awesome-large-audio-models": awesome.read_entries,
}
PREFIXES = "".join(
    f"@prefix {name}: <{iri}> ."
    for name, iri in {
        "akg": "https://w3id.org/audiokg/ontology#",
        "dcterms": "http://purl.org/dc/terms/",
        "fabio": "http://purl.org/spar/fabio/",
        "model": "https://w3id.org/audiokg/model/",
        "publication": "https://w3id.org/audiokg/publication/",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "source": "https://w3id.org/audiokg/source/",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
    }.items()
)


def write_small(folder: Path, turtle: str) -> Material:
    """Make a snapshot of the ontology and of some triples."""
    ontology = ox.parse(path=str(ONTOLOGY), format=ox.RdfFormat.TURTLE, base_iri="x:")
    triples = ox.parse(PREFIXES + turtle, format=ox.RdfFormat.TURTLE)
    graph = ox.NamedNode("https://w3id.org/audiokg/graph/test")
    quads = [ox.Quad(q.subject, q.predicate, q.object, graph) for q in (*ontology, *triples)]
    write_snapshot(folder, quads, "0.0.0", "2026-01-01")
    return Material(folder, ROOT)


def text_of(material: Material, form: str, *names: str) -> str:
    written = export(form, names, material)
    assert isinstance(written, bytes)
    return written.decode()


def read_rows(text: str) -> list[Entry]:
    """Read rows of one section or more; what a list needs besides is put below."""
    header = "| Date | Model Name | Paper Title | Link |\n| --- | --- | --- | --- |\n"
    missing = [h for h in speech_trident.SECTIONS if f"## {h}\n" not in text]
    return speech_trident.read_entries(text + "".join(f"\n## {h}\n\n{header}" for h in missing), "")


@pytest.mark.parametrize("name", LISTS)
def test_exported_list_is_ingested_as_the_document_itself(
    name: str, exporter: CliRunner, tmp_path: Path
) -> None:
    file = tmp_path / f"{name}.md"
    done = exporter.invoke(main, ["export", "list", name, "--output", str(file)])
    assert done.exit_code == 0, done.output
    kept = (ROOT / "data" / "source" / f"{name}.ttl").read_text(encoding="utf-8")
    assert ingest(name, file, ROOT / "data") == kept


@pytest.mark.parametrize("name", LISTS)
def test_each_row_says_what_it_said_in_the_document_on_the_same_line(
    name: str, material: Material
) -> None:
    document = (SEEDS / f"{name}.md").read_text(encoding="utf-8")
    assert LISTS[name](text_of(material, "list", name), "") == LISTS[name](document, "")


@pytest.mark.parametrize("name", LISTS)
def test_every_entry_of_the_graph_is_a_row(name: str, material: Material) -> None:
    query = (
        "SELECT ?e { ?e <https://w3id.org/audiokg/ontology#entryOf> "
        f"<https://w3id.org/audiokg/source/{name}> }}"
    )
    entries = material.rows_of(query)
    assert len(LISTS[name](text_of(material, "list", name), "")) == len(entries) > 70


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip)
hostile = st.one_of(cells, st.text("|\\`*_[]<>&~$:!#()-=\"'a1 \t\n", min_size=1).filter(str.strip))


@given(name=hostile, title=hostile)
def test_any_name_and_title_come_back_as_they_were(name: str, title: str) -> None:
    texts = {"date": "2026-01", "name": name, "title": title, "links": "[paper](https://a.org)"}
    row = {key: {"type": "literal", "value": text} for key, text in texts.items()}
    [entry] = read_rows("\n".join(write_table("Speech/Audio Codec Models", WORKS, [row])) + "\n")
    assert entry.texts["name"] == " ".join(name.split())
    assert entry.texts["title"] == " ".join(title.split())
    assert entry.links == ("https://a.org",)


def test_codecs_are_a_list_that_the_list_s_own_reader_reads(material: Material) -> None:
    entries = read_rows(text_of(material, "list", "codec"))
    assert {entry.section for entry in entries} == {"Speech/Audio Codec Models"}
    dates = [entry.texts["date"] for entry in entries]
    assert dates == sorted(dates, reverse=True)
    [encodec] = [entry for entry in entries if entry.texts["name"] == "EnCodec"]
    assert encodec.texts["title"] == "High Fidelity Neural Audio Compression"
    assert encodec.links[0] == "https://arxiv.org/abs/2210.13438"
    assert len(entries) > 50


def test_kinds_together_are_the_three_tables(material: Material) -> None:
    entries = speech_trident.read_entries(text_of(material, "list", *KINDS), "")
    assert {entry.section for entry in entries} == {*speech_trident.SECTIONS}


def test_additions_are_no_rows_of_the_list(material: Material) -> None:
    old = speech_trident.read_entries(text_of(material, "list", TRIDENT), "")
    new = read_rows(text_of(material, "additions", TRIDENT))
    assert new
    assert not {e.texts["name"].casefold() for e in old} & {e.texts["name"].casefold() for e in new}
    assert not {e.links[0].rpartition("/")[2] for e in old} & {
        e.links[0].rpartition("/")[2] for e in new
    }


def test_row_taken_out_of_the_list_is_an_addition(snapshot: Path, tmp_path: Path) -> None:
    lines = (snapshot / QUADS).read_bytes().splitlines(keepends=True)
    [moshi] = [
        line.split()[0]
        for line in lines
        if b"v4#language-model-" in line and b'nameAsGiven> "Moshi"' in line
    ]
    kept = b"".join(line for line in lines if line.split()[0] != moshi)
    write_snapshot(tmp_path, ox.parse(kept, format=ox.RdfFormat.N_QUADS), "0.0.0", "2026-01-01")
    names = [
        e.texts["name"] for e in read_rows(text_of(Material(tmp_path, ROOT), "additions", TRIDENT))
    ]
    assert "Moshi" in names


@pytest.mark.parametrize(
    ("form", "names", "said"),
    [
        ("list", ["sparks-of-large-audio-models"], "is no list of which rows are known"),
        ("list", ["model/encodec"], "model/encodec is no list"),
        ("list", ["speech-trident-v2", TRIDENT], "one list at a time"),
        ("list", ["codec", TRIDENT], "one list at a time"),
        ("list", ["codecs"], "or a kind of work: language-model, codec, representation-model"),
        ("list", [], "needs the id of a resource"),
        ("additions", ["awesome-large-audio-models"], "in the form of Speech Trident"),
        ("additions", ["speech-trident-v2", TRIDENT], "name one list"),
    ],
)
def test_what_is_no_list_is_refused(
    form: str, names: Iterable[str], said: str, material: Material
) -> None:
    with pytest.raises(InputError, match=said):
        export(form, [*names], material)


def test_hostile_entry_stays_one_row(tmp_path: Path) -> None:
    small = write_small(
        tmp_path,
        """
        source:bad a akg:CuratedList ; rdfs:label "B" ; dcterms:title "A | B *c*" .
        <https://w3id.org/audiokg/source/bad#codec-1> a akg:SourceEntry ; akg:entryOf source:bad ;
          akg:section "Speech/Audio Codec Models" ; akg:sectionLine 3 ; akg:line 7 ;
          akg:dateAsGiven "2026-01" ; akg:nameAsGiven "a | b\\n\\n## c" ;
          akg:titleAsGiven "<script> [x](y) \\\\" ; akg:linksAsGiven "[p](https://a.org)\\n| x" .
        """,
    )
    text = text_of(small, "list", "bad")
    [entry] = read_rows(text)
    assert (entry.line, entry.texts["name"]) == (7, "a | b ## c")
    assert entry.texts["title"] == "<script> [x](y) \\"
    assert "\n## c" not in text


def test_work_without_month_or_link_is_no_row(tmp_path: Path) -> None:
    small = write_small(
        tmp_path,
        """
        model:a a akg:NeuralAudioCodec ; rdfs:label "A" ; akg:introducedIn publication:a .
        model:b a akg:NeuralAudioCodec ; rdfs:label "B" ; akg:introducedIn publication:b .
        publication:a dcterms:title "Of A" .
        publication:b dcterms:title "Of B" ; fabio:hasArXivId "2401.00001" .
        """,
    )
    [entry] = read_rows(text_of(small, "list", "codec"))
    assert (entry.texts["name"], entry.texts["date"]) == ("B", "2024-01")
