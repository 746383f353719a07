"""Headers that every answer has, and the tag of a body."""

import hashlib
from typing import Final

#: What a page may load and do; a browser follows it.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
#: Who may ask: anybody, from any page.
COMMON: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Content-Type",
    "Access-Control-Max-Age": "86400",
    "Access-Control-Expose-Headers": "ETag, Link, Retry-After",
}
#: How long an answer may be used without asking; after that the ETag says whether it still holds.
LASTING: Final = "public, max-age=60"
PASSING: Final = "no-store"


def make_tag(body: bytes, content_type: str) -> str:
    """Make the ETag, without quotes, of a body in a format."""
    digest = hashlib.blake2b(body, digest_size=16)
    digest.update(content_type.encode())
    return digest.hexdigest()
