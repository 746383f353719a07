"""JSON-LD: one context, one resource at the top, and nothing lost on the way back."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from flask.testing import FlaskClient
from pyld import jsonld

from audiokg.context import DECLARATIONS, make_context
from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import QueryRequest
from audiokg.errors import FormatNotFittingError
from audiokg.jsonld import compact
from audiokg.queries import read_query
from audiokg.snapshot import load_store, union_store
from audiokg.terms import AKG, BASE, RDF_TYPE, SEGMENTS, VOCABULARIES

ROOT = Path(__file__).parents[1]
QUERY = read_query(ROOT / "queries" / "page" / "resource-framed.rq").text
Json = dict[str, Any]
Triples = set[ox.Triple]
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@pytest.fixture(scope="module")
def store(snapshot: Path) -> ox.Store:
    union = ox.Store()
    whole = load_store(snapshot)
    union.bulk_extend(whole.quads_for_pattern(None, None, None, ox.DefaultGraph()))
    return union


@pytest.fixture(scope="module")
def context(store: ox.Store) -> Json:
    return make_context(store)


@pytest.fixture(scope="module")
def resources(store: ox.Store) -> dict[str, Triples]:
    """Give the triples of every resource."""
    return {iri: describe(store, iri) for iri in sorted(iris(store))}


@pytest.fixture(scope="module")
def documents(resources: dict[str, Triples], context: Json) -> dict[str, Json]:
    return {iri: compact(triples, context, iri) for iri, triples in resources.items()}


def iris(store: ox.Store) -> set[str]:
    typed = store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), None)
    found = {quad.subject.value for quad in typed if isinstance(quad.subject, ox.NamedNode)}
    segments = set(SEGMENTS) - {"query"}  # the library has documents of its own
    return {iri for iri in found if iri.removeprefix(BASE).split("/")[0] in segments} - {
        iri for iri in found if "#" in iri
    }


def describe(store: ox.Store, iri: str) -> Triples:
    bound: dict[ox.Variable, Term] = {ox.Variable("resource"): ox.NamedNode(iri)}
    results = store.query(QUERY, substitutions=bound)
    assert isinstance(results, ox.QueryTriples)
    return set(results)


def read(document: Json) -> Triples:
    text = json.dumps(document).encode()
    return {quad.triple for quad in ox.parse(text, format=ox.RdfFormat.JSON_LD)}


def nodes(value: object) -> Iterator[Json]:
    """Walk over every node below a value, and itself."""
    if isinstance(value, list):
        for item in value:
            yield from nodes(item)
    if isinstance(value, dict):
        yield value
        for key, item in value.items():
            if key != "@context":
                yield from nodes(item)


def test_there_are_resources_of_every_kind(resources: dict[str, Triples]) -> None:
    assert len(resources) > 1500
    kinds = {iri.removeprefix(BASE).split("/")[0] for iri in resources}
    assert kinds == set(SEGMENTS) - {"query"}


def test_every_resource_comes_back_as_the_same_triples(
    resources: dict[str, Triples], documents: dict[str, Json]
) -> None:
    lost = [iri for iri, triples in resources.items() if read(documents[iri]) != triples]
    assert lost == []


def test_every_resource_is_at_the_top_of_its_document(documents: dict[str, Json]) -> None:
    assert [iri for iri, document in documents.items() if document.get("id") != iri] == []


def test_pyld_reads_the_same(resources: dict[str, Triples], documents: dict[str, Json]) -> None:
    for iri in list(resources)[::20]:
        lines = jsonld.to_rdf(documents[iri], {"format": "application/n-quads"})
        read_back = {quad.triple for quad in ox.parse(lines, format=ox.RdfFormat.N_QUADS)}
        assert read_back == resources[iri], iri


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
@pytest.mark.parametrize(
    "name", ["model/moshi", "model/audio-flamingo", "task/speech-recognition", "licence/mit"]
)
def test_another_parser_reads_the_same(
    resources: dict[str, Triples], documents: dict[str, Json], name: str
) -> None:
    lines = ox.serialize(resources[BASE + name], format=ox.RdfFormat.N_TRIPLES) or b""
    expected = rdflib.Graph().parse(data=lines, format="nt")
    text = json.dumps(documents[BASE + name])
    assert set(rdflib.Graph().parse(data=text, format="json-ld")) == set(expected)


def test_every_key_and_type_is_a_word_of_the_published_context(
    documents: dict[str, Json], context: Json
) -> None:
    known = set(context) | {"@context", "@value", "@language"}
    found = [node for document in documents.values() for node in nodes(document)]
    assert {key for node in found for key in node} - known == set()
    types = [node.get("type", []) for node in found if "@value" not in node]
    assert {kind for some in types for kind in ([some] if isinstance(some, str) else some)} <= known


def test_every_label_is_a_string(documents: dict[str, Json]) -> None:
    labels = [node["label"] for doc in documents.values() for node in nodes(doc) if "label" in node]
    assert len(labels) > 10_000
    assert [label for label in labels if not isinstance(label, str)] == []


def test_every_document_uses_the_published_meanings(
    documents: dict[str, Json], context: Json
) -> None:
    for document in documents.values():
        assert document["@context"].items() <= context.items()


def test_what_a_resource_links_to_has_its_name(documents: dict[str, Json]) -> None:
    glm = documents[BASE + "model/glm-4-voice"]
    assert glm["introducedIn"]["label"].startswith("GLM-4-Voice: ")
    assert {"id": BASE + "task/spoken-dialogue", "type": "Task", "label": "spoken dialogue"} in glm[
        "supportsTask"
    ]


def test_a_part_of_a_resource_has_all_its_facts(documents: dict[str, Json]) -> None:
    evidence = documents[BASE + "model/moshi"]["hasEvidence"]
    assert evidence["id"] == BASE + "model/moshi#evidence-1"
    assert evidence["claimedProperty"] == "introducedBy"
    assert evidence["evidenceGrade"]["label"] == "repository or model card"
    assert evidence["checkedOn"] == "2026-11-21"


def test_authors_stand_in_their_order(documents: dict[str, Json]) -> None:
    authors = documents[BASE + "publication/arxiv-2502-11946"]["hasAuthorship"]
    ordinals = [author["authorOrdinal"] for author in authors]
    assert len(ordinals) > 100
    assert ordinals == sorted(ordinals)


def test_numbers_are_numbers_and_decimals_are_strings(documents: dict[str, Json]) -> None:
    codec = documents[BASE + "model/encodec-24-khz"]
    assert codec["codebookSize"] == 1024
    assert codec["frameRateHz"] == "75"


def test_decimals_keep_their_digits(context: Json) -> None:
    subject, rate = ox.NamedNode(BASE + "model/x"), ox.NamedNode(AKG + "frameRateHz")
    decimal = ox.NamedNode(VOCABULARIES["xsd"] + "decimal")
    triple = ox.Triple(subject, rate, ox.Literal("12.50", datatype=decimal))
    document = compact([triple], context, subject.value)
    assert document["frameRateHz"] == "12.50"
    assert read(document) == {triple}


@pytest.mark.parametrize("text", ["007", "+7", "-0", "9" * 30])
def test_integers_that_json_cannot_spell_stay_text(context: Json, text: str) -> None:
    integer = ox.NamedNode(VOCABULARIES["xsd"] + "integer")
    subject = ox.NamedNode(BASE + "model/x")
    literal = ox.Literal(text, datatype=integer)
    triple = ox.Triple(subject, ox.NamedNode(AKG + "codebookSize"), literal)
    assert read(compact([triple], context, subject.value)) == {triple}


def test_many_digits_are_put_in_order_too(context: Json) -> None:
    subject, name = ox.NamedNode(BASE + "model/x"), ox.NamedNode(AKG + "verbatim")
    triples = {ox.Triple(subject, name, ox.Literal(digit * 5000)) for digit in "12"}
    assert read(compact(triples, context, subject.value)) == triples


def test_what_the_root_does_not_lead_to_is_kept(context: Json) -> None:
    label = ox.NamedNode(VOCABULARIES["rdfs"] + "label")
    named = [ox.NamedNode(BASE + "model/" + name) for name in "ab"]
    triples = {ox.Triple(node, label, ox.Literal("A name")) for node in named}
    document = compact(triples, context, named[0].value)
    assert len(document["@graph"]) == 2
    assert read(document) == triples


def test_things_that_link_to_each_other_end(context: Json) -> None:
    other = ox.NamedNode(AKG + "comparedWith")
    one, two = (ox.NamedNode(f"{BASE}model/{name}") for name in "ab")
    triples = {ox.Triple(one, other, two), ox.Triple(two, other, one)}
    document = compact(triples, context, one.value)
    assert document["comparedWith"]["comparedWith"] == one.value
    assert read(document) == triples


#: A kind that is no kind, one that is told of, one without a name.
KINDS = {
    "literals": '<http://e/s> a "x", 5, "y"@en, true, <http://e/c> ; <http://e/p> 1',
    "literals only": '<http://e/s> a "x"',
    "literals inside": "<http://e/s> <http://e/p> <http://e/o> . <http://e/o> a 5 ; <http://e/p> 6",
    "told of": "<http://e/s> a <http://e/c> . <http://e/c> <http://e/p> 1",
}


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
@pytest.mark.parametrize("said", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("root", ["", "http://e/s"])
def test_every_kind_comes_back(context: Json, said: str, root: str) -> None:
    made = ox.Store().query(f"CONSTRUCT {{ {said} }} {{}}")
    assert isinstance(made, ox.QueryTriples)
    triples = set(made)
    document = compact(triples, context, root)
    assert read(document) == triples
    lines = jsonld.to_rdf(document, {"format": "application/n-quads"})
    assert {quad.triple for quad in ox.parse(lines, format=ox.RdfFormat.N_QUADS)} == triples
    data = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
    expected = rdflib.Graph().parse(data=data, format="nt")
    text = json.dumps(document)
    assert set(rdflib.Graph().parse(data=text, format="json-ld")) == set(expected)


def test_a_literal_is_no_type(context: Json) -> None:
    subject, kind = ox.NamedNode(BASE + "model/x"), ox.NamedNode(AKG + "AudioModel")
    values: list[ox.NamedNode | ox.Literal] = [kind, ox.Literal("x"), ox.Literal(5)]
    triples = [ox.Triple(subject, ox.NamedNode(RDF_TYPE), value) for value in values]
    document = compact(triples, context, subject.value)
    assert (document["type"], document["rdf:type"]) == ("AudioModel", [5, "x"])


def test_a_triple_in_a_triple_asks_for_another_format(context: Json) -> None:
    node = ox.NamedNode("http://e/s")
    triple = ox.Triple(node, node, ox.Triple(node, node, node))
    with pytest.raises(FormatNotFittingError, match="another format"):
        compact([triple], context)


def test_a_triple_in_a_triple_is_406(client: FlaskClient) -> None:
    text = "CONSTRUCT { <x:s> <x:p> <<( <x:s> <x:p> <x:o> )>> } {}"
    asked = {"query": text, "format": "jsonld"}
    assert client.get("/sparql", query_string=asked).status_code == 406
    assert client.get("/sparql", query_string=asked | {"format": "nt"}).status_code == 200


def test_nothing_is_a_document_too(context: Json) -> None:
    assert read(compact([], context, BASE + "model/x")) == set()


def test_context_can_be_made_from_its_query_alone(store: ox.Store, context: Json) -> None:
    declared = store.query(DECLARATIONS)
    assert isinstance(declared, ox.QueryTriples)
    assert make_context(union_store(ox.Quad(*triple) for triple in declared)) == context


def test_each_term_of_the_ontology_has_its_key(store: ox.Store, context: Json) -> None:
    typed = store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), None)
    terms = {str(quad.subject).strip("<>") for quad in typed}
    own = {iri for iri in terms if iri.startswith(AKG)}
    words = [context[key] for key in context if key != "@version"]
    meanings = {word if isinstance(word, str) else word.get("@id") for word in words}
    assert len(own) > 150
    assert own - meanings == set()


@pytest.mark.parametrize(("name", "seconds"), [("model/moshi", 0.06), ("publication/", 0.5)])
def test_framing_is_quick(
    resources: dict[str, Triples], context: Json, name: str, seconds: float
) -> None:
    fitting = [iri for iri in resources if iri.startswith(BASE + name)]
    largest = max(fitting, key=lambda iri: len(resources[iri]))
    started = time.perf_counter()
    compact(resources[largest], context, largest)
    assert time.perf_counter() - started < seconds


@pytest.mark.parametrize(
    "text",
    [
        "<x:s> <x:p> <akg:zz>",
        "<akg:zz> <x:p> <x:o>",
        "<x:s> <akg:zz> <x:o>",
        "<x:s> a <akg:Model>",
        '<x:s> <x:p> "1"^^<akg:zz>',
    ],
)
def test_an_iri_that_would_be_read_as_a_short_name_is_refused(
    engine: LocalEngine, text: str
) -> None:
    query = f"CONSTRUCT {{ {text} }} {{}}"
    with pytest.raises(FormatNotFittingError, match="akg:"):
        engine.answer(QueryRequest(query, triples_format="jsonld"))
    assert b"akg:" in engine.answer(QueryRequest(query, triples_format="nt")).body
