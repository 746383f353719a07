"""Write files so that a reader never sees half of one."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path


def write_text(path: Path, text: str) -> bool:
    """Write a text file in one step; say whether anything changed."""
    return write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> bool:
    """Write a file in one step; say whether anything changed."""
    if path.is_file() and path.read_bytes() == content:
        return False
    write_chunks(path, (content,))
    return True


def write_chunks(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file in one step, from its parts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(chunks)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
