"""The graph, opened: ask it, look things up, search by name."""

import re
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import pyoxigraph as ox
from werkzeug.datastructures import MultiDict

from audiokg.binding import bind_terms
from audiokg.engine.local import LocalEngine
from audiokg.engine.protocol import Engine, Limits, QueryRequest
from audiokg.engine.remote import RemoteEngine
from audiokg.errors import InputError, QueryRefusedError, ToolError
from audiokg.examples import query_iri
from audiokg.export.material import Material
from audiokg.finding import expand_name, find_iri
from audiokg.graph.answers import Table, Triples, read_answer
from audiokg.graph.kept import find_snapshot
from audiokg.graph.resource import Resource, read_resource
from audiokg.graph.values import IRI, to_term
from audiokg.paths import find_root
from audiokg.queries import Query, read_library
from audiokg.terms import BASE, Term
from audiokg.web.library.parameters import read_fields, terms_of
from audiokg.web.questions import Questions, is_iri
from audiokg.web.questions import Row as SolutionRow
from audiokg.web.search.finder import Finder, Thing

if TYPE_CHECKING:
    import networkx

_WORKERS: Final = 2
_NEAREST: Final = 5
_NAME: Final = re.compile(r"[\w-]+")
_MOST_HITS: Final = 20


@dataclass(frozen=True)
class Hit:
    """A thing that a search found, the name that it was found by, how, and how well (to 100)."""

    iri: IRI
    label: str
    kind: str
    about: str
    matched: str
    how: str
    score: float


