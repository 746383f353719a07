"""The ontology: its header, its profiles, its consistency, and each axiom broken once."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.namespace import OWL, RDF, RDFS, XSD

import owl_api
from audiokg.paths import turtle_files
from audiokg.snapshot import load_store
from audiokg.terms import AKG, BASE
from audiokg.turtle import graph_iri
from conftest import ROOT

_OUTSIDE_OWL = {XSD.date, XSD.gYear, XSD.gYearMonth}


def read(*folders: str) -> rdflib.Graph:
    graph = rdflib.Graph()
    for path in turtle_files(ROOT):
        if path.relative_to(ROOT).parts[0] in folders:
            graph.parse(path, publicID=graph_iri(path, ROOT))
    return graph


ONTOLOGY = read("ontology")
CORE = rdflib.Graph().parse(ROOT / "ontology" / "audiokg.ttl", publicID=BASE)


def turtle(graph: rdflib.Graph) -> str:
    """Write a graph for the OWL API: with @prefix, and without dates, which are outside OWL 2."""
    kept = rdflib.Graph()
    for triple in graph:
        if getattr(triple[2], "datatype", None) not in _OUTSIDE_OWL:
            kept.add(triple)
    return kept.serialize(format="turtle")


ONTOLOGY_TURTLE = turtle(ONTOLOGY)


@pytest.mark.parametrize("profile", ["OWL2_DL", "OWL2_RL"])
def test_ontology_is_in_profile(profile: str) -> None:
    assert owl_api.violations(ONTOLOGY_TURTLE, profile) == []


def test_profile_check_can_fail() -> None:
    bad = ONTOLOGY_TURTLE + f"<{AKG}Model> a owl:DatatypeProperty . <{AKG}x> <{AKG}undeclared> 1 ."
    assert owl_api.violations(bad, "OWL2_DL")


def test_ontology_with_all_data_is_consistent() -> None:
    assert owl_api.is_consistent(turtle(read("ontology", "data")))


def test_header_says_what_it_is() -> None:
    header = rdflib.URIRef(BASE + "ontology")
    said = {str(p).split("#")[-1].split("/")[-1] for p in ONTOLOGY.predicates(header)}
    assert said >= {
        *("type", "title", "description", "license", "creator", "publisher", "created", "issued"),
        *("modified", "bibliographicCitation", "versionIRI", "versionInfo", "status"),
        *("preferredNamespacePrefix", "preferredNamespaceUri"),
    }
    assert not list(ONTOLOGY.objects(header, OWL.imports))


def test_every_example_is_known(snapshot: Path) -> None:
    store = load_store(snapshot)
    example = ox.NamedNode("http://www.w3.org/2004/02/skos/core#example")
    shown = [quad.object for quad in store.quads_for_pattern(None, example, None, None)]
    ours = [term for term in shown if isinstance(term, ox.NamedNode)]
    assert len(ours) > 80
    linked = {quad.object for quad in store if quad.predicate != example}
    unknown = [
        term
        for term in ours
        if term not in linked and not any(store.quads_for_pattern(term, None, None, None))
    ]
    assert unknown == []


@dataclass(frozen=True)
class Axiom:
    """An axiom, and individuals that contradict it."""

    name: str
    facts: str


def short(iri: rdflib.term.Node) -> str:
    return str(iri).split("#")[-1].split("/")[-1]


def axioms() -> Iterator[Axiom]:
    yield from disjointness()
    yield from subclasses()
    yield from domains_and_ranges()
    yield from characteristics()
    yield from subproperties()


def opposite(class_: rdflib.term.Node) -> rdflib.term.Node:
    """Find a class that is disjoint with a class, or with one above it."""
    for above in ONTOLOGY.transitive_objects(class_, RDFS.subClassOf):
        direct = ONTOLOGY.objects(above, OWL.disjointWith)
        inverse = ONTOLOGY.subjects(OWL.disjointWith, above)
        for other in sorted([*direct, *inverse], key=str):
            return other
    raise AssertionError(f"nothing is disjoint with {class_}: no axiom about it can be broken")


def a(individual: str, *classes: rdflib.term.Node) -> str:
    return "".join(f"<x:{individual}> a owl:NamedIndividual, <{c}> . " for c in classes)


def disjointness() -> Iterator[Axiom]:
    for one, other in ONTOLOGY.subject_objects(OWL.disjointWith):
        yield Axiom(f"{short(one)} disjoint {short(other)}", a("a", one, other))


def subclasses() -> Iterator[Axiom]:
    # What is said of classes and properties elsewhere is alignment, in a file of its own.
    for below, above in CORE.subject_objects(RDFS.subClassOf):
        yield Axiom(f"{short(below)} subclass {short(above)}", a("a", below, opposite(above)))


def domains_and_ranges() -> Iterator[Axiom]:
    objects = set(ONTOLOGY.subjects(RDF.type, OWL.ObjectProperty))
    for property_, domain in ONTOLOGY.subject_objects(RDFS.domain):
        value = "<x:b>" if property_ in objects else literal(property_)
        facts = a("a", opposite(domain)) + f"<x:a> <{property_}> {value} . "
        yield Axiom(f"{short(property_)} domain {short(domain)}", facts)
    for property_, range_ in ONTOLOGY.subject_objects(RDFS.range):
        if range_ == RDFS.Literal:
            continue  # true of every literal
        if property_ in objects:
            facts = f"<x:a> <{property_}> <x:b> . " + a("b", opposite(range_))
        else:
            facts = f'<x:a> <{property_}> "2026"^^<{XSD.hexBinary}> . '
        yield Axiom(f"{short(property_)} range {short(range_)}", facts)


def literal(property_: rdflib.term.Node) -> str:
    range_ = ONTOLOGY.value(property_, RDFS.range)
    values = {XSD.boolean: "true", XSD.decimal: "1.0", XSD.integer: "1"}
    return values.get(rdflib.URIRef(str(range_)), '"text"')


def characteristics() -> Iterator[Axiom]:
    objects = set(ONTOLOGY.subjects(RDF.type, OWL.ObjectProperty))
    for property_ in ONTOLOGY.subjects(RDF.type, OWL.FunctionalProperty):
        if property_ in objects:
            facts = f"<x:a> <{property_}> <x:b>, <x:c> . <x:b> owl:differentFrom <x:c> . "
        else:
            one, two = TWO[rdflib.URIRef(str(ONTOLOGY.value(property_, RDFS.range)))]
            facts = f"<x:a> <{property_}> {one}, {two} . "
        yield Axiom(f"{short(property_)} functional", facts)
    for property_ in ONTOLOGY.subjects(RDF.type, OWL.IrreflexiveProperty):
        yield Axiom(f"{short(property_)} irreflexive", f"<x:a> <{property_}> <x:a> . ")


TWO = {
    XSD.boolean: ("true", "false"),
    XSD.decimal: ("1.0", "2.0"),
    XSD.integer: ("1", "2"),
    XSD.string: ('"one"', '"two"'),
}


def subproperties() -> Iterator[Axiom]:
    for below, above in CORE.subject_objects(RDFS.subPropertyOf):
        # What holds below holds above, unless it is denied there.
        denial = (
            f"[] a owl:NegativePropertyAssertion ; owl:sourceIndividual <x:a> ; "
            f"owl:assertionProperty <{above}> ; owl:targetIndividual <x:b> . "
        )
        yield Axiom(f"{short(below)} subproperty", f"<x:a> <{below}> <x:b> . {denial}")


AXIOMS = sorted(axioms(), key=lambda axiom: axiom.name)


def test_there_are_axioms_of_each_kind() -> None:
    words = {axiom.name.split()[1] for axiom in AXIOMS}
    kinds = {"disjoint", "subclass", "domain", "range", "functional", "irreflexive", "subproperty"}
    assert words == kinds
    assert len(AXIOMS) > 200


def test_two_harmless_individuals_are_consistent() -> None:
    facts = a("a", rdflib.URIRef(AKG + "NeuralAudioCodec"), rdflib.URIRef(AKG + "MusicModel"))
    assert owl_api.is_consistent(ONTOLOGY_TURTLE + facts)


@pytest.mark.parametrize("axiom", AXIOMS, ids=lambda axiom: axiom.name.replace(" ", "-"))
def test_breaking_an_axiom_is_inconsistent(axiom: Axiom) -> None:
    assert not owl_api.is_consistent(ONTOLOGY_TURTLE + axiom.facts)
