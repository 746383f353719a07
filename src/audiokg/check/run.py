"""Run every check over the whole graph, or over some of its files, and sort what they find."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox

from audiokg.build import DERIVED, add_rule
from audiokg.check.advice import Adviser, without_echoes
from audiokg.check.graph_file import GraphFile, check_file, read_file
from audiokg.check.known import Known
from audiokg.check.owl import Triples, find_contradictions
from audiokg.check.problem import Problem, Severity
from audiokg.check.rules import RuleRow, check_rules
from audiokg.check.shapes import ASKED_OF_OTHERS, ShapeResult, check_shapes, read_shapes
from audiokg.errors import InputError
from audiokg.paths import turtle_files
from audiokg.queries import read_library
from audiokg.snapshot import union_store
from audiokg.terms import RDF_TYPE, shorten

Progress = Callable[[str], None]


def check(
    root: Path, paths: Sequence[Path] = (), progress: Progress = lambda step: None
) -> list[Problem]:
    """Check the files at `paths`, all of them if there are none; give all problems, sorted.

    Files that do not parse are reported and left out of the checks of the whole graph. Some files
    alone are compared with the ontology when nothing else is wrong with them: a contradiction
    mostly follows from that. Raises InputError for a path that is no Turtle file of the graph.
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
    places = _Index(chosen, whole=len(chosen) == len(files))
    store = _read_store(files, places.whole)
    for query in read_library("build", root).values():
        # What the build concludes is checked with what it concludes from; the rest with the whole.
        if places.whole or query.graph == DERIVED:
            add_rule(store, query)
    progress("rules of the whole graph")
    rows = list(check_rules(store, root))
    progress("shapes")
    data, context = _data_of_shapes(store, chosen, places.whole)
    results = check_shapes(data, context, read_shapes(root))
    problems = _tell(rows, results, Adviser(Known(store, root)), places)
    yield from problems
    if places.whole or all(problem.severity is Severity.WARNING for problem in problems):
        progress("consistency with the ontology")
        spoken = (t for file in chosen for t in file.triples)
        yield from _check_owl(files, chosen, [] if places.whole else _types_near(store, spoken))


def _read_store(files: list[GraphFile], whole: bool) -> ox.Store:
    """Load the files; what only the build of the whole asks, the single graphs, only with it."""
    triples = ((t, file.graph) for file in files for t in file.triples)
    if whole:
        return union_store(
            ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(graph)) for t, graph in triples
        )
    store = ox.Store()
    store.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for t, _ in triples)
    return store


def _data_of_shapes(
    store: ox.Store, chosen: list[GraphFile], whole: bool
) -> tuple[Triples, Triples]:
    """Give what shapes look at, and what they ask of the rest."""
    if whole:
        return [quad.triple for quad in store.quads_for_pattern(None, None, None, _DEFAULT)], ()
    # What other files and the build say of the same things belongs to them.
    subjects = {t.subject for file in chosen for t in file.triples}
    said = (store.quads_for_pattern(subject, None, None, _DEFAULT) for subject in subjects)
    own = [quad.triple for quads in said for quad in quads]
    context = _types_near(store, own)
    for name in sorted(ASKED_OF_OTHERS):
        asked = store.quads_for_pattern(None, ox.NamedNode(name), None, _DEFAULT)
        context += [quad.triple for quad in asked]
    return own, context


def _types_near(store: ox.Store, triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Give what the things are that some triples speak of."""
    near = {term for t in triples for term in (t.subject, t.object)}
    named = (term for term in near if isinstance(term, ox.NamedNode))
    typed = (store.quads_for_pattern(t, ox.NamedNode(RDF_TYPE), None, _DEFAULT) for t in named)
    return [quad.triple for quads in typed for quad in quads]


def _tell(
    rows: list[RuleRow], results: Iterator[ShapeResult], adviser: Adviser, places: "_Index"
) -> list[Problem]:
    """Say what rules and shapes found, each thing once, with the next thing to do."""
    own_rows, own_results = without_echoes(rows, results)
    found = [*map(places.of_rule, map(adviser.of_rule, own_rows))]
    found += map(places.of_shape, map(adviser.of_shape, own_results))
    return [problem for problem in found if problem]


_DEFAULT = ox.DefaultGraph()


def _check_owl(
    files: list[GraphFile], chosen: list[GraphFile], types: Triples
) -> Iterator[Problem]:
    terms = [t for file in files if file.name.startswith("ontology/") for t in file.triples]
    data = [file for file in chosen if file.name.startswith("data/")]
    groups: dict[str, Triples] = {file.name: file.triples for file in data}
    by_name = {file.name: file for file in data}
    for name in find_contradictions([*terms, *types], groups or {"": ()}):
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
