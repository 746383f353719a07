"""Read .rq files: a SPARQL text under a header of `#+ key: value` lines.

The keys are title, description, topic (the theme of a question of the library), params
(`name=term, ...`, a term in Turtle's notation with our prefixes, its default), choices
(`name=class, ...`, what a parameter that takes a resource may be), graph (build rules: the graph
that takes what they construct) and service (questions of `audiokg link`: who is asked). A line `#+`
without a key goes on with the line before.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from audiokg.errors import InputError, QueryFileError

_HEADER = re.compile(r"^#\+ ?(?:(?P<key>[a-z]+): )?(?P<value>.*)$")
_PARAM = re.compile(r"^(?P<name>\w+)=(?P<term>\S+)$")
#: The themes of the library, in the order in which pages show them.
TOPICS = (
    "Codecs and tokenizers",
    "Models",
    "Datasets and licences",
    "Results and metrics",
    "Papers and people",
    "Where sources disagree",
    "What is missing",
    "Sources and coverage",
    "Joined with other graphs",
)
KEYS = ("title", "description", "topic", "params", "choices", "graph", "service")


@dataclass(frozen=True)
class Query:
    """A query of the repository.

    `parameters` maps each variable to its default term, `choices` those for resources to a class.
    """

    name: str
    text: str
    title: str
    description: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    graph: str = ""
    service: str = ""
    topic: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)


def read_query(path: Path) -> Query:
    """Read one .rq file. Raises QueryFileError that says what its header lacks."""
    text = path.read_text(encoding="utf-8")
    header = _header(path, text)
    for key in ("title", "description"):
        if not header.get(key):
            raise QueryFileError(f"{path}: the header has no line “#+ {key}: …”")
    if header.get("topic", TOPICS[0]) not in TOPICS:
        raise QueryFileError(f"{path}: the topic is none of {', '.join(TOPICS)}")
    return Query(
        name=path.stem,
        text=text,
        title=header["title"],
        description=header["description"],
        parameters=dict(_parameters(path, header.get("params", ""))),
        graph=header.get("graph", ""),
        service=header.get("service", ""),
        topic=header.get("topic", ""),
        choices=dict(_parameters(path, header.get("choices", ""))),
    )


def read_library(folder: str, root: Path) -> dict[str, Query]:
    """Read the queries of one folder of queries/, by name."""
    files = sorted((root / "queries" / folder).glob("*.rq"))
    return {path.stem: read_query(path) for path in files}


def find_query(library: Mapping[str, Query], name: str) -> Query:
    """Find a query by name. Raises InputError that lists the names there are."""
    if name not in library:
        raise InputError(f"no query “{name}” in the library; there are: {', '.join(library)}")
    return library[name]


def group_by_topic(queries: Iterable[Query]) -> dict[str, list[Query]]:
    """Group queries by topic, in the order of TOPICS, each group by title; others last."""
    groups: dict[str, list[Query]] = {topic: [] for topic in (*TOPICS, "")}
    for query in sorted(queries, key=lambda query: query.title.casefold()):
        groups[query.topic].append(query)
    return {topic: group for topic, group in groups.items() if group}


def _header(path: Path, text: str) -> dict[str, str]:
    header: dict[str, str] = {}
    key = ""
    for number, line in enumerate(text.splitlines(), start=1):
        found = _HEADER.match(line)
        if not found:
            break
        key = found["key"] or key
        if key not in KEYS:
            raise QueryFileError(f"{path}:{number}: expected one of the keys {', '.join(KEYS)}")
        header[key] = f"{header.get(key, '')} {found['value'].strip()}".strip()
    return header


def _parameters(path: Path, text: str) -> Iterator[tuple[str, str]]:
    for part in filter(None, map(str.strip, text.split(","))):
        found = _PARAM.match(part)
        if not found:
            raise QueryFileError(f"{path}: expected “name=term” in params, found “{part}”")
        yield found["name"], found["term"]
