"""Keys of what is remembered: short, whatever they stand for."""

import hashlib


def make_key(*parts: object) -> bytes:
    """Give 32 bytes for parts that may be long: a key takes memory that no limit counts."""
    written = repr(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(written, digest_size=32).digest()
