"""Read Turtle, and find where a subject stands in a file."""

import re
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
from rapidfuzz import process

from audiokg.errors import InputError
from audiokg.paths import graph_name
from audiokg.terms import BASE, GRAPH, PREFIXES, Term

_NO_PREFIX = re.compile(r"prefix (\w*): has not been declared")
#: Words of the parser -> what to do.
_ADVICE = {
    "A dot is expected": "; before this a ; (more of the same subject) or a . (the end) is missing",
    "should be followed by a dot": "; end the last line with a full stop",
    "Unexpected end of file": "; a quotation mark or bracket that opens here is never closed",
}
_NEAR = 70.0


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
        raise TurtleSyntaxError(f"{error.msg}{_advice(error.msg)}", error.lineno or 1) from error
    return [quad.triple for quad in quads]


def _advice(message: str) -> str:
    """Say what to write where the parser only says what it did not find."""
    prefix = _NO_PREFIX.search(message)
    if prefix and prefix[1] in PREFIXES:
        return "; audiokg format declares it"
    if prefix:
        near = process.extractOne(prefix[1], list(PREFIXES), score_cutoff=_NEAR)
        return f"; did you mean {near[0]}:?" if near else ""
    return next((advice for words, advice in _ADVICE.items() if words in message), "")


def declare(text: str) -> str:
    """Declare all our prefixes before a text, which may declare them again; lines stay."""
    return " ".join(f"@prefix {name}: <{iri}> ." for name, iri in PREFIXES.items()) + " " + text


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


def read_term(text: str) -> Term:
    """Read a term in Turtle's notation, with our prefixes. Raises InputError."""
    prefixes = "".join(f"@prefix {name}: <{iri}> ." for name, iri in PREFIXES.items())
    try:
        [triple] = read_triples(f"{prefixes} <> <> {text} .", BASE)
    except (TurtleSyntaxError, ValueError) as error:
        message = f"“{text}” is no term; write model:encodec, <https://…>, 25 or '\"text\"'"
        raise InputError(message) from error
    if isinstance(triple.object, ox.NamedNode | ox.Literal):
        return triple.object
    raise InputError(f"“{text}” is a blank node; name a resource")
