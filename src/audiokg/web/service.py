"""What is served: the front, over the application, over the snapshot of the environment."""

import gc
import os
from pathlib import Path

from limits import RateLimitItem, parse

from audiokg.engine.cache import CachedEngine
from audiokg.engine.federation import SERVICES, Broker
from audiokg.engine.local import LocalEngine
from audiokg.engine.remote import RemoteEngine
from audiokg.errors import InputError
from audiokg.paths import find_root
from audiokg.queries import read_library
from audiokg.release.found import releases_folder
from audiokg.snapshot import VOID, read_manifest, snapshot_folder
from audiokg.web.app import create_app
from audiokg.web.download.files import read_shelves
from audiokg.web.front import Front
from audiokg.web.observe import Observer
from audiokg.web.protocol.direct import make_direct


def make_service() -> Front:
    """Start the engine and make the application.

    Raises SnapshotError if there is no snapshot, InputError if a setting means nothing.
    """
    rate = read_rate()
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
    return Front(app, observer, rate, make_direct(engine), engine)


def _start_local(folder: Path, services: tuple[str, ...]) -> LocalEngine:
    return LocalEngine(folder, broker=Broker(services) if services else None)


def _spare_the_collector() -> None:
    """Let Python's collector leave alone what stays, and look seldom at what is remembered.

    With its own thresholds it takes 4 % of the throughput of new queries (measured).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


def read_rate() -> RateLimitItem | None:
    """Read what one client may ask in a time: $AUDIOKG_RATE. Raises InputError."""
    rate = os.environ.get("AUDIOKG_RATE", "")
    try:
        return parse(rate) if rate else None
    except ValueError as error:
        message = f"AUDIOKG_RATE: “{rate}” is no number of requests in a time, as 50/second is"
        raise InputError(message) from error


def read_services() -> tuple[str, ...]:
    """Read what SERVICE may ask: $AUDIOKG_SERVICES, with spaces between; nothing if empty."""
    named = os.environ.get("AUDIOKG_SERVICES")
    return SERVICES if named is None else tuple(named.split())
