"""Prefixes and the few terms that Python needs; the only place where Python spells an IRI."""

from typing import Final

import pyoxigraph as ox

#: What a variable can be bound to.
Term = ox.NamedNode | ox.Literal

BASE: Final = "https://w3id.org/audiokg/"
GRAPH: Final = BASE + "graph/"
#: The graphs of the description of the snapshot, and of the queries of the library.
METADATA: Final = (GRAPH + "void", GRAPH + "query")
#: Releases: a release is the folder of its version there.
DUMP: Final = BASE + "dump/"

#: One word per idea: data folder, shape file, CLI noun and URL path of the resources of a kind.
SEGMENTS: Final = (
    "architecture",
    "benchmark",
    "challenge",
    "condition",
    "dataset",
    "grade",
    "language",
    "licence",
    "metric",
    "modality",
    "model",
    "organisation",
    "person",
    "publication",
    "quantizer",
    "query",
    "representation",
    "source",
    "strategy",
    "task",
    "token",
    "unit",
)

VOCABULARIES: Final = {
    "akg": BASE + "ontology#",
    "bibo": "http://purl.org/ontology/bibo/",
    "cito": "http://purl.org/spar/cito/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "fabio": "http://purl.org/spar/fabio/",
    "fair4ml": "https://w3id.org/fair4ml#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "vann": "http://purl.org/vocab/vann/",
    "void": "http://rdfs.org/ns/void#",
    "void-ext": "http://ldf.fi/void-ext#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
PREFIXES: Final = VOCABULARIES | {segment: f"{BASE}{segment}/" for segment in SEGMENTS}

RDF_TYPE: Final = VOCABULARIES["rdf"] + "type"
RDFS_SUBCLASS_OF: Final = VOCABULARIES["rdfs"] + "subClassOf"
XSD: Final = VOCABULARIES["xsd"]
DCTERMS_SOURCE: Final = VOCABULARIES["dcterms"] + "source"
DCTERMS_MODIFIED: Final = VOCABULARIES["dcterms"] + "modified"
AKG: Final = VOCABULARIES["akg"]
#: The items of Wikidata.
WIKIDATA: Final = "http://www.wikidata.org/entity/"
#: What only releases use: checksums and licences of SPDX, changes, media types of IANA.
LICENCES: Final = "https://spdx.org/licenses/"
SPDX: Final = "http://spdx.org/rdf/terms#"
CHANGESET: Final = "http://purl.org/vocab/changeset/schema#"
MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"


def shorten(iri: str) -> str:
    """Write an IRI as prefix:name where a prefix fits, else as <IRI>."""
    for prefix, namespace in PREFIXES.items():
        name = iri.removeprefix(namespace)
        if name != iri and name and not set(name) & set("/#?:"):
            return f"{prefix}:{name}"
    return f"<{iri}>"


def expand(name: str) -> str:
    """Write prefix:name as an IRI; an IRI stays as it is.

    Raises ValueError for an unknown prefix.
    """
    prefix, colon, local = name.partition(":")
    if not colon or local.startswith("//"):
        return name
    if prefix not in PREFIXES:
        raise ValueError(f"unknown prefix {prefix!r} in {name!r}")
    return PREFIXES[prefix] + local
