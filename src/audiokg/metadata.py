"""Describe the snapshot: VoID and DCAT, counted from it, with the canonical IRIs.

https://www.w3.org/TR/void/ and https://www.w3.org/TR/vocab-dcat-3/
"""

from collections.abc import Iterator

import pyoxigraph as ox

from audiokg.rdf import write_triples
from audiokg.terms import BASE, RDF_TYPE, XSD, expand

#: The dataset itself, and the service that answers for it.
DATASET = BASE + "void#audiokg"
_SERVICE = BASE + "void#sparql"
_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_FORMATS = "http://www.w3.org/ns/formats/"
_LINKED = {
    "wikidata": "http://www.wikidata.org/entity/",
    "dblp": "https://dblp.org/",
    "arxiv": "https://arxiv.org/",
    "doi": "https://doi.org/",
    "huggingface": "https://huggingface.co/",
    "github": "https://github.com/",
}
_LINKS = {expand(name) for name in ("schema:sameAs", "skos:exactMatch", "dcterms:hasVersion")}


def describe(store: ox.Store, version: str, modified: str) -> list[ox.Triple]:
    """Describe the union of all graphs of `store`, which is its default graph."""
    triples = [q.triple for q in store.quads_for_pattern(None, None, None, ox.DefaultGraph())]
    return [
        *_dataset(triples, version, modified),
        *_partitions(store),
        *_linksets(triples),
        *_service(),
    ]


def to_turtle(triples: list[ox.Triple]) -> bytes:
    """Write the description; the same triples give the same bytes."""
    return write_triples(sorted(triples, key=str), "ttl")


def _dataset(triples: list[ox.Triple], version: str, modified: str) -> Iterator[ox.Triple]:
    predicates = {triple.predicate for triple in triples}
    classes = {triple.object for triple in triples if triple.predicate.value == RDF_TYPE}
    subjects = {triple.subject for triple in triples}
    entities = {s for s in subjects if isinstance(s, ox.NamedNode) and s.value.startswith(BASE)}
    yield from _say(DATASET, "rdf:type", _iri("void:Dataset"), _iri("dcat:Dataset"))
    yield from _say(DATASET, "dcterms:title", ox.Literal("audiokg", language="en"))
    description = "The knowledge graph of large audio models."
    yield from _say(DATASET, "dcterms:description", ox.Literal(description, language="en"))
    yield from _say(DATASET, "dcterms:license", ox.NamedNode(_LICENCE))
    yield from _say(DATASET, "dcterms:publisher", ox.NamedNode(BASE + "void#publisher"))
    yield from _say(BASE + "void#publisher", "foaf:name", ox.Literal("The audiokg contributors"))
    yield from _say(DATASET, "dcterms:modified", _typed(modified, "date"))
    yield from _say(DATASET, "dcat:version", ox.Literal(version))
    yield from _say(DATASET, "dcat:landingPage", ox.NamedNode(BASE))
    yield from _say(DATASET, "void:uriSpace", ox.Literal(BASE))
    yield from _say(DATASET, "void:exampleResource", ox.NamedNode(BASE + "model/encodec"))
    yield from _say(DATASET, "void:sparqlEndpoint", ox.NamedNode(BASE + "sparql"))
    yield from _say(DATASET, "void:feature", *(ox.NamedNode(_FORMATS + f) for f in _SYNTAXES))
    for space in sorted(_spaces(predicates)):
        yield from _say(DATASET, "void:vocabulary", ox.NamedNode(space))
    for name, number in (
        ("triples", len(triples)),
        ("entities", len(entities)),
        ("classes", len(classes)),
        ("properties", len(predicates)),
        ("distinctSubjects", len(subjects)),
        ("distinctObjects", len({triple.object for triple in triples})),
    ):
        yield from _say(DATASET, f"void:{name}", _number(number))


_SYNTAXES = ("Turtle", "N-Triples", "N-Quads", "TriG", "RDF_XML", "JSON-LD")


def _spaces(terms: set[ox.NamedNode]) -> set[str]:
    return {term.value[: max(term.value.rfind("#"), term.value.rfind("/")) + 1] for term in terms}


_CLASSES = "SELECT ?term (COUNT(DISTINCT ?s) AS ?n) { ?s a ?term } GROUP BY ?term"
_PROPERTIES = "SELECT ?term (COUNT(*) AS ?n) { ?s ?term ?o } GROUP BY ?term"
_GRAPHS = "SELECT ?term (COUNT(*) AS ?n) { GRAPH ?term { ?s ?p ?o } } GROUP BY ?term"


def _partitions(store: ox.Store) -> Iterator[ox.Triple]:
    for query, link, kind, count in (
        (_CLASSES, "classPartition", "class", "entities"),
        (_PROPERTIES, "propertyPartition", "property", "triples"),
    ):
        for number, (term, size) in enumerate(_counts(store, query), start=1):
            part = f"{BASE}void#{kind}-{number}"
            yield from _say(DATASET, f"void:{link}", ox.NamedNode(part))
            yield from _say(part, f"void:{kind}", term)
            yield from _say(part, f"void:{count}", _number(size))


def count_graphs(store: ox.Store) -> list[tuple[ox.NamedNode, int]]:
    """Count the triples of each named graph, sorted by its IRI."""
    return _counts(store, _GRAPHS)


def _counts(store: ox.Store, query: str) -> list[tuple[ox.NamedNode, int]]:
    rows = store.query(query)
    assert isinstance(rows, ox.QuerySolutions)  # noqa: S101
    found = [(row["term"], int(row["n"].value)) for row in rows]
    return sorted(found, key=lambda pair: str(pair[0].value))


def _linksets(triples: list[ox.Triple]) -> Iterator[ox.Triple]:
    links = [
        triple.object.value
        for triple in triples
        if triple.predicate.value in _LINKS and isinstance(triple.object, ox.NamedNode)
    ]
    for name, start in _LINKED.items():
        number = sum(1 for link in links if link.startswith(start))
        node = f"{BASE}void#links-{name}"
        yield from _say(node, "rdf:type", _iri("void:Linkset"))
        yield from _say(node, "void:subjectsTarget", ox.NamedNode(DATASET))
        yield from _say(node, "void:objectsTarget", ox.NamedNode(start))
        yield from _say(node, "void:linkPredicate", _iri("schema:sameAs"))
        yield from _say(node, "void:triples", _number(number))
        yield from _say(DATASET, "void:subset", ox.NamedNode(node))


def _service() -> Iterator[ox.Triple]:
    yield from _say(_SERVICE, "rdf:type", _iri("dcat:DataService"))
    yield from _say(_SERVICE, "dcterms:title", ox.Literal("audiokg SPARQL", language="en"))
    yield from _say(_SERVICE, "dcat:endpointURL", ox.NamedNode(BASE + "sparql"))
    yield from _say(_SERVICE, "dcat:servesDataset", ox.NamedNode(DATASET))
    standard = ox.NamedNode("https://www.w3.org/TR/sparql11-protocol/")
    yield from _say(_SERVICE, "dcterms:conformsTo", standard)


def _say(subject: str, name: str, *objects: ox.NamedNode | ox.Literal) -> Iterator[ox.Triple]:
    for thing in objects:
        yield ox.Triple(ox.NamedNode(subject), _iri(name), thing)


def _iri(name: str) -> ox.NamedNode:
    return ox.NamedNode(expand(name))


def _typed(value: str, datatype: str) -> ox.Literal:
    return ox.Literal(value, datatype=ox.NamedNode(XSD + datatype))


def _number(value: int) -> ox.Literal:
    return _typed(str(value), "integer")
