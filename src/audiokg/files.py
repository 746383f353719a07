"""Write files so that a reader never sees half of one, and give folders for what is not done."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_SCRATCH: Final = ".scratch."
#: A folder is locked at once after it is made; a younger one may be about to be.
_YOUNG_SECONDS: Final = 60.0


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


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """Give a folder in `folder` that is gone afterwards, and end those of processes that died."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{_SCRATCH}*"):
        _remove_if_left(left)
    with tempfile.TemporaryDirectory(dir=folder, prefix=_SCRATCH) as place:
        handle = _lock(Path(place))
        try:
            yield Path(place)
        finally:
            if handle is not None:
                os.close(handle)


def _remove_if_left(place: Path) -> None:
    """Remove a folder that nobody holds any more: a lock ends with its process."""
    with suppress(OSError):  # gone meanwhile, or not ours
        is_young = time.time() - place.stat().st_mtime < _YOUNG_SECONDS
        handle = None if is_young else _lock(place)
        if handle is not None:
            shutil.rmtree(place, ignore_errors=True)
            os.close(handle)


def _lock(place: Path) -> int | None:
    """Lock a folder until the handle is closed; None if it is held, or cannot be (on NFS)."""
    handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
