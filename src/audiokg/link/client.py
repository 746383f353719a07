"""Ask a SPARQL service on the web, politely: one question at a time, with rests and few retries."""

import json
from collections.abc import Callable
from time import sleep
from typing import Final

import httpx
import pyoxigraph as ox
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

from audiokg.errors import ServiceError
from audiokg.http import AGENT, wanted_wait
from audiokg.link.manners import AgainError, Manners, Wait

_JSON: Final = "application/sparql-results+json"
#: Answers after which the same question may be asked again.
_AGAIN: Final = {408, 425, 429, 500, 502, 503, 504}
Row = tuple[str, str]


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
            retry=retry_if_exception_type(AgainError),
            stop=stop_after_attempt(self._manners.tries),
            wait=Wait(self._manners),
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
            raise AgainError(f"{self._url}: {error or type(error).__name__}") from error
        if answer.status_code in _AGAIN:
            message = f"{self._url} answered {answer.status_code}"
            raise AgainError(message, wanted_wait(answer.headers))
        if answer.status_code != httpx.codes.OK:
            raise ServiceError(f"{self._url} answered {answer.status_code}")
        try:
            return _rows(answer.content)
        except (ValueError, KeyError, TypeError, SyntaxError) as error:
            raise AgainError(f"{self._url}: its answer is no whole result: {error}") from error


def _rows(body: bytes) -> list[Row]:
    json.loads(body)  # half a document is not to be read as a short one
    solutions = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
    if not isinstance(solutions, ox.QuerySolutions):
        raise TypeError("expected rows")
    return [(str(row["key"]), str(row["record"])) for row in solutions]
