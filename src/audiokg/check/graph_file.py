"""Check one Turtle file: syntax, canonical form, head, and that it is named after its IRI."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from audiokg.canonical import canonical
from audiokg.check.known import KINDS
from audiokg.check.problem import Problem
from audiokg.terms import BASE, DCTERMS_MODIFIED, DCTERMS_SOURCE, RDF_TYPE, SEGMENTS, shorten
from audiokg.turtle import Places, TurtleSyntaxError, find_places, graph_iri, read_triples


@dataclass(frozen=True)
class GraphFile:
    """A file that parses: its shown name, its graph, its text and its triples."""

    name: str
    graph: str
    text: str
    triples: tuple[ox.Triple, ...]

    @cached_property
    def places(self) -> Places:
        """Give where its subjects stand; only files with a problem are looked at."""
        return find_places(self.text, self.graph)

    @property
    def is_named(self) -> bool:
        """Tell whether everything in the file has a name."""
        return all(
            isinstance(term, ox.NamedNode | ox.Literal)
            for triple in self.triples
            for term in (triple.subject, triple.object)
        )

    def says(self, subject: str, value: str) -> bool:
        """Tell whether the file says a value, an IRI or the text of a literal, of a subject."""
        return any(
            triple.subject == ox.NamedNode(subject)
            and isinstance(triple.object, ox.NamedNode | ox.Literal)
            and triple.object.value == value
            for triple in self.triples
        )

    def problem(self, subject: str, message: str, *words: str) -> Problem:
        """Make a problem of this file, at the line of the subject that has one of the words."""
        line = self.places.line(subject, *words)
        return Problem(self.name, line, _shown(subject, self.graph), message)


def read_file(path: Path, root: Path) -> GraphFile | Problem:
    """Read one file; a problem if it does not parse."""
    name, graph = path.relative_to(root).as_posix(), graph_iri(path, root)
    try:
        text = path.read_text(encoding="utf-8")
        triples = tuple(read_triples(text, graph))
    except TurtleSyntaxError as error:
        return Problem(name, error.line, "<>", f"this is not Turtle: {error}")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return Problem(name, line, "<>", "this is not UTF-8 text")
    return GraphFile(name, graph, text, triples)


def check_file(file: GraphFile) -> Iterator[Problem]:
    """Check one file by itself."""
    yield from _check_head(file)
    yield from _check_name(file)
    yield from _check_form(file)


def _check_head(file: GraphFile) -> Iterator[Problem]:
    said = {t.predicate.value for t in file.triples if t.subject == ox.NamedNode(file.graph)}
    for predicate, example in (
        (DCTERMS_SOURCE, "<https://…>, the document that states what this file says"),
        (DCTERMS_MODIFIED, '"2026-11-21"^^xsd:date, the day of the last change'),
    ):
        if predicate not in said:
            yield file.problem(file.graph, f"add to the head: <> {shorten(predicate)} {example}")


def _check_name(file: GraphFile) -> Iterator[Problem]:
    segment = file.graph.removeprefix(BASE + "graph/").partition("/")[0]
    if segment not in SEGMENTS or not file.name.startswith("data/"):
        return
    expected = BASE + file.graph.removeprefix(BASE + "graph/")
    subjects = {t.subject.value for t in file.triples if isinstance(t.subject, ox.NamedNode)}
    if expected not in subjects:
        message = f"the file says nothing of {shorten(expected)}; rename the file or the resource"
        yield file.problem(file.graph, message)
    elif expected not in _typed(file):
        yield file.problem(
            expected, f"say what it is: {shorten(expected)} a {KINDS.get(segment, 'akg:…')}"
        )
    for subject in sorted(subjects - {expected, file.graph}):
        if subject.startswith(BASE) and not subject.startswith(expected + "#"):
            yield file.problem(subject, f"move this to a file of its own; here is {expected}")


def _check_form(file: GraphFile) -> Iterator[Problem]:
    try:
        wanted = canonical(file.triples, file.graph)
    except ValueError as error:
        yield file.problem(file.graph, str(error))
        return
    if file.text != wanted:
        line = _first_difference(file.text, wanted)
        message = "this is not the canonical form; run: audiokg format " + file.name
        yield Problem(file.name, line, "<>", message)


def _first_difference(text: str, wanted: str) -> int:
    pairs = zip(text.splitlines(), wanted.splitlines(), strict=False)
    same = next((i for i, (a, b) in enumerate(pairs) if a != b), None)
    return (min(text.count("\n"), wanted.count("\n")) if same is None else same) + 1


def _typed(file: GraphFile) -> set[str]:
    typed = (t.subject for t in file.triples if t.predicate.value == RDF_TYPE)
    return {subject.value for subject in typed if isinstance(subject, ox.NamedNode)}


def _shown(subject: str, graph: str) -> str:
    return "<>" if subject == graph else shorten(subject)
