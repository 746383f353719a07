"""JSON-LD as programs like it: compacted with a context made from the ontology."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

import pyoxigraph as ox
from pyld import jsonld

from audiokg.terms import AKG, PREFIXES, RDF_TYPE, VOCABULARIES, expand

_OWL = VOCABULARIES["owl"]
#: Short keys for terms that are not ours.
_KEYS: Final = {
    "label": "rdfs:label",
    "altLabel": "skos:altLabel",
    "prefLabel": "skos:prefLabel",
    "definition": "skos:definition",
    "notation": "skos:notation",
    "broader": "skos:broader",
    "inScheme": "skos:inScheme",
    "editorialNote": "skos:editorialNote",
    "title": "dcterms:title",
    "source": "dcterms:source",
    "modified": "dcterms:modified",
    "arxivId": "fabio:hasArXivId",
    "doi": "bibo:doi",
    "page": "foaf:page",
    "sameAs": "schema:sameAs",
    "differentFrom": "owl:differentFrom",
}
_LINKS: Final = {"broader", "inScheme", "source", "page", "sameAs", "differentFrom"}

Json = dict[str, Any]


def make_context(store: ox.Store) -> Json:
    """Make the context: a key for each property and class of the ontology, and the prefixes."""
    context: Json = {"id": "@id", "type": "@type"} | PREFIXES
    for key, name in _KEYS.items():
        context[key] = {"@id": expand(name), "@type": "@id"} if key in _LINKS else expand(name)
    for iri, kind in sorted(_own_terms(store)):
        key = iri.removeprefix(AKG)
        context[key] = {"@id": iri, "@type": "@id"} if kind == "ObjectProperty" else iri
    return context


def compact(triples: Sequence[ox.Triple], context: Json) -> Json:
    """Write triples as one compacted JSON-LD document, with the part of the context it uses."""
    expanded = json.loads(ox.serialize(triples, format=ox.RdfFormat.JSON_LD) or b"[]")
    for node in expanded:
        # pyoxigraph writes rdf:type as any other property.
        if types := node.pop(RDF_TYPE, None):
            node["@type"] = [*node.get("@type", []), *(item["@id"] for item in types)]
    document: Json = jsonld.compact(expanded, _used(triples, context), {"graph": True})
    return document


def _own_terms(store: ox.Store) -> Iterable[tuple[str, str]]:
    for kind in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty"):
        declared = store.quads_for_pattern(
            None,
            ox.NamedNode(PREFIXES["rdf"] + "type"),
            ox.NamedNode(_OWL + kind),
            ox.DefaultGraph(),
        )
        for quad in declared:
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(AKG):
                yield quad.subject.value, kind


def _used(triples: Iterable[ox.Triple], context: Json) -> Json:
    """Take the keys of the terms that occur, and the prefixes of the names that occur.

    pyld works through the whole context for every document, so it gets a small one.
    """
    terms = {iri for triple in triples for iri in _iris(triple)} - {RDF_TYPE}
    spaces = {iri[: max(iri.rfind("#"), iri.rfind("/")) + 1] for iri in terms}
    return {
        key: meaning
        for key, meaning in context.items()
        if key in ("id", "type") or _iri(meaning) in terms or _iri(meaning) in spaces
    }


def _iris(triple: ox.Triple) -> Iterable[str]:
    for term in triple:
        if isinstance(term, ox.NamedNode):
            yield term.value
        elif isinstance(term, ox.Literal):
            yield term.datatype.value


def _iri(meaning: str | Json) -> str:
    return meaning if isinstance(meaning, str) else str(meaning["@id"])
