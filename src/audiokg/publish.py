"""Load the snapshot into a SPARQL server by the Graph Store Protocol, graph by graph.

https://www.w3.org/TR/sparql11-http-rdf-update/: each graph is PUT as N-Triples, so it takes the
place of what was there, and doing it again does no harm. Counts are compared afterwards.
"""

import json
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Final

import httpx
import pyoxigraph as ox

from audiokg.engine.protocol import Limits, QueryRequest
from audiokg.engine.remote import RemoteEngine, check_url
from audiokg.errors import QueryError, ServiceError
from audiokg.http import AGENT, wanted_wait
from audiokg.snapshot import load_store, read_manifest
from audiokg.terms import GRAPH

_COUNTS: Final = "SELECT ?graph (COUNT(*) AS ?n) { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph"
#: The key of the default graph among the graphs; no IRI is empty.
_UNION: Final = ""
_UNION_COUNT: Final = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
_TYPE: Final = "application/n-triples"
_AGAIN: Final = {408, 425, 429, 500, 502, 503, 504}
_REFUSED: Final = {401, 403, 404, 405, 415, 501}
_TRIES, _FAILURES_IN_A_ROW, _LONGEST_WAIT = 4, 3, 60.0
_SECONDS = 300.0
_SHOWN: Final = 5


@dataclass(frozen=True)
class GraphStore:
    """Where to load, where to ask, and the name and password, where they are needed."""

    store_url: str
    query_url: str
    login: tuple[str, str] | None = None


@dataclass(frozen=True)
class Published:
    """What was done: how many graphs were loaded, how many fitted already.

    `left_over` are graphs of ours that the snapshot has no more; `extra` is how many triples the
    default graph shows beyond the union: graphs of others, or triples counted once for each graph.
    """

    loaded: int
    skipped: int
    left_over: tuple[str, ...]
    extra: int


def publish(
    folder: Path,
    target: GraphStore,
    progress: Callable[[str], None],
    *,
    with_union: bool = False,
    force: bool = False,
    rest: Callable[[float], None] = sleep,
) -> Published:
    """Load the snapshot in `folder`; graphs whose count fits already are skipped, unless `force`.

    `with_union` also loads the union of all graphs as the default graph, for a server whose
    default graph is one of its own. Raises SnapshotError, InputError, and ServiceError that says
    what is missing and what to do.
    """
    wanted: dict[str, int] = dict(read_manifest(folder).graphs)
    snapshot = load_store(folder)
    union = sum(1 for _ in snapshot.quads_for_pattern(None, None, None, ox.DefaultGraph()))
    if with_union:
        wanted[_UNION] = union
    remote = _Remote(target, rest)
    try:
        before = remote.counts()
        todo = [iri for iri in sorted(wanted) if force or before.get(iri, 0) != wanted[iri]]
        failures = remote.load(snapshot, todo, progress)
        progress("comparing counts")
        after = remote.counts()
    finally:
        remote.close()
    _compare(wanted, after, failures)
    if after[_UNION] < union:
        raise ServiceError(_no_union(after[_UNION], union))
    left_over = sorted(iri for iri in after if iri.startswith(GRAPH) and iri not in wanted)
    extra = after[_UNION] - union
    return Published(len(todo), len(wanted) - len(todo), tuple(left_over), extra)


