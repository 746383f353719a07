"""The SPARQL 1.1 service description (https://www.w3.org/TR/sparql11-service-description/).

Made from what is on: the formats that answers come in, the services that may be asked, and the
graphs that are there, each with its count.
"""

from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from audiokg.formats import ROWS, TRIPLES
from audiokg.terms import RDF_TYPE, VOCABULARIES, XSD

_SD = VOCABULARIES["sd"]
_VOID_TRIPLES = VOCABULARIES["void"] + "triples"
_FORMATS = "http://www.w3.org/ns/formats/"
#: Our formats by the names of https://www.w3.org/ns/formats/.
_NAMES = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "ttl": "Turtle",
    "nt": "N-Triples",
    "nq": "N-Quads",
    "trig": "TriG",
    "rdf": "RDF_XML",
    "jsonld": "JSON-LD",
}


def describe_service(
    endpoint: str, total: int, graphs: Mapping[str, int], federates: bool
) -> list[ox.Triple]:
    """Describe the endpoint at an address; `total` counts the union, `graphs` each named graph."""
    service = ox.NamedNode(f"{endpoint}#service")
    dataset = ox.NamedNode(f"{endpoint}#dataset")
    default = ox.NamedNode(f"{endpoint}#default-graph")
    features = ["UnionDefaultGraph", *(["BasicFederatedQuery"] if federates else [])]
    return [
        *_say(service, RDF_TYPE, [_sd("Service")]),
        *_say(service, _SD + "endpoint", [ox.NamedNode(endpoint)]),
        *_say(service, _SD + "supportedLanguage", [_sd("SPARQL11Query")]),
        *_say(service, _SD + "feature", map(_sd, features)),
        *_say(service, _SD + "resultFormat", _result_formats()),
        *_say(service, _SD + "defaultDataset", [dataset]),
        *_say(service, _SD + "availableGraphs", [dataset]),
        *_say(dataset, RDF_TYPE, [_sd("Dataset"), _sd("GraphCollection")]),
        *_say(dataset, _SD + "defaultGraph", [default]),
        *_say(default, RDF_TYPE, [_sd("Graph")]),
        *_say(default, _VOID_TRIPLES, [_number(total)]),
        *(triple for name, size in graphs.items() for triple in _graph(endpoint, name, size)),
    ]


def _graph(endpoint: str, name: str, size: int) -> Iterator[ox.Triple]:
    dataset = ox.NamedNode(f"{endpoint}#dataset")
    named, graph = ox.NamedNode(f"{name}#named"), ox.NamedNode(f"{name}#content")
    yield from _say(dataset, _SD + "namedGraph", [named])
    yield from _say(named, RDF_TYPE, [_sd("NamedGraph")])
    yield from _say(named, _SD + "name", [ox.NamedNode(name)])
    yield from _say(named, _SD + "graph", [graph])
    yield from _say(graph, RDF_TYPE, [_sd("Graph")])
    yield from _say(graph, _VOID_TRIPLES, [_number(size)])


def _result_formats() -> list[ox.NamedNode]:
    return [ox.NamedNode(_FORMATS + _NAMES[format_.name]) for format_ in (*ROWS, *TRIPLES)]


def _say(
    subject: ox.NamedNode, predicate: str, objects: Iterable[ox.NamedNode | ox.Literal]
) -> Iterator[ox.Triple]:
    for thing in objects:
        yield ox.Triple(subject, ox.NamedNode(predicate), thing)


def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(_SD + name)


def _number(value: int) -> ox.Literal:
    return ox.Literal(str(value), datatype=ox.NamedNode(XSD + "integer"))
