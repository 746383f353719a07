"""Visit one link: HEAD, then GET where HEAD is not liked; no body is ever read.

Redirects are followed one by one, because only those that are for ever (301 and 308, RFC 9110,
section 15.4) say that a link has moved, and because no address of a private net is visited unless
that is allowed.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

import httpx
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt

from audiokg.engine.federation import is_public
from audiokg.http import AGENT, wanted_wait
from audiokg.link.health import Finding, Verdict
from audiokg.link.manners import AgainError, Manners, Wait

#: Answers after which the same may be asked again.
_AGAIN: Final = {408, 425, 429, 500, 502, 503, 504}
_FOR_EVER: Final = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT}
_VERDICTS: Final = {
    **dict.fromkeys((404, 410), Verdict.GONE),
    # 999 is no status of HTTP: LinkedIn answers it to programs
    # (https://github.com/gjtorikian/html-proofer/issues/215).
    **dict.fromkeys((401, 402, 403, 407, 429, 451, 999), Verdict.REFUSED),
}
_SERVER_ERRORS: Final = range(500, 600)
_ERRORS: Final = 400
_MOST_REDIRECTS: Final = 10
_LAST_PORT: Final = 65535
_SCHEMES: Final = {"http", "https"}
_HEADERS: Final = {"User-Agent": AGENT, "Accept": "text/html,*/*;q=0.8"}
#: For what is read: a little of a coding may be very much of a text.
_UNCODED: Final = {"Accept-Encoding": "identity"}
#: What the libraries raise, beside their own errors, for an answer that they do not expect.
_CONFUSED: Final = (ArithmeticError, LookupError, OSError, RuntimeError, ValueError, ExceptionGroup)
Rest = Callable[[float], Awaitable[None]]


class BusyError(Exception):
    """The host asks for a longer rest than we take; it is left for another run."""


class _SilentError(AgainError):
    """No answer, and what that means if it stays so."""

    def __init__(
        self, message: str, wait: float | None = None, verdict: Verdict = Verdict.DOWN
    ) -> None:
        super().__init__(message, wait)
        self.verdict = verdict


class _OddError(Exception):
    """An answer that will not be another one if it is asked for again."""


class Visitor:
    """Visits the links of one host."""

    def __init__(
        self, manners: Manners, fits: Callable[[str], bool] = is_public, rest: Rest = asyncio.sleep
    ) -> None:
        """Take the manners; `fits` says which IP addresses may be connected to."""
        self._manners = manners
        self._fits = fits
        self._rest = rest
        self._http = httpx.AsyncClient(
            headers=_HEADERS,
            timeout=manners.timeout,
            limits=httpx.Limits(max_connections=1),
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def visit(self, link: str) -> Finding:
        """Say how a link is. Raises BusyError if the host wants to be left alone."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(AgainError),
            stop=stop_after_attempt(self._manners.tries),
            wait=Wait(self._manners),
            sleep=self._rest,
            reraise=True,
        )
        methods = iter(("HEAD",))

        async def once() -> Finding:
            return await self._try(next(methods, "GET"), link)

        try:
            return await retrying(once)
        except _SilentError as error:
            return Finding(error.verdict, str(error))
        except _OddError as error:
            return Finding(Verdict.ODD, str(error))

    async def read_text(self, link: str, most: int) -> str:
        """Give the beginning of a text that answers 200, empty where none does."""
        try:
            async with asyncio.timeout(self._manners.timeout):
                await self._look_at(httpx.URL(link))
                async with self._http.stream("GET", link, headers=_UNCODED) as answer:
                    if answer.status_code != HTTPStatus.OK:
                        return ""
                    body = b""
                    async for chunk in answer.aiter_raw():
                        body += chunk
                        if len(body) > most:
                            break
                    return body[:most].decode("utf-8", "replace")
        except (httpx.HTTPError, httpx.InvalidURL, _OddError, _SilentError, *_CONFUSED):
            return ""

    async def _try(self, method: str, link: str) -> Finding:
        try:
            async with asyncio.timeout(self._manners.timeout):
                answer, moved = await self._follow(method, link)
                if method == "HEAD" and _is_no(answer.status_code):
                    answer, moved = await self._follow("GET", link)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise _SilentError(f"no answer in {self._manners.timeout:g} s") from error
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as error:
            raise _OddError(f"no web address: {error}") from error
        except httpx.HTTPError as error:
            if _is_certificate(error):
                raise _OddError(f"its certificate is not valid: {error}") from error
            raise _SilentError(str(error) or "the connection broke") from error
        except _CONFUSED as error:
            raise _OddError(f"its answer cannot be understood: {error}") from error
        return self._judge(link, answer, moved)

    async def _follow(self, method: str, link: str) -> tuple[httpx.Response, str]:
        """Follow redirects; give the last answer, and how far those for ever lead."""
        request = self._http.build_request(method, link)
        moved, for_ever = "", True
        for _ in range(_MOST_REDIRECTS):
            await self._look_at(request.url)
            answer = await self._http.send(request, stream=True)
            await answer.aclose()
            if answer.next_request is None:
                return answer, moved
            for_ever = for_ever and answer.status_code in _FOR_EVER
            request = answer.next_request
            moved = str(request.url) if for_ever else moved
        raise _OddError(f"more than {_MOST_REDIRECTS} redirects")

    async def _look_at(self, url: httpx.URL) -> None:
        """Look at the addresses of a host before it is asked.

        Raises _OddError for one that is private, _SilentError for a name without any.
        """
        if url.scheme not in _SCHEMES or (url.port or 0) > _LAST_PORT:
            raise _OddError(f"leads to {url}, which is no web address")
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(url.host, url.port or 443, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise _SilentError(f"the name {url.host} is not known") from error
        if not all(self._fits(str(entry[4][0])) for entry in found):
            raise _OddError(f"{url.host} leads to a private address")

    def _judge(self, link: str, answer: httpx.Response, moved: str) -> Finding:
        status, said = answer.status_code, f"answers {answer.status_code}"
        if status in _AGAIN:
            wait = wanted_wait(answer.headers)
            if wait is not None and wait > self._manners.longest_wait:
                raise BusyError(f"{said} and asks for a rest of {wait:.0f} s")
            raise _SilentError(said, wait, _VERDICTS.get(status, Verdict.DOWN))
        if status < _ERRORS:
            is_moved = moved and not _is_same(link, moved)
            return Finding(Verdict.MOVED, said, moved) if is_moved else Finding(Verdict.OK, said)
        usual = Verdict.DOWN if status in _SERVER_ERRORS else Verdict.ODD
        return Finding(_VERDICTS.get(status, usual), said)


def _is_no(status: int) -> bool:
    """Tell whether a site said no to HEAD, which it may not say to GET."""
    return status >= _ERRORS and status not in _AGAIN


def _is_same(one: str, other: str) -> bool:
    """Tell whether two addresses differ only by http and https, or by a stroke at the end."""
    first, second = (url.partition("://")[2].rstrip("/") for url in (one, other))
    return first == second


def _is_certificate(error: BaseException | None) -> bool:
    """Tell whether an error comes from a certificate that does not hold."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
