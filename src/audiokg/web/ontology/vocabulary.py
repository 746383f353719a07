"""The ontology as its documentation shows it: terms with their relations, uses and examples."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from audiokg.terms import AKG, BASE, expand, shorten
from audiokg.web.questions import Questions, Row, value

ONTOLOGY: Final = BASE + "ontology"
Node = dict[str, str]
Facts = Mapping[str, tuple[Node, ...]]

#: Property of a term -> the words before its values, in the order on the page.
RELATIONS: Final = {
    "rdfs:subClassOf": "subclass of",
    "rdfs:subPropertyOf": "sub-property of",
    "rdfs:domain": "domain",
    "rdfs:range": "range",
    "owl:inverseOf": "inverse of",
    "owl:equivalentClass": "equivalent to",
    "owl:equivalentProperty": "equivalent to",
    "skos:exactMatch": "exact match",
    "skos:closeMatch": "close match",
    "owl:disjointWith": "disjoint with",
    "akg:trust": "place in the order of trust",
    "dcterms:isReplacedBy": "replaced by",
}
#: Classes of other people that ours stand below.
_TOPS: Final = (expand("skos:Concept"), expand("foaf:Agent"))
#: What ties a term to a term of another vocabulary.
_ALIGNING: Final = (
    "rdfs:subClassOf",
    "rdfs:subPropertyOf",
    "owl:equivalentClass",
    "owl:equivalentProperty",
    "skos:exactMatch",
    "skos:closeMatch",
)
#: What OWL says of a property by its type -> what a reader is told.
_TRAITS: Final = {
    "owl:FunctionalProperty": "functional: one value",
    "owl:InverseFunctionalProperty": "inverse functional: one subject",
    "owl:TransitiveProperty": "transitive",
    "owl:SymmetricProperty": "symmetric",
    "owl:IrreflexiveProperty": "irreflexive",
}
_KINDS: Final = {
    "owl:Class": "class",
    "owl:ObjectProperty": "object property",
    "owl:DatatypeProperty": "datatype property",
    "owl:AnnotationProperty": "annotation property",
}


@dataclass(frozen=True)
class Uses:
    """How often a term is used: instances or facts, and the subjects of the facts."""

    count: int = 0
    subjects: int = 0


@dataclass(frozen=True)
class Term:
    """A class or property: what the ontology says of it, its uses, and examples from the graph."""

    iri: str
    facts: Facts
    uses: Uses = Uses()
    examples: tuple[Row, ...] = ()

    @property
    def name(self) -> str:
        """Give the local name, which is the anchor of the term."""
        return self.iri.removeprefix(AKG)

    def texts(self, property_: str) -> list[str]:
        """Give the values of a property, such as `rdfs:domain`, as texts."""
        return [node["value"] for node in self.facts.get(property_, ())]

    def text(self, property_: str) -> str:
        """Give the first value of a property, empty if there is none."""
        return next(iter(self.texts(property_)), "")

    @cached_property
    def label(self) -> str:
        """Give the name for people."""
        return self.text("rdfs:label") or self.name

    @cached_property
    def kind(self) -> str:
        """Give what sort of term it is."""
        types = map(shorten, self.texts("rdf:type"))
        return next((_KINDS[type_] for type_ in types if type_ in _KINDS), "term")

    @cached_property
    def traits(self) -> list[str]:
        """Give what holds of a property as such."""
        types = map(shorten, self.texts("rdf:type"))
        known = [_TRAITS[type_] for type_ in types if type_ in _TRAITS]
        single = self.text("akg:singleValued") == "true"
        return [*known, *(["single-valued in truth: two values are a conflict"] if single else [])]

    @cached_property
    def is_class(self) -> bool:
        """Tell a class from a property."""
        return self.kind == "class"

    @cached_property
    def deprecated(self) -> bool:
        """Tell whether the term is no longer to be used."""
        return self.text("owl:deprecated") == "true"

    @cached_property
    def relations(self) -> list[tuple[str, tuple[Node, ...]]]:
        """Give the relations that are shown, each with its words and values."""
        return [(RELATIONS[name], self.facts[name]) for name in RELATIONS if name in self.facts]


@dataclass(frozen=True)
class Vocabulary:
    """The whole ontology: its head, its terms by IRI, and the concept schemes."""

    head: Facts
    terms: Mapping[str, Term]
    schemes: tuple[tuple[Row, tuple[Row, ...]], ...]

    @cached_property
    def classes(self) -> list[Term]:
        """Give the classes, by name."""
        return [term for term in self.terms.values() if term.is_class]

    @cached_property
    def properties(self) -> list[Term]:
        """Give the properties, by name."""
        return [term for term in self.terms.values() if not term.is_class]

    @cached_property
    def groups(self) -> list[tuple[str, list[Term]]]:
        """Group the properties by the class that they tell of; those of several come last."""
        groups: dict[str, list[Term]] = defaultdict(list)
        for term in self.properties:
            groups[term.text("rdfs:domain")].append(term)
        return sorted(groups.items(), key=lambda group: (not group[0], -len(group[1]), group[0]))

    @cached_property
    def alignments(self) -> list[tuple[Term, str, str]]:
        """Give what ties our terms to terms of other vocabularies: term, property, other term."""
        return [
            (term, property_, other)
            for term in self.terms.values()
            for property_ in _ALIGNING
            for other in term.texts(property_)
            if not other.startswith(BASE)
        ]

    def below(self, iri: str, property_: str) -> list[Term]:
        """Give the terms that name another by a property, as the classes right below a class."""
        return self._named[property_].get(iri, [])

    @cached_property
    def roots(self) -> list[str]:
        """Give the classes without one above them, other people's two that ours stand below too."""
        tops = {iri for iri in _TOPS if self.below(iri, "rdfs:subClassOf")}
        shown = tops | set(self.terms)
        ours = {t.iri for t in self.classes if not shown.intersection(t.texts("rdfs:subClassOf"))}
        return sorted(tops | ours, key=lambda iri: iri.rpartition("#")[2].casefold())

    @cached_property
    def _named(self) -> dict[str, dict[str, list[Term]]]:
        named: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for term in self.terms.values():
            for property_ in RELATIONS:
                for other in term.texts(property_):
                    named[property_][other].append(term)
        return named

    @property
    def version_iri(self) -> str:
        """Give the IRI of this version."""
        return self.tell("owl:versionIRI")

    def tell(self, property_: str) -> str:
        """Give what the head says for a property, empty if nothing."""
        return next((node["value"] for node in self.head.get(property_, ())), "")


