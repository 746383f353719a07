"""Keys of what is remembered: short, whatever they stand for."""

import hashlib


def make_key(*parts: object) -> bytes:
    """Give 32 bytes for parts that may be long: a key takes memory that no limit counts."""
    return make_digest(repr(parts).encode("utf-8", "surrogatepass"))


def make_digest(body: bytes) -> bytes:
    """Give 32 bytes for bytes, of which repr takes ten times as long."""
    return hashlib.blake2b(body, digest_size=32).digest()
