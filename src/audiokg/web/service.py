"""What granian loads: the front, over the application, over the snapshot of the environment."""

import ctypes
import gc
import os
import signal
from pathlib import Path

from audiokg.engine.cache import CachedEngine
from audiokg.engine.federation import SERVICES, Broker
from audiokg.engine.local import LocalEngine
from audiokg.engine.remote import RemoteEngine
from audiokg.paths import find_root
from audiokg.queries import read_library
from audiokg.release.found import releases_folder
from audiokg.snapshot import VOID, read_manifest, snapshot_folder
from audiokg.web.app import create_app
from audiokg.web.download.files import read_shelves
from audiokg.web.front import Front
from audiokg.web.observe import Observer
from audiokg.web.protocol.direct import make_direct

_PR_SET_PDEATHSIG = 1


def make_service() -> Front:
    """Start the engine and make the application. Raises SnapshotError if there is no snapshot."""
    _end_with_parent()
    folder, root = snapshot_folder(), find_root()
    remote = os.environ.get("AUDIOKG_ENGINE")
    services = () if remote else read_services()
    engine = CachedEngine(RemoteEngine(remote) if remote else _start_local(folder, services))
    observer, manifest = Observer(), read_manifest(folder)
    app = create_app(
        engine,
        read_library("page", root),
        read_library("example", root),
        manifest,
        (folder / VOID).read_bytes(),
        observer,
        services,
        read_library("federated", root),
        read_shelves(manifest, folder, releases_folder()),
    )
    _spare_the_collector()
    return Front(app, observer, os.environ.get("AUDIOKG_RATE", ""), make_direct(engine), engine)


def _start_local(folder: Path, services: tuple[str, ...]) -> LocalEngine:
    return LocalEngine(folder, broker=Broker(services) if services else None)


def _spare_the_collector() -> None:
    """Let Python's collector leave alone what stays, and look seldom at what is remembered.

    With its own thresholds it takes 4 % of the throughput of new queries (measured).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


def _end_with_parent() -> None:
    """Let this process end when granian's main process does, even if that is killed (Linux)."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def read_services() -> tuple[str, ...]:
    """Read what SERVICE may ask: $AUDIOKG_SERVICES, with spaces between; nothing if empty."""
    named = os.environ.get("AUDIOKG_SERVICES")
    return SERVICES if named is None else tuple(named.split())
