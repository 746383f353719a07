"""The routes that programs can ask: a route is a line of OPERATIONS, and /openapi.json has it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from audiokg.formats import ROWS, TRIPLES, Format
from audiokg.terms import SEGMENTS
from audiokg.web.compare.views import FORMATS as TABLES
from audiokg.web.library.views import TEXT
from audiokg.web.lineage.views import SVG
from audiokg.web.negotiation import HTML
from audiokg.web.page import CSV, JSON
from audiokg.web.resource.citing import CITATIONS

Json = dict[str, Any]

_JSON_LD: Final = Format("jsonld", "application/ld+json")
_SUGGESTIONS: Final = Format("json", "application/x-suggestions+json")
_NAME: Final = {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$"}


@dataclass(frozen=True)
class Parameter:
    """What may be said in a request; `example` is one that has an answer."""

    name: str
    description: str
    example: str = ""
    where: str = "query"
    schema: Json = field(default_factory=lambda: {"type": "string"})

    def as_json(self) -> Json:
        """Write it as a parameter object."""
        told = {"name": self.name, "in": self.where, "required": self.where == "path"}
        shown = {"example": self.example} if self.example else {}
        return told | {"description": self.description, "schema": self.schema} | shown


@dataclass(frozen=True)
class Operation:
    """A route, what it takes and gives, and how it may fail beside being overloaded."""

    path: str
    summary: str
    parameters: tuple[Parameter, ...] = ()
    formats: tuple[Format, ...] = (JSON, CSV, HTML)
    failures: tuple[str, ...] = ("400", "406")

    @property
    def example(self) -> str:
        """Give a path that has an answer."""
        return self.path.format(**{given.name: given.example for given in self.parameters})

    @property
    def media_types(self) -> list[str]:
        """Give the types of the answer, the first for a client without a wish."""
        return list(dict.fromkeys(form.media_type for form in self.formats))

    def as_json(self) -> Json:
        """Write it as an operation object."""
        words = "".join(c if c.isalnum() else " " for c in self.path).split()
        statuses = dict.fromkeys((*self.failures, "503"))
        return {
            "operationId": "_".join(words),
            "summary": self.summary,
            "parameters": [parameter.as_json() for parameter in self._parameters()],
            "responses": {
                "200": {
                    "description": "The answer.",
                    "content": {kind: {} for kind in self.media_types},
                }
            }
            | {status: {"$ref": f"#/components/responses/{status}"} for status in statuses},
        }

    def _parameters(self) -> tuple[Parameter, ...]:
        if len(self.formats) == 1:
            return self.parameters
        names = _enum(dict.fromkeys(form.name for form in self.formats))
        wish = Parameter("format", "The form of the answer; goes before Accept.", schema=names)
        return (*self.parameters, wish)


def _enum(words: Iterable[str]) -> Json:
    return {"type": "string", "enum": [*words]}


def _path(name: str, description: str, example: str, schema: Json | None = None) -> Parameter:
    return Parameter(name, description, example, "path", schema or _NAME)


def _number(name: str, description: str, least: int, most: int) -> Parameter:
    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Parameter(name, description, schema=schema)


_KINDS: Final = _enum(segment for segment in SEGMENTS if segment != "query")
_LISTS: Final = _enum((*_KINDS["enum"], "codec"))
_SOUGHT: Final = Parameter("q", "What to look for, up to 300 characters.", "EnCodec")
_IRI: Final = {"type": "string", "format": "iri"}
_ASKED: Final = (
    Parameter("query", "The query, in SPARQL 1.1.", "SELECT * { ?s ?p ?o } LIMIT 3"),
    Parameter("default-graph-uri", "A graph to ask in place of the union of all.", schema=_IRI),
    Parameter("named-graph-uri", "A graph that GRAPH may name.", schema=_IRI),
    Parameter("timeout", "Seconds, at most.", schema={"type": "number", "exclusiveMinimum": 0}),
)
_FOUND: Final = (
    _SOUGHT,
    Parameter("kind", "Only resources of this kind.", schema=_KINDS),
    _number("limit", "So many results.", 1, 100),
    _number("offset", "Without so many before.", 0, 10_000),
)
_BEGUN: Final = Parameter("prefix", "What has been typed so far.", "enc")
_SKIP: Final = _number("cursor", "Without so many before.", 0, 10_000)
_PART: Final = _number("page", "One page of the rows; without it, all.", 1, 1_000_000)
_COMPARED: Final = (
    Parameter("id", "Names as in the IRIs, or labels, with commas between.", "encodec,soundstream"),
    Parameter("only", "Only what differs.", schema=_enum(["differences"])),
)
_RANKED: Final = (
    _path("task", "The task, - where none is stated.", "-"),
    _path("dataset", "The dataset, - where none is stated.", "audiostock"),
    _path("metric", "The metric.", "frechet-distance-pann"),
)
_DEPTH: Final = Parameter("depth", "So many steps away.", schema=_enum("123"))
_RDF: Final = (*TRIPLES, HTML)
_UNKNOWN: Final = ("400", "404", "406")
_MOVED: Final = ("3XX", "404", "406", "410")
#: In the order in which a reader wants them.
OPERATIONS: Final = (
    Operation(
        "/sparql",
        "Ask in SPARQL 1.1; without a query, the description of the service",
        _ASKED,
        (*ROWS, *_RDF),
        ("400", "406", "413"),
    ),
    Operation(
        "/search",
        "Find resources by name, other name, title or identifier",
        _FOUND,
        (JSON, HTML),
        ("3XX", "400", "406"),
    ),
    Operation("/search/suggest", "Complete a name", (_SOUGHT,), (_SUGGESTIONS,), ("400",)),
    Operation(
        "/reconcile",
        "Match names (Reconciliation Service API 0.2); without parameters, the manifest",
        (
            Parameter("queries", "A batch of queries, as JSON.", '{"q0": {"query": "EnCodec"}}'),
            Parameter("extend", "Of which things to fetch which properties, as JSON."),
        ),
        (JSON,),
        ("400", "406", "413"),
    ),
    Operation(
        "/reconcile/suggest/{what}",
        "Complete the name of a thing, property or type, for reconciliation",
        (_path("what", "Of what.", "entity", _enum(["entity", "property", "type"])), _BEGUN, _SKIP),
        (JSON,),
        ("400", "404"),
    ),
    Operation(
        "/reconcile/properties",
        "What can be fetched of things of a type",
        (
            Parameter("type", "The type.", "akg:NeuralAudioCodec"),
            _number("limit", "So many properties.", 1, 1000),
        ),
        (JSON,),
        ("400",),
    ),
    Operation(
        "/{segment}/{id}",
        "What is known of a resource, with the names of what it links to",
        (
            _path("segment", "The kind.", "model", _KINDS),
            _path("id", "The name, as in the IRI.", "moshi"),
        ),
        (*TRIPLES, *CITATIONS, HTML),
        _MOVED,
    ),
    Operation(
        "/{list}/",
        "The resources of a kind; more parameters narrow it, as the facets of the page do",
        (_path("list", "The kind.", "dataset", _LISTS),),
        failures=("3XX", "400", "404", "406"),
    ),
    Operation("/compare", "Resources side by side", _COMPARED, (*TABLES, HTML), _UNKNOWN),
    Operation(
        "/lineage/{id}",
        "What a model is built from and what is built from it",
        (_path("id", "The model, as in its IRI.", "audiolm"), _DEPTH),
        (JSON, CSV, SVG, HTML),
        _UNKNOWN,
    ),
    Operation("/query/", "The library of questions", formats=(JSON, CSV, *_RDF)),
    Operation(
        "/query/{name}",
        "The answer to a question of the library; its parameters are those of the question",
        (_path("name", "The question.", "full-duplex-dialogue"),),
        (*ROWS, *TRIPLES, TEXT, HTML),
        (*_UNKNOWN, "413"),
    ),
    Operation("/leaderboard/", "Which results can be compared with each other"),
    Operation(
        "/leaderboard/{task}/{dataset}/{metric}",
        "Results of one metric on one dataset",
        _RANKED,
        (*TABLES, HTML),
        _UNKNOWN,
    ),
    Operation("/timeline", "Models by the month of their release"),
    Operation("/map", "Neural audio codecs by frame rate and bitrate"),
    Operation("/conflicts", "Where sources disagree", failures=_UNKNOWN),
    Operation("/missing", "What is not known, counted"),
    Operation(
        "/missing/{what}",
        "Of which things something is not known",
        (_path("what", "What is missing.", "model-paper"),),
        failures=_UNKNOWN,
    ),
    Operation("/changes", "What is new"),
    Operation("/next", "Gaps, by how many questions could gain", (_PART,), failures=_UNKNOWN),
    Operation("/suspects", "Pairs that may be one thing", (_PART,), failures=_UNKNOWN),
    Operation("/links", "Whether outgoing links still answer", (_PART,), failures=_UNKNOWN),
    Operation("/ontology", "The terms", formats=_RDF),
    Operation("/dump/", "What can be downloaded: the snapshot and releases", formats=(JSON, HTML)),
    Operation("/.well-known/void", "What is in the graph, counted", formats=TRIPLES),
    Operation("/context.jsonld", "The JSON-LD context", formats=(_JSON_LD,), failures=()),
    Operation("/openapi.json", "This document", formats=(JSON,), failures=()),
)
