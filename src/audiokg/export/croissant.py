"""A dataset as Croissant 1.0: what data set search and the loaders of ML frameworks read.

https://docs.mlcommons.org/croissant/docs/croissant-spec.html. The files of a corpus are not ours to
describe, so there is no `distribution`. What Croissant requires and no document tells is not made
up: such a dataset has no Croissant description, and the error names what is missing. Where no maker
is named, the authors of the paper that introduced the dataset are its creators; where no date is,
the year of that paper is its.
"""

import json
from collections.abc import Container, Sequence
from typing import Any, Final

import pyoxigraph as ox

from audiokg.errors import InputError
from audiokg.export.citation import Work, read_work, write_bibtex
from audiokg.export.material import Material
from audiokg.export.schema_org import Json, describe
from audiokg.export.solutions import Row, plain_row
from audiokg.terms import BASE

_CROISSANT: Final = "http://mlcommons.org/croissant/1.0"
#: What Croissant requires of a dataset, and what a curator writes for it.
_REQUIRED: Final = {
    "name": "name (rdfs:label)",
    "description": "description",
    "license": "licence (dcterms:license)",
    "url": "web page (foaf:page)",
    "creator": "makers (akg:introducedBy, or the authors of the paper that introduced it)",
    "datePublished": "date (dcterms:issued, or that of the paper that introduced it)",
}
#: The words of Croissant for columns and files, all of which its own context lists.
_WORDS: Final = (
    "citeAs column equivalentProperty extract field fileObject fileProperty fileSet format "
    "includes isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated "
    "replace samplingRate separator source subField transform"
)
#: The context of the specification, which readers compare with; texts are English.
_CONTEXT: Final[Json] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    **{word: f"cr:{word}" for word in _WORDS.split()},
}


def conform(said: Json) -> Json:
    """Say of a description that it conforms to Croissant, if all is known that it requires."""
    return said | ({} if list_missing(said) else {"conformsTo": _CROISSANT})


def list_missing(said: Container[str]) -> list[str]:
    """List what Croissant requires and a description does not say."""
    return [words for key, words in _REQUIRED.items() if key not in said]


def describe_dataset(material: Material, name: ox.NamedNode) -> Json:
    """Describe a dataset, with what its papers tell. Raises InputError for what is none."""
    if not name.value.startswith(f"{BASE}dataset/"):
        path = name.value.removeprefix(BASE)
        raise InputError(f"{path} is no dataset, and Croissant describes datasets")
    said = describe(name.value, _ask(material, "structured-facts", resource=name))
    works = _read_papers(material, name)
    return _tell_papers(works) | said | _cite(works)


def export_croissant(material: Material, names: Sequence[ox.NamedNode]) -> bytes | dict[str, bytes]:
    """Write a dataset as Croissant, or several, a file each.

    Raises InputError for what is no dataset, and for one of which too little is known.
    """
    files = {_file_name(name): _write(material, name) for name in names}
    return files if names[1:] else next(iter(files.values()))


def _write(material: Material, name: ox.NamedNode) -> bytes:
    said = describe_dataset(material, name)
    if missing := list_missing(said):
        path = name.value.removeprefix(BASE)
        raise InputError(f"{path} cannot be Croissant: no document tells its {', '.join(missing)}")
    document = {"@context": _CONTEXT} | conform(said)
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"


def _tell_papers(works: Sequence[Work]) -> Json:
    """Tell what the papers that introduced a dataset say of it; the first year is that of all."""
    authors = dict.fromkeys(author for work in works for author in work.authors)
    years = sorted(work.year for work in works if work.year)
    people: list[Any] = [{"@type": "Person", "name": author} for author in authors]
    said = {
        "creator": people[0] if len(people) == 1 else people,
        "datePublished": "".join(years[:1]),
    }
    return {key: told for key, told in said.items() if told}


def _cite(works: Sequence[Work]) -> Json:
    """Cite the papers in BibTeX, as the specification asks for."""
    return {"citeAs": write_bibtex(works)} if works else {}


def _read_papers(material: Material, name: ox.NamedNode) -> list[Work]:
    papers = [row["publication"]["value"] for row in _ask(material, "papers", resource=name)]
    found = ((iri, _ask(material, "work", publication=ox.NamedNode(iri))) for iri in papers)
    return [read_work(iri.rpartition("/")[2], rows) for iri, rows in found if rows]


def _ask(material: Material, query: str, **terms: ox.NamedNode) -> list[Row]:
    rows = material.rows_of(material.pages[query].text, **terms)
    return [plain_row(row) for row in rows]


def _file_name(name: ox.NamedNode) -> str:
    return name.value.rpartition("/")[2] + ".croissant.json"
