"""Describe the snapshot: VoID and DCAT, counted from it, with the canonical IRIs.

https://www.w3.org/TR/void/ and https://www.w3.org/TR/vocab-dcat-3/

The description and the queries of the library stand in the snapshot too, in graphs of their own
(METADATA), so that an editor finds them by asking. What is counted is the graph without them: a
description that counted itself would never be right.
"""

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from audiokg.examples import declare_prefixes, describe_queries
from audiokg.partitions import describe_partitions, name_in_path
from audiokg.queries import Query
from audiokg.rdf import write_triples
from audiokg.terms import BASE, METADATA, WIKIDATA
from audiokg.triples import say, term, typed

#: The dataset itself, and the service that answers for it.
DATASET = BASE + "void#audiokg"
_SERVICE = BASE + "void#sparql"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_FORMATS = "http://www.w3.org/ns/formats/"
#: Other datasets that ours has links to, and how the IRIs of their things begin.
_LINKED = {
    "wikidata": WIKIDATA,
    "dblp": "https://dblp.org/",
    "arxiv": "https://arxiv.org/",
    "doi": "https://doi.org/",
    "huggingface": "https://huggingface.co/",
    "github": "https://github.com/",
}


def describe(store: ox.Store, version: str, modified: str) -> list[ox.Triple]:
    """Describe the union of all graphs of `store`, which is its default graph.

    The store must not have the graphs of METADATA yet.
    """
    return [
        *_dataset(store, version, modified),
        *describe_partitions(DATASET, store),
        *_linksets(store),
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


def _dataset(store: ox.Store, version: str, modified: str) -> Iterator[ox.Triple]:
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
    for space in sorted({_space(row[0].value) for row in _ask(store, _PROPERTIES)}):
        yield from say(DATASET, "void:vocabulary", ox.NamedNode(space))
    for name, query in _COUNTS.items():
        [[number]] = _ask(store, query)
        yield from say(DATASET, f"void:{name}", number)


_SYNTAXES = ("Turtle", "N-Triples", "N-Quads", "TriG", "RDF_XML", "JSON-LD")


_PROPERTIES = "SELECT DISTINCT ?p { ?s ?p ?o }"
_COUNTS = {
    "triples": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "entities": f"""SELECT (COUNT(*) AS ?n) {{
      {{ SELECT DISTINCT ?s {{ ?s ?p ?o }} }}
      FILTER(isIRI(?s) && STRSTARTS(STR(?s), "{BASE}")) }}""",
    "classes": "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }",
    "properties": "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
    "distinctSubjects": "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
    "distinctObjects": "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }",
}


def _space(iri: str) -> str:
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


def _ask(store: ox.Store, query: str) -> ox.QuerySolutions:
    rows = store.query(query)
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101
    return rows


_TARGETS = " ".join(f'("{name}" "{start}")' for name, start in _LINKED.items())
#: Counts by value first, so that each IRI is read once: two thirds of the time (measured).
_LINKS = f"""SELECT ?target ?p (SUM(?times) AS ?n) {{
  {{ SELECT ?p ?o (COUNT(*) AS ?times) {{ ?s ?p ?o FILTER isIRI(?o) }} GROUP BY ?p ?o }}
  VALUES (?target ?start) {{ {_TARGETS} }}
  FILTER STRSTARTS(STR(?o), ?start) }} GROUP BY ?target ?p"""


def _linksets(store: ox.Store) -> Iterator[ox.Triple]:
    """Describe the links to each dataset, those of each predicate apart, as VoID wants it."""
    for target, predicate, size in _ask(store, _LINKS):
        node = f"{BASE}void#links-{target.value}-{name_in_path(predicate)}"
        yield from say(node, "rdf:type", term("void:Linkset"))
        yield from say(node, "void:subjectsTarget", ox.NamedNode(DATASET))
        yield from say(node, "void:objectsTarget", ox.NamedNode(_LINKED[target.value]))
        yield from say(node, "void:linkPredicate", predicate)
        yield from say(node, "void:triples", size)
        yield from say(DATASET, "void:subset", ox.NamedNode(node))


def _service() -> Iterator[ox.Triple]:
    yield from say(_SERVICE, "rdf:type", term("dcat:DataService"))
    yield from say(_SERVICE, "dcterms:title", ox.Literal("audiokg SPARQL", language="en"))
    yield from say(_SERVICE, "dcat:endpointURL", ox.NamedNode(BASE + "sparql"))
    yield from say(_SERVICE, "dcat:servesDataset", ox.NamedNode(DATASET))
    standard = ox.NamedNode("https://www.w3.org/TR/sparql11-protocol/")
    yield from say(_SERVICE, "dcterms:conformsTo", standard)
