"""The example queries as requests: parameters at their defaults, one text for every server."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pyoxigraph as ox

from audiokg.binding import bind_terms
from audiokg.paths import find_root
from audiokg.queries import Query, read_library
from audiokg.turtle import read_term

ROWS = "application/sparql-results+json"
TRIPLES = "text/turtle"
#: Seconds after which a server counts as not answering: the limit audiokg sets itself.
PATIENCE = 10.0


@dataclass(frozen=True)
class Question:
    """A query as it is sent, and the media type asked for."""

    name: str
    text: str
    accept: str


@dataclass(frozen=True)
class Reply:
    """How a server answered: rows (or triples), or why there are none; the seconds it took."""

    rows: int | None
    problem: str
    seconds: float


def read_questions() -> list[Question]:
    """Read the example queries, in the order of their names."""
    return [_question(query) for query in read_library("example", find_root()).values()]


def read_light() -> list[str]:
    """Read the names of the light queries: what rdflib-endpoint, too, answers in half a second."""
    return Path(__file__).with_name("light.txt").read_text().split()


def _question(query: Query) -> Question:
    # The head of a file is for people; a server need not read it.
    asked = "\n".join(line for line in query.text.splitlines() if not line.startswith("#+"))
    terms = {name: read_term(term) for name, term in query.parameters.items()}
    text = bind_terms(asked, terms)
    constructs = isinstance(ox.Store().query(text), ox.QueryTriples)
    return Question(query.name, text, TRIPLES if constructs else ROWS)


def ask(url: str, question: Question, patience: float = PATIENCE) -> Reply:
    """Ask a server one query and count what comes back."""
    try:
        response = httpx.get(
            url,
            params={"query": question.text},
            headers={"Accept": question.accept},
            timeout=patience,
        )
    except httpx.TimeoutException:
        return Reply(None, f"no answer in {patience:g} s", patience)
    except httpx.TransportError as error:
        return Reply(None, f"connection lost: {error}", 0.0)
    seconds = response.elapsed.total_seconds()
    if response.status_code != httpx.codes.OK:
        return Reply(None, f"status {response.status_code}: {_first_line(response.text)}", seconds)
    try:
        return Reply(_count(response, question), "", seconds)
    except (ValueError, KeyError) as error:
        return Reply(None, f"status 200, body broken: {error}", seconds)


def ask_all(
    url: str, questions: Iterable[Question], tell: Callable[[str], None] = lambda line: None
) -> dict[str, Reply]:
    """Ask a server each query once."""
    replies = {}
    for question in questions:
        replies[question.name] = reply = ask(url, question)
        if reply.problem:
            tell(f"  {question.name}: {reply.problem}")
    return replies


def _count(response: httpx.Response, question: Question) -> int:
    if question.accept == TRIPLES:
        return sum(1 for _ in ox.parse(response.content, format=ox.RdfFormat.TURTLE))
    document = response.json()
    return 1 if "boolean" in document else len(document["results"]["bindings"])


def _first_line(text: str) -> str:
    return " ".join(text.split())[:120]
