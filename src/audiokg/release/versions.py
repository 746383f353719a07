"""Which version each file of the checkout says it is, and which it must say for a release.

Each place is a pattern and the text that must stand there, so that what is checked is also what
`--prepare` writes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from audiokg.errors import InputError
from audiokg.files import write_text
from audiokg.terms import BASE

_VERSION: Final = re.compile(r"\d+\.\d+\.\d+")
_IRI: Final = BASE + "ontology/"
_ONTOLOGY: Final = "ontology/audiokg.ttl"
_CHANGELOG: Final = "CHANGELOG.md"
_PRIOR: Final = re.compile(rf"owl:priorVersion <{re.escape(_IRI)}({_VERSION.pattern})>")
_CITATION: Final = "CITATION.cff"
_PUBLISHED: Final = re.compile(r'(?m)^date-released: "(\d{4}-\d{2}-\d{2})"$')


@dataclass(frozen=True)
class Place:
    """A place of a file that says the version: what it is, how it looks, what must stand there."""

    file: str
    what: str
    pattern: str
    wanted: str


@dataclass(frozen=True)
class Mismatch:
    """A place that says something else; `line` is 0 where there is no such place."""

    place: Place
    line: int

    def __str__(self) -> str:
        where = f"{self.place.file}:{self.line}" if self.line else self.place.file
        return f"{where}: {self.place.what}: write “{self.place.wanted.strip()}”"


def read_version(text: str) -> str:
    """Check the form of a version. Raises InputError."""
    if not _VERSION.fullmatch(text):
        raise InputError(f"“{text}” is no version; write three numbers with dots, like 0.2.0")
    return text


def stated_previous(root: Path) -> str:
    """Give the version before that the ontology names, empty if it names none."""
    found = _PRIOR.search(_read(root, _ONTOLOGY))
    return found[1] if found else ""


def stated_date(root: Path) -> str:
    """Give the day of publication that CITATION.cff states, a form of one if it states none."""
    found = _PUBLISHED.search(_read(root, _CITATION))
    return found[1] if found else "YYYY-MM-DD"


def find_mismatches(root: Path, version: str, previous: str, date: str) -> list[Mismatch]:
    """List the places that do not say this version, of that date. Raises InputError."""
    return [
        mismatch
        for place in _places(version, previous, date)
        for mismatch in _check(place, _read(root, place.file))
    ]


def prepare(root: Path, version: str, previous: str, date: str) -> list[str]:
    """Write the version where it belongs; give the files that changed.

    Raises InputError, and rather than take out a version before that is stated.
    """
    stated = stated_previous(root)
    if stated and not previous:
        raise InputError(f"{root / _ONTOLOGY} states {stated} as the version before; name it")
    changed = []
    for place in _places(version, previous, date):
        text = _read(root, place.file)
        written = re.sub(place.pattern, lambda _, place=place: place.wanted, text, count=1)  # type: ignore[misc]
        if write_text(root / place.file, written):
            changed.append(place.file)
    return list(dict.fromkeys(changed))


def _places(version: str, previous: str, date: str) -> Iterator[Place]:
    number, line = _VERSION.pattern, re.escape("\n")
    yield Place(
        "pyproject.toml",
        "version of the package",
        r'(?m)^version = "[^"]*"$',
        f'version = "{version}"',
    )
    prior = f"    owl:priorVersion <{_IRI}{previous}> ;\n" if previous else ""
    yield Place(
        _ONTOLOGY,
        "version IRI of the ontology",
        rf"(?:    owl:priorVersion <[^>]*> ;{line})?    owl:versionIRI <[^>]*> ;",
        f"{prior}    owl:versionIRI <{_IRI}{version}> ;",
    )
    yield Place(
        _ONTOLOGY,
        "version of the ontology",
        r'owl:versionInfo "[^"]*"',
        f'owl:versionInfo "{version}"',
    )
    yield Place(
        _ONTOLOGY,
        "citation of the ontology",
        rf"audiokg ontology, version {number}, \d{{4}}\.",
        f"audiokg ontology, version {version}, {date[:4]}.",
    )
    yield Place(
        _CHANGELOG,
        "section of the release",
        rf"(?m)^## {re.escape(version)}\b.*$",
        f"## {version} ({date})",
    )
    yield Place(_CITATION, "version", r"(?m)^version: .*$", f"version: {version}")
    yield Place(
        _CITATION,
        "day of publication",
        r"(?m)^date-released: .*$",
        f'date-released: "{date}"',
    )


def _check(place: Place, text: str) -> Iterator[Mismatch]:
    found = re.search(place.pattern, text)
    if found is None:
        yield Mismatch(place, 0)
    elif found[0] != place.wanted:
        yield Mismatch(place, text.count("\n", 0, found.end()) + 1)


def _read(root: Path, name: str) -> str:
    try:
        return (root / name).read_text(encoding="utf-8")
    except OSError as error:
        message = f"{root / name}: {error.strerror}; a release is made from a checkout"
        raise InputError(message) from error
