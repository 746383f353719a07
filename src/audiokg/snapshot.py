"""The snapshot: one sorted N-Quads file and its manifest. Immutable; rebuilt, never edited."""

import hashlib
import heapq
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from itertools import groupby, islice
from pathlib import Path

import pyoxigraph as ox

from audiokg.errors import SnapshotError
from audiokg.files import scratch, write_bytes, write_chunks
from audiokg.terms import METADATA

QUADS = "snapshot.nq"
MANIFEST = "manifest.json"
#: The description of the snapshot, in VoID and DCAT.
VOID = "void.ttl"
#: A larger snapshot is read from disk: in memory it would take over 4 GiB, and ten seconds to start
#: (measured, benchmarks/README.md).
IN_MEMORY = 1_000_000
#: So many lines are sorted in memory.
_RUN = 4_000_000


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
    folder.mkdir(parents=True, exist_ok=True)
    count = _Count()
    with sort_lines((f"{quad} .\n".encode() for quad in quads), folder, _RUN) as lines:
        write_chunks(folder / QUADS, map(count.take, lines))
    manifest = Manifest(
        version=version,
        modified=modified,
        sha256=count.digest.hexdigest(),
        triples=count.graphs.total(),
        union=count.union,
        graphs=dict(sorted(count.graphs.items())),
    )
    text = json.dumps(asdict(manifest), indent=2, ensure_ascii=False) + "\n"
    write_bytes(folder / MANIFEST, text.encode())
    return manifest


class _Count:
    """What a manifest tells of the sorted lines that pass."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.graphs: Counter[str] = Counter()
        self.union = 0
        self._triple = b""

    def take(self, line: bytes) -> bytes:
        """Count a line, and give it on."""
        triple, graph, _ = line.rsplit(b" ", 2)
        self.digest.update(line)
        self.graphs[graph.strip(b"<>").decode()] += 1
        # Lines are sorted, so those of one triple stand together.
        self.union += triple != self._triple
        self._triple = triple
        return line


@contextmanager
def sort_lines(lines: Iterable[bytes], folder: Path, size: int = _RUN) -> Iterator[Iterator[bytes]]:
    """Sort lines, each once, though they do not fit in memory: in runs of `size` lines on disk."""
    rest = iter(lines)
    with ExitStack() as stack:
        runs = []
        while run := sorted(set(islice(rest, size))):
            runs.append(stack.enter_context(tempfile.TemporaryFile(dir=folder)))
            runs[-1].writelines(run)
            runs[-1].seek(0)
        yield (line for line, _ in groupby(heapq.merge(*runs)))


def write_store(folder: Path, store: ox.Store, manifest: Manifest) -> None:
    """Write the store of a snapshot that is read from disk, in one step; remove older ones."""
    target = store_folder(folder, manifest)
    if manifest.triples > IN_MEMORY and not target.exists():
        with scratch(folder) as place:
            written = ox.Store(place / "store")
            written.bulk_extend(store)
            written.optimize()
            del written  # closes it
            (place / "store").rename(target)
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


def union_store(quads: Iterable[ox.Quad], folder: Path | None = None) -> ox.Store:
    """Make a store of named graphs whose default graph is their union, in memory or in a folder.

    The union is stored, not computed: pyoxigraph's own union ignores FROM, and searches every
    graph for every pattern.
    """
    store = ox.Store(folder)
    add_quads(store, quads)
    return store


def add_quads(store: ox.Store, quads: Iterable[ox.Quad]) -> None:
    """Add quads to a store, and to the union that is its default graph."""
    store.bulk_extend(one for quad in quads for one in (quad, _united(quad)))


def _united(quad: ox.Quad) -> ox.Quad:
    return ox.Quad(quad.subject, quad.predicate, quad.object)