def read_vocabulary(questions: Questions) -> Vocabulary:
    """Read the ontology from the graph. Raises QueryError."""
    uses = {
        value(row, "term"): Uses(int(value(row, "count")), int(value(row, "subjects") or 0))
        for name in ("class-uses", "property-uses")
        for row in questions.rows(name)
    }
    examples: dict[str, list[Row]] = defaultdict(list)
    for name in ("class-examples", "property-examples"):
        for row in questions.rows(name):
            examples[value(row, "term")].append(row)
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in questions.rows("terms"):
        rows[value(row, "term")].append(row)
    terms = {
        iri: Term(iri, _facts(told), uses.get(iri, Uses()), tuple(examples[iri]))
        for iri, told in sorted(rows.items(), key=lambda item: item[0].casefold())
    }
    head = _facts(questions.rows("ontology"))
    return Vocabulary(head, terms, _schemes(questions.rows("schemes")))


def _facts(rows: Iterable[Row]) -> Facts:
    facts: dict[str, list[Node]] = defaultdict(list)
    for row in rows:
        facts[shorten(value(row, "property"))].append(row["value"])
    return {name: tuple(nodes) for name, nodes in facts.items()}


def _schemes(rows: Iterable[Row]) -> tuple[tuple[Row, tuple[Row, ...]], ...]:
    """Group the concepts by scheme; a concept with two above it is told once."""
    schemes: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        schemes[value(row, "scheme")].setdefault(value(row, "concept"), row)
    return tuple((next(iter(c.values())), tuple(c.values())) for c in schemes.values())
