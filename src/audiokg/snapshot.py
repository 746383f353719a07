"""The snapshot: one sorted N-Quads file and its manifest. Immutable; rebuilt, never edited."""

import hashlib
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import pyoxigraph as ox

from audiokg.errors import SnapshotError
from audiokg.files import write_bytes, write_chunks
from audiokg.terms import METADATA

QUADS = "snapshot.nq"
MANIFEST = "manifest.json"
#: The description of the snapshot, in VoID and DCAT.
VOID = "void.ttl"
#: A larger snapshot is read from disk: in memory it would take over 4 GiB, and ten seconds to start
#: (measured, benchmarks/README.md).
IN_MEMORY = 1_000_000


@dataclass(frozen=True)
class Manifest:
    """What a snapshot is: version of the graph, date of its newest data, checksum, counts.

    `triples` counts each graph's own, `union` those of the default graph.
    """

    version: str
    modified: str
    sha256: str
    triples: int
    union: int
    graphs: dict[str, int]

    @property
    def facts(self) -> int:
        """Count what the graph says, without what describes it."""
        return self.triples - sum(self.graphs.get(graph, 0) for graph in METADATA)


def snapshot_folder() -> Path:
    """Give the folder of the snapshot: $AUDIOKG_SNAPSHOT, else build/ where we stand."""
    return Path(os.environ.get("AUDIOKG_SNAPSHOT", "build")).absolute()


def write_snapshot(folder: Path, quads: Iterable[ox.Quad], version: str, modified: str) -> Manifest:
    """Write the snapshot; the same quads give the same bytes."""
    lines = sorted({f"{quad} .\n".encode() for quad in quads})
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line)
    graphs = Counter(line.rsplit(b" ", 2)[1].strip(b"<>").decode() for line in lines)
    manifest = Manifest(
        version=version,
        modified=modified,
        sha256=digest.hexdigest(),
        triples=len(lines),
        # Lines are sorted, so those of one triple stand together.
        union=sum(1 for _ in groupby(line.rsplit(b" ", 2)[0] for line in lines)),
        graphs=dict(sorted(graphs.items())),
    )
    text = json.dumps(asdict(manifest), indent=2, ensure_ascii=False) + "\n"
    write_chunks(folder / QUADS, lines)
    write_bytes(folder / MANIFEST, text.encode())
    return manifest


def write_store(folder: Path, store: ox.Store, manifest: Manifest) -> None:
    """Write the store of a snapshot that is read from disk, in one step; remove older ones."""
    target = store_folder(folder, manifest)
    if manifest.triples > IN_MEMORY and not target.exists():
        with tempfile.TemporaryDirectory(dir=folder, prefix=".store.") as temporary:
            written = ox.Store(temporary)
            written.bulk_extend(store)
            written.optimize()
            del written  # closes it
            Path(temporary).rename(target)
            Path(temporary).mkdir()  # for its own removal
    for old in folder.glob("store-*"):
        if old != target or manifest.triples <= IN_MEMORY:
            shutil.rmtree(old)


def store_folder(folder: Path, manifest: Manifest) -> Path:
    """Give the folder of the store that belongs to a snapshot, if it is read from disk."""
    return folder / f"store-{manifest.sha256[:16]}"


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest. Raises SnapshotError if there is none that can be read."""
    path = folder / MANIFEST
    try:
        return Manifest(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise SnapshotError(f"no snapshot in {folder}; run “audiokg build” first") from error
    except (ValueError, TypeError) as error:
        raise SnapshotError(f"{path} is no manifest: {error}; run “audiokg build”") from error


def load_store(folder: Path) -> ox.Store:
    """Load a snapshot into memory: its named graphs, and their union as the default graph.

    Raises SnapshotError if the quads are missing or are not those of the manifest.
    """
    manifest = read_manifest(folder)
    try:
        content = (folder / QUADS).read_bytes()
    except OSError as error:
        raise SnapshotError(f"{folder / QUADS}: {error.strerror}; run “audiokg build”") from error
    if hashlib.sha256(content).hexdigest() != manifest.sha256:
        raise SnapshotError(f"{folder / QUADS} is not what its manifest says; run “audiokg build”")
    return union_store(ox.parse(content, format=ox.RdfFormat.N_QUADS))


def union_store(quads: Iterable[ox.Quad]) -> ox.Store:
    """Make a store of named graphs whose default graph is their union.

    The union is stored, not computed: pyoxigraph's own union ignores FROM, and searches every
    graph for every pattern.
    """
    store = ox.Store()
    store.bulk_extend(quads)
    named = (quad for quad in store if quad.graph_name != ox.DefaultGraph())
    store.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in named)
    return store
