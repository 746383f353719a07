"""The JSON-LD context: a short key for each term of the ontology, and for the others we use."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pyoxigraph as ox

from audiokg.terms import AKG, RDF_TYPE, RDFS_SUBCLASS_OF, VOCABULARIES, expand

Json = dict[str, Any]

_RANGE: Final = VOCABULARIES["rdfs"] + "range"
_CONCEPT: Final = VOCABULARIES["skos"] + "Concept"
_DECIMAL: Final = VOCABULARIES["xsd"] + "decimal"
_OWL: Final = VOCABULARIES["owl"]
#: What a term of an ontology is: named, since the things that have a type are many.
_TERMS: Final = tuple(
    _OWL + name for name in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")
)
#: What make_context reads, for those who have no store but can ask one.
DECLARATIONS: Final = (
    f"CONSTRUCT {{ ?term a ?kind ; ?says ?it }} WHERE {{ "
    f"VALUES ?kind {{ {' '.join(f'<{kind}>' for kind in _TERMS)} }} ?term a ?kind . "
    f"OPTIONAL {{ VALUES ?says {{ <{_RANGE}> <{RDFS_SUBCLASS_OF}> }} ?term ?says ?it }} "
    f'FILTER(STRSTARTS(STR(?term), "{AKG}")) }}'
)
#: Keys for terms that are not ours, and how their values are written: @id (a link), @en (English
#: text), a datatype, or as what they are. A class with @en has members that are named in English.
_KEYS: Final = {
    "label": "rdfs:label",
    "altLabel": "skos:altLabel",
    "prefLabel": "skos:prefLabel @en",
    "hiddenLabel": "skos:hiddenLabel",
    "definition": "skos:definition @en",
    "editorialNote": "skos:editorialNote @en",
    "notation": "skos:notation",
    "broader": "skos:broader @id",
    "inScheme": "skos:inScheme @id",
    "topConceptOf": "skos:topConceptOf @id",
    "exactMatch": "skos:exactMatch @id",
    "closeMatch": "skos:closeMatch @id",
    "termCode": "schema:termCode",
    "title": "dcterms:title",
    "description": "dcterms:description @en",
    "issued": "dcterms:issued xsd:gYear",
    "modified": "dcterms:modified xsd:date",
    "source": "dcterms:source @id",
    "language": "dcterms:language @id",
    "license": "dcterms:license @id",
    "hasVersion": "dcterms:hasVersion @id",
    "isPartOf": "dcterms:isPartOf @id",
    "isReplacedBy": "dcterms:isReplacedBy @id",
    "isVersionOf": "dcterms:isVersionOf @id",
    "wasDerivedFrom": "prov:wasDerivedFrom @id",
    "cites": "cito:cites @id",
    "arxivId": "fabio:hasArXivId",
    "doi": "bibo:doi",
    "page": "foaf:page @id",
    "sameAs": "schema:sameAs @id",
    "differentFrom": "owl:differentFrom @id",
    "deprecated": "owl:deprecated",
    "subClassOf": "rdfs:subClassOf @id",
    "subPropertyOf": "rdfs:subPropertyOf @id",
    "domain": "rdfs:domain @id",
    "range": "rdfs:range @id",
    "isDefinedBy": "rdfs:isDefinedBy @id",
    "Organization": "foaf:Organization",
    "Person": "foaf:Person",
    "ConceptScheme": "skos:ConceptScheme @en",
    "Class": "owl:Class @en",
    "ObjectProperty": "owl:ObjectProperty @en",
    "DatatypeProperty": "owl:DatatypeProperty @en",
    "AnnotationProperty": "owl:AnnotationProperty @en",
}
#: What the ontology cannot say of its own terms: OWL 2 DL has neither dates nor links to terms.
_OWN: Final = {
    "checkedOn": "xsd:date",
    "firstReleased": "xsd:gYearMonth",
    "claimedProperty": "@vocab",
}
#: How values are written by what a term of ours is declared as.
_DECLARED: Final = {"Class": "", "ObjectProperty": "@id", "DatatypeProperty": ""}
#: Keys for links that go the other way, from what is said of a resource to the resource.
_INVERSES: Final = {
    "sizes": "akg:sizeOf",
    "entries": "akg:entryOf",
    "cells": "akg:cellOf",
    "statements": "akg:statedIn",
}
#: What every document needs of the context.
BASICS: Final = ("@version", "id", "type")
#: What English classes say of the names of their members.
NAMES: Final = ("label", "altLabel")


def make_context(store: ox.Store) -> Json:
    """Make the context from what the default graph of a store declares."""
    keys = _KEYS | {iri.removeprefix(AKG): f"{iri} {kind}" for iri, kind in _own_terms(store)}
    context: Json = {"@version": 1.1, "id": "@id", "type": "@type"} | VOCABULARIES
    for key, said in keys.items():
        name, _, kind = said.partition(" ")
        context[key] = _meaning(expand(name), _OWN.get(key, kind), is_class=key[0].isupper())
    return context | {key: {"@reverse": expand(name)} for key, name in _INVERSES.items()}


@dataclass(frozen=True)
class Word:
    """A key of a context, and how its values are written: @id, @vocab, @en, a datatype, or not."""

    key: str
    kind: str = ""


@dataclass
class Words:
    """The words of a context by what they stand for; it remembers which were used."""

    terms: Mapping[str, Word]
    prefixes: Mapping[str, str]
    inverses: Mapping[str, str]
    english: frozenset[str]
    used: set[str] = field(default_factory=set)

    def word(self, iri: str) -> Word:
        """Give the key of a property, its IRI where there is none."""
        return self._use(self.terms[iri]) if iri in self.terms else Word(self._shorten(iri))

    def name(self, iri: str) -> str:
        """Give the name of a class, datatype or property."""
        return self.word(iri).key

    def inverse(self, iri: str) -> str:
        """Give the key for links of a property from their other end."""
        return self._use(Word(self.inverses[iri])).key

    def _use(self, word: Word) -> Word:
        self.used.add(word.key)
        return word

    def _shorten(self, iri: str) -> str:
        end = max(iri.rfind("#"), iri.rfind("/")) + 1
        if iri[:end] not in self.prefixes or not iri[end:]:
            return iri
        return f"{self._use(Word(self.prefixes[iri[:end]])).key}:{iri[end:]}"


def read_words(context: Json) -> Words:
    """Read the words of a context as make_context makes it."""
    plain = {iri: key for key, iri in context.items() if isinstance(iri, str) and ":" in iri}
    defined = {key: meaning for key, meaning in context.items() if isinstance(meaning, dict)}
    terms = {iri: Word(key) for iri, key in plain.items() if iri[-1] not in "#/"}
    for key, meaning in defined.items():
        if "@id" in meaning:
            terms[meaning["@id"]] = Word(key, _kind(meaning))
    return Words(
        terms=terms,
        prefixes={iri: key for iri, key in plain.items() if iri[-1] in "#/"},
        inverses={m["@reverse"]: key for key, m in defined.items() if "@reverse" in m},
        english=frozenset(m["@id"] for m in defined.values() if "@context" in m),
    )


def _kind(meaning: Json) -> str:
    language = meaning.get("@language")
    return f"@{language}" if language else str(meaning.get("@type", ""))


def _meaning(iri: str, kind: str, *, is_class: bool = False) -> str | Json:
    if not kind:
        return iri
    if is_class:
        names = {key: _meaning(expand(_KEYS[key]), kind) for key in NAMES}
        return {"@id": iri, "@context": names}
    if kind == "@en":
        return {"@id": iri, "@language": "en"}
    return {"@id": iri, "@type": kind if kind.startswith("@") else expand(kind)}


def _own_terms(store: ox.Store) -> Iterator[tuple[str, str]]:
    """Find the terms of the ontology, each with how its values, or its members, are written."""
    decimals = {term for term, range_ in _pairs(store, _RANGE) if range_ == _DECIMAL}
    concepts = {term for term, above in _pairs(store, RDFS_SUBCLASS_OF) if above == _CONCEPT}
    kinds = dict.fromkeys(decimals, "xsd:decimal") | dict.fromkeys(concepts, "@en")
    declared = [pair for kind in _TERMS for pair in _pairs(store, RDF_TYPE, kind)]
    for term, kind in sorted(declared):
        if term.startswith(AKG):
            yield term, kinds.get(term, _DECLARED.get(kind.removeprefix(_OWL), ""))


def _pairs(store: ox.Store, property_: str, value: str = "") -> Iterator[tuple[str, str]]:
    wanted = ox.NamedNode(value) if value else None
    for quad in store.quads_for_pattern(None, ox.NamedNode(property_), wanted, ox.DefaultGraph()):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            yield quad.subject.value, quad.object.value
