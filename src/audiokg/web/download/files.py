"""The files that can be downloaded, found when the server starts.

A file is looked up by name among these, never by a path that a client writes.
"""

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from audiokg.errors import AudioKGError
from audiokg.release.archive import SUMS
from audiokg.release.found import CRATE, Release, find_releases, ontology_name
from audiokg.snapshot import MANIFEST, QUADS, VOID, Manifest

Json = dict[str, Any]
_LOG = logging.getLogger(__name__)
#: The name under which the snapshot that is served stands among the releases.
CURRENT: Final = "current"
_SNAPSHOT: Final = (
    (QUADS, "application/n-quads", "All graphs, as sorted N-Quads"),
    (VOID, "text/turtle", "What is in it, counted, in VoID and DCAT"),
    (MANIFEST, "application/json", "Version, date, checksum, graphs"),
)


@dataclass(frozen=True)
class File:
    """A file that can be downloaded; `changed` is when it was last written, in nanoseconds."""

    name: str
    what: str
    media_type: str
    path: Path
    size: int
    sha256: str
    changed: int

    @classmethod
    def read(cls, path: Path, what: str, media_type: str, sha256: str = "") -> "File":
        """Read what a file is; its checksum, where that is not known. Raises OSError."""
        stat = path.stat()
        digest = sha256 or hashlib.sha256(path.read_bytes()).hexdigest()
        return cls(path.name, what, media_type, path, stat.st_size, digest, stat.st_mtime_ns)

    @property
    def is_as_read(self) -> bool:
        """Tell whether it is still the file that was read."""
        try:
            stat = self.path.stat()
        except OSError:
            return False
        return (stat.st_size, stat.st_mtime_ns) == (self.size, self.changed)

    def as_json(self, folder: str) -> Json:
        """Write it for programs."""
        return {
            **{"name": self.name, "url": f"{folder}{self.name}", "description": self.what},
            **{"mediaType": self.media_type, "bytes": self.size, "sha256": self.sha256},
        }


@dataclass(frozen=True)
class Shelf:
    """The files of a release, or of the snapshot that is served; `name` is a part of the path."""

    name: str
    version: str
    modified: str
    triples: int
    files: dict[str, File]

    @property
    def path(self) -> str:
        """Give the path under which it is served."""
        return f"/dump/{self.name}/"

    @property
    def ontology(self) -> str:
        """Give the path of the ontology of a release."""
        return self.path + ontology_name(self.version)

    def as_json(self) -> Json:
        """Write it for programs."""
        return {
            **{"version": self.version, "modified": self.modified, "triples": self.triples},
            **{"url": self.path, "files": [f.as_json(self.path) for f in self.files.values()]},
        }


def read_shelves(manifest: Manifest, snapshot: Path, releases: Path) -> dict[str, Shelf]:
    """Find what can be downloaded: the snapshot first, then releases, the newest first.

    A release that cannot be read is left out, and the log says why.
    """
    own = {file.name: file for file in _snapshot_files(snapshot, manifest)}
    current = Shelf(CURRENT, manifest.version, manifest.modified, manifest.triples, own)
    shelves = [current, *_read_releases(releases)]
    return {shelf.name: shelf for shelf in shelves}


def _snapshot_files(folder: Path, manifest: Manifest) -> Iterator[File]:
    for name, media_type, what in _SNAPSHOT:
        path = (folder / name).absolute()
        if path.is_file():
            yield File.read(path, what, media_type, manifest.sha256 if name == QUADS else "")


def _read_releases(folder: Path) -> Iterator[Shelf]:
    for release in find_releases(folder):
        try:
            yield _read_release(release)
        except (AudioKGError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            _LOG.warning("%s is left out, it cannot be read: %r", release.folder, error)


def _read_release(release: Release) -> Shelf:
    """Read what its RO-Crate says of its files; what no checksum is of is not served."""
    crate = json.loads(release.read(CRATE))
    told = {node["@id"]: node for node in crate["@graph"]}
    files = {
        name: File.read(
            release.folder / name,
            told.get(name, {}).get("description", ""),
            told.get(name, {}).get("encodingFormat", "application/ld+json"),
            digest,
        )
        for name, digest in release.sums.items()
    }
    files[SUMS] = File.read(release.folder / SUMS, "The checksums of the others", "text/plain")
    manifest = release.manifest
    return Shelf(release.version, release.version, manifest.modified, manifest.triples, files)
