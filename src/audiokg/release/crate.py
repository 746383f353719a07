"""Describe a release as an RO-Crate 1.1: https://www.researchobject.org/ro-crate/specification/1.1/."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from audiokg.release.archive import sha256
from audiokg.release.citing import PUBLISHER, Citation, name_author
from audiokg.release.dumps import Item
from audiokg.release.found import CRATE
from audiokg.terms import BASE, DUMP, LICENCES

Json = dict[str, Any]
_SPECIFICATION: Final = "https://w3id.org/ro/crate/1.1"
_PUBLISHER: Final = "#publisher"


def write_crate(
    citation: Citation, description: str, version: str, previous: str, items: Sequence[Item]
) -> bytes:
    """Describe all files of a release, but for this description and the checksums."""
    graph = [
        _descriptor(),
        _root(citation, description, version, previous, items),
        *{agent["@id"]: agent for agent in (_publisher(), *_authors(citation))}.values(),
        *(_licence(licence) for licence in citation.licences),
        *(_file(item) for item in items),
    ]
    document = {"@context": f"{_SPECIFICATION}/context", "@graph": graph}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _descriptor() -> Json:
    return {
        "@id": CRATE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": _SPECIFICATION},
    }


def _root(
    citation: Citation, description: str, version: str, previous: str, items: Sequence[Item]
) -> Json:
    first, *_ = citation.licences
    based = {"isBasedOn": f"{DUMP}{previous}/"} if previous else {}
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": citation.title,
        "description": description,
        "version": version,
        "datePublished": citation.date,
        "license": {"@id": _licence_iri(first)},
        "author": _one([{"@id": author["@id"]} for author in _authors(citation)]),
        "publisher": {"@id": _PUBLISHER},
        "identifier": f"https://doi.org/{citation.doi}" if citation.doi else f"{DUMP}{version}/",
        "url": f"{DUMP}{version}/",
        "keywords": ", ".join(citation.keywords),
        "hasPart": [{"@id": item.name} for item in items],
    } | based


def _authors(citation: Citation) -> Iterator[Json]:
    """Describe the authors; the publisher may be one, and an ORCID names a person."""
    for number, author in enumerate(citation.authors, start=1):
        name = name_author(author)
        if name != PUBLISHER:
            kind = "Person" if "family-names" in author else "Organization"
            ident = author.get("orcid", f"#author-{number}")
            yield {"@id": ident, "@type": kind, "name": name}
        else:
            yield _publisher()


def _publisher() -> Json:
    return {"@id": _PUBLISHER, "@type": "Organization", "name": PUBLISHER, "url": BASE}


def _one(values: list[Json]) -> Json | list[Json]:
    """Write one value as itself, as RO-Crate wants it."""
    return values[0] if len(values) == 1 else values


def _licence(licence: str) -> Json:
    iri = _licence_iri(licence)
    return {"@id": iri, "@type": "CreativeWork", "name": licence, "identifier": licence, "url": iri}


def _licence_iri(licence: str) -> str:
    return f"{LICENCES}{licence}.html"


def _file(item: Item) -> Json:
    return {
        "@id": item.name,
        "@type": "File",
        "name": item.name,
        "description": item.what,
        "encodingFormat": item.sent_as,
        "contentSize": str(len(item.content)),
        "sha256": sha256(item.content),
    }
