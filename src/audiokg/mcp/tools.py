"""What an agent can ask: each tool is a method, its docstring what the agent reads."""

from collections import defaultdict
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Final, ParamSpec

from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from audiokg.errors import AudioKGError, InputError, QuerySyntaxError
from audiokg.export.solutions import Row, value
from audiokg.finding import expand_name
from audiokg.graph.answers import Table, Triples
from audiokg.graph.opened import Graph
from audiokg.graph.values import IRI
from audiokg.mcp.writing import (
    write_comparison,
    write_hits,
    write_library,
    write_resource,
    write_table,
    write_triples,
)
from audiokg.terms import shorten

_FEW, _MOST = 10, 1000
_USUAL: Final = 100
_MOST_COMPARED: Final = 8
_Params = ParamSpec("_Params")
Limit = Annotated[int, Field(ge=1, le=_MOST, description="How many rows to give.")]
Offset = Annotated[int, Field(ge=0, description="How many rows to pass over.")]
Name = Annotated[
    str,
    Field(description="model:encodec, model/encodec, its IRI, or encodec if one thing has that id"),
]
Properties = Annotated[
    list[str] | None, Field(description="Only these, as akg:frameRateHz; none for all.")
]


def _say(tool: Callable[_Params, str]) -> Callable[_Params, str]:
    """Give the agent our errors as errors of the tool, in one sentence."""

    @wraps(tool)
    def call(*args: _Params.args, **kwargs: _Params.kwargs) -> str:
        try:
            return tool(*args, **kwargs)
        except QuerySyntaxError as error:
            place = f"line {error.line}, column {error.column}: " if error.line else ""
            raise ToolError(f"{place}{error}") from error
        except AudioKGError as error:
            raise ToolError(str(error)) from error

    return call


class Tools:
    """The tools, over one open graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    @_say
    def search(
        self,
        text: Annotated[str, Field(description="A name, however spelt, or an arXiv id, DOI, URL.")],
        kind: Annotated[
            str | None, Field(description="model, dataset, publication, task, metric, ...")
        ] = None,
        limit: Annotated[int, Field(ge=1, le=_USUAL)] = _FEW,
    ) -> str:
        """Find models, codecs, datasets, papers, tasks, ... by name or identifier; gives IRIs."""
        return write_hits(self._graph.search(text, kind, most=_MOST), text, limit)

    @_say
    def describe(self, resource: Name, properties: Properties = None) -> str:
        """Say what is known of one resource, each fact with its sources, and who says otherwise."""
        return write_resource(self._graph.get(resource), _short(properties))

    @_say
    def compare(
        self,
        resources: Annotated[list[Name], Field(min_length=2, max_length=_MOST_COMPARED)],
        properties: Properties = None,
    ) -> str:
        """Put the facts of some resources side by side."""
        found = [self._graph.get(name) for name in resources]
        return write_comparison(found, _short(properties))

    @_say
    def schema(
        self,
        term: Annotated[
            str, Field(description="A class, as akg:NeuralAudioCodec; empty for all classes.")
        ] = "",
    ) -> str:
        """List the classes with definitions, or what is said of the things of one class."""
        if term:
            return self._properties_of(IRI(expand_name(term.strip("<>"))))
        return self._classes()

    @_say
    def list_queries(
        self,
        text: Annotated[str, Field(description="Words that must occur; empty for all.")] = "",
    ) -> str:
        """List the questions of the library, by topic, with parameters and their defaults."""
        words = text.casefold().split()
        return write_library(
            query
            for query in self._graph.queries.values()
            if all(
                word in f"{query.name} {query.title} {query.description} {query.topic}".casefold()
                for word in words
            )
        )

    @_say
    def run_query(
        self,
        name: Annotated[str, Field(description="As list_queries gives it.")],
        parameters: Annotated[
            dict[str, str | int | float] | None,
            Field(description="Values by name: 12.5, model:encodec; others keep their default."),
        ] = None,
        limit: Limit = _USUAL,
        offset: Offset = 0,
    ) -> str:
        """Answer a question of the library."""
        if name not in self._graph.queries:
            raise InputError(f"no query “{name}” in the library; list_queries lists them")
        return self._answer(name, parameters or {}, limit, offset)

    @_say
    def sparql(
        self,
        query: Annotated[str, Field(description="SPARQL 1.1 with its PREFIX lines.")],
        limit: Limit = _USUAL,
        offset: Offset = 0,
    ) -> str:
        """Answer a SPARQL query: SELECT, ASK, CONSTRUCT or DESCRIBE; no update, no SERVICE.

        It has some seconds. The default graph is the union of all; GRAPH ?g tells in which file a
        fact stands.
        """
        if " " not in query.strip():
            raise InputError("this is no SPARQL query; run_query takes the name of a question")
        return self._answer(query, {}, limit, offset)

    def _answer(
        self, query: str, params: dict[str, str | int | float], limit: int, offset: int
    ) -> str:
        answer = self._graph.query(query, **params)
        if isinstance(answer, Table):
            return write_table(answer, limit, offset)
        return write_triples(answer) if isinstance(answer, Triples) else str(answer).lower()

    def _classes(self) -> str:
        lines: dict[str, str] = {}
        above: dict[str, list[str]] = defaultdict(list)
        for row in self._graph.ask("schema-classes"):
            iri = value(row, "class")
            lines[iri] = f"{shorten(iri)} ({value(row, 'count')})\t{_told(row)}"
            if "above" in row:
                above[iri].append(shorten(value(row, "above")))
        told = (f"{line}{_under(above[iri])}" for iri, line in lines.items())
        note = "classes with the number of things that have exactly this class; give one for more"
        return "\n".join([note, *told])

    def _properties_of(self, class_: IRI) -> str:
        lines: dict[str, str] = {}
        values: dict[str, list[str]] = defaultdict(list)
        for row in self._graph.ask("schema-properties", **{"class": class_}):
            iri = value(row, "property")
            lines[iri] = f"{shorten(iri)} ({value(row, 'count')})\t{_told(row)}"
            if "value" in row:
                values[iri].append(shorten(value(row, "value")))
        if not lines:
            raise InputError(f"nothing has the class {class_.short}; schema lists the classes")
        told = (f"{line}\t→ {', '.join(values[iri])}" for iri, line in lines.items())
        note = f"what is said of {class_.short}: property (how often), meaning → values"
        return "\n".join([note, *told])


def _short(properties: list[str] | None) -> list[str]:
    return [shorten(expand_name(name.strip("<>"))) for name in properties or ()]


def _told(row: Row) -> str:
    return ": ".join(filter(None, (value(row, "label"), value(row, "definition"))))


def _under(above: list[str]) -> str:
    return f" (a kind of {', '.join(above)})" if above else ""
