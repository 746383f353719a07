"""Describe the snapshot: VoID and DCAT, counted from it, with the canonical IRIs.

https://www.w3.org/TR/void/ and https://www.w3.org/TR/vocab-dcat-3/

The description and the queries of the library stand in the snapshot too, in graphs of their own
(METADATA), so that an editor finds them by asking. What is counted is the graph without them: a
description that counted itself would never be right.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from audiokg.examples import declare_prefixes, describe_queries
from audiokg.partitions import describe_partitions
from audiokg.queries import Query
from audiokg.rdf import write_triples
from audiokg.terms import BASE, METADATA, RDF_TYPE, WIKIDATA, expand
from audiokg.triples import say, term, typed

#: The dataset itself, and the service that answers for it.
DATASET = BASE + "void#audiokg"
_SERVICE = BASE + "void#sparql"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_FORMATS = "http://www.w3.org/ns/formats/"
_LINKED = {
    "wikidata": WIKIDATA,
    "dblp": "https://dblp.org/",
    "arxiv": "https://arxiv.org/",
    "doi": "https://doi.org/",
    "huggingface": "https://huggingface.co/",
    "github": "https://github.com/",
}
_LINKS = {expand(name) for name in ("schema:sameAs", "skos:exactMatch", "dcterms:hasVersion")}


@dataclass(frozen=True)
class Union:
    """The triples of the default graph, read anew each time: a list would take too much."""

    store: ox.Store

    def __iter__(self) -> Iterator[ox.Triple]:
        found = self.store.quads_for_pattern(None, None, None, ox.DefaultGraph())
        return (quad.triple for quad in found)


def describe(store: ox.Store, version: str, modified: str) -> list[ox.Triple]:
    """Describe the union of all graphs of `store`, which is its default graph.

    The store must not have the graphs of METADATA yet.
    """
    triples = Union(store)
    return [
        *_dataset(triples, version, modified),
        *describe_partitions(DATASET, triples),
        *_linksets(triples),
        *_service(),
        *declare_prefixes(),
    ]


def describe_library(description: list[ox.Triple], queries: Iterable[Query]) -> list[ox.Quad]:
    """Give the graphs of METADATA: the description, and the queries."""
    contents = (description, describe_queries(queries))
    return [
        ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(graph))
        for graph, triples in zip(METADATA, contents, strict=True)
        for t in triples
    ]


def to_turtle(triples: list[ox.Triple]) -> bytes:
    """Write the description; the same triples give the same bytes."""
    return write_triples(sorted(triples, key=str), "ttl")


def _dataset(triples: Iterable[ox.Triple], version: str, modified: str) -> Iterator[ox.Triple]:
    predicates = {triple.predicate for triple in triples}
    classes = {triple.object for triple in triples if triple.predicate.value == RDF_TYPE}
    subjects = {triple.subject for triple in triples}
    entities = {s for s in subjects if isinstance(s, ox.NamedNode) and s.value.startswith(BASE)}
    yield from say(DATASET, "rdf:type", term("void:Dataset"), term("dcat:Dataset"))
    yield from say(DATASET, "dcterms:title", ox.Literal("audiokg", language="en"))
    description = "The knowledge graph of large audio models."
    yield from say(DATASET, "dcterms:description", ox.Literal(description, language="en"))
    counted = "What is counted is the graph without graph/void and graph/query, which describe it."
    yield from say(DATASET, "rdfs:comment", ox.Literal(counted, language="en"))
    yield from say(DATASET, "dcterms:license", ox.NamedNode(LICENCE))
    yield from say(DATASET, "dcterms:publisher", ox.NamedNode(BASE + "void#publisher"))
    yield from say(BASE + "void#publisher", "foaf:name", ox.Literal("The audiokg contributors"))
    yield from say(DATASET, "dcterms:modified", typed(modified, "date"))
    yield from say(DATASET, "dcat:version", ox.Literal(version))
    yield from say(DATASET, "dcat:landingPage", ox.NamedNode(BASE))
    yield from say(DATASET, "void:uriSpace", ox.Literal(BASE))
    yield from say(DATASET, "void:exampleResource", ox.NamedNode(BASE + "model/encodec"))
    yield from say(DATASET, "void:sparqlEndpoint", ox.NamedNode(BASE + "sparql"))
    yield from say(DATASET, "void:feature", *(ox.NamedNode(_FORMATS + f) for f in _SYNTAXES))
    for space in sorted(_spaces(predicates)):
        yield from say(DATASET, "void:vocabulary", ox.NamedNode(space))
    for name, number in (
        ("triples", sum(1 for _ in triples)),
        ("entities", len(entities)),
        ("classes", len(classes)),
        ("properties", len(predicates)),
        ("distinctSubjects", len(subjects)),
        ("distinctObjects", len({triple.object for triple in triples})),
    ):
        yield from say(DATASET, f"void:{name}", _number(number))


_SYNTAXES = ("Turtle", "N-Triples", "N-Quads", "TriG", "RDF_XML", "JSON-LD")


def _spaces(terms: set[ox.NamedNode]) -> set[str]:
    iris = (one.value for one in terms)
    return {iri[: max(iri.rfind("#"), iri.rfind("/")) + 1] for iri in iris}


_GRAPHS = "SELECT ?term (COUNT(*) AS ?n) { GRAPH ?term { ?s ?p ?o } } GROUP BY ?term"


def count_graphs(store: ox.Store) -> list[tuple[ox.NamedNode, int]]:
    """Count the triples of each named graph, sorted by its IRI."""
    return _counts(store, _GRAPHS)


def _counts(store: ox.Store, query: str) -> list[tuple[ox.NamedNode, int]]:
    rows = store.query(query)
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101
    found = [(row["term"], int(row["n"].value)) for row in rows]
    return sorted(found, key=lambda pair: str(pair[0].value))


def _linksets(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    links = [
        triple.object.value
        for triple in triples
        if triple.predicate.value in _LINKS and isinstance(triple.object, ox.NamedNode)
    ]
    for name, start in _LINKED.items():
        number = sum(1 for link in links if link.startswith(start))
        node = f"{BASE}void#links-{name}"
        yield from say(node, "rdf:type", term("void:Linkset"))
        yield from say(node, "void:subjectsTarget", ox.NamedNode(DATASET))
        yield from say(node, "void:objectsTarget", ox.NamedNode(start))
        yield from say(node, "void:linkPredicate", term("schema:sameAs"))
        yield from say(node, "void:triples", _number(number))
        yield from say(DATASET, "void:subset", ox.NamedNode(node))


def _service() -> Iterator[ox.Triple]:
    yield from say(_SERVICE, "rdf:type", term("dcat:DataService"))
    yield from say(_SERVICE, "dcterms:title", ox.Literal("audiokg SPARQL", language="en"))
    yield from say(_SERVICE, "dcat:endpointURL", ox.NamedNode(BASE + "sparql"))
    yield from say(_SERVICE, "dcat:servesDataset", ox.NamedNode(DATASET))
    standard = ox.NamedNode("https://www.w3.org/TR/sparql11-protocol/")
    yield from say(_SERVICE, "dcterms:conformsTo", standard)


def _number(value: int) -> ox.Literal:
    return typed(str(value), "integer")
