"""Compress so that the same content gives the same bytes: no time, no name of a machine."""

import gzip
import hashlib
import io
import zipfile
from collections.abc import Mapping
from typing import Final

from audiokg.errors import InputError

_LEVEL: Final = 9
#: The byte of a gzip header that names the system; 255 is an unknown one (RFC 1952, section 2.3.1).
_SYSTEM_AT: Final = 9
_NO_SYSTEM: Final = b"\xff"
#: The earliest time that a zip file can say.
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_READABLE: Final = 0o644 << 16
SUMS: Final = "SHA256SUMS"


def write_gzip(content: bytes) -> bytes:
    """Compress one file."""
    packed = gzip.compress(content, _LEVEL, mtime=0)
    return packed[:_SYSTEM_AT] + _NO_SYSTEM + packed[_SYSTEM_AT + 1 :]


def write_zip(files: Mapping[str, bytes]) -> bytes:
    """Pack files, sorted by name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as packed:
        for name, content in sorted(files.items()):
            told = zipfile.ZipInfo(name, _EARLIEST)
            told.create_system, told.external_attr = _UNIX, _READABLE
            packed.writestr(told, content, zipfile.ZIP_DEFLATED, _LEVEL)
    return stream.getvalue()


def sha256(content: bytes) -> str:
    """Give the checksum of a file."""
    return hashlib.sha256(content).hexdigest()


def write_sums(files: Mapping[str, bytes]) -> bytes:
    """Write the checksums as `sha256sum --check` reads them."""
    return "".join(f"{sha256(files[name])}  {name}\n" for name in sorted(files)).encode()


def read_sums(text: str) -> dict[str, str]:
    """Read checksums: name -> checksum. Raises InputError for a line that is none."""
    sums: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        digest, gap, name = line.partition("  ")
        if not gap or not name or "/" in name:
            raise InputError(f"{SUMS}:{number}: expected a checksum, two spaces and a file name")
        sums[name] = digest
    return sums
