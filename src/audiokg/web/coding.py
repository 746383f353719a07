"""Codings of what is answered without Flask: those that Flask-Compress gives to all else."""

import asyncio
import gzip
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from http import HTTPStatus
from typing import Final

import brotli
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from audiokg.web.exchange import Response

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

GZIP_LEVEL, BROTLI_LEVEL, ZSTD_LEVEL = 6, 4, 3
_IDENTITY: Final = "identity"
#: By name, the best first: less time for the same size.
CODINGS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "zstd": partial(zstd.compress, level=ZSTD_LEVEL),
    "br": partial(brotli.compress, quality=BROTLI_LEVEL),
    "gzip": partial(gzip.compress, compresslevel=GZIP_LEVEL),
}
#: A smaller body stays as it is, and all of them for a client with so long a list.
SMALLEST: Final = 500
_LONGEST: Final = 1000
#: To code a larger one would hold up an event loop.
_LARGE: Final = 64 << 10


def encode(response: Response, accepted: str) -> Response:
    """Give a response in the coding that its client likes best, with an ETag of its own."""
    coding = _choose(accepted) if 0 < len(accepted) <= _LONGEST else ""
    if not coding or response.status != HTTPStatus.OK or len(response.body) < SMALLEST:
        return response
    body = CODINGS[coding](response.body)
    changed = {"content-length": str(len(body)), "content-encoding": coding}
    if tag := response.header("etag"):
        changed["etag"] = f'{tag[:-1]}:{coding}"'
    kept = [(name, value) for name, value in response.headers if name not in changed]
    return Response(response.status, [*kept, *changed.items()], body, response.notes)


async def encode_soon(response: Response, accepted: str) -> Response:
    """Code a response, a large one in a thread."""
    if accepted and len(response.body) > _LARGE:
        return await asyncio.to_thread(encode, response, accepted)
    return encode(response, accepted)


@lru_cache
def _choose(accepted: str) -> str:
    """Choose a coding (RFC 9110, section 12.5.3), the first of ours among equals; empty: none."""
    accept = parse_accept_header(accepted, Accept)
    best = max(CODINGS, key=accept.quality)
    plain = max((quality for name, quality in accept if name == _IDENTITY), default=0)
    return best if accept.quality(best) > 0 and accept.quality(best) >= plain else ""
