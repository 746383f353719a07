"""Ask a SPARQL service on the web, politely: one question at a time, with rests and few retries."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from time import sleep
from typing import Final

import httpx
import pyoxigraph as ox
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_base

from audiokg.errors import ServiceError
from audiokg.http import AGENT, wanted_wait

_JSON: Final = "application/sparql-results+json"
#: Answers after which the same question may be asked again.
_AGAIN: Final = {408, 425, 429, 500, 502, 503, 504}
Row = tuple[str, str]


@dataclass(frozen=True)
class Manners:
    """How to ask. `pause`, `timeout` and `longest_wait` in seconds."""

    pause: float = 1.0
    timeout: float = 60.0
    tries: int = 5
    longest_wait: float = 60.0


class _AgainError(ServiceError):
    """The service did not answer this time."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class _Wait(wait_base):
    """Wait as long as the service asks for, else twice as long each time."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners

    def __call__(self, retry_state: RetryCallState) -> float:
        error = retry_state.outcome.exception() if retry_state.outcome else None
        asked = error.wait if isinstance(error, _AgainError) else None
        doubled: float = self._manners.pause * 2**retry_state.attempt_number
        return min(doubled if asked is None else asked, self._manners.longest_wait)


class Client:
    """Asks one service."""

    def __init__(self, url: str, manners: Manners, rest: Callable[[float], None] = sleep) -> None:
        self._url = url
        self._manners = manners
        self._rest = rest
        self._http = httpx.Client(
            headers={"User-Agent": AGENT, "Accept": _JSON}, timeout=manners.timeout
        )

    def ask(self, query: str) -> list[Row]:
        """Give the rows of ?key and ?record, each term as in N-Triples, and rest a little.

        Raises ServiceError if no try brought a whole answer.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(_AgainError),
            stop=stop_after_attempt(self._manners.tries),
            wait=_Wait(self._manners),
            sleep=self._rest,
            reraise=True,
        )
        rows = retrying(self._try, query)
        self._rest(self._manners.pause)
        return rows

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _try(self, query: str) -> list[Row]:
        try:
            answer = self._http.post(self._url, data={"query": query})
        except httpx.HTTPError as error:
            raise _AgainError(f"{self._url}: {error or type(error).__name__}") from error
        if answer.status_code in _AGAIN:
            message = f"{self._url} answered {answer.status_code}"
            raise _AgainError(message, wanted_wait(answer.headers))
        if answer.status_code != httpx.codes.OK:
            raise ServiceError(f"{self._url} answered {answer.status_code}")
        try:
            return _rows(answer.content)
        except (ValueError, KeyError, TypeError, SyntaxError) as error:
            raise _AgainError(f"{self._url}: its answer is no whole result: {error}") from error


def _rows(body: bytes) -> list[Row]:
    json.loads(body)  # half a document is not to be read as a short one
    solutions = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    if not isinstance(solutions, ox.QuerySolutions):
        raise TypeError("expected rows")
    return [(str(row["key"]), str(row["record"])) for row in solutions]
