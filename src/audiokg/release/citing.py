"""How a release is cited: CITATION.cff, read and checked, and the same for DataCite.

Identifiers are never made up: a DOI or an ORCID stands in CITATION.cff once it is known, and until
then nowhere. Formats: https://github.com/citation-file-format/citation-file-format (1.2.0) and
https://schema.datacite.org/ (4.5).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from audiokg.errors import InputError
from audiokg.identifiers import read_orcid
from audiokg.release.dumps import Item
from audiokg.terms import BASE, DUMP, LICENCES

Json = dict[str, Any]
CITATION: Final = "CITATION.cff"
#: Who publishes, as in pyproject.toml and in the VoID; CITATION.cff has no field for it.
PUBLISHER: Final = "The audiokg contributors"
#: A DOI, bare (https://www.doi.org/the-identifier/resources/handbook/).
_DOI: Final = re.compile(r"10\.\d{4,9}/\S+")
#: A whole value that stands for something that is not known yet, whatever it is.
_UNKNOWN: Final = re.compile(r"\W*(?:x{3,}|todo|fixme|tbd|placeholder)\W*", re.IGNORECASE)
#: An address of documentation (RFC 2606, section 3).
_EXAMPLE: Final = re.compile(r"https?://(?:[^/]*\.)?example\.(?:com|net|org)(?:[/:].*)?")
#: Key -> what stands in examples of it; the second ORCID iD is that of Josiah Carberry.
_EXAMPLES: Final = {
    "doi": re.compile(r"10\.\d+/(?:zenodo\.)?(?:x+|0+|1234567)", re.IGNORECASE),
    "orcid": re.compile(r".*/(?:0000-0000-0000-000\d|0000-0002-1825-0097)"),
    **dict.fromkeys(("license-url", "url", "website"), _EXAMPLE),
    **dict.fromkeys(("repository", "repository-artifact", "repository-code"), _EXAMPLE),
}
_PERSON: Final = ("given-names", "name-particle", "family-names", "name-suffix")


@dataclass(frozen=True)
class Citation:
    """What CITATION.cff says that other metadata repeat."""

    title: str
    message: str
    authors: tuple[Json, ...]
    licences: tuple[str, ...]
    keywords: tuple[str, ...]
    date: str
    doi: str = ""


def name_author(author: Mapping[str, Any]) -> str:
    """Name an author of CITATION.cff: an entity by its name, a person as given, then family."""
    named = [str(author[part]) for part in _PERSON if part in author]
    return " ".join(named) if named else str(author.get("name", ""))


def read_citation(root: Path) -> Citation:
    """Read CITATION.cff. Raises InputError for what it lacks, and for a placeholder."""
    path = root / CITATION
    try:
        text = path.read_text(encoding="utf-8")
        said = yaml.safe_load(text)
    except (OSError, yaml.YAMLError) as error:
        raise InputError(f"{path}: {error}") from error
    for problem in find_placeholders(text):
        raise InputError(f"{path}:{problem}")
    for key in ("title", "message", "authors", "license", "date-released"):
        if not isinstance(said, dict) or not said.get(key):
            raise InputError(f"{path}: has no {key}; write it")
    return Citation(
        title=str(said["title"]),
        message=str(said["message"]),
        authors=tuple(said["authors"]),
        licences=tuple(_listed(said["license"])),
        keywords=tuple(map(str, said.get("keywords", []))),
        date=str(said["date-released"]),
        doi=str(said.get("doi", "")),
    )


def find_placeholders(text: str) -> Iterator[str]:
    """Yield the lines that stand for something unknown, and identifiers that cannot be."""
    for number, line in enumerate(text.splitlines(), start=1):
        key, _, value = line.strip().removeprefix("- ").partition(":")
        value = value.strip().strip("\"'")
        if _is_placeholder(key, value):
            yield f"{number}: “{value}” is a placeholder; write what is true, or leave it out"
        elif key == "doi" and not _DOI.fullmatch(value):
            yield f"{number}: “{value}” is no DOI; write it like 10.5281/zenodo.…"
        elif key == "orcid" and (not value or read_orcid(value) != value):
            yield f"{number}: “{value}” is no ORCID; write it as https://orcid.org/…"


def _is_placeholder(key: str, value: str) -> bool:
    example = _EXAMPLES.get(key)
    return bool(_UNKNOWN.fullmatch(value) or (example and example.fullmatch(value)))


def write_datacite(
    citation: Citation, version: str, previous: str, modified: str, items: Sequence[Item]
) -> bytes:
    """Write the metadata of a release for DataCite; without a DOI while there is none.

    It is issued on the day of its publication, updated on the day of its newest data.
    """
    document: Json = {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Knowledge graph"},
        "creators": [_creator(author) for author in citation.authors],
        "titles": [{"title": citation.title}],
        "publisher": {"name": PUBLISHER},
        "publicationYear": citation.date[:4],
        "dates": [
            {"date": citation.date, "dateType": "Issued"},
            {"date": modified, "dateType": "Updated"},
        ],
        "version": version,
        "url": f"{DUMP}{version}/",
        "language": "en",
        "subjects": [{"subject": word} for word in citation.keywords],
        "rightsList": [_rights(licence) for licence in citation.licences],
        "formats": sorted({item.media_type for item in items}),
        "sizes": [f"{sum(len(item.content) for item in items)} bytes"],
        "relatedIdentifiers": [*_related(previous)],
    }
    if citation.doi:
        document["doi"] = citation.doi
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _creator(author: Json) -> Json:
    name = name_author(author)
    if "family-names" not in author:
        return {"name": name, "nameType": "Organizational"}
    told = {"name": name, "nameType": "Personal", "familyName": author["family-names"]}
    if "given-names" in author:
        told["givenName"] = author["given-names"]
        told["name"] = f"{author['family-names']}, {author['given-names']}"
    if "orcid" in author:
        identifier = {"nameIdentifier": author["orcid"], "nameIdentifierScheme": "ORCID"}
        told["nameIdentifiers"] = [identifier]
    return told


def _rights(licence: str) -> Json:
    return {
        "rights": licence,
        "rightsUri": f"{LICENCES}{licence}.html",
        "rightsIdentifier": licence,
        "rightsIdentifierScheme": "SPDX",
        "schemeUri": LICENCES,
    }


def _related(previous: str) -> Iterator[Json]:
    yield _relation("IsVersionOf", BASE)
    if previous:
        yield _relation("IsNewVersionOf", f"{DUMP}{previous}/")


def _relation(kind: str, url: str) -> Json:
    return {
        "relationType": kind,
        "relatedIdentifier": url,
        "relatedIdentifierType": "URL",
        "resourceTypeGeneral": "Dataset",
    }


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
