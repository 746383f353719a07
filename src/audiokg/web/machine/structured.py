"""What the head of a page tells search engines: schema.org, FAIR4ML and Croissant in JSON-LD.

Only facts of the graph are told. A model is a fair4ml:MLModel and a CreativeWork, which that class
is below, but no SoftwareApplication: of many there is a paper and nothing to run. A dataset says
that it conforms to Croissant 1.0 (https://docs.mlcommons.org/croissant/docs/croissant-spec.html)
where all is known that Croissant requires; the files of a corpus are not ours to describe.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import request
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from audiokg.snapshot import Manifest
from audiokg.terms import BASE, shorten
from audiokg.web.questions import Questions, Row, value

Json = dict[str, Any]
#: How a value is written, from its row.
Writing = Callable[[Row], Any]

_CONTEXT: Final = {
    "@vocab": "https://schema.org/",
    "fair4ml": "https://w3id.org/fair4ml#",
    "codemeta": "https://w3id.org/codemeta/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "citeAs": "cr:citeAs",
    "conformsTo": "dct:conformsTo",
}
#: What makes a document one of Croissant, whose texts are English.
_CROISSANT: Final = "http://mlcommons.org/croissant/1.0"
#: What Croissant requires of a dataset.
_REQUIRED: Final = {"name", "description", "license", "url", "creator", "datePublished"}
_LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"
#: The class of what has an IRI of ours, by segment.
_CLASSES: Final = {
    "architecture": "DefinedTerm",
    "dataset": "Dataset",
    "model": "fair4ml:MLModel",
    "organisation": "Organization",
    "person": "Person",
    "publication": "ScholarlyArticle",
    "task": "DefinedTerm",
}


def _text(row: Row) -> str:
    return value(row, "value")


def _label(row: Row) -> str:
    return value(row, "label")


def _code(row: Row) -> str:
    return value(row, "code") or value(row, "label")


def _page(row: Row) -> str:
    return value(row, "page") or value(row, "value")


def _thing(row: Row) -> Json:
    iri = value(row, "value")
    kind = _CLASSES.get(iri.removeprefix(BASE).partition("/")[0], "Thing")
    return {"@type": kind, "@id": iri, "name": value(row, "label")}


def _download(row: Row) -> Json:
    return {"@type": "DataDownload", "url": value(row, "value")}


def _doi(row: Row) -> str:
    return "https://doi.org/" + value(row, "value")


def _arxiv(row: Row) -> str:
    return "arXiv:" + value(row, "value")


#: Property -> key and writing; several properties may share a key.
_NAMES: Final[Mapping[str, tuple[str, Writing]]] = {
    "rdfs:label": ("name", _text),
    "skos:altLabel": ("alternateName", _text),
    "schema:sameAs": ("sameAs", _text),
    "foaf:page": ("url", _text),
    "bibo:doi": ("identifier", _doi),
}
_MODEL: Final[Mapping[str, tuple[str, Writing]]] = {
    **_NAMES,
    "akg:supportsTask": ("fair4ml:mlTask", _thing),
    "akg:trainedOn": ("fair4ml:trainedOn", _thing),
    "akg:evaluatedOn": ("fair4ml:evaluatedOn", _thing),
    "akg:fineTunedFrom": ("fair4ml:fineTunedFrom", _thing),
    "akg:hasArchitecture": ("fair4ml:modelCategory", _thing),
    "akg:introducedBy": ("author", _thing),
    "akg:introducedIn": ("codemeta:referencePublication", _thing),
    "akg:hasCodeRepository": ("codeRepository", _text),
    "akg:hasWeights": ("distribution", _download),
    "akg:firstReleased": ("datePublished", _text),
}
_DATASET: Final[Mapping[str, tuple[str, Writing]]] = {
    **_NAMES,
    "dcterms:license": ("license", _page),
    "dcterms:language": ("inLanguage", _code),
    "dcterms:issued": ("datePublished", _text),
    # As an address: readers of Croissant take any Dataset in a document for the described one.
    "prov:wasDerivedFrom": ("isBasedOn", _text),
    "akg:introducedBy": ("creator", _thing),
    "akg:introducedIn": ("citeAs", _label),
    "akg:contentModality": ("keywords", _label),
    "akg:suitableForTask": ("keywords", _label),
}
_PUBLICATION: Final[Mapping[str, tuple[str, Writing]]] = {
    **_NAMES,
    "dcterms:title": ("headline", _text),
    "dcterms:issued": ("datePublished", _text),
    "fabio:hasArXivId": ("identifier", _arxiv),
    "cito:cites": ("citation", _thing),
}
_TABLES: Final = {"model": _MODEL, "dataset": _DATASET, "publication": _PUBLICATION}
#: Keys that take one value: the first is as good as another.
_SINGLE: Final = ("url", "datePublished", "citeAs")


@dataclass(frozen=True)
class StructuredData:
    """Writes the data block of a page, for templates: `structured_data(iri)`."""

    questions: Questions
    manifest: Manifest

    def __call__(self, iri: str) -> Markup:
        """Give the element for the head of the page of an IRI of ours, empty for other kinds."""
        found = self.describe(iri)
        if not found:
            return Markup()
        script = Markup('<script type="application/ld+json">{}</script>')
        return script.format(htmlsafe_json_dumps({"@context": _context(found)} | found))

    def describe(self, iri: str) -> Json:
        """Describe the home page (the base of all IRIs), a model, a dataset or a publication."""
        if iri == BASE:
            return _describe_site(self.manifest)
        segment = iri.removeprefix(BASE).partition("/")[0]
        if segment not in _TABLES:
            return {}
        rows = self.questions.rows("structured-facts", resource=iri)
        kind = _CLASSES[segment]
        kinds = ["CreativeWork", kind] if segment == "model" else kind
        said = {"@id": iri, "@type": kinds} | _tell(rows, _TABLES[segment])
        if segment == "publication" and "name" in said:
            return said | self._authors(iri)
        return _describe_dataset(said, rows) if segment == "dataset" else said

    def _authors(self, iri: str) -> Json:
        rows = self.questions.rows("structured-authors", resource=iri)
        people = [
            {"@type": "Person", "name": value(row, "name")}
            | ({"@id": value(row, "person")} if "person" in row else {})
            for row in rows
        ]
        return {"author": people} if people else {}


def _tell(rows: list[Row], table: Mapping[str, tuple[str, Writing]]) -> Json:
    """Write the facts that a table names; one value stands alone, several in a list."""
    told: dict[str, list[Any]] = {}
    for row in rows:
        key, write = table.get(shorten(value(row, "property")), ("", _text))
        written = write(row) if key else None
        if written and written not in told.setdefault(key, []):
            told[key].append(written)
    alone = {key: values[0] for key, values in told.items() if key in _SINGLE or not values[1:]}
    return told | alone


def _describe_dataset(said: Json, rows: list[Row]) -> Json:
    whole = {"url": said["@id"], "description": _describe_content(said["name"], rows)} | said
    return whole | ({"conformsTo": _CROISSANT} if whole.keys() >= _REQUIRED else {})


def _context(found: Json) -> Json:
    return _CONTEXT | ({"@language": "en"} if "conformsTo" in found else {})


def _describe_content(name: str, rows: list[Row]) -> str:
    """Say what a corpus holds in one sentence of facts."""
    labels: dict[str, list[str]] = {}
    for row in rows:
        key = shorten(value(row, "property")).partition(":")[2]
        labels.setdefault(key, []).append(value(row, "label") or value(row, "value"))
    parts = {
        "contentModality": " of {}",
        "durationHours": ", {} hours",
        "language": ", in {}",
        "suitableForTask": ", for {}",
    }
    told = [text.format(_list(labels[key])) for key, text in parts.items() if key in labels]
    return f"{name}: a dataset{''.join(told)}."


def _list(words: list[str]) -> str:
    *first, last = dict.fromkeys(words)
    return f"{', '.join(first)} and {last}" if first else last


def _describe_site(manifest: Manifest) -> Json:
    root = request.url_root
    search = {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": root + "search?q={search_term_string}"},
        "query-input": "required name=search_term_string",
    }
    site = {"@type": "WebSite", "@id": root, "url": root, "name": "audiokg"}
    catalogue = {
        "@type": "DataCatalog",
        "@id": BASE,
        "url": root,
        "name": "audiokg",
        "description": "The knowledge graph of large audio models: speech language models, neural "
        "audio codecs, representation models, their papers, and which document says what.",
        "version": manifest.version,
        "dateModified": manifest.modified,
        "license": _LICENCE,
    }
    return {"@graph": [site | {"potentialAction": search}, catalogue]}
