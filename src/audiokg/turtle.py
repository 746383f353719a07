"""Read Turtle, and find where a subject stands in a file."""

import re
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from audiokg.paths import graph_name
from audiokg.terms import GRAPH


class TurtleSyntaxError(ValueError):
    """Turtle that does not parse; `line` counts from 1."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def graph_iri(path: Path, root: Path) -> str:
    """Give the IRI of the named graph that a file is."""
    return GRAPH + graph_name(path, root)


def read_triples(text: str, base: str) -> list[ox.Triple]:
    """Parse Turtle; `<>` in it is `base`. Raises TurtleSyntaxError with the line."""
    try:
        quads = list(ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri=base))
    except SyntaxError as error:
        raise TurtleSyntaxError(error.msg, error.lineno or 1) from error
    return [quad.triple for quad in quads]


@dataclass(frozen=True)
class Places:
    """The lines of a canonical file, and where the block of each subject begins."""

    lines: tuple[str, ...]
    starts: dict[str, int]

    def line(self, subject: str, *words: str) -> int:
        """Give the line, from 1, in the block of a subject that has the first of the words.

        The first line of the block where no line has it, 1 where the file has no such subject.
        """
        start = self.starts.get(subject, 1)
        for word in filter(None, words):
            for number, line in enumerate(self.lines[start - 1 :], start=start):
                if word in line:
                    return number
                if not line.strip():
                    break
        return start


def find_places(text: str, base: str) -> Places:
    """Find where the block of each subject begins in a canonical file."""
    lines = tuple(text.splitlines())
    prefixes = dict(re.findall(r"^@prefix (\w*): <([^>]*)> \.", text, re.MULTILINE))
    starts: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if line[:1] not in ("", " ", "\t", "@", "#"):
            subject = _subject(line.split(maxsplit=1)[0], prefixes, base)
            starts.setdefault(subject, number)
    return Places(lines, starts)


def _subject(token: str, prefixes: dict[str, str], base: str) -> str:
    if token.startswith("<"):
        iri = token.strip("<>")
        return iri if ":" in iri else base + iri
    prefix, _, local = token.partition(":")
    return prefixes.get(prefix, "") + local.replace("\\", "")
