"""A resource in the words of schema.org, FAIR4ML and Croissant: what page heads and exports tell.

Only facts of the graph are told, from the rows of queries/page/structured-facts.rq. A model is a
fair4ml:MLModel and a CreativeWork, which that class is below, but no SoftwareApplication: of many
there is a paper and nothing to run.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from audiokg.export.solutions import Row, value
from audiokg.terms import BASE, shorten

Json = dict[str, Any]
#: How a value is written, from its row.
Writing = Callable[[Row], Any]

CONTEXT: Final = {
    "@vocab": "https://schema.org/",
    "fair4ml": "https://w3id.org/fair4ml#",
    "codemeta": "https://w3id.org/codemeta/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "citeAs": "cr:citeAs",
    "conformsTo": "dct:conformsTo",
}
#: The class of what has an IRI of ours, by segment.
CLASSES: Final = {
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
    kind = CLASSES.get(_segment(iri), "Thing")
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
#: How the facts of a corpus are told in one sentence.
_CONTENT: Final = {
    "contentModality": " of {}",
    "durationHours": ", {} hours",
    "language": ", in {}",
    "suitableForTask": ", for {}",
}


def is_described(iri: str) -> bool:
    """Tell whether something is told of a resource: it is a model, a dataset or a publication."""
    return _segment(iri) in _TABLES


def describe(iri: str, rows: Sequence[Row]) -> Json:
    """Describe a resource of such a kind."""
    segment = _segment(iri)
    kind = CLASSES[segment]
    kinds = ["CreativeWork", kind] if segment == "model" else kind
    said: Json = {"@id": iri, "@type": kinds} | _tell(rows, _TABLES[segment])
    if segment == "dataset" and "name" in said:
        said["description"] = _describe_content(said["name"], rows)
    return said


def _segment(iri: str) -> str:
    return iri.removeprefix(BASE).partition("/")[0]


def _tell(rows: Sequence[Row], table: Mapping[str, tuple[str, Writing]]) -> Json:
    """Write the facts that a table names; one value stands alone, several in a list."""
    told: dict[str, list[Any]] = {}
    for row in rows:
        key, write = table.get(shorten(value(row, "property")), ("", _text))
        written = write(row) if key else None
        if written and written not in told.setdefault(key, []):
            told[key].append(written)
    alone = {key: values[0] for key, values in told.items() if key in _SINGLE or not values[1:]}
    return told | alone


def _describe_content(name: str, rows: Sequence[Row]) -> str:
    labels: dict[str, list[str]] = {}
    for row in rows:
        key = shorten(value(row, "property")).partition(":")[2]
        labels.setdefault(key, []).append(value(row, "label") or value(row, "value"))
    told = [text.format(_list(labels[key])) for key, text in _CONTENT.items() if key in labels]
    return f"{name}: a dataset{''.join(told)}."


def _list(words: Sequence[str]) -> str:
    *first, last = dict.fromkeys(words)
    return f"{', '.join(first)} and {last}" if first else last
