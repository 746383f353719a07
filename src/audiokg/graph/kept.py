"""Where the snapshot is: given, built where we stand, or kept for this user.

The package brings the Turtle, not the snapshot. So the first program builds it, in some seconds,
into the user's cache (https://specifications.freedesktop.org/basedir-spec/latest/).
"""

import hashlib
import os
from importlib.metadata import Distribution, distribution
from pathlib import Path

from audiokg import __version__
from audiokg.build import build
from audiokg.paths import IN_WHEEL, find_root
from audiokg.snapshot import QUADS, VOID, snapshot_folder


def find_snapshot() -> Path:
    """Give the folder of the snapshot, which is built first where the package brings the data.

    Elsewhere the folder may have none, which the engine says.
    """
    folder = snapshot_folder()
    if (folder / QUADS).is_file() or find_root() != IN_WHEEL or "AUDIOKG_SNAPSHOT" in os.environ:
        return folder
    kept = cache_folder() / f"{__version__}-{_fingerprint(distribution('audiokg'))}"
    if not (kept / VOID).is_file():  # written last
        build(kept, IN_WHEEL)
    return kept


def cache_folder() -> Path:
    """Give the folder of what may be made again."""
    chosen = os.environ.get("XDG_CACHE_HOME")
    return (Path(chosen) if chosen else Path.home() / ".cache") / "audiokg"


def _fingerprint(installed: Distribution) -> str:
    """Give what tells the files of this package from those of another build of its version."""
    record = installed.read_text("RECORD") or ""
    files = sorted(line for line in record.splitlines() if line.startswith("audiokg/kg/"))
    return hashlib.sha256("\n".join(files).encode()).hexdigest()[:12]
