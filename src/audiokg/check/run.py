"""Run every check over the whole graph, or over some of its files, and sort what they find."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox

from audiokg.build import DERIVED, add_rule
from audiokg.check.graph_file import GraphFile, check_file, read_file
from audiokg.check.owl import Triples, find_contradictions
from audiokg.check.problem import Problem, Severity
from audiokg.check.rules import RuleRow, check_rules
from audiokg.check.shapes import ShapeResult, check_shapes, read_shapes
from audiokg.errors import InputError
from audiokg.paths import turtle_files
from audiokg.queries import read_library
from audiokg.snapshot import union_store
from audiokg.terms import GRAPH, RDF_TYPE, shorten

Progress = Callable[[str], None]


def check(
    root: Path, paths: Sequence[Path] = (), progress: Progress = lambda step: None
) -> list[Problem]:
    """Check the files at `paths`, all of them if there are none; give all problems, sorted.

    Files that do not parse are reported and left out of the checks of the whole graph. Raises
    InputError for a path that is no Turtle file of the graph.
    """
    progress("reading the files")
    wanted = _choose(root, paths)
    read = {path: read_file(path, root) for path in turtle_files(root)}
    # A file with a blank node is reported for its form, and cannot be checked further.
    files = [file for file in read.values() if isinstance(file, GraphFile) and file.is_named]
    chosen = [file for file in (read[path] for path in wanted) if isinstance(file, GraphFile)]
    problems = [read[path] for path in wanted]
    found = {problem for problem in problems if isinstance(problem, Problem)}
    progress("file by file")
    found.update(problem for file in chosen for problem in check_file(file))
    named = [file for file in chosen if file.is_named]
    found.update(_check_graph(root, files, named, progress))
    return sorted(found)


def _choose(root: Path, paths: Sequence[Path]) -> list[Path]:
    known = turtle_files(root)
    chosen = []
    for path in (path.resolve() for path in paths):
        below = [file for file in known if file == path or path in file.parents]
        if not below:
            raise InputError(f"{path}: no Turtle file below {root}/data or {root}/ontology")
        chosen.extend(below)
    return sorted(set(chosen)) if paths else known


def _check_graph(
    root: Path, files: list[GraphFile], chosen: list[GraphFile], progress: Progress
) -> Iterator[Problem]:
    store = union_store(
        ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(file.graph))
        for file in files
        for t in file.triples
    )
    places = _Index(chosen, whole=len(chosen) == len(files))
    for query in read_library("build", root).values():
        # What the build concludes is checked with what it concludes from; the rest with the whole.
        if places.whole or query.graph == DERIVED:
            add_rule(store, query)
    progress("rules of the whole graph")
    yield from filter(None, map(places.of_rule, check_rules(store, root)))
    progress("shapes")
    everything = [quad.triple for quad in store.quads_for_pattern(None, None, None, _DEFAULT)]
    own = [t for file in chosen for t in file.triples]
    subjects = {t.subject for t in own}
    derived = store.quads_for_pattern(None, None, None, ox.NamedNode(GRAPH + DERIVED))
    own += [quad.triple for quad in derived if quad.subject in subjects]
    shapes = read_shapes(root)
    if places.whole:
        results = check_shapes(everything, (), shapes)
    else:
        results = check_shapes(own, everything, shapes)
    yield from filter(None, map(places.of_shape, results))
    progress("consistency with the ontology")
    yield from _check_owl(files, chosen, everything)


_DEFAULT = ox.DefaultGraph()


def _check_owl(
    files: list[GraphFile], chosen: list[GraphFile], everything: Triples
) -> Iterator[Problem]:
    terms = [t for file in files if file.name.startswith("ontology/") for t in file.triples]
    data = [file for file in chosen if file.name.startswith("data/")]
    if len(chosen) < len(files):
        near = {term for file in data for t in file.triples for term in (t.subject, t.object)}
        terms += [t for t in everything if t.predicate.value == RDF_TYPE and t.subject in near]
    groups: dict[str, Triples] = {file.name: file.triples for file in data}
    by_name = {file.name: file for file in data}
    for name in find_contradictions(terms, groups or {"": ()}):
        message = "this contradicts the ontology: look at the classes, domains and ranges involved"
        if not name:
            yield Problem("ontology/audiokg.ttl", 1, "<>", "the ontology contradicts itself")
        else:
            yield by_name[name].problem(by_name[name].graph, message)


class _Index:
    """Finds the file and line of what a check of the whole graph says."""

    def __init__(self, files: list[GraphFile], whole: bool) -> None:
        self.whole = whole
        self._files: dict[str, list[GraphFile]] = {}
        for file in files:
            typed = {t.subject for t in file.triples if t.predicate.value == RDF_TYPE}
            for subject in {t.subject for t in file.triples}:
                if isinstance(subject, ox.NamedNode):
                    # The file that says what a thing is goes before those that only add to it.
                    place = 0 if subject in typed else 1
                    self._files.setdefault(subject.value, []).insert(place, file)

    def of_rule(self, row: RuleRow) -> Problem | None:
        file = self._find(row.subject, row.object)
        words = (shorten(row.object), row.object) if row.object else ()
        if file:
            return file.problem(row.subject, row.message, *words)
        return self._elsewhere(row.subject, row.message, Severity.ERROR)

    def of_shape(self, result: ShapeResult) -> Problem | None:
        file = self._find(result.subject, result.object)
        path = shorten(result.path) if result.path else ""
        message = ": ".join(filter(None, (" ".join((path, result.shown)).strip(), result.message)))
        if not file:
            return self._elsewhere(result.subject, message, result.severity)
        found = file.problem(result.subject, message, path)
        return Problem(found.file, found.line, found.subject, found.message, result.severity)

    def _find(self, subject: str, value: str) -> GraphFile | None:
        """Find the file that says `value` of a subject, else the one that says what it is."""
        files = self._files.get(subject, [])
        saying = (file for file in files if value and file.says(subject, value))
        return next(saying, files[0] if files else None)

    def _elsewhere(self, subject: str, message: str, severity: Severity) -> Problem | None:
        if not self.whole:
            return None
        # What the build constructs has no file: the rule that made it is to be mended.
        return Problem("queries/build", 1, shorten(subject), message, severity)
