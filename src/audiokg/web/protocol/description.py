"""The SPARQL 1.1 service description (https://www.w3.org/TR/sparql11-service-description/).

Made from what is on: the formats that answers come in, the services that may be asked, and the
graphs that are there, each with its count.
"""

from collections.abc import Iterator, Mapping

import pyoxigraph as ox

from audiokg.formats import ROWS, TRIPLES
from audiokg.triples import say, term, typed

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
    service, dataset, default = (f"{endpoint}#{n}" for n in ("service", "dataset", "default-graph"))
    node = ox.NamedNode(dataset)
    features = ["UnionDefaultGraph", *(["BasicFederatedQuery"] if federates else [])]
    return [
        *say(service, "rdf:type", term("sd:Service")),
        *say(service, "sd:endpoint", ox.NamedNode(endpoint)),
        *say(service, "sd:supportedLanguage", term("sd:SPARQL11Query")),
        *say(service, "sd:feature", *(term(f"sd:{feature}") for feature in features)),
        *say(service, "sd:resultFormat", *_result_formats()),
        *say(service, "sd:defaultDataset", node),
        *say(service, "sd:availableGraphs", node),
        *say(dataset, "rdf:type", term("sd:Dataset"), term("sd:GraphCollection")),
        *say(dataset, "sd:defaultGraph", ox.NamedNode(default)),
        *say(default, "rdf:type", term("sd:Graph")),
        *say(default, "void:triples", typed(str(total), "integer")),
        *(triple for name, size in graphs.items() for triple in _graph(dataset, name, size)),
    ]


def _graph(dataset: str, name: str, size: int) -> Iterator[ox.Triple]:
    named, graph = f"{name}#named", f"{name}#content"
    yield from say(dataset, "sd:namedGraph", ox.NamedNode(named))
    yield from say(named, "rdf:type", term("sd:NamedGraph"))
    yield from say(named, "sd:name", ox.NamedNode(name))
    yield from say(named, "sd:graph", ox.NamedNode(graph))
    yield from say(graph, "rdf:type", term("sd:Graph"))
    yield from say(graph, "void:triples", typed(str(size), "integer"))


def _result_formats() -> list[ox.NamedNode]:
    return [ox.NamedNode(_FORMATS + _NAMES[format_.name]) for format_ in (*ROWS, *TRIPLES)]