class Graph:
    """The knowledge graph, which `audiokg.open()` gives; safe to use from several threads."""

    def __init__(self, engine: Engine, root: Path, snapshot: Path | None = None) -> None:
        """Take an engine, which is closed with the graph, and the folders of queries/ and of it."""
        self._questions = Questions(engine, read_library("page", root))
        self._finder = Finder(self._questions)
        self._root, self._snapshot = root, snapshot
        self.close: Callable[[], object] = weakref.finalize(self, engine.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @cached_property
    def queries(self) -> Mapping[str, Query]:
        """The questions of the library, by name."""
        return read_library("example", self._root)

    def query(self, query: str, /, **params: object) -> Table | Triples | bool:
        """Answer a SPARQL query, or a question of the library by its name.

        `params` are bound to the variables of that name. Raises InputError for an unknown question
        or parameter, QueryError for a query without an answer.
        """
        if _NAME.fullmatch(query.strip()):
            known = self._find_query(query.strip())
            return self._answer(known.text, _read_params(known, params))
        for name in params:
            if not re.search(rf"[?$]{re.escape(name)}\b", query):
                raise InputError(f"the query has no variable ?{name}")
        terms = {name: to_term(_plain(value)) for name, value in params.items()}
        # Written into the text, as an engine binds none but those that are projected.
        return self._answer(bind_terms(query, terms), {})

    def select(self, query: str, /, **params: object) -> Table:
        """Answer a SELECT as `query` does. Raises QueryRefusedError for another form, too."""
        answer = self.query(query, **params)
        if isinstance(answer, Table):
            return answer
        raise QueryRefusedError("the query is no SELECT; ask it with “query”")

    def get(self, name: str) -> Resource:
        """Get a resource: `model/encodec`, `model:encodec`, an IRI, or `encodec` if that is one.

        Raises InputError that says what there is, QueryError.
        """
        return read_resource(self._questions, str(self.find(name)))

    def find(self, name: str) -> IRI:
        """Find the IRI of a resource, by what `get` takes. Raises InputError, QueryError."""
        iri = expand_name(name)
        if iri.startswith(("https://", "http://")) and is_iri(iri):
            return IRI(iri)
        return IRI(find_iri(name, self._iris(), lambda: self._advise(name)))

    def _advise(self, name: str) -> str:
        near = ", ".join(hit.iri.removeprefix(BASE) for hit in self.search(name, most=_NEAREST))
        return f"near to it are {near}" if near else "look for it by name: search"

    def _iris(self) -> Iterator[str]:
        yield from self._finder.catalogue.things
        yield from map(query_iri, self.queries.values())

    def search(self, text: str, kind: str | None = None, most: int = _MOST_HITS) -> list[Hit]:
        """Find things by a name, however spelt, or by an identifier; the best first.

        `kind` is a segment: model, dataset, publication, task, ... Raises InputError for an unknown
        one, QueryError.
        """
        kinds = {thing.kind for thing in self._finder.catalogue.things.values()}
        if kind is not None and kind not in kinds:
            raise InputError(f"no kind “{kind}”; there are: {', '.join(sorted(kinds))}")
        found = self._finder.find(text)
        hits = found.hits or found.suggestions
        return [
            Hit(IRI(one.iri), one.label, one.kind, one.about, hit.matched, hit.how, hit.score)
            for hit in hits
            if (one := hit.thing) and kind in (None, one.kind)
        ][:most]

    def to_networkx(self, *around: str) -> "networkx.MultiDiGraph[str]":
        """Give the things and their relations as a graph of networkx: all, or around some things.

        A node is a prefixed name (`model:encodec`), an edge goes from what is built to what it is
        built from (audiokg.export.network). Raises InputError, also where a server is
        asked, and ToolError where networkx is missing.
        """
        try:
            from audiokg.export.network import make_network
        except ModuleNotFoundError as error:
            raise ToolError('this needs networkx: pip install "audiokg[networkx]"') from error
        if self._snapshot is None:
            raise InputError("a network is made from a snapshot; open the graph without a server")
        names = [ox.NamedNode(self.find(name)) for name in around]
        return make_network(Material(self._snapshot, self._root), names)

    def ask(self, name: str, /, **terms: str) -> list[SolutionRow]:
        """Answer a query of queries/page/, whose parameters are IRIs. Raises QueryError."""
        return self._questions.rows(name, **{key: str(iri) for key, iri in terms.items()})

    def turtle(self, graph: str) -> str:
        """Give one named graph in Turtle. Raises QueryError."""
        return self._questions.triples("graph", "ttl", graph=graph).decode()

    def _find_query(self, name: str) -> Query:
        if name not in self.queries:
            near = ", ".join(get_close_matches(name, self.queries, _NEAREST, 0))
            raise InputError(f"no query “{name}” in the library; near to it are {near}")
        return self.queries[name]

    def _answer(self, text: str, terms: Mapping[str, Term]) -> Table | Triples | bool:
        # A worker can load no class of ours, such as that of an IRI, which is a text.
        asked = QueryRequest(str(text), triples_format="nt", bindings=terms)
        return read_answer(self._questions.engine.answer(asked))


def open_graph(
    snapshot: Path | str | None = None, *, engine: str | None = None, limits: Limits | None = None
) -> Graph:
    """Open the graph: that of a snapshot's folder, else of $AUDIOKG_SNAPSHOT, else our own.

    With `engine`, the address of a SPARQL server that has the graph, that is asked instead. What a
    query may take is limited as on the server. Raises SnapshotError, InputError.
    """
    if engine is not None:
        return Graph(RemoteEngine(engine, limits), find_root())
    folder = find_snapshot() if snapshot is None else Path(snapshot)
    return Graph(LocalEngine(folder, limits, workers=_WORKERS), find_root(), folder)


def _plain(value: object) -> object:
    return value.iri if isinstance(value, Resource | Hit | Thing) else value


def _read_params(query: Query, params: Mapping[str, object]) -> dict[str, Term]:
    unknown = sorted(set(params) - set(query.parameters))
    if unknown:
        known = ", ".join(query.parameters) or "none"
        raise InputError(f"“{unknown[0]}” is no parameter of {query.name}; there are: {known}")
    given = {name: _written(_plain(value)) for name, value in params.items()}
    fields = read_fields(query, MultiDict(given))
    for field in fields:
        if field.problem:
            raise InputError(f"{field.name}: {field.problem.removesuffix('.')}")
    return terms_of(fields)


def _written(value: object) -> str:
    if isinstance(value, ox.NamedNode | ox.Literal):
        return value.value
    return str(value).lower() if isinstance(value, bool) else str(value)