class _Remote:
    """The server that takes the graphs."""

    def __init__(self, target: GraphStore, rest: Callable[[float], None]) -> None:
        self._url = check_url(target.store_url)
        self._rest = rest
        self._engine = RemoteEngine(target.query_url, Limits(timeout=_SECONDS))
        self._http = httpx.Client(
            auth=_Login(*target.login) if target.login else None,
            headers={"User-Agent": AGENT},
            timeout=_SECONDS,
        )

    def counts(self) -> dict[str, int]:
        """Count the triples of each graph, and of the default graph. Raises ServiceError."""
        rows = [*self._rows(_COUNTS), *self._rows(_UNION_COUNT)]
        return {
            row.get("graph", {}).get("value", _UNION): int(row["n"]["value"])
            for row in rows
            if "n" in row
        }

    def load(
        self, snapshot: ox.Store, todo: Iterable[str], progress: Callable[[str], None]
    ) -> dict[str, str]:
        """Load graphs; give those that failed, and why. Raises ServiceError if it is no use."""
        failures: dict[str, str] = {}
        in_a_row = 0
        for iri in todo:
            progress(f"loading {iri.removeprefix(GRAPH) or 'the union of all graphs'}")
            why = self._put(iri, _dump(snapshot, iri))
            in_a_row = in_a_row + 1 if why else 0
            if why:
                failures[iri] = why
            if in_a_row == _FAILURES_IN_A_ROW:
                raise ServiceError(f"{in_a_row} graphs in a row failed: {why}; {_REPEAT}")
        return failures

    def close(self) -> None:
        """Close all connections."""
        self._http.close()
        self._engine.close()

    def _rows(self, text: str) -> list[Mapping[str, Mapping[str, str]]]:
        try:
            answer = self._engine.answer(QueryRequest(text))
        except QueryError as error:
            raise ServiceError(f"the query address does not answer: {error}") from error
        rows: list[Mapping[str, Mapping[str, str]]] = json.loads(answer.body)["results"]["bindings"]
        return rows

    def _put(self, iri: str, content: bytes) -> str:
        """Load one graph, trying again a few times; say why it failed, "" if it did not."""
        why, wait = "", 0.0
        for number in range(_TRIES):
            if number:
                self._rest(wait)
            wait = 2.0**number
            try:
                answer = self._http.put(
                    self._url,
                    params={"default": ""} if iri == _UNION else {"graph": iri},
                    content=content,
                    headers={"Content-Type": _TYPE},
                )
            except httpx.TransportError as error:
                why = f"{error or type(error).__name__}"
                continue
            if answer.is_success:
                return ""
            why = _explain(answer)
            if answer.status_code not in _AGAIN:
                return why
            asked = wanted_wait(answer.headers)
            wait = wait if asked is None else min(asked, _LONGEST_WAIT)
        return why


_REPEAT: Final = "mend it and run “audiokg publish” again, what is loaded stays"


def _explain(answer: httpx.Response) -> str:
    """Say how the server failed. Raises ServiceError for what fails for every graph alike."""
    first = answer.text.strip().partition("\n")[0][:200]
    message = f"the graph store answered {answer.status_code} {first}".strip()
    if answer.status_code in _REFUSED:
        advice = "check the address of the graph store, and name and password"
        raise ServiceError(f"{message}; {advice}")
    return message


def _dump(snapshot: ox.Store, iri: str) -> bytes:
    graph = ox.DefaultGraph() if iri == _UNION else ox.NamedNode(iri)
    return snapshot.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=graph) or b""


def _compare(
    wanted: Mapping[str, int], after: Mapping[str, int], failed: Mapping[str, str]
) -> None:
    """Compare the counts. Raises ServiceError with the graphs that do not fit."""
    wrong = [iri for iri in sorted(wanted) if after.get(iri, 0) != wanted[iri]]
    if not wrong and not failed:
        return
    lines = [
        f"{iri or 'default graph'}: {after.get(iri, 0)} triples, not {wanted[iri]}"
        + (f" ({failed[iri]})" if iri in failed else "")
        for iri in sorted({*wrong, *failed})
    ]
    shown = "; ".join(lines[:_SHOWN])
    raise ServiceError(f"{len(lines)} of {len(wanted)} graphs failed: {shown}; {_REPEAT}")


def _no_union(found: int, union: int) -> str:
    return (
        f"the default graph shows {found} triples, not the {union} of the union of all graphs; "
        "publish again with the union as the default graph (--union)"
    )


class _Login(httpx.Auth):
    """Basic or Digest, whichever the server asks for; the name goes nowhere unasked."""

    def __init__(self, name: str, password: str) -> None:
        self._kinds = {
            "digest": httpx.DigestAuth(name, password),
            "basic": httpx.BasicAuth(name, password),
        }
        self._chosen: httpx.Auth | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._chosen is None:
            response = yield request
            offered = response.headers.get("WWW-Authenticate", "").lower()
            if response.status_code != httpx.codes.UNAUTHORIZED:
                return
            self._chosen = next((a for kind, a in self._kinds.items() if kind in offered), None)
        if self._chosen is not None:
            yield from self._chosen.auth_flow(request)
