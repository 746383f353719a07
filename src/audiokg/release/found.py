"""Releases on disk: find them, and unpack one as the snapshot that it was made from."""

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from audiokg.errors import InputError
from audiokg.release.archive import SUMS, read_sums, sha256
from audiokg.release.versions import read_version
from audiokg.snapshot import MANIFEST, QUADS, Manifest, read_manifest, snapshot_folder

#: Where releases are, unless $AUDIOKG_RELEASES says otherwise.
RELEASES: Final = "build/release"
#: The file that describes all files of a release.
CRATE: Final = "ro-crate-metadata.json"


@dataclass(frozen=True)
class Release:
    """A release on disk: its folder, and the checksums of its files."""

    folder: Path
    sums: dict[str, str]

    @property
    def version(self) -> str:
        """Give its version, which its folder is named after."""
        return self.folder.name

    @property
    def manifest(self) -> Manifest:
        """Read what it was made from. Raises SnapshotError."""
        return read_manifest(self.folder)

    def read(self, name: str) -> bytes:
        """Read one of its files. Raises InputError if it is not what its checksum says."""
        path = self.folder / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}; fetch the release again") from error
        if sha256(content) != self.sums.get(name):
            raise InputError(f"{path} is not what {SUMS} says; fetch the release again")
        return content

    def quads(self) -> bytes:
        """Give its N-Quads. Raises InputError."""
        return gzip.decompress(self.read(quads_name(self.version)))


def releases_folder() -> Path:
    """Give the folder of the releases: $AUDIOKG_RELEASES, else build/release/ where we stand."""
    return Path(os.environ.get("AUDIOKG_RELEASES", RELEASES)).absolute()


def quads_name(version: str) -> str:
    """Name the N-Quads of a release."""
    return f"audiokg-{version}.nq.gz"


def ontology_name(version: str) -> str:
    """Name the ontology of a release."""
    return f"audiokg-{version}-ontology.ttl"


def read_release(folder: Path) -> Release:
    """Read a release. Raises InputError if the folder is none."""
    try:
        sums = read_sums((folder / SUMS).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        message = f"{folder} is no release: it has no {SUMS}; name the folder of one"
        raise InputError(message) from error
    release = Release(folder.resolve(), sums)
    if quads_name(release.version) not in sums:
        raise InputError(f"{folder} is not named after the version of the release in it")
    return release


def find_releases(folder: Path) -> list[Release]:
    """Find the releases below a folder, the newest first; what is none is passed over."""
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        try:
            read_version(path.name)
            found.append(read_release(path))
        except InputError:
            continue
    return sorted(found, key=lambda one: _order(one.version), reverse=True)


def find_earlier(version: str, folder: Path) -> Release | None:
    """Find the last release before a version below a folder."""
    found = find_releases(folder)
    return next((one for one in found if _order(one.version) < _order(version)), None)


def find_release(name: str, folder: Path) -> Release:
    """Find a release by its folder, or by its version below `folder`. Raises InputError."""
    if Path(name).is_dir():
        return read_release(Path(name))
    if (folder / read_version(name)).is_dir():
        return read_release(folder / name)
    known = ", ".join(one.version for one in find_releases(folder)) or "none"
    raise InputError(f"no release {name} in {folder}; there: {known}")


@contextmanager
def unpacked(release: Release) -> Iterator[Path]:
    """Unpack a release as a folder of a snapshot, for as long as it is needed."""
    with TemporaryDirectory(prefix="audiokg-") as temporary:
        (Path(temporary) / QUADS).write_bytes(release.quads())
        (Path(temporary) / MANIFEST).write_bytes(release.read(MANIFEST))
        yield Path(temporary)


@contextmanager
def open_snapshot(as_of: str | None) -> Iterator[Path]:
    """Give the folder of the snapshot that is served, or of a release. Raises InputError."""
    if as_of is None:
        yield snapshot_folder()
    else:
        with unpacked(find_release(as_of, releases_folder())) as folder:
            yield folder


def _order(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]
